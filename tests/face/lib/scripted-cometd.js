// A cometd object that does what tests say, as far as AttachedChannel uses one: listeners and subscriptions in one table, one subscribe on the wire for all subscribers of a topic.

import assert from "node:assert/strict";
import { it } from "node:test";

import { AttachedChannel } from "../../../pkg-template/attached-channel.js";

export const TOPIC = "/v2/me/im-sessions";
export const CALLS = "/v2/me/calls";

export const turn = () => new Promise(setImmediate);
export const outcome = (promise) => promise.then(() => "done", ({ code }) => code);
/** Whether it is settled, and how. */
export const present = (promise) => Promise.race([outcome(promise), turn().then(() => "waiting")]);
export const refused = (code) => ({ successful: false, error: `${code}:denied:subscribe_denied` });

const DAY = Date.UTC(2026, 0, 1);

/**
 * A test of one rule. `run` gets the host, a channel to start on it, what that has told since (times in ms after the test's beginning) and what was reported; nothing
 * may be left in `reported`.
 */
export function rule(name, run) {
  it(name, async () => {
    const originals = { now: Date.now, reportError: globalThis.reportError };
    const host = new Host();
    const told = [];
    const reported = [];
    const events = {
      message: ({ data }) => told.push(data),
      connection: ({ state }, reason) => told.push(reason ? `${state} ${reason.code}` : state),
      gap: ({ since, until, cause }) => told.push(`${cause} ${since - DAY} ${until - DAY}`),
      warning: ({ code, message }) => told.push(`${code} ${message}`),
    };
    const create = () => new AttachedChannel(host, events);
    const started = async () => {
      const channel = create();
      const start = channel.start();
      host.answer();
      await start;
      told.length = 0;
      return channel;
    };
    const now = (time) => (Date.now = () => DAY + time);
    globalThis.reportError = (error) => reported.push(error);
    now(0);
    try {
      await run({ host, told, reported, events, create, started, now });
      assert.deepEqual(reported, []);
    } finally {
      Date.now = originals.now;
      globalThis.reportError = originals.reportError;
    }
  });
}

export class Host {
  status = "connected";
  clientId = "session1";
  extensions = {};
  /** The topics of the subscribes and unsubscribes that left, e.g. "+/v2/me/calls". */
  wire = [];
  table = new Map();
  #handles = 0;

  getStatus = () => this.status;
  getClientId = () => this.clientId;
  getExtension = (name) => this.extensions[name] ?? null;
  batch = (group) => group();

  #add(channel, callback, isListener) {
    const handle = { id: (this.#handles += 1), channel, callback, isListener };
    this.table.set(handle.id, handle);
    return handle;
  }

  #isSubscribed = (channel) => [...this.table.values()].some((entry) => entry.channel === channel);

  addListener = (channel, callback) => this.#add(channel, callback, true);
  removeListener = (handle) => void this.table.delete(handle.id);

  subscribe(channel, callback, members) {
    this.#refuseDisconnected();
    const isFirst = !this.#isSubscribed(channel);
    const handle = this.#add(channel, callback, false);
    if (isFirst) this.wire.push(["+", channel, ...Object.entries(members).filter(([, value]) => value !== undefined)].join(""));
    return handle;
  }

  unsubscribe(handle) {
    this.#refuseDisconnected();
    this.removeListener(handle);
    if (!this.#isSubscribed(handle.channel)) this.wire.push(`-${handle.channel}`);
  }

  #refuseDisconnected() {
    // As CometD 3 does it.
    if (this.status.startsWith("disconnect")) throw "Illegal state: disconnected";
  }

  // ---- what the test makes happen

  tell(channel, message = {}) {
    for (const entry of [...this.table.values()]) {
      if (entry.channel === channel && this.table.has(entry.id)) entry.callback({ channel, ...message });
    }
    if (message.successful === false && channel !== "/meta/unsuccessful") this.tell("/meta/unsuccessful", { ...message, channel });
  }

  handshake(message = {}) {
    this.clientId = `session${Number(this.clientId?.slice(7) ?? 0) + 1}`;
    for (const entry of [...this.table.values()]) {
      if (!entry.isListener) this.table.delete(entry.id);
    }
    this.status = "handshaking";
    this.tell("/meta/handshake", { id: "1", successful: true, clientId: this.clientId, ...message });
    this.status = "connected";
  }

  connect = (message = {}) => this.tell("/meta/connect", { id: "2", successful: true, ...message });
  breaks = (failure = { httpCode: 0 }) => this.tell("/meta/connect", { id: "2", successful: false, failure });

  answer(subscription = TOPIC, message = {}) {
    if (message.successful === false) {
      for (const entry of [...this.table.values()]) {
        if (!entry.isListener && entry.channel === subscription) this.table.delete(entry.id);
      }
    }
    this.tell("/meta/subscribe", { id: "3", successful: true, subscription, ...message });
  }

  disconnect(message = { id: "4", successful: true }) {
    Object.assign(this, { status: "disconnected", clientId: null });
    this.tell("/meta/disconnect", message);
  }
}
