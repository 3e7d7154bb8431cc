// A channel that is the desktop's own `cometd` object: it is listened to and subscribed on, and nothing else is done to it.

import { aborted } from "./calls.js";
import { GwsImError } from "./errors.js";

const IM_SESSIONS = "/v2/me/im-sessions";
const NEEDED = ["subscribe", "unsubscribe", "addListener", "removeListener", "getStatus", "batch"];

export class AttachedChannel {
  /** For `diagnostics`: what was seen since the channel was made, and `lastContact`. */
  counters = { received: 0, handshakes: 0, reconnects: 0, gaps: 0 };
  #host;
  #events;
  #listeners = [];
  #subscriptions = new Set();
  /** The one of IM sessions; there is none before start() and after close(). */
  #main;
  #state = "disconnected";
  #reason;
  /** The host's last connect was successful. */
  #isUp = false;
  /** The host is disconnected, and does not try. */
  #isEnded = false;
  #isAckConfirmed = false;
  #hasBegun = false;
  /** The gap that nobody was told of yet. */
  #gap;
  #hasMissed = false;
  #recovered = false;
  #lastConnect;
  /** When the last connect that was answered left: a server that has forgotten the session meanwhile may answer it all the same. */
  #knownAt;

  constructor(cometd, events) {
    const missing = NEEDED.find((name) => typeof cometd?.[name] !== "function");
    if (missing) throw new GwsImError("usage/cometd", { text: `The desktop's cometd object is needed; what was given has no function ${missing}.` });
    this.#host = cometd;
    this.#events = events;
  }

  /** Where it rejects, nothing of it is left at the host. */
  async start(signal) {
    if (signal?.aborted) throw aborted(signal);
    const giveUp = () => this.#main?.reject(aborted(signal));
    signal?.addEventListener("abort", giveUp);
    try {
      this.#begin();
      await this.#main.confirmed;
    } catch (error) {
      this.close();
      throw error;
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  get status() {
    const acknowledged = this.#isAckConfirmed && Boolean(this.#host.getExtension?.("ack"));
    return { state: this.#state, transport: "attached", clientId: this.#host.getClientId?.() ?? undefined, acknowledged, recovered: this.#recovered };
  }

  /** @returns what takes it back */
  async subscribe(topic, listener, { signal, once } = {}) {
    const subscription = this.#add(topic, (message) => {
      if (once) remove();
      listener(message);
    });
    const remove = () => this.#withdraw(subscription);
    signal?.addEventListener("abort", remove);
    subscription.removed = () => signal?.removeEventListener("abort", remove);
    this.#askAtOnce();
    await subscription.confirmed;
    return remove;
  }

  close() {
    this.#main = undefined;
    for (const listener of this.#listeners) attempt(() => this.#host.removeListener(listener));
    this.#listeners = [];
    for (const subscription of this.#subscriptions) this.#withdraw(subscription);
    this.#update();
  }

  // ---- subscriptions

  #begin() {
    if (this.#main) return;
    this.#openGap("new-session");
    this.#lastConnect = this.#knownAt = Date.now();
    this.#isUp = this.#host.getStatus() !== "handshaking";
    this.#isEnded = false;
    this.#main = this.#add(IM_SESSIONS, (message) => this.#events.message(message));
    this.#update();
    this.#askAtOnce();
  }

  #add(topic, callback) {
    if (this.#listeners.length === 0) this.#listen();
    const subscription = { topic, callback, state: "wanted" };
    subscription.confirmed = new Promise((resolve, reject) => Object.assign(subscription, { resolve, reject }));
    subscription.confirmed.catch(() => {});
    this.#subscriptions.add(subscription);
    return subscription;
  }

  /** While the host shakes hands there is a session only if the answer is being looked at. Otherwise all waits for the handshake. */
  #askAtOnce() {
    const isHandshaking = this.#host.getStatus() === "handshaking";
    if (!isHandshaking || this.#host.getClientId?.()) this.#ask(isHandshaking);
  }

  /** @param isNew in a session that has just begun: a subscription of the host's on the same topic is not confirmed either */
  #ask(isNew) {
    const wanted = [...this.#subscriptions].filter(({ state }) => state === "wanted");
    if (wanted.length > 0) this.#host.batch(() => wanted.forEach((subscription) => this.#askFor(subscription, isNew)));
  }

  #askFor(subscription, isNew) {
    const { topic, handle } = subscription;
    const isAwaited = isNew || [...this.#subscriptions].some((other) => other.topic === topic && other.state === "asked");
    let isSent = false;
    // An undefined member is not sent, but it is read if there is something to send. If not, the host has the topic already, and CometD 3 never says so.
    const members = { get gwsImSdk() { isSent = true; return undefined; } };
    const deliver = (message) => this.#deliver(subscription, message);
    subscription.state = "asked";
    try {
      if (handle) this.#host.removeListener(handle);
      subscription.clientId = this.#host.getClientId?.();
      subscription.handle = this.#host.subscribe(topic, deliver, members);
      if (!isSent && !isAwaited) this.#confirmed(subscription);
    } catch (cause) {
      // A host that is disconnected throws; its next handshake asks again.
      if (!this.#isOver) this.#refused(subscription, new GwsImError("usage/topic", { text: topic, cause }));
    }
  }

  #deliver(subscription, message) {
    this.counters.lastContact = Date.now();
    this.counters.received += 1;
    this.#tellGap();
    if (this.#subscriptions.has(subscription)) attempt(() => subscription.callback(message), report);
  }

  #confirmed(subscription) {
    subscription.state = "confirmed";
    subscription.wasConfirmed = true;
    subscription.resolve();
    this.#update();
  }

  /** Asked for again with the host's next session, if it is the one of IM sessions. */
  #refused(subscription, error) {
    subscription.state = "refused";
    subscription.reject(error);
    if (subscription === this.#main) this.#update(error);
    else this.#forget(subscription);
  }

  #forget(subscription) {
    subscription.removed?.();
    return this.#subscriptions.delete(subscription);
  }

  #withdraw(subscription) {
    if (!this.#forget(subscription)) return;
    subscription.reject(new GwsImError("aborted"));
    const { state, handle, clientId } = subscription;
    if (!handle || state === "refused") return;
    // A session that is over has forgotten it.
    const isOfNow = clientId === this.#host.getClientId?.();
    attempt(() => (isOfNow ? this.#host.unsubscribe(handle) : this.#host.removeListener(handle)));
  }

  // ---- what the host tells

  #listen() {
    const heard = {
      "/meta/handshake": (message) => this.#handshaken(message),
      "/meta/connect": (message) => this.#connected(message),
      "/meta/subscribe": (message) => this.#subscribeAnswered(message),
      "/meta/disconnect": (message) => this.#ended(message.id === undefined ? new GwsImError("server/ended", { retryable: true }) : undefined),
      "/meta/unsuccessful": (message) => this.#replyLost(message),
    };
    this.#listeners = Object.entries(heard).map(([channel, listener]) => this.#host.addListener(channel, (message) => attempt(() => listener(message), report)));
  }

  #handshaken(message) {
    if (this.#isOver) return this.#ended();
    if (!message.successful) return this.#broke(message);
    const ack = message.ext?.ack;
    this.#openGap("new-session");
    this.counters.handshakes += 1;
    this.counters.lastContact = this.#lastConnect = this.#knownAt = Date.now();
    this.#isAckConfirmed = ack === true || ack?.enabled === true;
    this.#isUp = false;
    this.#isEnded = false;
    // The host drops all its subscriptions at each handshake.
    for (const subscription of this.#subscriptions) subscription.state = "wanted";
    this.#update();
    this.#ask(true);
  }

  #connected(message) {
    if (this.#isOver) return this.#ended();
    if (!message.successful) return this.#broke(message);
    this.#knownAt = this.#lastConnect;
    this.counters.lastContact = this.#lastConnect = Date.now();
    // Only a server that acknowledges sends a number; whoever was not there at the handshake learns it from that.
    this.#isAckConfirmed ||= typeof message.ext?.ack === "number";
    this.#isUp = true;
    this.#update();
    this.#ask(false);
    if (message.advice?.reconnect === "none") this.#look(new GwsImError("server/ended", { retryable: true }));
  }

  /** A failed subscribe costs the host all its subscriptions on the topic, whoever sent it. */
  #subscribeAnswered(message) {
    const isFinal = !message.failure && codeOf(message) !== "402";
    for (const subscription of [...this.#subscriptions]) {
      const { topic, state } = subscription;
      if ((state !== "asked" && state !== "confirmed") || ![message.subscription].flat().includes(topic)) continue;
      if (message.successful) {
        this.#confirmed(subscription);
      } else if (isFinal) {
        if (subscription.wasConfirmed && subscription !== this.#main) this.#emit("warning", refusal(message, "subscribe", `${topic}: `));
        this.#refused(subscription, refusal(message, "subscribe"));
      } else {
        subscription.state = "wanted";
        if (subscription === this.#main) this.#openGap("lost-reply");
        this.#update(refusal(message, "subscribe"));
      }
    }
  }

  /** Without acknowledgement servers send what is queued with any reply, and then it is gone. */
  #replyLost({ channel, failure }) {
    const isLost = channel === "/meta/connect" || failure?.httpCode !== undefined;
    if (isLost && !this.status.acknowledged) this.#openGap("lost-reply");
  }

  #broke(message) {
    this.#isUp = false;
    this.#look(refusal(message, "unsuccessful"));
  }

  /** What the host makes of an answer shows when it has called all its listeners; of giving up it tells none. */
  #look(reason) {
    queueMicrotask(() => (this.#isOver ? this.#ended(reason) : this.#update(reason)));
  }

  #ended(reason) {
    this.#isEnded = true;
    this.#update(reason);
  }

  get #isOver() {
    return /^disconnect/.test(this.#host.getStatus());
  }

  // ---- what is told

  #update(reason) {
    const before = this.#state;
    this.#state = this.#stateAfter(before);
    const isNews = this.#state !== before || (/ing$/.test(before) && reason && reason.code !== this.#reason?.code);
    if (before === "reconnecting" && this.#state === "connected") this.counters.reconnects += 1;
    if (isNews) this.#tell(reason);
    if (this.#state === "connected") this.#tellGap();
  }

  #stateAfter(before) {
    if (!this.#main || this.#isEnded || this.#main.state === "refused") return "disconnected";
    if (this.#isUp && this.#main.state === "confirmed") return "connected";
    return before === "connected" || before === "reconnecting" ? "reconnecting" : "connecting";
  }

  #tell(reason) {
    this.#reason = reason;
    if (this.#state === "connected") {
      this.#hasBegun = true;
      this.#recovered = !this.#hasMissed;
      this.#hasMissed = false;
    }
    this.#emit("connection", this.status, reason);
  }

  /** Messages may be missed from here on. */
  #openGap(cause) {
    if (!this.#hasBegun) return;
    const since = Math.min(this.#gap?.since ?? Infinity, cause === "new-session" ? this.#knownAt : this.#lastConnect);
    this.#gap = { since, cause: this.#gap?.cause === "new-session" ? "new-session" : cause };
    this.#hasMissed = true;
  }

  #tellGap() {
    if (!this.#gap || !this.#main) return;
    const { since, cause } = this.#gap;
    this.#gap = undefined;
    this.counters.gaps += 1;
    this.#emit("gap", { since, until: Date.now(), cause });
  }

  #emit(name, ...event) {
    attempt(() => this.#events[name](...event), report);
  }
}

/** Nothing is thrown into the host; what it throws itself is of no use where it is asked to forget something. */
function attempt(action, failed = () => {}) {
  try {
    action();
  } catch (error) {
    failed(error);
  }
}

const report = (error) => reportError(error);

const codeOf = ({ error }) => /^\d{3}(?=:)/.exec(typeof error === "string" ? error : "")?.[0];

/** The error in a reply, or that none came. */
function refusal(message, unnamed, prefix = "") {
  const { error, failure } = message;
  if (!failure) return new GwsImError(`server/${codeOf(message) ?? unnamed}`, { text: prefix + (typeof error === "string" ? error : ""), retryable: unnamed !== "subscribe" });
  const { httpCode, websocketCode, exception } = failure;
  const details = { cause: exception, retryable: true };
  if (httpCode >= 300) return new GwsImError(`http/${httpCode}`, { ...details, status: httpCode });
  if (httpCode >= 200) return new GwsImError("protocol/not-json", details);
  return websocketCode ? new GwsImError("network/socket-closed", { ...details, text: websocketCode }) : new GwsImError("network/failed", details);
}
