// The checks of what a client's methods are called with.

import { GwsImError } from "./errors.js";
import { closest, isWhole, LONGEST, show } from "./options.js";

const EVENTS = [
  "IMSessionStateChangeMessage",
  "IMLogUpdateMessage",
  "StatusChange",
  "AttachedDataChanged",
  "NewMessage",
  "unknown",
  "connection",
  "sessions",
  "gap",
  "warning",
  "frame",
];

/** Of the options of calls. */
const MEMBERS = ["signal", "timeout", "once", "highWaterMark", "destination", "devicePath"];

/** With what surrounds it a topic of this length still fits into what servers take as one message. */
const LONGEST_TOPIC = 8_000;

export function aborted(signal) {
  return new GwsImError("aborted", { cause: signal.reason });
}

export function checkCallOptions(options = {}) {
  if (options === null || typeof options !== "object") throw new GwsImError("usage/options", { text: `The options of a call are an object, got ${show(options)}.` });
  if (typeof options.addEventListener === "function") throw new GwsImError("usage/options", { text: "The options of a call are an object, got a signal. Give { signal }." });
  checkMembers(options, MEMBERS);
  const { signal, once, timeout } = options;
  if (signal !== undefined && typeof signal?.addEventListener !== "function") throw new GwsImError("usage/signal", { text: `signal must be an AbortSignal, got ${show(signal)}.` });
  if (once !== undefined && typeof once !== "boolean") throw new GwsImError("usage/options", { text: `once must be true or false, got ${show(once)}.` });
  if (timeout !== undefined && !isWhole(timeout, 1, LONGEST)) throw new GwsImError("usage/options", { text: `timeout must be a whole number of milliseconds from 1 to ${LONGEST}, got ${show(timeout)}.` });
  return options;
}

/** A slip would be lost without a word. */
export function checkMembers(given, names) {
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const near = closest(unknown, names);
  throw new GwsImError("usage/options", { text: `There is no member ${show(unknown)}. ${near ? `Did you mean ${near}?` : `There are ${names.join(", ")}.`}` });
}

export function checkEvent(type) {
  if (EVENTS.includes(type)) return;
  const near = typeof type === "string" ? closest(type, EVENTS) : undefined;
  throw new GwsImError("usage/event", { text: `There is no event ${show(type)}.${near ? ` Did you mean ${near}?` : ` There are ${EVENTS.join(", ")}.`}` });
}

/** Whether it names a channel is checked where it is used. */
export function checkTopic(topic) {
  if (typeof topic !== "string") throw new GwsImError("usage/topic", { text: show(topic) });
  if (topic.length > LONGEST_TOPIC) throw new GwsImError("usage/message-too-large", { text: topic.length });
}

export function checkListener(listener) {
  if (typeof listener !== "function") throw new GwsImError("usage/listener", { text: `A listener must be a function, got ${show(listener)}.` });
}
