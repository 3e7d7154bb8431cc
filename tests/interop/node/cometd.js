// The npm package cometd-nodejs-server, and what the control calls ask of it.

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { createCometDServer } = require("cometd-nodejs-server");
const { AcknowledgedMessagesExtension } = require("cometd-nodejs-server/ack-extension");

const KINDS = ["handshake", "connect", "subscribe", "unsubscribe", "disconnect"];

export class Cometd {
  #server;
  #settings;
  /** The server itself does not list them. */
  #sessions = new Map();
  #requests = {};

  constructor(settings) {
    this.#settings = settings;
    this.#start();
  }

  #start() {
    const { timeout, maxInterval, acknowledge } = this.#settings;
    this.#server = createCometDServer({ timeout, maxInterval });
    if (acknowledge) this.#server.addExtension(new AcknowledgedMessagesExtension());
    this.#server.addExtension({ incoming: (server, session, message, callback) => this.#count(message, callback) });
    this.#server.addListener("sessionAdded", (session) => this.#added(session));
    this.#server.addListener("sessionRemoved", (session) => this.#sessions.delete(session.id));
  }

  #count({ channel }, callback) {
    const kind = channel.replace(/^\/meta\//, "");
    this.#requests[kind] = (this.#requests[kind] ?? 0) + 1;
    callback(undefined, true);
  }

  #added(session) {
    const known = { session, held: undefined };
    this.#sessions.set(session.id, known);
    session.addListener("suspended", (_, message) => void (known.held = message.id));
    session.addListener("resumed", (_, message) => {
      if (known.held === message.id) known.held = undefined;
    });
  }

  handle = (request, response) => this.#server.handle(request, response);

  /** Each session with what the simulator tells of it; a connect that its client has given up counts as held until the next one comes. */
  sessions() {
    return [...this.#sessions.values()].map(({ session, held }) => ({
      clientId: session.id,
      transport: "long-polling",
      held: held !== undefined,
      subscriptions: session.subscriptions.map(({ name }) => name).sort(),
    }));
  }

  counters() {
    const requests = Object.fromEntries(KINDS.map((kind) => [kind, this.#requests[kind] ?? 0]));
    const frames = Object.fromEntries(KINDS.map((kind) => [kind, 0]));
    return { requests, frames, sockets: { opened: 0, open: 0 } };
  }

  /** Delivers one piece of data after the other to every subscribed session, in one batch; gives how many sessions there are. */
  publish(topic, data) {
    const names = [topic, ...this.#server.createServerChannel(topic).wildNames];
    const subscribed = [...this.#sessions.values()].filter(({ session }) => session.subscriptions.some(({ name }) => names.includes(name)));
    for (const { session } of subscribed) session.batch(() => data.forEach((one) => session.deliver(null, topic, one)));
    return subscribed.length;
  }

  /** Removes sessions in the way and by the inner functions of the package's sweeper; gives how many there were. */
  expire(clientId) {
    const expired = [...this.#sessions.values()].filter(({ session }) => clientId === undefined || session.id === clientId);
    for (const { session } of expired) {
      session._scheduler?.cancel();
      this.#server._removeServerSession(session, true);
    }
    return expired.length;
  }

  disconnectAll() {
    for (const { session } of this.#sessions.values()) session.disconnect();
  }

  resetCounters() {
    this.#requests = {};
  }

  /** As after the start of a new process. */
  startAgain() {
    this.#server.close();
    this.#sessions.clear();
    this.#start();
  }
}
