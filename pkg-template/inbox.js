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
  /** As the channel has told it: what comes is told in that order, while the channel itself may be further on. */
  #isConnected = false;
  /** The session that was connected last. */
  #clientId;
  /** What was told to the logs before the channel says that texts may be missing: in which session, and of which. */
  #marked;

  /**
   * @param {import("./listeners.js").Listeners} listeners
   * @param {import("./sessions.js").SessionList} list
   * @param status that of the channel now, with `isSynced`
   */
  constructor(listeners, list, status) {
    this.#listeners = listeners;
    this.#list = list;
    this.#status = status;
    list.changedByOwn = (change) => this.#sessionsChanged(change, "notification");
  }

  connectionChanged({ state, clientId, acknowledged }) {
    this.#list.isListening = state === "connected";
    // What still comes until the goodbye is said is of the session that was there.
    if (state === "disconnecting") return;
    this.#isConnected = state === "connected";
    if (this.#isConnected) this.#clientId = clientId;
    // Without acknowledgement more may have been lost since.
    else if (!acknowledged) this.#marked = undefined;
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
    const { clientId, acknowledged } = this.#status();
    const { change, ids } = acknowledged && this.#marked?.clientId === clientId ? this.#marked : this.#list.gap(notice.until);
    this.#listeners.emit("gap", { ...notice, logsMayMiss: ids });
    this.#marked = undefined;
    this.#sessionsChanged(change, "notification");
  }

  /** The server's list has been read. */
  reconciled({ recovered, change }) {
    for (const notification of recovered) this.#tell(STATE_CHANGE, notification.notificationType, notification);
    this.#sessionsChanged(change ?? { sessions: this.#list.sessions, changed: [] }, "refresh");
  }

  /** What comes while the channel is on its way back stands behind what was missed, and the gap is told only when it is there. */
  #markGap() {
    if (this.#isConnected || this.#clientId === undefined) return;
    const { clientId, acknowledged } = this.#status();
    if ((this.#marked && this.#marked.clientId === clientId) || (acknowledged && clientId === this.#clientId)) return;
    const { change, ids } = this.#list.gap(Date.now());
    this.#marked = { clientId, ids };
    this.#sessionsChanged(change, "notification");
  }

  #tell(messageType, notificationType, ...event) {
    this.#listeners.emit(messageType, ...event);
    if (notificationType) this.#listeners.emit(notificationType, ...event);
  }

  #sessionsChanged(change, cause) {
    if (!change || this.#listeners.count("sessions") === 0) return;
    this.#listeners.emit("sessions", new SessionsChange(change, cause, this.#status().isSynced));
  }
}

/** The event "sessions". Nothing is put together before a listener reads it. */
class SessionsChange {
  /** The same getters for all: with own ones for each, an engine keeps events as dictionaries. */
  static #SESSIONS = { enumerable: true, get() { return this.#change.sessions; } };
  static #CHANGED = { enumerable: true, get() { return this.#change.changed; } };
  #change;

  constructor(change, cause, synced) {
    this.#change = change;
    this.cause = cause;
    this.synced = synced;
    // One at a time: several at once are put together anew for each event.
    Object.defineProperty(this, "sessions", SessionsChange.#SESSIONS);
    Object.defineProperty(this, "changed", SessionsChange.#CHANGED);
  }
}
