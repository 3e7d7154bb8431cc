// What the SDK throws, rejects with, or gives as a reason or warning.

/** Stable. The package's page describes each. "gws/…" carries the statusCode of GWS, "http/…" the HTTP status, "server/…" the code of the CometD server. */
export type GwsImErrorCode = `${"options" | "usage" | "network" | "http" | "auth" | "server" | "gws" | "protocol" | "recovery" | "wasm"}/${string}` | "aborted";
/** Everything the SDK throws, rejects with, or gives as a reason or warning. */
export class GwsImError extends Error {
  /** Also true for an error made by another copy of the package. */
  static is(value: unknown): value is GwsImError;
  private constructor();
  readonly name: "GwsImError";
  readonly code: GwsImErrorCode;
  /** true when trying the same again can help by itself, and can't do anything twice. */
  readonly retryable: boolean;
  /** The HTTP status. */
  readonly status?: number;
  /** Of GWS, where its answer had one: 0 is success, 7 success in part. GWS page "Return Values". */
  readonly statusCode?: number;
  /** GWS' own words: for people, in no fixed form. */
  readonly statusMessage?: string;
  /** How long the server asks to wait before the next try, ms (Retry-After); of calls of the GWS API only. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}
