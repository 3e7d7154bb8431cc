// Calls that wait for a command of the channel to end. The page's going ends the channel, but not these: what was cut short by it is asked
// for again when the page is back.

import { GwsImError } from "./errors.js";

export class Commands {
  #waiting = new Map();
  /** The page went while the channel was open, and is not back. */
  #isPageGone = false;

  get isPageGone() {
    return this.#isPageGone;
  }

  /**
   * Waits for the command with this number.
   *
   * @param again asks for the same anew and gives the new number; undefined when it is not wanted any more
   */
  wait(number, again) {
    const settled = new Promise((resolve, reject) => this.#waiting.set(number, { resolve, reject, again, survives: this.#isPageGone }));
    // A caller that no longer waits is no unhandled rejection.
    settled.catch(() => {});
    return settled;
  }

  has(number) {
    return this.#waiting.has(number);
  }

  completed(number, error) {
    const command = this.#waiting.get(number);
    const isCutShort = error?.code === "aborted" && command?.survives && command.again !== undefined;
    if (isCutShort && this.#isPageGone) {
      command.isParked = true;
      return;
    }
    this.#waiting.delete(number);
    if (isCutShort) this.#repeat(command);
    else if (error) command?.reject(error);
    else command?.resolve();
  }

  pageGone() {
    this.#isPageGone = true;
    for (const command of this.#waiting.values()) command.survives = true;
  }

  pageBack() {
    this.#isPageGone = false;
    for (const [number, command] of [...this.#waiting]) {
      if (!command.isParked) continue;
      this.#waiting.delete(number);
      this.#repeat(command);
    }
  }

  /** The caller ends the channel: what is cut short by that has ended. */
  giveUp() {
    this.#isPageGone = false;
    for (const [number, command] of [...this.#waiting]) {
      command.survives = false;
      if (command.isParked) this.completed(number, new GwsImError("aborted"));
    }
  }

  rejectAll(error) {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #repeat({ resolve, reject, again }) {
    try {
      const number = again();
      if (number === undefined) reject(new GwsImError("aborted"));
      else this.#waiting.set(number, { resolve, reject, again });
    } catch (error) {
      reject(error);
    }
  }
}
