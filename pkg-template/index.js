// The package's face: the client that a page holds. What is listened to, promised and checked is here; the protocol is WebAssembly.

import { aborted, checkCallOptions, checkEvent, checkListener, checkTopic } from "./calls.js";
import { Commands } from "./commands.js";
import { GwsImError } from "./errors.js";
import { Channel, memoryBytes } from "./gws_im_sdk.js";
import { watchPage } from "./lifecycle.js";
import { Listeners } from "./listeners.js";
import { load, module, panicListeners } from "./load.js";
import { Login } from "./login.js";
import { Notifications } from "./notifications.js";
import { readOptions, show } from "./options.js";
import { redacted } from "./redact.js";

export { GwsImError };
export const version = "0.1.0";

/** Loads the WebAssembly module once. */
export const init = async (source) => {
  await load(source);
};

/** By the numbers that the WebAssembly side gives them. */
const MESSAGE_TYPES = ["IMSessionStateChangeMessage", "IMLogUpdateMessage"];
const NOTIFICATION_TYPES = ["StatusChange", "AttachedDataChanged", "NewMessage"];

const NOTHING_SEEN = { received: 0, duplicates: 0, violations: 0, handshakes: 0, reconnects: 0, gaps: 0 };
const LEVELS = { connection: "info", gap: "warn", warning: "warn" };

export class GwsImClient {
  #options;
  /** Made by the first call that needs it, so that a client nobody opens costs nothing and need not be disposed. */
  #channel;
  #listeners = new Listeners((type, count) => this.#showFrames(type, count));
  #topics = new Listeners((topic, count) => this.#listen(topic, count));
  #commands = new Commands();
  #iterators = new Set();
  #state = "disconnected";
  #reason;
  #unknown = 0;
  #last = NOTHING_SEEN;
  /** Aborts what the caller's own functions do for this client. */
  #work = new AbortController();
  #login;
  #fetchError;
  #isDisposed = false;
  #disposing;
  /** Aborts when the client is disposed or has failed: with it goes everything that was listened to for it. */
  #ended = new AbortController();
  #onPanic = (error) => this.#failed(error);

  static async create(options) {
    readOptions(options);
    await load();
    return new this(options);
  }

  constructor(options) {
    this.#options = readOptions(options);
    this.#login = new Login(this.#options);
    if (!module.isLoaded) throw new GwsImError("wasm/not-loaded");
  }

  // ---- the channel

  connect(options) {
    const open = () => this.#opened().open();
    return this.#waitFor(options, () => this.#commands.wait(open(), open));
  }

  ready(options) {
    return this.#waitFor(options, (signal) => this.#nextConnected(signal));
  }

  reconnect() {
    this.#refuseDisposed();
    if (this.#failedForGood) throw this.#reason;
    this.#channel?.hurry();
  }

  async disconnect() {
    this.#renewWork();
    this.#commands.giveUp();
    if (this.#isLive) await this.#commands.wait(this.#channel.close()).catch(() => {});
  }

  dispose() {
    if (!this.#disposing) {
      this.#isDisposed = true;
      this.#listeners.clear();
      this.#topics.clear();
      this.#disposing = this.#dispose();
    }
    return this.#disposing;
  }

  get state() {
    return this.#now.state;
  }

  get reason() {
    return this.#isLive && !this.#now.hasReason ? undefined : this.#reason;
  }

  get transport() {
    return this.#now.transport;
  }

  get clientId() {
    return this.#now.clientId;
  }

  get diagnostics() {
    if (this.#isLive) this.#last = this.#channel.counters();
    const { acknowledged = false, transport } = this.#now;
    return { ...this.#last, unknown: this.#unknown, acknowledged, transport, wasmBytes: module.isLoaded ? memoryBytes() : 0 };
  }

  // ---- events

  on(type, listener, options) {
    this.#refuseDisposed();
    checkEvent(type);
    checkListener(listener);
    return disposable(this.#listeners.add(type, listener, checkCallOptions(options)));
  }

  once(type, options) {
    return this.#waitFor(options, (signal) => {
      checkEvent(type);
      return new Promise((resolve) => this.#listeners.add(type, resolve, { once: true, signal }));
    });
  }

  off(type, listener) {
    checkEvent(type);
    this.#listeners.remove(type, listener);
  }

  notifications(options) {
    this.#refuseDisposed();
    const { signal, highWaterMark = 1024 } = checkCallOptions(options);
    if (!Number.isInteger(highWaterMark) || highWaterMark < 1) throw new GwsImError("usage/high-water-mark", { text: `highWaterMark must be a whole number of at least 1, got ${show(highWaterMark)}.` });
    const notifications = new Notifications(highWaterMark, () => this.#warn(new GwsImError("usage/slow-iterator")));
    const stops = MESSAGE_TYPES.map((type) => this.#listeners.add(type, (event) => notifications.push(event)));
    const end = () => notifications.end();
    this.#iterators.add(notifications);
    signal?.addEventListener("abort", end);
    notifications.ended = () => {
      for (const stop of stops) stop();
      signal?.removeEventListener("abort", end);
      this.#iterators.delete(notifications);
    };
    if (signal?.aborted) end();
    return notifications;
  }

  // ---- any other topic

  subscribe(topic, listener, options) {
    return this.#waitFor(options, async (signal) => {
      checkListener(listener);
      checkTopic(topic);
      const subscription = this.#subscription(topic, listener, { signal, once: options?.once });
      try {
        await subscription.confirmed;
      } catch (error) {
        // The server was not told of it any more, so there is nothing to take back.
        subscription.forget();
        // An error of the server is this command's own; others may be shared with those who wait for something else.
        if (error.code.startsWith("server/")) error.message = `${topic}: ${error.message}`;
        throw error;
      }
      return disposable(subscription.remove);
    });
  }

  #subscription(topic, listener, options) {
    let isWanted = true;
    let number;
    const ask = () => (isWanted ? (number = this.#opened().subscribe(topic)) : undefined);
    const confirmed = this.#commands.wait(ask(), ask);
    const takeBack = () => {
      if (!isWanted || !this.#isLive || this.#isDisposed) return;
      isWanted = false;
      if (this.#commands.has(number)) this.#channel.withdraw(number);
      else this.#quietly(() => this.#channel.unsubscribe(topic));
    };
    const remove = this.#topics.add(topic, listener, { ...options, removed: takeBack });
    const forget = () => {
      isWanted = false;
      remove();
    };
    return { confirmed, remove, forget };
  }

  // ---- how calls wait

  /** Runs `begin` unless the client is disposed, and waits for it until `signal` aborts; that gives up this wait only. */
  async #waitFor(options, begin) {
    this.#refuseDisposed();
    const { signal } = checkCallOptions(options);
    if (this.#failedForGood) throw this.#reason;
    if (signal?.aborted) throw aborted(signal);
    if (!signal) return begin();
    let giveUp;
    const given = new Promise((_, reject) => {
      giveUp = () => reject(aborted(signal));
      signal.addEventListener("abort", giveUp, { signal: this.#ended.signal });
    });
    try {
      return await Promise.race([begin(signal), given]);
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  async #nextConnected(signal) {
    if (this.state === "connected") return;
    const waiter = Symbol("ready");
    const settled = this.#commands.wait(waiter, () => (signal?.aborted ? undefined : waiter));
    const stop = this.#listeners.add("connection", ({ state, reason }) => {
      if (state === "connected") this.#commands.completed(waiter);
      else if (state === "disconnected") this.#commands.completed(waiter, reason ?? new GwsImError("aborted"));
    }, { signal, removed: () => this.#commands.completed(waiter, new GwsImError("aborted")) });
    await settled.finally(stop);
  }

  // ---- the life of the channel

  get #isLive() {
    return this.#channel !== undefined && !this.#failedForGood && !this.#isFreed;
  }

  #isFreed = false;

  get #failedForGood() {
    return this.#reason?.code === "wasm/panicked";
  }

  /** The state now; events tell it a moment later. */
  get #now() {
    return this.#isLive ? this.#channel.status() : { state: this.#state };
  }

  #opened() {
    if (!this.#channel) {
      if (!module.isLoaded) throw new GwsImError("wasm/not-loaded");
      this.#channel = new Channel(this.#host(), { ...this.#options, csrf: this.#options.csrf === true });
      this.#channel.showFrames(this.#listeners.count("frame") > 0);
      panicListeners.add(this.#onPanic);
      watchPage(this.#page(), this.#ended.signal);
    }
    return this.#channel;
  }

  #page() {
    return {
      online: () => this.#channel.online(),
      offline: () => this.#channel.offline(),
      resume: () => this.#channel.resume(),
      hide: () => {
        if (this.state === "disconnected") return;
        if (this.state !== "disconnecting") {
          this.#commands.pageGone();
          this.#channel.close();
        }
        this.#channel.hide();
      },
      show: () => {
        if (!this.#commands.isPageGone) return;
        this.#channel.open();
        this.#commands.pageBack();
      },
    };
  }

  async #dispose() {
    for (const notifications of this.#iterators) notifications.end();
    this.#ended.abort();
    await this.disconnect();
    this.#work.abort();
    this.#commands.rejectAll(new GwsImError("aborted"));
    panicListeners.delete(this.#onPanic);
    if (this.#isLive) {
      this.#last = this.#channel.counters();
      this.#isFreed = true;
      this.#channel.release();
      this.#channel.free();
    }
    this.#isFreed = true;
  }

  #refuseDisposed() {
    if (this.#isDisposed) throw new GwsImError("usage/disposed");
  }

  /** The caller gives up: what its own functions are doing for this client is not wanted any more. */
  #renewWork() {
    this.#work.abort();
    this.#login.forget();
    if (!this.#isDisposed) this.#work = new AbortController();
  }

  #failed(error) {
    const previous = this.#state;
    this.#state = "disconnected";
    this.#reason = error;
    this.#ended.abort();
    this.#work.abort();
    this.#commands.rejectAll(error);
    for (const notifications of this.#iterators) notifications.end();
    this.#listeners.emit("connection", { state: "disconnected", previous, reason: error });
  }

  #showFrames(type, count) {
    if (type === "frame" && this.#isLive) this.#channel.showFrames(count > 0);
  }

  #listen(topic, count) {
    if (this.#isLive && count < 2) this.#quietly(() => this.#channel.listen(topic, count > 0));
  }

  /** Runs what fails only where there is nothing left to do. */
  #quietly(action) {
    try {
      action();
    } catch (error) {
      if (!GwsImError.is(error)) throw error;
    }
  }

  // ---- what the WebAssembly side calls

  #host() {
    return {
      headers: (method, url, signal) => this.#login.headers(method, url, signal),
      fetch: (request, keepalive) => this.#fetch(request, keepalive),
      logIn: (attempt, status, body, url) => {
        this.#log("login", { attempt, status });
        return this.#login.renew(attempt, { status, body, url, signal: this.#work.signal });
      },
      error: (code, text, status, retryable) => this.#error(code, { text, status, retryable }),
      notification: (messageType, notificationType, data, message) => this.#notify(messageType, notificationType, data, message),
      unknown: (message) => {
        this.#unknown += 1;
        this.#listeners.emit("unknown", message);
      },
      delivery: (topic, message) => this.#topics.emit(topic, message),
      connection: (status, reason) => this.#connectionChanged(status, reason),
      gap: (notice) => {
        this.#log("gap", notice);
        this.#listeners.emit("gap", notice);
      },
      warning: (error) => this.#warn(error),
      subscriptionLost: (topic) => this.#topics.clear(topic),
      completed: (number, error) => this.#commands.completed(number, error),
      frame: (out, transport, messages) => this.#listeners.emit("frame", { direction: out ? "out" : "in", transport, messages: redacted(messages) }),
      socket: (url) => {
        const { WebSocket = globalThis.WebSocket, protocol } = this.#options;
        return protocol === undefined ? new WebSocket(url) : new WebSocket(url, protocol);
      },
      pause: afterOtherEvents,
    };
  }

  async #fetch(request, keepalive) {
    try {
      return await (this.#options.fetch ?? globalThis.fetch)(request, keepalive ? { keepalive } : undefined);
    } catch (error) {
      this.#fetchError = error;
      throw error;
    }
  }

  #error(code, details) {
    const cause = code === "network/failed" ? this.#fetchError : this.#login.causeOf(code);
    const text = details.status === 404 ? `404 at ${this.#options.cometdUrl}: check baseUrl and cometdPath` : details.text;
    return new GwsImError(code, { ...details, text, cause });
  }

  #notify(messageType, notificationType, data, message) {
    this.#listeners.emit(MESSAGE_TYPES[messageType], data, message);
    if (notificationType < NOTIFICATION_TYPES.length) this.#listeners.emit(NOTIFICATION_TYPES[notificationType], data, message);
  }

  #connectionChanged(status, reason) {
    const { state, transport, attempt, retryInMs, recovered, acknowledged } = status;
    const change = { state, previous: this.#state };
    if (transport) change.transport = transport;
    if (reason) change.reason = reason;
    if (attempt > 0) change.attempt = attempt;
    if (retryInMs !== undefined) change.retryInMs = retryInMs;
    if (state === "connected") change.acknowledged = acknowledged;
    if (state === "connected" && change.previous === "reconnecting") change.recovered = recovered;
    this.#state = state;
    this.#reason = reason;
    this.#log("connection", { state, previous: change.previous, transport, code: reason?.code, attempt, retryInMs });
    this.#listeners.emit("connection", change);
  }

  #warn(error) {
    this.#log("warning", { code: error.code });
    this.#listeners.emit("warning", error);
  }

  #log(message, fields) {
    const { logger } = this.#options;
    if (!logger) return;
    try {
      logger({ level: LEVELS[message] ?? "debug", message, time: Date.now(), ...fields });
    } catch (error) {
      reportError(error);
    }
  }
}

if (Symbol.asyncDispose) GwsImClient.prototype[Symbol.asyncDispose] = GwsImClient.prototype.dispose;

/** Makes a function usable with `using` where the platform has it. */
function disposable(remove) {
  if (Symbol.dispose) Object.defineProperty(remove, Symbol.dispose, { value: remove });
  return remove;
}

/** A message to oneself waits behind all events that wait, and no hidden page slows it down as it slows timers. */
function afterOtherEvents() {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
