// What a client tells of itself and of its channel.

import type { ConnectionState, Transport } from "./index.js";
import type { GwsImError } from "./types-errors.js";
import type {
  ImAttachedDataChanged,
  IMLogUpdateMessage,
  ImSession,
  IMSessionStateChangeMessage,
  ImStatusChange,
} from "./types-sessions.js";

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
  /** The list changed: told once for each notification that changed anything, for the marks that a gap leaves in the logs, and after every read of the server's
   *  list, whether or not that changed anything. */
  sessions: SessionsChange;
  /** Notifications may have been missed. The list is read again by itself; texts can't be. None at the first `connect()`; `connect()` after `disconnect()` is one. */
  gap: GapNotice;
  /** Something was ignored, dropped or worked around; never fatal. */
  warning: GwsImError;
  /** Every Bayeux message in and out, for a log pane. Costs nothing without a listener. Client ids and extensions are redacted. Tells nothing of an
   *  attached channel, whose messages are the desktop's. */
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
  /** Ids of the sessions, not completed, whose log may lack texts. */
  logsMayMiss: readonly string[];
}
/** What one notification, or one read, changed. */
export interface SessionsChange {
  /** The list right after it, as the client's `sessions`. */
  readonly sessions: readonly ImSession[];
  /** The sessions that changed or are new, as they are now; none after a read that found all as it was. One that left the list is not among them. */
  readonly changed: readonly ImSession[];
  /** "notification" also for the marks of a gap. */
  readonly cause: "notification" | "refresh";
  /** As the client's. */
  readonly synced: boolean;
}
/** A message as it came from the server; one of the IM topic in its normal form, except in `unknown`. */
export interface BayeuxMessage<T = unknown> {
  channel: string;
  data?: T;
  id?: string;
  ext?: unknown;
  [member: string]: unknown;
}

export interface Diagnostics {
  /** Data messages delivered. On an attached channel those of the client's own subscriptions. */
  readonly received: number;
  /** Data messages recognised as sent before, and dropped. 0 on an attached channel. */
  readonly duplicates: number;
  /** Messages that went to `unknown`. */
  readonly unknown: number;
  /** Breaches of the protocol by the server. 0 on an attached channel. */
  readonly violations: number;
  /** Handshakes sent. */
  readonly handshakes: number;
  /** Returns to "connected" after a break. */
  readonly reconnects: number;
  readonly gaps: number;
  /** How often the server's list of sessions was read, by itself or by `refresh()`. */
  readonly refreshes: number;
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
