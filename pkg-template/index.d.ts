/// <reference lib="esnext.disposable" />
// Without it every declaration here would be importable, also those that are not the package's API.
export {};
// The public API of the npm package `gws-im-sdk`.
// Names in PascalCase ending in "Message" and all field names of notifications are Genesys' own.

// ---------------------------------------------------------------- loading

/**
 * Loads the WebAssembly module once; later calls return when the same load is done. Called by `GwsImClient.create`; needed before `new`.
 * After a failed load the next call tries again. Safe to import during server-side rendering: nothing runs at import.
 *
 * @param source where the module is, when it is not beside this file
 * @throws GwsImError "wasm/not-found", "wasm/not-wasm", "wasm/csp", "wasm/unsupported"
 */
export function init(source?: WasmSource): Promise<void>;
export type WasmSource = URL | string | Request | Response | BufferSource | (WebAssembly.Module & object) | Promise<Response>;
/** The package's version, e.g. "0.1.0". */
export const version: string;

// ---------------------------------------------------------------- the client

/** One channel to one GWS node. */
export class GwsImClient {
  /**
   * Checks the options and opens nothing. Synchronous, so that a component can create it while rendering and dispose it when it goes; one that
   * was never opened need not be disposed.
   *
   * @throws GwsImError "options/…", which names the option and what was expected; "wasm/not-loaded" before `init()` or `create()` is done
   */
  constructor(options: GwsImClientOptions);
  /** Checks the options, loads the module, then `new`. */
  static create(options: GwsImClientOptions): Promise<GwsImClient>;

  /**
   * Opens the channel and keeps trying until the server has confirmed the subscription to `/v2/me/im-sessions`. Idempotent while connecting or
   * connected. A server that can't be reached is tried for ever, so bound the wait by `signal` where that is wanted; a page that waits in the back/forward
   * cache goes on waiting when it is back. Rejects on a reason that trying again does not cure ("auth/…", "server/…", "protocol/no-connection-type", "wasm/…"), on
   * `disconnect()` ("aborted"), or on `signal` ("aborted"), which gives up this wait only and leaves the channel to others who wait.
   */
  connect(options?: { signal?: AbortSignal }): Promise<void>;
  /** The next (or present) moment of state "connected"; rejects as `connect()` does. Opens nothing. */
  ready(options?: { signal?: AbortSignal }): Promise<void>;
  /** Gives up the present wait or poll and tries at once: for a "retry now" button. Without acknowledgement it is a gap. */
  reconnect(): void;
  /** Says goodbye to the server (bounded by `maxNetworkDelay`) and stops everything. What the server delivers until then is still handed on. Idempotent,
   *  never rejects. */
  disconnect(): Promise<void>;
  /**
   * `disconnect()`, then frees the WebAssembly side. No listener is called any more from this call on. Pending `once()` and iterators end quietly; later calls fail with "usage/disposed",
   * getters go on answering; other calls under way reject "aborted". Idempotent, never rejects. Also under `Symbol.asyncDispose` where the platform has it.
   */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;

  readonly state: ConnectionState;
  /** Why the channel is not connected, when it is not the caller's own doing. */
  readonly reason: GwsImError | undefined;
  /** What carries the poll now; `undefined` while disconnected. */
  readonly transport: Transport | undefined;
  /** The CometD session's id, while there is one. A secret: who has it and the cookies can read along. */
  readonly clientId: string | undefined;

  /**
   * Listeners run in the order they were added, never inside a call of the caller's. For one notification: the listeners of its messageType, then
   * of its notificationType, then those of `subscribe`. `message` is the Bayeux message it came in. A listener that throws goes to `reportError`.
   *
   * @throws GwsImError "usage/event", "usage/listener", "usage/disposed"
   */
  on<K extends keyof ImEventMap>(type: K, listener: (event: ImEventMap[K], message?: BayeuxMessage) => void, options?: ListenerOptions): Unsubscribe;
  /** The next event of this type. Rejects "aborted" on `signal`; stays pending when the client is disposed. */
  once<K extends keyof ImEventMap>(type: K, options?: { signal?: AbortSignal }): Promise<ImEventMap[K]>;
  off<K extends keyof ImEventMap>(type: K, listener: (event: ImEventMap[K], message?: BayeuxMessage) => void): void;
  /**
   * Async iteration over notifications. Buffers from this call on, not from the first `next()`, at most `highWaterMark` of them; beyond that the
   * oldest are dropped, with one warning "usage/slow-iterator" until the reader goes on. Ends on `signal` and on `dispose()`.
   *
   * @throws GwsImError "usage/high-water-mark", "usage/disposed"
   */
  notifications(options?: {
    signal?: AbortSignal;
    /** @default 1024 */
    highWaterMark?: number;
  }): AsyncIterableIterator<ImNotification>;

  /**
   * Any other GWS topic on the same channel, e.g. "/v2/me/calls", "/notifications/services", "/v2/me/*". Allowed before `connect()`: settles
   * when the server confirms. Subscribed again by itself in every new session. A refusal rejects "server/403" (or the server's other code) and
   * names the topic; "usage/topic" names a topic that is none, "usage/message-too-large" one of more than 8,000 characters.
   */
  subscribe<T = unknown>(topic: string, listener: (message: BayeuxMessage<T>) => void, options?: ListenerOptions): Promise<Unsubscribe>;

  /** Counters for support and dashboards. */
  readonly diagnostics: Diagnostics;
}

export type Transport = "websocket" | "long-polling";
/**
 * "connected": the server answers the poll and has confirmed the subscription. "connecting" and "reconnecting": on the way there, for the first
 * time since `connect()` or again.
 */
export type ConnectionState = "disconnected" | "connecting" | "connected" | "reconnecting" | "disconnecting";
/** Calling it twice is harmless. Also usable with `using` where the platform has Symbol.dispose. */
export interface Unsubscribe extends Disposable {
  (): void;
}
export interface ListenerOptions {
  /** Removes the listener when it aborts. */
  signal?: AbortSignal;
  /** Removes the listener before its first call. @default false */
  once?: boolean;
}

// ---------------------------------------------------------------- options

export interface GwsImClientOptions {
  /** Absolute http(s) URL of the GWS node, e.g. "https://gws.example.com". */
  baseUrl: string | URL;
  /** Where GWS serves CometD. @default "/api/v2/notifications" */
  cometdPath?: string;
  /** Where GWS serves its REST API; used to read the CSRF token again after a refusal, and to keep the login alive. @default "/api/v2" */
  apiPath?: string;
  /**
   * Allowed transports, in any order. With both, the session begins on long-polling and moves to a WebSocket where the server offers it and has
   * answered a poll on it, about a second after "connected"; it moves back, in the same session, when the WebSocket closes or stops answering, and
   * tries again after 30 s, then twice as long after each failure, up to half an hour, or when the browser is online again. A WebSocket that falls
   * silent is found out when an answer is missing: after the time the server holds a poll and `maxNetworkDelay`. With "websocket" alone the
   * handshake travels on it, too: there is no way around a proxy that refuses it, `headers` and `csrf` do not reach it, so the page needs the session
   * cookie of GWS, and a refusal is told as `network/socket-closed`. @default ["websocket", "long-polling"]
   */
  transports?: ReadonlyArray<"websocket" | "long-polling">;
  /** The subprotocol a WebSocket is opened with, where the server demands one. @default none */
  protocol?: string;
  /** Extra headers for every HTTP request: static, or asked for before each one (bearer tokens, Basic). */
  headers?: HeadersInit | ((context: HeadersContext) => HeadersInit | undefined | Promise<HeadersInit | undefined>);
  /** As in fetch. GWS needs its session cookie. @default "include" */
  credentials?: RequestCredentials;
  /**
   * Called when GWS says "not logged in": HTTP 401, statusCode 20 with any HTTP status, a redirect, an HTML page in place of an answer three times in
   * a row (SAML), or a handshake refused with 401 or 403. If `headers` is a function it is asked first, with reason "refresh". Nothing is sent
   * meanwhile; then the channel starts with a handshake. `status` is 0 for a redirect, 200 when a reply inside a 200 refused; `body` is the
   * parsed answer when there was one. `signal` aborts on `disconnect()` and `dispose()`. Reject, or leave the option out, to stop with state
   * "disconnected" and reason "auth/required"; `connect()` may be called again. Do not await `connect()` or `ready()` in it: they wait for it.
   */
  reauthenticate?: (context: { status: number; body: unknown; signal: AbortSignal }) => Promise<void>;
  /**
   * true: read X-CSRF-HEADER and X-CSRF-TOKEN from responses and send the pair on every POST; read again once after a refusal that speaks of the
   * token. A pair, or a function that gives it: the desktop already holds the session's token. GWS page "CSRF Protection". @default true
   */
  csrf?: boolean | CsrfToken | (() => CsrfToken | undefined);
  /** Offer the acknowledge extension. Effective only if the server takes it (see `acknowledged`): then nothing is lost while the server keeps the
   *  session. @default true */
  ack?: boolean;
  /** Append /handshake, /connect, /disconnect to the CometD URL, as the CometD client does: not to a URL whose last segment has a dot. @default true */
  appendMessageTypeToURL?: boolean;
  /** How long an answer may take, ms; a poll also has the time the server holds it. @default 10000 */
  maxNetworkDelay?: number;
  /** How long a WebSocket may take to open, ms. @default 10000 */
  connectTimeout?: number;
  /** How much longer each further failure makes the wait, ms. The first retry of a break comes after 100 to 300 ms; one that
   * begins with a handshake waits up to 1 s more, so that a server that starts does not get everybody at once. While the browser says that it is
   * offline, at least 10 s are waited, or until it says otherwise. @default 1000 */
  backoffIncrement?: number;
  /** The longest such wait, ms. @default 60000 */
  maxBackoff?: number;
  /** Fraction of each wait that is random, 0 to 1. @default 0.5 */
  backoffJitter?: number;
  /**
   * How often to GET /me while a WebSocket carries everything, ms; 0 for never. GWS ends a login that no HTTP request has touched for half an hour,
   * and what travels on a WebSocket touches none. @default 600000
   */
  httpKeepAlive?: number;
  /** Receives structured log records; secrets and message texts are never part of them. @default none */
  logger?: (record: LogRecord) => void;
  /** For tests and unusual hosts. @default the page's own */
  fetch?: typeof fetch;
  /** For tests and unusual hosts. @default the page's own */
  WebSocket?: typeof WebSocket;
}
export interface CsrfToken {
  /** The request header's name. */
  header: string;
  /** Its value. */
  token: string;
}
export interface HeadersContext {
  method: "GET" | "POST";
  url: string;
  /** "refresh" after GWS has said "not logged in". */
  reason: "initial" | "refresh";
  /** Aborts when the request is not wanted any more. */
  signal: AbortSignal;
}
export interface LogRecord {
  level: "debug" | "info" | "warn" | "error";
  /** What it is about, e.g. "connection". */
  message: string;
  /** Epoch ms. */
  time: number;
  [field: string]: unknown;
}

// ---------------------------------------------------------------- notifications (Genesys' documents, normalised)
// The listener gets the server's own `data` object. Before that, only what the documents leave open is straightened out:
// strings that select a type are trimmed (" Talking"), members documented both inside and beside `data` are found in both places, absent
// participants and capabilities become empty, participants given as strings become objects ("5000" → { digits: "5000", phoneNumber: "5000" }), id and
// path are derived from each other (a session with neither is `unknown`), a `message` object gives its `text`. userData absent means empty in
// AttachedDataChanged and "unchanged" elsewhere: the event then carries what was known. Unknown members stay; an unknown messageType goes to
// `unknown`, an unknown notificationType, state or capability is passed on, never dropped.

export type ImNotification = IMSessionStateChangeMessage | IMLogUpdateMessage;

/** Narrow by `notificationType`: `if (m.notificationType === "StatusChange")`. */
export type IMSessionStateChangeMessage = ImStatusChange | ImAttachedDataChanged | ImOtherStateChange;
interface ImStateChangeBase {
  readonly messageType: "IMSessionStateChangeMessage";
  /** The whole session with its new state. */
  readonly imSession: ImSessionResource;
  /** Not documented by Genesys, seen on every message: when and where the server made it. */
  readonly metrics?: unknown;
}
/** The status of the IM session has changed. */
export interface ImStatusChange extends ImStateChangeBase {
  readonly notificationType: "StatusChange";
}
/** The attached data of the IM session has changed. */
export interface ImAttachedDataChanged extends ImStateChangeBase {
  readonly notificationType: "AttachedDataChanged";
}
/** A notificationType Genesys has not documented: its own text stands in `otherNotificationType`. */
export interface ImOtherStateChange extends ImStateChangeBase {
  readonly notificationType: "other";
  readonly otherNotificationType: string;
}
/** A new text in a session. GWS sends no sender, no time and no number with it; one's own texts come back the same way. */
export interface IMLogUpdateMessage {
  readonly messageType: "IMLogUpdateMessage";
  readonly notificationType: "NewMessage" | "other";
  readonly otherNotificationType?: string;
  /** e.g. "/im-sessions/12398123091823091283012" */
  readonly imSessionPath: string;
  readonly message: string;
  /** Not documented by Genesys, seen on every message: when and where the server made it. */
  readonly metrics?: unknown;
}
export interface ImSessionResource {
  readonly id: string;
  /** e.g. "/im-sessions/12398123091823091283012" */
  readonly path: string;
  /** The id in it differs from `id` in Genesys' own samples. */
  readonly uri?: string;
  readonly state: ImSessionState;
  readonly capabilities: readonly ImCapability[];
  /** The remote party. */
  readonly participants: readonly ImParticipant[];
  readonly userData: UserData;
}
export type ImSessionState = "Initiating" | "Alerting" | "Talking" | "Completed" | (string & {});
export type ImCapability = "SendMessage" | "AttachUserData" | "UpdateUserData" | "DeleteUserData" | "Complete" | (string & {});
/** Empty strings are numbers GWS does not know. */
export interface ImParticipant {
  readonly digits?: string;
  readonly e164Number?: string;
  readonly formattedPhoneNumber?: string;
  readonly phoneNumber?: string;
}
export type UserData = Readonly<Record<string, unknown>>;

// ---------------------------------------------------------------- events

export interface ImEventMap {
  /** Genesys' message type: a session's state or attached data changed. */
  IMSessionStateChangeMessage: IMSessionStateChangeMessage;
  /** Genesys' message type: a session has a new text. */
  IMLogUpdateMessage: IMLogUpdateMessage;
  StatusChange: ImStatusChange;
  AttachedDataChanged: ImAttachedDataChanged;
  NewMessage: IMLogUpdateMessage;
  /** Anything on the topic that is none of the above, untouched (ErrorMessage, future types, malformed data). */
  unknown: BayeuxMessage;
  connection: ConnectionChange;
  /** Notifications may have been missed. None at the first `connect()`; `connect()` after `disconnect()` is one. */
  gap: GapNotice;
  /** Something was ignored, dropped or worked around; never fatal. */
  warning: GwsImError;
  /** Every Bayeux message in and out, for a log pane. Costs nothing without a listener. Client ids and extensions are redacted. */
  frame: { direction: "in" | "out"; transport: Transport; messages: unknown[] };
}
/** A change of state, or of the attempt, reason or transport within one: a move to another transport while connected tells "connected" again. */
export interface ConnectionChange {
  state: ConnectionState;
  previous: ConnectionState;
  transport?: Transport;
  /** Why, when it is not the caller's own doing. */
  reason?: GwsImError;
  /**
   * Attempts that have failed since the channel last proved to work, by a poll that was held and came back; absent while there are none. Sessions that
   * begin and end again in a row count as well.
   */
  attempt?: number;
  /** When the next attempt leaves, ms from now; absent while none is waited for. */
  retryInMs?: number;
  /** "connected" after "reconnecting" only: true when no notification can have been missed (same session, acknowledged). */
  recovered?: boolean;
  /** "connected": has the server taken the acknowledge extension? */
  acknowledged?: boolean;
}
export interface GapNotice {
  /** Epoch ms: the last contact before. */
  since: number;
  /** Epoch ms: the first contact after. */
  until: number;
  /** "lost-reply": in a session without acknowledgement a request ended without its answer. */
  cause: "new-session" | "lost-reply";
}
/** A message as it came from the server; one of the IM topic in its normal form, except in `unknown`. */
export interface BayeuxMessage<T = unknown> {
  channel: string;
  data?: T;
  id?: string;
  ext?: unknown;
  [member: string]: unknown;
}

// ---------------------------------------------------------------- errors

/** Stable. The package's README describes each. */
export type GwsImErrorCode = `${"options" | "usage" | "network" | "http" | "auth" | "server" | "protocol" | "wasm"}/${string}` | "aborted";
/** Everything the SDK throws, rejects with, or gives as a reason or warning. */
export class GwsImError extends Error {
  /** Also true for an error made by another copy of the package. */
  static is(value: unknown): value is GwsImError;
  private constructor();
  readonly name: "GwsImError";
  readonly code: GwsImErrorCode;
  /** true when trying the same again can help by itself. */
  readonly retryable: boolean;
  /** HTTP */
  readonly status?: number;
  readonly cause?: unknown;
}

export interface Diagnostics {
  /** Data messages delivered. */
  readonly received: number;
  /** Data messages recognised as sent before, and dropped. */
  readonly duplicates: number;
  /** Messages that went to `unknown`. */
  readonly unknown: number;
  /** Breaches of the protocol by the server. */
  readonly violations: number;
  /** Handshakes sent. */
  readonly handshakes: number;
  /** Returns to "connected" after a break. */
  readonly reconnects: number;
  readonly gaps: number;
  /** The server has taken the acknowledge extension. */
  readonly acknowledged: boolean;
  /** Epoch ms of the last usable answer. */
  readonly lastContact?: number;
  /** How long the last request that the server did not hold took, ms. */
  readonly roundTripMs?: number;
  readonly transport?: Transport;
  /** Memory of the WebAssembly module, which all clients of the page share. */
  readonly wasmBytes: number;
}
