// What this page knows beside the client's list of sessions: which one is selected, what has not been read, and the agent's own texts until they arrive.
// Knows nothing of the network or the page; whoever shows sessions listens to "change".

/**
 * @typedef {object} OwnText a text that has not arrived, or that never will. Immutable: another object after every change
 * @property {number} number counts up, never reused
 * @property {string} text
 * @property {number} at when it was sent, epoch milliseconds
 * @property {"sending" | "accepted" | "missed" | "failed" | "unknown"} delivery accepted by GWS, its arrival fell into a gap, refused, or nobody knows
 * @property {Error} [error] why it failed, or why nobody knows
 */

/** A text of which one of these is true may still arrive. */
const AWAITED = ["sending", "accepted", "unknown"];

const NONE = Object.freeze([]);

export class DeskStore extends EventTarget {
  #client;
  /** By the session's id: { session, since, last, unread, ownTexts }. */
  #notes = new Map();
  #selectedId;
  /** Entries of logs that an own text has arrived as. */
  #own = new WeakSet();
  #number = 0;
  #listed = NONE;
  #sessions = NONE;
  #queued = false;

  /** @param {import("gws-im-sdk").GwsImClient} client whose sessions are shown from now on */
  follow(client) {
    this.#client = client;
    this.touch();
  }

  /** Those that can be talked in first, and of each kind the newest first. */
  get sessions() {
    const listed = this.#client?.sessions ?? NONE;
    if (listed !== this.#listed) {
      const newestFirst = [...listed].reverse();
      this.#listed = listed;
      this.#sessions = [...newestFirst.filter(isLive), ...newestFirst.filter((session) => !isLive(session))];
    }
    return this.#sessions;
  }

  get live() {
    return this.sessions.filter(isLive);
  }

  get selected() {
    return this.#client?.session(this.#selectedId);
  }

  /** Is the list known to be complete? */
  get isSynced() {
    return Boolean(this.#client?.synced);
  }

  unread(session) {
    return this.#notes.get(session.id)?.unread ?? 0;
  }

  /** Local time of the first sign of a session, epoch milliseconds: GWS sends none. */
  since(session) {
    return this.#notes.get(session.id)?.since ?? Date.now();
  }

  /** The log with the own texts that are not in it, by time.
   *  @returns {(import("gws-im-sdk").ImLogEntry | import("gws-im-sdk").ImLogGap | OwnText)[]} */
  conversation(session) {
    const own = [...(this.#notes.get(session.id)?.ownTexts ?? NONE)];
    const merged = [];
    for (const entry of session.log) {
      while (own.length > 0 && own[0].at < (entry.gap ? entry.at : entry.receivedAt)) merged.push(own.shift());
      merged.push(entry);
    }
    return [...merged, ...own];
  }

  /** GWS does not name the sender of a text. */
  isOwn(entry) {
    return entry.delivery !== undefined || entry.direction === "probably-outgoing" || this.#own.has(entry);
  }

  // ---- the agent's own doing

  select(id) {
    this.#selectedId = id;
    this.markRead();
    this.touch();
  }

  /** Called when the page comes to the front again. */
  markRead() {
    const notes = this.#notes.get(this.#selectedId);
    if (!notes?.unread || document.visibilityState !== "visible") return;
    notes.unread = 0;
    this.touch();
  }

  /** Adds a text that is being sent; `settle` says what became of it. */
  addOwnText(session, text) {
    const own = Object.freeze({ number: ++this.#number, text, at: Date.now(), delivery: "sending" });
    this.#changeOwnTexts(session.id, (texts) => [...texts, own]);
    return own.number;
  }

  /** @param {"accepted" | "failed" | "unknown"} delivery @returns whether it was still waited for: a text may arrive before its answer */
  settle(session, number, delivery, error) {
    const isWaiting = this.#notes.get(session.id)?.ownTexts.some((own) => own.number === number);
    if (isWaiting) this.#changeOwnTexts(session.id, (texts) => texts.map((own) => (own.number === number ? Object.freeze({ ...own, delivery, error }) : own)));
    return Boolean(isWaiting);
  }

  discard(session, number) {
    this.#changeOwnTexts(session.id, (texts) => texts.filter((own) => own.number !== number));
  }

  /** Texts were missed, and among them may be own ones that had been accepted. */
  missTexts(sessionIds) {
    for (const id of sessionIds) {
      this.#changeOwnTexts(id, (texts) => texts.map((own) => (own.delivery === "accepted" ? Object.freeze({ ...own, delivery: "missed" }) : own)));
    }
  }

  clear() {
    this.#client = undefined;
    this.#selectedId = undefined;
    this.#notes.clear();
    this.touch();
  }

  // ---- what has changed

  /** Something has changed. A thousand texts in one reply are one event. */
  touch() {
    if (!this.#queued) queueMicrotask(() => this.#update());
    this.#queued = true;
  }

  #update() {
    this.#queued = false;
    const begun = this.sessions.filter((session) => !this.#notes.get(session.id)?.session);
    for (const session of this.sessions) this.#take(session);
    for (const id of this.#notes.keys()) if (!this.#client?.session(id)) this.#notes.delete(id);
    this.dispatchEvent(new CustomEvent("change", { detail: { begun } }));
  }

  #take(session) {
    const notes = this.#notesOf(session.id);
    if (notes.session === session) return;
    const { log } = session;
    for (const entry of log.slice(log.lastIndexOf(notes.last) + 1)) if (!entry.gap) this.#arrived(notes, entry, session);
    notes.last = log.at(-1);
    notes.session = session;
  }

  #arrived(notes, entry, session) {
    const own = notes.ownTexts.find(({ text, delivery }) => text === entry.text && AWAITED.includes(delivery));
    if (own) {
      this.#own.add(entry);
      notes.ownTexts = notes.ownTexts.filter((other) => other !== own);
    }
    const isShown = session.id === this.#selectedId && document.visibilityState === "visible";
    if (!isShown && !this.isOwn(entry)) notes.unread += 1;
  }

  #notesOf(id) {
    if (!this.#notes.has(id)) this.#notes.set(id, { session: undefined, since: Date.now(), last: undefined, unread: 0, ownTexts: NONE });
    return this.#notes.get(id);
  }

  #changeOwnTexts(id, change) {
    const notes = this.#notesOf(id);
    notes.ownTexts = change(notes.ownTexts);
    this.touch();
  }
}

export const isLive = (session) => session.state !== "Completed";
