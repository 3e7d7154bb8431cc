// What comes on the topic of IM sessions: into the live list first, then to those who listen.

/** By the numbers that the WebAssembly side gives them. */
export const MESSAGE_TYPES = ["IMSessionStateChangeMessage", "IMLogUpdateMessage"];
const NOTIFICATION_TYPES = ["StatusChange", "AttachedDataChanged", "NewMessage"];
const [STATE_CHANGE] = MESSAGE_TYPES;

export class Inbox {
  unknown = 0;
  #listeners;
  #list;
  #status;
  /** The session that was connected last. */
  #clientId;
  /** That texts may be missing is in the logs before the channel says so. */
  #isGapMarked = false;

  /**
   * @param {import("./listeners.js").Listeners} listeners
   * @param {import("./sessions.js").SessionList} list
   * @param status that of the channel now, with `isSynced`
   */
  constructor(listeners, list, status) {
    this.#listeners = listeners;
    this.#list = list;
    this.#status = status;
  }

  connectionChanged({ state, clientId }) {
    if (state !== "connected") return;
    this.#clientId = clientId;
    this.#isGapMarked = false;
  }

  notified(messageType, notificationType, data, message) {
    this.#markGap();
    const type = MESSAGE_TYPES[messageType];
    const change = type === STATE_CHANGE ? this.#list.stateChanged(data.imSession, data.notificationType) : this.#list.textArrived(data.imSessionPath, data.message);
    this.#tell(type, NOTIFICATION_TYPES[notificationType], data, message);
    this.#sessionsChanged(change, "notification");
  }

  unknownCame(message) {
    this.unknown += 1;
    this.#listeners.emit("unknown", message);
  }

  gap(notice) {
    const { change, ids } = this.#list.gap(notice.until);
    this.#listeners.emit("gap", { ...notice, logsMayMiss: ids });
    this.#sessionsChanged(change, "notification");
  }

  /** The server's list has been read. */
  reconciled({ recovered, change }) {
    for (const notification of recovered) this.#tell(STATE_CHANGE, notification.notificationType, notification);
    this.#sessionsChanged(change ?? { sessions: this.#list.sessions, changed: [] }, "refresh");
  }

  /** What comes while the channel is on its way back stands behind what was missed, and the gap is told only when it is there. */
  #markGap() {
    if (this.#isGapMarked || this.#clientId === undefined) return;
    const { state, clientId, acknowledged } = this.#status();
    if (state === "connected" || (acknowledged && clientId === this.#clientId)) return;
    this.#isGapMarked = true;
    this.#sessionsChanged(this.#list.gap(Date.now()).change, "notification");
  }

  #tell(messageType, notificationType, ...event) {
    this.#listeners.emit(messageType, ...event);
    if (notificationType) this.#listeners.emit(notificationType, ...event);
  }

  /** Nothing is put together before a listener reads it. */
  #sessionsChanged(change, cause) {
    if (!change || this.#listeners.count("sessions") === 0) return;
    const synced = this.#status().isSynced;
    this.#listeners.emit("sessions", {
      get sessions() {
        return change.sessions;
      },
      get changed() {
        return change.changed;
      },
      cause,
      synced,
    });
  }
}
