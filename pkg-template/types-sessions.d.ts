// IM sessions: Genesys' notifications of them, the live list, and what operations on them are given.
// Names in PascalCase ending in "Message" and all field names of notifications are Genesys' own.

import type { RequestOptions } from "./index.js";

// Without it every declaration here would be exported, also those that are not the package's API.
export {};

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
  /**
   * Made by the SDK from a re-read after a gap instead of received: StatusChange where state, participants or capabilities differ, AttachedDataChanged where userData
   * does, both where both do; one StatusChange for a session first seen then, or that has gone from the server's list and so is "Completed". Of sessions that only
   * the client's first read brings, the event `sessions` alone tells.
   */
  readonly recovered?: true;
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
/** Attached data: any JSON value under each key. */
export type UserData = Readonly<Record<string, unknown>>;

// ---------------------------------------------------------------- the live list

/** A session as the SDK knows it now: frozen, and another object after every change. What did not change in it is the same, e.g. `userData`. */
export interface ImSession extends ImSessionResource {
  /** The texts in the order they came, and where some may be missing between them; the same array until one comes. Built when it is first read. */
  readonly log: readonly (ImLogEntry | ImLogGap)[];
  /**
   * Whether the log can have all texts of the session, apart from those beyond `maxLogEntries`. false, and then for good, when the session had begun before it could be heard
   * of, a gap fell into it, or only a re-read told of its end: GWS keeps no history of texts. While the list is being read a new session that this client has not asked for may
   * be taken for an older one; it is true once the list read lacks it. An older one with the number this client has just asked for may be taken for the new one, until that
   * comes or is refused.
   */
  readonly logComplete: boolean;
  /** Whether the operation may be asked for now: the session is not completed and lists it. For enabling buttons. */
  can(capability: ImCapability): boolean;
}
export interface ImLogEntry {
  readonly text: string;
  /** When it arrived here, epoch ms: GWS sends no time. Of an own text that GWS accepted and that can't arrive any more, when it was accepted. */
  readonly receivedAt: number;
  /**
   * GWS does not name the sender. "probably-outgoing": equals a text that this client sent to this session, until 10 s after its answer, or after the channel came back; each
   * sent text counts once. An own text that GWS accepted and that was not heard before a gap stands right behind the gap, or comes into the log with its answer. Should it
   * arrive all the same, within 10 s, that is told as a notification, and changes nothing here.
   */
  readonly direction: "probably-outgoing" | "unknown";
  /** That of an `ImLogGap`: tells the two apart. */
  readonly gap?: undefined;
}
/** Texts may be missing here. */
export interface ImLogGap {
  readonly gap: true;
  /** When it was noticed, epoch ms. */
  readonly at: number;
}

// ---------------------------------------------------------------- what operations are given

export interface InitiateRequest {
  /** Whom to reach. */
  destination: Destination;
  /** @default none */
  userData?: UserData;
  /** A path like "/devices/8191741c". @default the client's `devicePath`, else none */
  devicePath?: string;
}
/** GWS wants both members with each text. */
export interface SendOptions extends RequestOptions {
  /** @default the number of the session's participant, if it has one only */
  destination?: Destination;
  /** A path like "/devices/8191741c". @default the one the last session was begun with by this client, else the client's `devicePath` */
  devicePath?: string;
}
/** A phone number, as it is or as GWS writes it. */
export type Destination = string | { readonly phoneNumber: string };
