// The agent's IM sessions as the notifications tell of them. Knows nothing of the network or the page; whoever shows sessions listens to "change".

const MOST_ENTRIES = 500;
const MOST_SESSIONS = 50;

/**
 * @typedef {object} Session
 * @property {string} id
 * @property {string} path e.g. "/im-sessions/1239…"
 * @property {string} state "Talking", "Completed", …; "" when only texts of it have come
 * @property {string[]} capabilities
 * @property {object[]} participants
 * @property {Record<string, unknown>} userData
 * @property {Entry[]} entries oldest first; the newest 500
 * @property {number} unread texts that came while it was not shown
 * @property {number} since local time of the first sign of it, epoch milliseconds
 *
 * @typedef {object} Entry a text, or with `gap` a place where texts may be missing
 * @property {number} at local time, epoch milliseconds: GWS sends none
 * @property {string} [text]
 * @property {"outgoing" | "unknown"} [direction] GWS does not name the sender; outgoing is what this page sent
 * @property {"sending" | "accepted" | "delivered" | "failed"} [delivery]
 * @property {{ since: number, until: number }} [gap]
 */
export class SessionStore extends EventTarget {
  #sessions = new Map();
  #selectedId;
  #clock = 0;

  /** Newest first. */
  get sessions() {
    return [...this.#sessions.values()].reverse();
  }

  get live() {
    return this.sessions.filter(isLive);
  }

  get selected() {
    return this.#sessions.get(this.#selectedId);
  }

  /** Takes over the resource of a notification. */
  update(resource) {
    const known = this.#sessions.get(resource.id);
    const session = known ?? this.#add(resource.id, resource.path);
    const { state, capabilities, participants, userData = session.userData } = resource;
    Object.assign(session, { state, capabilities, participants, userData, touched: ++this.#clock });
    this.#changed(session, known ? "resource" : "new");
    return session;
  }

  /** Adds a text that was received. One this page has sent before is the same entry, now delivered. */
  addText(path, text) {
    const id = path.slice(path.lastIndexOf("/") + 1);
    const session = this.#sessions.get(id) ?? this.update({ id, path, state: "", capabilities: [], participants: [] });
    const sent = session.entries.find((entry) => entry.echoExpected && entry.text === text);
    if (sent) return this.#deliver(session, sent);
    if (!this.isShown(session)) session.unread += 1;
    this.#addEntry(session, { text, direction: "unknown", delivery: "delivered" });
  }

  /** Adds a text that is being sent; `settle` says what became of it. */
  addSending(session, text) {
    return this.#addEntry(session, { text, direction: "outgoing", delivery: "sending", echoExpected: true });
  }

  /** @param {"accepted" | "failed"} delivery */
  settle(session, entry, delivery, { echoExpected = true } = {}) {
    if (entry.delivery !== "sending") return;
    Object.assign(entry, { delivery, echoExpected });
    this.#changed(session, "entry", entry);
  }

  /** Texts may be missing here in every live session, among them the echoes of our own. */
  addGap({ since, until }) {
    for (const session of this.live) {
      for (const entry of session.entries) entry.echoExpected = false;
      this.#addEntry(session, { gap: { since, until } });
    }
  }

  /** Taken before the server's list is asked for, handed to `reconcile`. */
  get mark() {
    return this.#clock;
  }

  /** Takes over the server's list of live sessions, except where a notification has come since `mark`: that is newer. */
  reconcile(resources, mark) {
    for (const resource of resources) {
      if (!((this.#sessions.get(resource.id)?.touched ?? 0) > mark)) this.update(resource);
    }
    const listed = new Set(resources.map((resource) => resource.id));
    for (const session of this.live) {
      if (!listed.has(session.id) && session.touched <= mark) this.update({ ...session, state: "Completed" });
    }
  }

  select(id) {
    this.#selectedId = id;
    if (this.selected) this.selected.unread = 0;
    this.#changed(this.selected, "selection");
  }

  /** Called when the page comes to the front again. */
  markRead() {
    if (this.selected?.unread) this.select(this.#selectedId);
  }

  isShown(session) {
    return session === this.selected && document.visibilityState === "visible";
  }

  clear() {
    this.#sessions.clear();
    this.select(undefined);
  }

  #add(id, path) {
    const session = { id, path, state: "", capabilities: [], participants: [], userData: {}, entries: [], unread: 0, since: Date.now(), touched: ++this.#clock };
    this.#sessions.set(id, session);
    this.#forgetOldest();
    return session;
  }

  #forgetOldest() {
    if (this.#sessions.size <= MOST_SESSIONS) return;
    const over = [...this.#sessions.values()].find((session) => !isLive(session)) ?? this.#sessions.values().next().value;
    this.#sessions.delete(over.id);
  }

  #addEntry(session, entry) {
    entry.at = Date.now();
    session.entries.push(entry);
    if (session.entries.length > MOST_ENTRIES) session.entries.shift();
    this.#changed(session, "entry", entry);
    return entry;
  }

  /** The server's order counts: a text moves behind those that were received before its echo. */
  #deliver(session, entry) {
    session.entries.splice(session.entries.indexOf(entry), 1);
    session.entries.push(entry);
    Object.assign(entry, { delivery: "delivered", echoExpected: false, at: Date.now() });
    this.#changed(session, "entry", entry);
  }

  #changed(session, what, entry) {
    this.dispatchEvent(new CustomEvent("change", { detail: { session, what, entry } }));
  }
}

export const isLive = (session) => session.state !== "Completed";

/** The number of the other agent. */
export function partner(session) {
  const [first] = session.participants;
  return first?.formattedPhoneNumber || first?.phoneNumber || first?.digits || "Unknown number";
}
