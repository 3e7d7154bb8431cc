// One call of the GWS API: bounded in time, on the channel's login and token, and never sent twice unless the server refused it before it acted.

import { GwsImError } from "./errors.js";
import { abortedOf, untilAborted } from "./waiting.js";

/** HTML pages in place of an answer, in a row, that mean a login page; fewer may be a proxy's. */
const PAGES_THAT_MEAN_LOGIN = 3;
/** A call is sent as often at most: as it was, with fresh headers, after a new login, and once because somebody else had logged in meanwhile. */
const MOST_ATTEMPTS = 4;
/** What no user who is logged in is refused for want of a login. */
const OF_THE_USER = /^\/me([/?]|$)/;

export class Rest {
  #options;
  #login;
  #host;
  #pages = 0;
  /** The signals of calls under way, with whether they may have acted. */
  #calls = new Map();
  /** What the next call of a lane waits for. */
  #lanes = new Map();

  /**
   * @param options as `readOptions` gives them
   * @param {import("./login.js").Login} login
   * @param host `channel()` the WebAssembly side, `loginLost(status, renewable)`, `works()` a call was accepted, `warn(error)`, `log(fields)`, `work()` the signal that ends what the caller's
   *   functions do, `ended` the one that ends every call, `fetchError()` what `fetch` rejected with last
   */
  constructor(options, login, host) {
    this.#options = options;
    this.#login = login;
    this.#host = host;
  }

  /** Whether a request with this signal is a call; it leaves now. The GET of an operation is that for the token, without which the operation was refused. */
  leaves(signal, method) {
    if (!this.#calls.has(signal)) return false;
    this.#calls.set(signal, method !== "GET");
    return true;
  }

  /**
   * @param lane calls of the same are sent one after the other, each when the one before has ended in whatever way
   * @param leaving called right before each time the call is sent
   */
  async send({ method, path, body, signal, timeout = this.#options.requestTimeout, lane, leaving = () => {} }) {
    const call = { method, path, url: this.#options.apiUrl + path, text: body && JSON.stringify(body), signal, timeout, leaving, readsOnly: method === "GET" };
    return lane === undefined ? this.#send(call) : this.#inTurn(lane, call);
  }

  async #inTurn(lane, call) {
    const { count } = this.#login;
    const before = this.#lanes.get(lane);
    let leave;
    const turn = Promise.all([before, new Promise((resolve) => (leave = resolve))]);
    this.#lanes.set(lane, turn);
    void turn.then(() => {
      if (this.#lanes.get(lane) === turn) this.#lanes.delete(lane);
    });
    try {
      if (before) await this.#whileWanted(call, () => before);
      // It would ask the user again who has just refused.
      if (this.#login.wasGivenUpSince(count)) throw new GwsImError("auth/required", { cause: this.#login.causeOf("auth/required") });
      return await this.#send(call);
    } finally {
      leave();
    }
  }

  async #send(call) {
    const { method, path, leaving } = call;
    let tried = 0;
    for (let attempt = 1; ; attempt++) {
      await this.#nobodyLogsIn(call);
      const { count } = this.#login;
      leaving();
      const answer = await this.#attempt(call);
      this.#host.log({ method, path, status: answer.status, code: answer.code || undefined });
      if (!this.#wantsLogin(answer)) {
        // Whom Genesys answers, also with a refusal, it knows.
        if (answer.statusCode !== undefined) this.#works(count);
        return this.#accepted(answer);
      }
      if (!OF_THE_USER.test(path) && count === this.#login.count && (await this.#isLoggedIn(call))) throw this.#refusedToUser(answer);
      const now = attempt < MOST_ATTEMPTS ? await this.#logIn(count, tried, answer, call) : 0;
      if (now === 0) throw this.#loggedOut(count, answer);
      tried = Math.max(tried, now);
    }
  }

  /** Asks once. */
  async #attempt(call) {
    const controller = new AbortController();
    const { signal } = controller;
    const givenUp = [call.signal, this.#host.ended];
    const timer = setTimeout(() => controller.abort(), call.timeout);
    this.#calls.set(signal, false);
    try {
      const answer = await untilAborted([...givenUp, signal], () => this.#host.channel().call(call.method, call.url, call.text, signal));
      if (answer.verdict === "failed") throw this.#failure(call, answer.code);
      return answer;
    } catch (error) {
      const reason = abortedOf(givenUp) ?? abortedOf([signal]);
      throw reason ? this.#abandoned(call, reason, signal) : error;
    } finally {
      clearTimeout(timer);
      controller.abort();
      this.#calls.delete(signal);
    }
  }

  /** What was not sent, was refused, or only reads, can't act twice. */
  #abandoned(call, reason, signal) {
    const retryable = call.readsOnly || !this.#calls.get(signal);
    return reason === signal ? new GwsImError("network/timeout", { retryable }) : new GwsImError("aborted", { retryable, cause: reason.reason });
  }

  #failure({ readsOnly }, code) {
    if (code === "network/refused") return new GwsImError(code, { retryable: true, cause: this.#login.causeOf(code) });
    return new GwsImError(readsOnly ? code : "network/outcome-unknown", { retryable: readsOnly, cause: this.#host.fetchError() });
  }

  #wantsLogin({ verdict }) {
    this.#pages = verdict === "page" ? this.#pages + 1 : 0;
    return verdict === "login" || this.#pages >= PAGES_THAT_MEAN_LOGIN;
  }

  #accepted({ verdict, body, ...details }) {
    if (verdict === "accepted") return body;
    const { code, status, statusCode, statusMessage, retryable, retryAfterMs } = details;
    const error = new GwsImError(code, { status, statusCode, statusMessage, retryable });
    if (retryAfterMs !== undefined) error.retryAfterMs = retryAfterMs;
    if (verdict !== "partial") throw error;
    this.#host.warn(error);
    return body;
  }

  // ---- logging in

  async #nobodyLogsIn(call) {
    while (this.#login.settled) {
      const { count } = this.#login;
      if ((await this.#whileWanted(call, () => this.#login.settled)) === 0) throw this.#loggedOut(count, {});
    }
  }

  #works(count) {
    this.#login.works(count);
    this.#host.works();
  }

  #logIn(count, tried, answer, call) {
    const { status, body } = answer;
    if (count === this.#login.count) this.#host.loginLost(status, true);
    const refusal = { method: call.method, status, body, url: call.url, signal: this.#host.work() };
    return this.#whileWanted(call, () => this.#login.renew(count, tried, refusal));
  }

  /** The channel ends with it, unless it is of a login that is over: what was asked for later is accepted. */
  #loggedOut(count, { status = 0 }) {
    if (!this.#login.hasWorkedSince(count)) this.#host.loginLost(status, false);
    return new GwsImError("auth/required", { status: status || undefined, cause: this.#login.causeOf("auth/required") });
  }

  /** Calls of anything may be refused, or led elsewhere, for reasons of their own. */
  async #isLoggedIn({ signal, timeout }) {
    const { verdict } = await this.#attempt({ method: "GET", url: this.#options.meUrl, signal, timeout, readsOnly: true });
    return verdict === "accepted";
  }

  #refusedToUser({ status, statusCode, statusMessage }) {
    if (status === 0) return new GwsImError("auth/redirect");
    if (statusCode === undefined) return new GwsImError(`http/${status}`, { status });
    return new GwsImError(`gws/${statusCode}`, { status, statusCode, statusMessage });
  }

  /** Waits as long as logging in takes, but no longer than the caller does. What waits has not been sent, or was refused. */
  #whileWanted(call, wait) {
    return untilAborted([call.signal, this.#host.ended, this.#host.work()], wait);
  }
}
