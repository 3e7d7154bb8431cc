// The package's face: the client that a page holds. What is listened to, promised and checked is here; the protocol is WebAssembly.

import { AttachedChannel } from "./attached-channel.js";
import { checkCallOptions, checkEvent, checkListener, checkTopic } from "./calls.js";
import { Commands } from "./commands.js";
import { GwsImError } from "./errors.js";
import { Channel, memoryBytes } from "./gws_im_sdk.js";
import { Inbox } from "./inbox.js";
import { Listeners } from "./listeners.js";
import { load, module, panicListeners } from "./load.js";
import { logTo } from "./log.js";
import { Login } from "./login.js";
import { iterate } from "./notifications.js";
import { Operations } from "./operations.js";
import { readAttachOptions, readOptions } from "./options.js";
import { OwnChannel } from "./own-channel.js";
import { Recovery } from "./recovery.js";
import { redacted } from "./redact.js";
import { Rest } from "./rest.js";
import { SessionList } from "./sessions.js";
import { afterOtherEvents, untilAborted } from "./waiting.js";

export { GwsImError };
export const version = "0.1.0";

/** Loads the WebAssembly module once. */
export const init = async (source) => {
  await load(source);
};

const NOTHING_SEEN = { received: 0, duplicates: 0, violations: 0, handshakes: 0, reconnects: 0, gaps: 0 };

export class GwsImClient {
  #options;
  #log;
  /** The WebAssembly side and the channel, own or attached to: made when first needed, so that a client nobody opens need not be disposed. */
  #wasm;
  #link;
  #listeners = new Listeners((type, count) => this.#showFrames(type, count));
  #commands = new Commands();
  #iterators = new Set();
  #list;
  #inbox;
  #login;
  #rest;
  #recovery;
  #operations;
  #state = "disconnected";
  #reason;
  #panic;
  #last = NOTHING_SEEN;
  /** Aborts what the caller's own functions do for this client. */
  #work = new AbortController();
  #fetchError;
  #disposing;
  #isDisposed = false;
  #isFreed = false;
  /** Aborts when the client is disposed or has failed: with it goes everything that was listened to for it. */
  #ended = new AbortController();
  #onPanic = (error) => this.#failed(error);

  static async create(options) {
    readOptions(options);
    await load();
    return new this(options);
  }

  static async attach(cometd, options, wait) {
    readAttachOptions(options);
    await load();
    const client = new this(options, { cometd });
    await client.connect(wait).catch(async (error) => {
      await client.dispose();
      throw error;
    });
    return client;
  }

  /** @param attached that of `attach()` */
  constructor(options, attached) {
    this.#options = attached ? readAttachOptions(options) : readOptions(options);
    this.#log = logTo(this.#options.logger);
    this.#login = new Login(this.#options, () => this.#wasm.forgetToken());
    this.#list = new SessionList(this.#options);
    this.#inbox = new Inbox(this.#listeners, this.#list, () => ({ ...this.#now, isSynced: this.synced }));
    this.#rest = new Rest(this.#options, this.#login, this.#hostOfRest());
    this.#recovery = new Recovery(this.#options, this.#rest, this.#list, {
      normalise: (resource) => this.#side().normaliseSession(resource),
      reconciled: (result) => this.#inbox.reconciled(result),
      warn: (error) => this.#warn(error),
      isAttached: attached !== undefined,
    });
    this.#operations = new Operations(this.#rest, this.#list, this.#options);
    if (!module.isLoaded) throw new GwsImError("wasm/not-loaded");
    if (attached) this.#attachTo(attached.cometd);
  }

  // ---- the channel

  connect(options) {
    return this.#waitFor(options, (signal) => this.#opened().start(signal));
  }

  ready(options) {
    return this.#waitFor(options, (signal) => this.#nextConnected(signal));
  }

  reconnect() {
    this.#refuseDisposed();
    if (this.#failedForGood) throw this.#reason;
    this.#link?.hurry?.();
  }

  async disconnect() {
    this.#renewWork();
    this.#commands.giveUp();
    if (this.#isLive) await this.#link.close();
  }

  dispose() {
    if (!this.#disposing) {
      this.#isDisposed = true;
      this.#listeners.clear();
      this.#link?.clear?.();
      this.#disposing = this.#dispose();
    }
    return this.#disposing;
  }

  get state() {
    return this.#now.state;
  }

  get reason() {
    return this.#isLive && this.#now.hasReason === false ? undefined : this.#reason;
  }

  get synced() {
    return this.state === "connected" && this.#recovery.isSynced;
  }

  get transport() {
    return this.#now.transport;
  }

  get clientId() {
    return this.#now.clientId;
  }

  get diagnostics() {
    if (this.#isLive) this.#last = { ...this.#wasm.counters(), ...this.#link.counters };
    const { acknowledged = false, transport } = this.#now;
    const wasmBytes = module.isLoaded ? memoryBytes() : 0;
    return { ...this.#last, unknown: this.#inbox.unknown, refreshes: this.#recovery.reads, acknowledged, transport, wasmBytes };
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
    return iterate(this.#listeners, checkCallOptions(options), this.#iterators, () => this.#warn(new GwsImError("usage/slow-iterator")));
  }

  // ---- any other topic

  subscribe(topic, listener, options) {
    return this.#waitFor(options, async (signal) => {
      checkListener(listener);
      checkTopic(topic);
      try {
        return disposable(await this.#opened().subscribe(topic, listener, { signal, once: options?.once }));
      } catch (error) {
        // An error of the server is this command's own; others may be shared with those who wait for something else.
        if (error.code?.startsWith("server/")) error.message = `${topic}: ${error.message}`;
        throw error;
      }
    });
  }

  // ---- the live sessions, and the IM Session API

  get sessions() {
    return this.#list.sessions;
  }

  session(idOrPath) {
    return this.#list.find(idOrPath);
  }

  initiateSession(request, options) {
    return this.#operate(() => this.#operations.initiateSession(request, options));
  }

  sendMessage(session, text, options) {
    return this.#operate(() => this.#operations.sendMessage(session, text, options));
  }

  complete(session, options) {
    return this.#operate(() => this.#operations.complete(session, options));
  }

  attachUserData(session, userData, options) {
    return this.#operate(() => this.#operations.attachUserData(session, userData, options));
  }

  updateUserData(session, userData, options) {
    return this.#operate(() => this.#operations.updateUserData(session, userData, options));
  }

  deleteUserData(session, key, options) {
    return this.#operate(() => this.#operations.deleteUserData(session, key, options));
  }

  request(method, path, body, options) {
    return this.#operate(() => this.#operations.request(method, path, body, options));
  }

  refresh(options) {
    return this.#operate(async () => {
      const { signal, timeout } = checkCallOptions(options);
      await this.#recovery.refresh({ signal, timeout });
      return this.sessions;
    });
  }

  async #operate(operation) {
    this.#refuseDisposed();
    try {
      if (!this.#failedForGood) return await operation();
    } catch (error) {
      if (!this.#failedForGood) throw error;
    }
    throw this.#reason;
  }

  // ---- how calls wait

  /** Runs `begin` unless the client is disposed, and waits for it until `signal` aborts. */
  async #waitFor(options, begin) {
    this.#refuseDisposed();
    const { signal } = checkCallOptions(options);
    if (this.#failedForGood) throw this.#reason;
    return untilAborted([signal], () => begin(signal), this.#ended.signal);
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
    return this.#link !== undefined && !this.#failedForGood && !this.#isFreed;
  }

  get #failedForGood() {
    return this.#panic !== undefined;
  }

  /** The state now; events tell it a moment later. */
  get #now() {
    return this.#isLive ? this.#link.status : { state: this.#state };
  }

  #opened() {
    return (this.#link ??= new OwnChannel(this.#side(), this.#commands, this.#ended.signal));
  }

  #attachTo(cometd) {
    this.#link = new AttachedChannel(cometd, { ...this.#host(), message: (message) => this.#wasm.deliver(message) });
    this.#side();
  }

  #side() {
    if (!this.#wasm) {
      if (!module.isLoaded) throw new GwsImError("wasm/not-loaded");
      this.#wasm = new Channel(this.#host(), this.#options);
      this.#wasm.showFrames(this.#listeners.count("frame") > 0);
      panicListeners.add(this.#onPanic);
    }
    return this.#wasm;
  }

  async #dispose() {
    for (const notifications of this.#iterators) notifications.end();
    this.#ended.abort();
    await this.disconnect();
    this.#work.abort();
    this.#commands.rejectAll(new GwsImError("aborted"));
    panicListeners.delete(this.#onPanic);
    this.#last = this.diagnostics;
    if (this.#wasm && !this.#failedForGood) {
      this.#wasm.release();
      this.#wasm.free();
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
    this.#reason = this.#panic = error;
    if (this.#link instanceof AttachedChannel) this.#link.close();
    this.#ended.abort();
    this.#work.abort();
    this.#recovery.broken();
    this.#commands.rejectAll(error);
    for (const notifications of this.#iterators) notifications.end();
    this.#listeners.emit("connection", { state: "disconnected", previous, reason: error });
  }

  #showFrames(type, count) {
    if (type === "frame" && !this.#failedForGood && !this.#isFreed) this.#wasm?.showFrames(count > 0);
  }

  // ---- what the parts need of the client

  #hostOfRest() {
    return {
      channel: () => this.#side(),
      loginLost: (status, renewable) => this.#link?.loginLost?.(status, renewable),
      works: () => this.#recovery.loginWorks(),
      warn: (error) => this.#warn(error),
      log: (fields) => this.#log("request", fields),
      work: () => this.#work.signal,
      ended: this.#ended.signal,
      fetchError: () => this.#fetchError,
    };
  }

  /** What the WebAssembly side calls. */
  #host() {
    return {
      headers: (method, url, signal) => this.#headers(method, url, signal),
      fetch: (request, keepalive) => this.#fetch(request, keepalive),
      logIn: (attempt, status, body, url) => {
        this.#log("login", { attempt, status });
        return this.#login.renewForChannel(attempt, { status, body, url, signal: this.#work.signal });
      },
      error: (code, text, status, retryable) => this.#error(code, { text, status, retryable }),
      notification: (messageType, notificationType, data, message) => this.#inbox.notified(messageType, notificationType, data, message),
      unknown: (message) => this.#inbox.unknownCame(message),
      delivery: (topic, message) => this.#link.delivered(topic, message),
      connection: (status, reason) => this.#connectionChanged(status, reason),
      gap: (notice) => this.#gap(notice),
      warning: (error) => this.#warn(error),
      subscriptionLost: (topic) => this.#link.subscriptionLost(topic),
      completed: (number, error) => this.#commands.completed(number, error),
      frame: (out, transport, messages) => this.#listeners.emit("frame", { direction: out ? "out" : "in", transport, messages: redacted(messages) }),
      socket: (url) => this.#socket(url),
      pause: afterOtherEvents,
    };
  }

  async #headers(method, url, signal) {
    const headers = await this.#login.headers(method, url, signal);
    if (!this.#rest.leaves(signal, method)) this.#login.channelAsks();
    return headers;
  }

  async #fetch(request, keepalive) {
    try {
      return await (this.#options.fetch ?? globalThis.fetch)(request, keepalive ? { keepalive } : undefined);
    } catch (error) {
      this.#fetchError = error;
      throw error;
    }
  }

  #socket(url) {
    const { WebSocket = globalThis.WebSocket, protocol } = this.#options;
    return protocol === undefined ? new WebSocket(url) : new WebSocket(url, protocol);
  }

  #error(code, details) {
    const cause = code === "network/failed" ? this.#fetchError : this.#login.causeOf(code);
    const text = [404, 405].includes(details.status) ? `${details.status} at ${this.#options.cometdUrl}: check baseUrl and cometdPath` : details.text;
    return new GwsImError(code, { ...details, text, cause });
  }

  #gap(notice) {
    this.#log("gap", notice);
    this.#recovery.gap(notice.cause === "new-session");
    this.#inbox.gap(notice);
  }

  #connectionChanged(status, reason) {
    if (this.#failedForGood) return;
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
    this.#inbox.connectionChanged(status);
    if (state === "connected") {
      this.#login.channelWorks();
      this.#recovery.connected(change.recovered === true);
    } else {
      this.#recovery.broken();
    }
    this.#log("connection", { state, previous: change.previous, transport, code: reason?.code, attempt, retryInMs });
    this.#listeners.emit("connection", change);
  }

  #warn(error) {
    this.#log("warning", { code: error.code });
    this.#listeners.emit("warning", error);
  }
}

if (Symbol.asyncDispose) GwsImClient.prototype[Symbol.asyncDispose] = GwsImClient.prototype.dispose;

/** Makes a function usable with `using` where the platform has it. */
function disposable(remove) {
  if (Symbol.dispose) Object.defineProperty(remove, Symbol.dispose, { value: remove });
  return remove;
}
