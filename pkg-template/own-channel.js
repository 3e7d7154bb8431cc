// The channel that a client opens for itself: its commands, the topics on it, and what happens to the page told to it.

import { GwsImError } from "./errors.js";
import { watchPage } from "./lifecycle.js";
import { Listeners } from "./listeners.js";

export class OwnChannel {
  #wasm;
  #commands;
  #topics = new Listeners((topic, count) => this.#listen(topic, count));
  #isOver = false;

  /**
   * @param wasm the WebAssembly side
   * @param {import("./commands.js").Commands} commands
   * @param signal aborts when nothing is to be done any more
   */
  constructor(wasm, commands, signal) {
    this.#wasm = wasm;
    this.#commands = commands;
    signal.addEventListener("abort", () => {
      this.#isOver = true;
    });
    watchPage(this.#page(), signal);
  }

  get status() {
    return this.#wasm.status();
  }

  start() {
    const open = () => this.#wasm.open();
    return this.#commands.wait(open(), open);
  }

  hurry() {
    this.#wasm.hurry();
  }

  async close() {
    await this.#commands.wait(this.#wasm.close()).catch(() => {});
  }

  loginLost(status, renewable) {
    this.#wasm.loginLost(status, renewable);
  }

  delivered(topic, message) {
    this.#topics.emit(topic, message);
  }

  /** The server took it back. */
  subscriptionLost(topic) {
    this.#topics.clear(topic);
  }

  /** @returns what takes it back */
  async subscribe(topic, listener, options) {
    const subscription = this.#subscription(topic, listener, options);
    try {
      await subscription.confirmed;
    } catch (error) {
      // The server was not told of it any more, so there is nothing to take back.
      subscription.forget();
      throw error;
    }
    return subscription.remove;
  }

  #subscription(topic, listener, options) {
    let isWanted = true;
    let number;
    const ask = () => (isWanted ? (number = this.#wasm.subscribe(topic)) : undefined);
    const confirmed = this.#commands.wait(ask(), ask);
    const takeBack = () => {
      if (!isWanted || this.#isOver) return;
      isWanted = false;
      if (this.#commands.has(number)) this.#wasm.withdraw(number);
      else quietly(() => this.#wasm.unsubscribe(topic));
    };
    const remove = this.#topics.add(topic, listener, { ...options, removed: takeBack });
    const forget = () => {
      isWanted = false;
      remove();
    };
    return { confirmed, remove, forget };
  }

  /** No listener hears anything any more. */
  clear() {
    this.#topics.clear();
  }

  #listen(topic, count) {
    if (!this.#isOver && count < 2) quietly(() => this.#wasm.listen(topic, count > 0));
  }

  #page() {
    return {
      online: () => this.#wasm.online(),
      offline: () => this.#wasm.offline(),
      resume: () => this.#wasm.resume(),
      hide: () => {
        const { state } = this.status;
        if (state === "disconnected") return;
        if (state !== "disconnecting") {
          this.#commands.pageGone();
          this.#wasm.close();
        }
        this.#wasm.hide();
      },
      show: () => {
        if (!this.#commands.isPageGone) return;
        this.#wasm.open();
        this.#commands.pageBack();
      },
    };
  }
}

/** Runs what fails only where there is nothing left to do. */
function quietly(action) {
  try {
    action();
  } catch (error) {
    if (!GwsImError.is(error)) throw error;
  }
}
