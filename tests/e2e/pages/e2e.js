// What the tests find on the page: the package as a page imports it, and a record of all that a client tells its listeners.

import * as sdk from "gws-im-sdk";

const EVENTS = ["IMSessionStateChangeMessage", "IMLogUpdateMessage", "StatusChange", "AttachedDataChanged", "NewMessage", "unknown", "connection", "gap", "warning"];

/** Errors leave the page as plain objects. */
function plainError(error) {
  if (error === undefined) return undefined;
  const { name, code, message, retryable, status, statusCode, statusMessage } = error;
  return { name, code, message, retryable, status, statusCode, statusMessage, isGwsImError: sdk.GwsImError.is(error) };
}

function plainConnection({ state, previous, transport, reason, attempt, retryInMs, recovered, acknowledged }) {
  return { state, previous, transport, reason: plainError(reason), attempt, retryInMs, recovered, acknowledged };
}

function plain(type, event) {
  if (type === "connection") return plainConnection(event);
  return type === "warning" ? plainError(event) : event;
}

const e2e = {
  sdk,
  plainError,
  /** Where GWS is: where this page comes from, unless a test says otherwise. */
  server: location.origin,
  /** The client made last. */
  client: undefined,
  /** [{ type, event, message }] in the order the listeners were called. */
  record: [],
  /** The page's sockets: how many were made, how many at most were neither closed nor closing at a time, and the subprotocol asked for last. */
  sockets: { made: 0, most: 0, protocol: undefined },

  /**
   * A client of GWS, with everything it tells recorded. `frames: true` records frames, too. It stays on long-polling,
   * where faults can be given to single requests, unless the options say otherwise.
   */
  async create({ frames = false, ...options } = {}) {
    const client = await sdk.GwsImClient.create({ baseUrl: e2e.server, transports: ["long-polling"], ...options });
    for (const type of frames ? [...EVENTS, "frame"] : EVENTS) {
      client.on(type, (event, message) => e2e.record.push({ type, event: plain(type, event), message }));
    }
    e2e.client = client;
    return client;
  },

  /** The answer to a GWS request of this page's login. */
  async gws(method, path, body, headers = {}) {
    const answer = await fetch(`${e2e.server}/api/v2${path}`, {
      method,
      credentials: "include",
      headers: { "Content-Type": "application/json", ...headers },
      body: body && JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.json() };
  },

  async logIn(user = "anna") {
    const { status } = await e2e.gws("GET", "/me", undefined, { Authorization: e2e.basic(user) });
    if (status !== 200) throw new Error(`the login of ${user} was answered ${status}`);
  },

  basic: (user) => `Basic ${btoa(`${user}:${user}`)}`,
  bearer: (user) => `Bearer ${btoa(`${user}:${user}`)}`,

  /** How a promise, or what a function gives, ends: { value } or { error }. */
  async outcome(act) {
    try {
      return { value: await (typeof act === "function" ? act() : act) };
    } catch (error) {
      return { error: error instanceof Error ? plainError(error) : { thrown: String(error) } };
    }
  },

  eventsOf: (type) => e2e.record.filter((entry) => entry.type === type).map((entry) => entry.event),

  /** Resolves when the condition holds; looked at after every task, for at most 5 s. */
  async until(what, condition) {
    const deadline = performance.now() + 5_000;
    while (!condition()) {
      if (performance.now() > deadline) throw new Error(`not within 5 s: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  },
};

class CountedWebSocket extends WebSocket {
  static #live = new Set();

  constructor(...args) {
    super(...args);
    const live = CountedWebSocket.#live;
    live.add(this);
    for (const socket of live) {
      if (socket.readyState > WebSocket.OPEN) live.delete(socket);
    }
    e2e.sockets.made += 1;
    e2e.sockets.most = Math.max(e2e.sockets.most, live.size);
    e2e.sockets.protocol = args[1];
  }
}

globalThis.WebSocket = CountedWebSocket;
globalThis.e2e = e2e;
