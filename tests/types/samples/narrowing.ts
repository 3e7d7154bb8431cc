// A notification narrowed by what it says of itself.

import type {
  ImAttachedDataChanged,
  ImCapability,
  IMLogUpdateMessage,
  ImNotification,
  ImOtherStateChange,
  ImParticipant,
  ImSessionResource,
  ImSessionState,
  IMSessionStateChangeMessage,
  ImStatusChange,
  UserData,
} from "gws-im-sdk";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const isSame = <A, B>(same: Same<A, B>): boolean => same;

export function byMessageType(notification: ImNotification): string {
  if (notification.messageType === "IMLogUpdateMessage") {
    notification satisfies IMLogUpdateMessage;
    isSame<typeof notification, IMLogUpdateMessage>(true);
    return notification.imSessionPath + notification.message;
  }
  isSame<typeof notification, IMSessionStateChangeMessage>(true);
  return notification.imSession.path;
}

export function byNotificationType(notification: IMSessionStateChangeMessage): string {
  switch (notification.notificationType) {
    case "StatusChange":
      isSame<typeof notification, ImStatusChange>(true);
      return session(notification.imSession);
    case "AttachedDataChanged":
      isSame<typeof notification, ImAttachedDataChanged>(true);
      return data(notification.imSession.userData);
    case "other":
      isSame<typeof notification, ImOtherStateChange>(true);
      return notification.otherNotificationType;
    default:
      return notification satisfies never;
  }
}

/** "other" stands in both message types, and means the same in both: its text may be read without a further check. */
export function other(notification: ImNotification): string | undefined {
  return notification.notificationType === "other" ? notification.otherNotificationType : undefined;
}

export function newMessage(notification: ImNotification): string {
  if (notification.notificationType !== "NewMessage") return "";
  isSame<(typeof notification)["messageType"], "IMLogUpdateMessage">(true);
  return notification.message;
}

function session({ id, path, uri, state, capabilities, participants, userData }: ImSessionResource): string {
  const known: ImSessionState[] = ["Initiating", "Alerting", "Talking", "Completed", state, "a state of the future"];
  const can: ImCapability[] = ["SendMessage", "AttachUserData", "UpdateUserData", "DeleteUserData", "Complete", ...capabilities, "a capability of the future"];
  const text: string | undefined = uri;
  return [id, path, text, known.length, can.length, participants.map(number).join(), data(userData)].join();
}

function number({ digits, e164Number, formattedPhoneNumber, phoneNumber }: ImParticipant): string | undefined {
  return formattedPhoneNumber ?? e164Number ?? phoneNumber ?? digits;
}

function data(userData: UserData): string {
  return Object.entries(userData).map(([key, value]: [string, unknown]) => `${key}=${String(value)}`).join();
}
