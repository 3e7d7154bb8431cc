// Notifications in the order they came, for one reader who may be slower than they are.

import { GwsImError } from "./errors.js";
import { MESSAGE_TYPES } from "./inbox.js";
import { isWhole, show } from "./options.js";

/**
 * An iterator over what listeners of notifications hear from now on.
 *
 * @param {Set<Notifications>} iterators it is one of these until it ends
 * @param dropped called when notifications begin to be dropped because nobody reads them
 */
export function iterate(listeners, { signal, highWaterMark = 1024 }, iterators, dropped) {
  if (!isWhole(highWaterMark, 1, Infinity)) throw new GwsImError("usage/high-water-mark", { text: `highWaterMark must be a whole number of at least 1, got ${show(highWaterMark)}.` });
  const notifications = new Notifications(highWaterMark, dropped);
  const stops = MESSAGE_TYPES.map((type) => listeners.add(type, (event) => notifications.push(event)));
  const end = () => notifications.end();
  iterators.add(notifications);
  signal?.addEventListener("abort", end);
  notifications.ended = () => {
    for (const stop of stops) stop();
    signal?.removeEventListener("abort", end);
    iterators.delete(notifications);
  };
  if (signal?.aborted) end();
  return notifications;
}

export class Notifications {
  #buffer = [];
  #waiting = [];
  #isEnded = false;
  #highWaterMark;
  #dropped;
  #isDropping = false;
  /** Called once, when there will be no more. */
  ended = () => {};

  /** @param dropped called when notifications begin to be dropped because nobody reads them */
  constructor(highWaterMark, dropped) {
    this.#highWaterMark = highWaterMark;
    this.#dropped = dropped;
  }

  push(value) {
    if (this.#isEnded) return;
    const reader = this.#waiting.shift();
    if (reader) {
      reader({ value, done: false });
      return;
    }
    this.#buffer.push(value);
    if (this.#buffer.length <= this.#highWaterMark) return;
    this.#buffer.shift();
    if (!this.#isDropping) this.#dropped();
    this.#isDropping = true;
  }

  /** What has come can still be read. */
  end() {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.ended();
    for (const reader of this.#waiting.splice(0)) reader({ value: undefined, done: true });
  }

  async next() {
    this.#isDropping = false;
    if (this.#buffer.length > 0) return { value: this.#buffer.shift(), done: false };
    if (this.#isEnded) return { value: undefined, done: true };
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async return(value) {
    this.end();
    this.#buffer.length = 0;
    return { value, done: true };
  }

  async throw(error) {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}
