// The checks of what a client's methods are called with.

import { GwsImError } from "./errors.js";
import { closest, show } from "./options.js";

const EVENTS = [
  "IMSessionStateChangeMessage",
  "IMLogUpdateMessage",
  "StatusChange",
  "AttachedDataChanged",
  "NewMessage",
  "unknown",
  "connection",
  "gap",
  "warning",
  "frame",
];

export function aborted(signal) {
  return new GwsImError("aborted", { cause: signal.reason });
}

export function checkCallOptions(options = {}) {
  if (options === null || typeof options !== "object") throw new GwsImError("usage/options", { text: `The options of a call are an object, got ${show(options)}.` });
  const { signal, once } = options;
  if (signal !== undefined && typeof signal?.addEventListener !== "function") throw new GwsImError("usage/signal", { text: `signal must be an AbortSignal, got ${show(signal)}.` });
  if (once !== undefined && typeof once !== "boolean") throw new GwsImError("usage/options", { text: `once must be true or false, got ${show(once)}.` });
  return options;
}

export function checkEvent(type) {
  if (EVENTS.includes(type)) return;
  const near = typeof type === "string" ? closest(type, EVENTS) : undefined;
  throw new GwsImError("usage/event", { text: `There is no event ${show(type)}.${near ? ` Did you mean ${near}?` : ` There are ${EVENTS.join(", ")}.`}` });
}

export function checkListener(listener) {
  if (typeof listener !== "function") throw new GwsImError("usage/listener", { text: `A listener must be a function, got ${show(listener)}.` });
}
