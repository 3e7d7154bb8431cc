// Notifications to publish.

/** The data of a NewMessage with this text. */
export const newMessage = (message) => ({ messageType: "IMLogUpdateMessage", notificationType: "NewMessage", imSessionPath: "/im-sessions/1", message });
