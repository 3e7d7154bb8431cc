// What a client is created with.

import type { RequestMethod } from "./index.js";

export interface GwsImClientOptions {
  /** Absolute http(s) URL of the GWS node, e.g. "https://gws.example.com". */
  baseUrl: string | URL;
  /** Where GWS serves CometD. @default "/api/v2/notifications" */
  cometdPath?: string;
  /** Where GWS serves its REST API. @default "/api/v2" */
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
   * Called when GWS says "not logged in", on the channel or to a call: HTTP 401, statusCode 20 with any HTTP status, a redirect, an HTML page in place of an answer
   * three times in a row (SAML), or a handshake refused with 401 or 403. If `headers` is a function it is asked first, with reason "refresh". One login at a time
   * for the whole client, once for each refusal; what was refused waits and is repeated, and nothing else is sent meanwhile. Then the channel starts with a
   * handshake. `status` is 0 for a redirect, 200 when a reply inside a 200 refused; `body` is the parsed answer when there was one. `signal` aborts on
   * `disconnect()` and `dispose()`, and calls that wait then reject "aborted". Reject, or leave the option out, to stop with state "disconnected" and reason
   * "auth/required", with which the refused calls reject as well; `connect()` may be called again. Do not await `connect()`, `ready()` or a call of this client
   * in it: they wait for it.
   */
  reauthenticate?: (context: { status: number; body: unknown; signal: AbortSignal }) => Promise<void>;
  /**
   * true: read X-CSRF-HEADER and X-CSRF-TOKEN from every response and send the pair on every POST, PUT and DELETE, those of CometD included; read again, by GET
   * /me, once after a 403 that speaks of the token; dropped with the login. Responses without them are no error. A pair, or a function that gives it: the desktop
   * already holds the session's token; after a refusal GET /me is asked as well, and the request repeated once with the token that it tells, else with
   * what is given then. false: none is sent, and the refusal is told. GWS page "CSRF Protection". @default true
   */
  csrf?: boolean | CsrfToken | (() => CsrfToken | undefined);
  /** Offer the acknowledge extension. Effective only if the server takes it (see `acknowledged`): then nothing is lost while the server keeps the
   *  session. @default true */
  ack?: boolean;
  /** The agent's GWS device, a path like "/devices/8191741c": sent with SendMessage, which needs one, and with InitiateIMSession, each unless the call names its
   *  own. GWS needs it at InitiateIMSession where the agent has several devices that can. @default none */
  devicePath?: string;
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
  /** How long the answer to an operation, `request()` or reading of the list may take, ms. @default 30000 */
  requestTimeout?: number;
  /**
   * How often to GET /me while a WebSocket carries everything, ms; 0 for never. GWS ends a login that no HTTP request has touched for half an hour,
   * and what travels on a WebSocket touches none. @default 600000
   */
  httpKeepAlive?: number;
  /** Texts kept for each session, at least 1; the oldest go. Gap entries do not count, and what goes does not touch `logComplete`. @default 1000 */
  maxLogEntries?: number;
  /** Completed sessions kept in `sessions`; those completed first go. 0 for none. @default 20 */
  maxCompletedSessions?: number;
  /** Receives structured log records; secrets and message texts are never part of them. @default none */
  logger?: (record: LogRecord) => void;
  /** For tests and unusual hosts. @default the page's own */
  fetch?: typeof fetch;
  /** For tests and unusual hosts. @default the page's own */
  WebSocket?: typeof WebSocket;
}
/** The options that have an effect on a channel that is not the client's own. */
export type AttachOptions = Pick<
  GwsImClientOptions,
  | "baseUrl"
  | "apiPath"
  | "headers"
  | "credentials"
  | "reauthenticate"
  | "csrf"
  | "devicePath"
  | "requestTimeout"
  | "maxLogEntries"
  | "maxCompletedSessions"
  | "logger"
  | "fetch"
>;
/**
 * The part of the npm package `cometd` that `attach()` needs; objects of that package fit, from 3.1 on, with its own types or those of `@types/cometd`. The CometD
 * reference describes each: https://docs.cometd.org
 */
export interface CometDLike {
  subscribe(channel: string, callback: (message: unknown) => void, subscribeProps: object): unknown;
  unsubscribe(handle: unknown): void;
  addListener(channel: string, callback: (message: unknown) => void): unknown;
  removeListener(handle: unknown): void;
  getStatus(): string;
  batch(group: () => void): void;
  getClientId?(): string | null | undefined;
  /** Tells whether "ack" is registered. */
  getExtension?(name: string): unknown;
}
export interface CsrfToken {
  /** The request header's name. */
  header: string;
  /** Its value. */
  token: string;
}
export interface HeadersContext {
  method: RequestMethod;
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
