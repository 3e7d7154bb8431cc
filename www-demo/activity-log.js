// What the page saw: Bayeux frames, SDK events and REST calls, newest last. Bounded, and free of secrets before anything is shown or copied.

const MOST_RECORDS = 500;
const SECRET = /^(authorization|cookie|set-cookie|password|secret|credentials|x-csrf-token|(access|refresh|id)?_?token)$/i;

/**
 * @typedef {object} Activity
 * @property {number} number counts up, never reused
 * @property {number} at epoch milliseconds
 * @property {"frame" | "event" | "rest"} kind
 * @property {string} name channel, event or request line
 * @property {"in" | "out"} [direction] of a frame
 * @property {string} summary
 * @property {unknown} detail
 * @property {boolean} [bad] something went wrong
 */
export class ActivityLog extends EventTarget {
  /** @type {Activity[]} */
  records = [];
  #number = 0;

  add(activity) {
    this.records.push({ number: ++this.#number, at: Date.now(), summary: "", ...activity });
    if (this.records.length > MOST_RECORDS) this.records.shift();
    this.dispatchEvent(new Event("change"));
  }

  /** One row for each message of a frame. */
  addFrame({ direction, transport, messages }) {
    for (const message of messages) {
      const isMessage = typeof message?.channel === "string";
      const bad = !isMessage || message.successful === false;
      this.add({ kind: "frame", direction, name: isMessage ? message.channel : "no channel", bad, summary: isMessage ? summarise(message) : toText(message, 0), detail: { transport, message } });
    }
  }

  clear() {
    this.records = [];
    this.dispatchEvent(new Event("change"));
  }
}

function summarise(message) {
  const words = [];
  if (message.successful === true) words.push("successful");
  if (message.successful === false) words.push(`failed: ${message.error ?? "no reason given"}`);
  if (typeof message.subscription === "string") words.push(message.subscription);
  if (message.advice?.reconnect) words.push(`advice ${message.advice.reconnect}`);
  const { messageType, notificationType } = message.data ?? {};
  words.push(...[messageType, notificationType].filter((word) => typeof word === "string"));
  return words.join(" · ");
}

/** JSON for people, with secrets masked; a client id keeps its end, which is enough to compare two. */
export function toText(value, indent = 2) {
  return JSON.stringify(value, mask, indent) ?? String(value);
}

function mask(key, value) {
  if (SECRET.test(key)) return "•••";
  if (key === "clientId" && typeof value === "string") return `…${value.slice(-4)}`;
  if (value instanceof Error) return { name: value.name, code: value.code, message: value.message, status: value.status };
  return value;
}
