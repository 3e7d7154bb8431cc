/// <reference lib="esnext.disposable" />
// The public API of the npm package `gws-im-sdk`: the client, and what the other files describe.

import type { AttachOptions, CometDLike, GwsImClientOptions } from "./types-options.js";
import type { BayeuxMessage, Diagnostics, ImEventMap } from "./types-events.js";
import type { GwsImError } from "./types-errors.js";
import type { ImNotification, ImSession, ImSessionResource, InitiateRequest, SendOptions, UserData } from "./types-sessions.js";

export * from "./types-errors.js";
export * from "./types-events.js";
export * from "./types-options.js";
export * from "./types-sessions.js";

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

/** One channel to one GWS node, the list of the agent's IM sessions that it keeps up to date, and the operations on them. */
export class GwsImClient {
  /**
   * Checks the options and opens nothing. Synchronous, so that a component can create it while rendering and dispose it when it goes; one that
   * was never opened and has made no call need not be disposed.
   *
   * @throws GwsImError "options/…", which names the option and what was expected; "wasm/not-loaded" before `init()` or `create()` is done
   */
  constructor(options: GwsImClientOptions);
  /** Checks the options, loads the module, then `new`. */
  static create(options: GwsImClientOptions): Promise<GwsImClient>;
  /**
   * A client on the desktop's own `cometd` object (npm package `cometd`, 3.1 and later) instead of a channel of its own: two CometD sessions of one browser
   * slow each other down, as servers answer the poll of every further one at once. Events, list, re-reading and operations are the same. It listens and
   * subscribes, and does nothing else to that object: it never opens, closes or configures it, leaves its subscriptions alone, and lets nothing thrown into it.
   *
   * Resolves when the server has confirmed the subscription to `/v2/me/im-sessions`; with an object that has not shaken hands yet it waits until it has, or until `signal` aborts ("aborted"). Each
   * later handshake of the object subscribes again and is a gap. A break is a gap, unless the object has CometD's AckExtension and the server has taken it.
   *
   * `connect()` has nothing to do then, `reconnect()` does nothing, `disconnect()` only unsubscribes and removes the listeners, after which `connect()`
   * attaches again. The event `frame` tells nothing. A call that GWS refuses for want of a login asks `headers` and `reauthenticate` as ever; the login of the
   * channel is the desktop's own matter. Where the desktop disconnects the object, the state becomes "disconnected", and its next handshake brings the client back.
   *
   * @throws GwsImError "usage/cometd" for an object that lacks a function it needs, "options/…" for an option that has no effect here, "server/403" (or the
   *   server's other code) for a subscription that is refused, "wasm/…"
   */
  static attach(cometd: CometDLike, options: AttachOptions, wait?: { signal?: AbortSignal }): Promise<GwsImClient>;

  /**
   * Opens the channel and keeps trying until the server has confirmed the subscription to `/v2/me/im-sessions`. Idempotent while connecting or
   * connected. A server that can't be reached is tried for ever, so bound the wait by `signal` where that is wanted; a page that waits in the back/forward
   * cache goes on waiting when it is back. Rejects on a reason that trying again does not cure ("auth/required", "auth/cookies", "server/…", "protocol/no-connection-type", "wasm/…"), on
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
  /**
   * Whether `sessions` is known to be complete: connected, and the server's list has been read since the first connection and since the last gap. Told by the
   * events `sessions` with cause "refresh" (it has become true) and `gap` and `connection` (it may have become false). It is about sessions and their state; of the texts each
   * session's `logComplete` tells.
   */
  readonly synced: boolean;
  /** What carries the poll now; `undefined` while disconnected; "attached" for the desktop's own channel, in every state. */
  readonly transport: Transport | undefined;
  /** The CometD session's id, while there is one. A secret: who has it and the cookies can read along. */
  readonly clientId: string | undefined;

  /**
   * Listeners run in the order they were added, never inside a call of the caller's. For one notification: the list is brought up to date, then come the
   * listeners of its messageType, of its notificationType, of "sessions" if it changed anything, then those of `subscribe`. `message` is the Bayeux message it
   * came in; recovered notifications have none. A listener that throws goes to `reportError`.
   *
   * @throws GwsImError "usage/event", "usage/listener", "usage/disposed"
   */
  on<K extends keyof ImEventMap>(type: K, listener: (event: ImEventMap[K], message?: BayeuxMessage) => void, options?: ListenerOptions): Unsubscribe;
  /** The next event of this type. Rejects "aborted" on `signal`; stays pending when the client is disposed. */
  once<K extends keyof ImEventMap>(type: K, options?: { signal?: AbortSignal }): Promise<ImEventMap[K]>;
  off<K extends keyof ImEventMap>(type: K, listener: (event: ImEventMap[K], message?: BayeuxMessage) => void): void;
  /**
   * Async iteration over notifications, recovered ones included. Buffers from this call on, not from the first `next()`, at most `highWaterMark` of them; beyond that the
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

  // ---- the live list

  /**
   * The agent's IM sessions as they are now, in the order they were first seen, with the newest completed ones (`maxCompletedSessions`). The very same array until
   * something changed, and in it the same object for each session that did not, so that `===` and React's useSyncExternalStore work. Built when it is
   * first read: what nobody reads costs nothing. Kept over `disconnect()` and `dispose()`.
   */
  readonly sessions: readonly ImSession[];
  /** The session with this id or path. Of a path only the last segment counts. Costs the same however many there are. */
  session(idOrPath: string): ImSession | undefined;

  // ---- IM Session API
  // Resolves when GWS has accepted the request; the effect arrives as a notification (GWS page "Asynchronous Events"). None throws, each rejects:
  // - before anything is sent: "usage/…", which says what to do, "aborted";
  // - when GWS refused, and so changed nothing: "gws/…" by its statusCode, with its own words in `statusMessage`; "http/4…", "auth/csrf", "auth/required";
  // - when it may have acted, or not: "network/outcome-unknown" (the connection ended), "network/timeout", "aborted", "protocol/not-json", "http/5…". Look
  //   at the session before you ask again.
  // One call is one request: repeated only after a login or with a new CSRF token, which GWS refuses for before it acts. Partial success (7) resolves, with the
  // warning "gws/7". They work in every state of the channel, "disconnected" included. A session is given by its id, its path ("/im-sessions/{id}", with or
  // without what GWS puts before it), or as an object with its `id`: one of `sessions` or of a notification. What the list knows of it counts; while the list
  // is not `synced`, what it does not know is taken from the object, or left to the server.

  /**
   * Begins a session with another agent (GWS operation InitiateIMSession). It appears in `sessions` with its first notification. GWS lets
   * each agent have one at a time and refuses a second, by "gws/2".
   *
   * @throws GwsImError "usage/destination", "usage/user-data", "usage/device-path"
   */
  initiateSession(request: InitiateRequest, options?: RequestOptions): Promise<void>;
  /**
   * Sends a text (GWS operation SendMessage), as it is. It comes back as a `NewMessage` notification like the other party's texts. GWS wants a destination and a
   * device with each: see `SendOptions` for the defaults.
   *
   * @throws GwsImError "usage/text" for one without anything but blanks; "usage/destination" or "usage/device-path" where no default is known; "usage/session",
   *   "usage/unknown-session" (only while `synced`), "usage/completed", "usage/capability" (the session lists others)
   */
  sendMessage(session: string | ImSessionResource, text: string, options?: SendOptions): Promise<void>;
  /**
   * Ends the session (GWS operation Complete).
   *
   * @throws GwsImError "usage/session", "usage/unknown-session", "usage/completed", "usage/capability"
   */
  complete(session: string | ImSessionResource, options?: RequestOptions): Promise<void>;
  /**
   * Adds attached data (GWS operation AttachUserData). For a key that is there use `updateUserData`: in telephony, whose format this is, GWS adds the key a
   * second time.
   *
   * @throws GwsImError "usage/user-data" for none, an empty object, or a value that is not JSON, which it names; and as `complete()`
   */
  attachUserData(session: string | ImSessionResource, userData: UserData, options?: RequestOptions): Promise<void>;
  /** Changes attached data (GWS operation UpdateUserData): the keys given, the others stay. Errors as of `attachUserData`. */
  updateUserData(session: string | ImSessionResource, userData: UserData, options?: RequestOptions): Promise<void>;
  /**
   * Removes one key of the attached data (GWS operation DeleteUserData).
   *
   * @throws GwsImError "usage/user-data-key" for a key that is no text or empty; and as `complete()`
   */
  deleteUserData(session: string | ImSessionResource, key: string, options?: RequestOptions): Promise<void>;
  /**
   * Any other operation of the GWS API with the same login, CSRF token and errors. `path` is what stands below `apiPath`, with its query, e.g.
   * `request("GET", "/me?subresources=*")`. Resolves with the parsed answer, whose `statusCode` is 0, or 7 with the warning "gws/7".
   *
   * @throws GwsImError "usage/method"; "usage/path" for one that is none or leads out of the API; "usage/body" for what is no object of JSON values, or for any with
   *   GET; and as the operations, where a GET that failed may be asked for again (`retryable`): "network/failed" instead of "network/outcome-unknown". A path
   *   outside "/me" that is refused although the user is logged in: "http/401", "gws/20", "auth/redirect"
   */
  request(method: RequestMethod, path: string, body?: Readonly<Record<string, unknown>>, options?: RequestOptions): Promise<Record<string, unknown>>;
  /**
   * Reads GET /me/im-sessions?fields=* and takes the answer over into `sessions`; resolves with them. The SDK does so by itself at the first connection and
   * after every gap, so this is for doubts. One GET at a time: it waits for one under way, and all who ask meanwhile share the next, which has the longest of their
   * times and ends when none of them waits any more. Rejects with the GET's error, without trying again, and the list stays; "protocol/no-sessions" for an answer
   * without a list.
   */
  refresh(options?: RequestOptions): Promise<readonly ImSession[]>;

  /** Counters for support and dashboards. */
  readonly diagnostics: Diagnostics;
}

export type Transport = "websocket" | "long-polling" | "attached";
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
/** How long a call of the GWS API is waited for. */
export interface RequestOptions {
  /** Ends the call when it aborts: it rejects "aborted", and is `retryable` only if nothing had been sent, or it only reads. */
  signal?: AbortSignal;
  /** How long the answer may take, ms, without what logging in takes meanwhile. @default the client's `requestTimeout` */
  timeout?: number;
}
export type RequestMethod = "GET" | "POST" | "PUT" | "DELETE";
