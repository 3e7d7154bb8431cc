// Reads the server's list of sessions when the own one may lack something: after the first connection, after every gap, and when asked to. The channel
// never waits for it.

import { GwsImError } from "./errors.js";

const SESSIONS = "/me/im-sessions?fields=*";
/** The first retry comes after so long at least, whatever the options say, ms. */
const LEAST_WAIT = 100;
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
  #isConnected = false;
  /** The list was complete at some time, so that what is new in it is news. */
  #hasRead = false;
  /** Gaps so far. */
  #gaps = 0;
  #failures = 0;
  #timer;
  /** The read under way, and the one that waits for it. */
  #reading;
  #next;
  reads = 0;

  /**
   * @param options as `readOptions` gives them
   * @param {import("./rest.js").Rest} rest
   * @param {import("./sessions.js").SessionList} list
   * @param host `normalise(resource)` in place, false for what is none; `reconciled(result)` what `list.reconcile` gave; `warn(error)`
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
    if (!isComplete) this.#isWanted = true;
    this.#changed();
  }

  broken() {
    this.#isConnected = false;
    this.#stopWaiting();
    this.#changed();
  }

  /** @param isNewSession what the server refused to the last session, it may give to this one */
  gap(isNewSession) {
    this.#gaps += 1;
    this.#isWanted = true;
    if (isNewSession) this.#isUnavailable = false;
    this.#changed();
  }

  /** One read after the one under way, for all who ask meanwhile. */
  refresh(limits) {
    this.#next ??= Promise.resolve(this.#reading).catch(() => {}).then(() => {
      this.#next = undefined;
      return this.#read(limits);
    }).finally(() => this.#readIfWanted());
    return this.#next;
  }

  #changed() {
    this.#list.isSynced = this.isSynced;
    // What is told in one go, a connection and its gap, is one reason to read.
    queueMicrotask(() => this.#readIfWanted());
  }

  #readIfWanted() {
    if (!this.#isConnected || !this.#isWanted || this.#isUnavailable || this.#reading || this.#timer !== undefined) return;
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
    const { imSessions } = await this.#rest.send({ method: "GET", path: SESSIONS, leaving, ...limits });
    if (!Array.isArray(imSessions)) throw new GwsImError("protocol/no-sessions");
    this.reads += 1;
    this.#failures = 0;
    this.#isUnavailable = false;
    this.#stopWaiting();
    if (gaps === this.#gaps) this.#isWanted = false;
    const result = this.#list.reconcile(imSessions.filter(this.#host.normalise), mark, this.#hasRead);
    this.#hasRead = true;
    this.#list.isSynced = this.isSynced;
    this.#host.reconciled(result);
  }

  #failed(error) {
    if (error.code === "aborted" || error.code === "auth/required") return;
    if (!PASSING.test(error.code)) {
      this.#isUnavailable = true;
      this.#host.warn(new GwsImError("recovery/unavailable", { text: error.message, status: error.status, cause: error }));
      return;
    }
    if (!this.#isConnected) return;
    this.#failures += 1;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#readIfWanted();
    }, Math.max(this.#delay(), error.retryAfterMs ?? 0));
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
