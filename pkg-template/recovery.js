// Reads the server's list of sessions when the own one may lack something: after the first connection, after every gap, and when asked to. The channel
// never waits for it.

import { aborted } from "./calls.js";
import { GwsImError } from "./errors.js";
import { untilAborted } from "./waiting.js";

const SESSIONS = "/me/im-sessions?fields=*";
/** The first retry comes after so long at least, whatever the options say, ms. */
const LEAST_WAIT = 100;
/** `Retry-After` is obeyed up to an hour, as the channel does it. */
const LONGEST_RETRY_AFTER = 3_600_000;
/** Errors after which the same request may well succeed. */
const PASSING = /^(network|http\/(5|429)|protocol\/not-json|gws\/(4|12)$)/;

export class Recovery {
  #options;
  #rest;
  #list;
  #host;
  /** Something may have been missed since the last read left. */
  #isWanted = true;
  /** The server does not give the list to this session. */
  #isUnavailable = false;
  /** Nobody was logged in, and no call has been accepted since. */
  #isLoggedOut = false;
  #isConnected = false;
  /** The list was complete at some time, so that what is new in it is news. */
  #hasRead = false;
  /** How often something may have been missed. */
  #gaps = 0;
  #failures = 0;
  #timer;
  /** The read under way, and the one that was asked for and waits for it. */
  #reading;
  #asked;
  reads = 0;

  /**
   * @param options as `readOptions` gives them
   * @param {import("./rest.js").Rest} rest
   * @param {import("./sessions.js").SessionList} list
   * @param host `normalise(resource)` in place, false for what is none; `reconciled(result)` what `list.reconcile` gave; `warn(error)`;
   *   `isAttached` whether the channel is one that does not end when nobody is logged in
   */
  constructor(options, rest, list, host) {
    this.#options = options;
    this.#rest = rest;
    this.#list = list;
    this.#host = host;
  }

  get isSynced() {
    return this.#isConnected && !this.#isWanted;
  }

  /** @param isComplete nothing can have been missed while the channel was broken */
  connected(isComplete) {
    if (this.#isConnected) return;
    this.#isConnected = true;
    this.#isLoggedOut = false;
    if (!isComplete) this.#mayLack();
    this.#changed();
  }

  broken() {
    this.#isConnected = false;
    this.#stopWaiting();
    this.#changed();
  }

  /** A call was accepted. */
  loginWorks() {
    if (!this.#isLoggedOut) return;
    this.#isLoggedOut = false;
    this.#readIfWanted();
  }

  /** @param isNewSession what the server refused to the last session, it may give to this one */
  gap(isNewSession) {
    this.#mayLack();
    if (isNewSession) this.#isUnavailable = false;
    this.#changed();
  }

  /** One read after the one under way, for all who ask meanwhile. It has as long as the most patient of them gives it, and ends when nobody waits any more. */
  async refresh({ signal, timeout = this.#options.requestTimeout } = {}) {
    if (signal?.aborted) throw aborted(signal);
    const asked = (this.#asked ??= this.#readNext());
    asked.timeout = Math.max(asked.timeout, timeout);
    asked.waiting += 1;
    try {
      await untilAborted([signal], () => asked.done);
    } finally {
      asked.waiting -= 1;
      if (asked.waiting === 0) this.#giveUp(asked);
    }
  }

  #readNext() {
    const controller = new AbortController();
    const asked = { timeout: 0, waiting: 0, controller };
    const read = () => {
      this.#leaves(asked);
      return controller.signal.aborted ? undefined : this.#read({ signal: controller.signal, timeout: asked.timeout });
    };
    asked.done = Promise.resolve(this.#reading).then(read, read).finally(() => this.#readIfWanted());
    // When everybody has given up, its failure is for nobody.
    asked.done.catch(() => {});
    return asked;
  }

  #giveUp(asked) {
    this.#leaves(asked);
    asked.controller.abort();
  }

  /** Who asks now asks for another one. */
  #leaves(asked) {
    if (this.#asked === asked) this.#asked = undefined;
  }

  /** A read that has left already does not count. */
  #mayLack() {
    this.#gaps += 1;
    this.#isWanted = true;
  }

  #changed() {
    this.#list.isSynced = this.isSynced;
    // What is told in one go, a connection and its gap, is one reason to read.
    queueMicrotask(() => this.#readIfWanted());
  }

  #readIfWanted() {
    if (!this.#isConnected || !this.#isWanted || this.#isUnavailable || this.#isLoggedOut || this.#reading || this.#asked || this.#timer !== undefined) return;
    this.#read().then(() => this.#readIfWanted(), (error) => this.#failed(error));
  }

  #read(limits) {
    this.#reading = this.#reconcile(limits).finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #reconcile(limits) {
    let mark;
    let gaps;
    const leaving = () => {
      mark = this.#list.mark;
      gaps = this.#gaps;
    };
    const { statusCode, imSessions } = await this.#rest.send({ method: "GET", path: SESSIONS, leaving, ...limits });
    if (statusCode !== 0 || !Array.isArray(imSessions)) throw new GwsImError("protocol/no-sessions");
    this.reads += 1;
    this.#failures = 0;
    this.#isUnavailable = false;
    this.#stopWaiting();
    if (gaps === this.#gaps) this.#isWanted = false;
    const resources = imSessions.filter(this.#host.normalise);
    const result = this.#list.reconcile(resources, mark, this.#hasRead, resources.length === imSessions.length);
    this.#hasRead = true;
    this.#list.isSynced = this.isSynced;
    this.#host.reconciled(result);
  }

  #failed(error) {
    if (error.code === "aborted") return;
    this.#isLoggedOut = error.code === "auth/required";
    if (this.#isLoggedOut) {
      // Otherwise the channel ends, and says why.
      if (this.#host.isAttached) this.#warn(error);
      return;
    }
    if (!PASSING.test(error.code)) {
      this.#isUnavailable = true;
      this.#warn(error);
      return;
    }
    if (!this.#isConnected) return;
    this.#failures += 1;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#readIfWanted();
    }, Math.max(this.#delay(), Math.min(error.retryAfterMs ?? 0, LONGEST_RETRY_AFTER)));
  }

  #warn(error) {
    this.#host.warn(new GwsImError("recovery/unavailable", { text: error.message, status: error.status, cause: error }));
  }

  #delay() {
    const { backoffIncrement, maxBackoff, backoffJitter } = this.#options;
    const delay = Math.min(this.#failures * backoffIncrement, maxBackoff);
    return Math.max(delay * (1 - backoffJitter * Math.random()), LEAST_WAIT);
  }

  #stopWaiting() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
