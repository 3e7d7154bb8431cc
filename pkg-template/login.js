// What a request needs of the caller: its headers, and a login when GWS wants one. There is one of either at a time for the whole client.

import { isHeader } from "./options.js";

export class Login {
  #options;
  /** Headers that were asked for with reason "refresh", for the next request. */
  #refreshed;
  #headersError;
  #loginError;
  #forgetToken;
  /** The attempt under way. */
  #running;
  /** How often somebody has logged in or given up: a refusal of what was asked for before counts no more. */
  #count = 0;
  /** The count when the login was given up last: what was asked for until then is refused with it. */
  #givenUp = -1;
  /** How many of the ways to log in were tried since a request was accepted. */
  #tried = 0;
  /** The count when the channel asked last. */
  #countOfChannel = 0;

  /**
   * @param options as `readOptions` gives them
   * @param forgetToken called when a login is over, and the token that belonged to it
   */
  constructor(options, forgetToken = () => {}) {
    this.#options = options;
    this.#forgetToken = forgetToken;
  }

  get count() {
    return this.#count;
  }

  /** Settles when nobody is logging in. */
  get settled() {
    return this.#running;
  }

  async headers(method, url, signal) {
    const { headers, csrf } = this.#options;
    try {
      const asked = typeof headers === "function" && !this.#refreshed ? await headers({ method, url, reason: "initial", signal }) : headers;
      const result = new Headers(this.#refreshed ?? asked ?? undefined);
      const pair = typeof csrf === "function" ? csrf() : csrf;
      if (method !== "GET" && isHeader(pair?.header, pair?.token)) result.set(pair.header, pair.token);
      this.#refreshed = undefined;
      this.#headersError = undefined;
      return result;
    } catch (error) {
      this.#headersError = error;
      throw error;
    }
  }

  /** The channel makes a request. */
  channelAsks() {
    this.#countOfChannel = this.#count;
  }

  /** What the channel asked for last was accepted. */
  channelWorks() {
    this.works(this.#countOfChannel);
  }

  /** The channel was refused. Resolves with whether it is worth asking the server again. */
  renewForChannel(refusal) {
    return this.renew(this.#countOfChannel, refusal);
  }

  /** What was asked for at that count was accepted: the next refusal is of another login that was lost, and all ways are open again. */
  works(count) {
    if (count === this.#count && !this.#running) this.#tried = 0;
  }

  /**
   * Tries the next way to log in, unless somebody has logged in since: fresh headers, then what the caller does.
   *
   * @param count when what was refused was asked for
   * @returns whether it is worth asking again; false when no way is left
   */
  async renew(count, refusal) {
    if (count !== this.#count) return count > this.#givenUp;
    if (!this.#running) {
      const running = this.#run(refusal).finally(() => {
        if (this.#running === running) this.#running = undefined;
      });
      this.#running = running;
    }
    return this.#running;
  }

  async #run(refusal) {
    this.#loginError = undefined;
    this.#forgetToken();
    const ways = this.#ways(refusal);
    while (this.#tried < ways.length && !refusal.signal.aborted) {
      const way = ways[this.#tried];
      this.#tried += 1;
      try {
        await way();
        this.#count += 1;
        return true;
      } catch (error) {
        this.#loginError = error;
      }
    }
    if (refusal.signal.aborted) return false;
    this.#tried = 0;
    this.#givenUp = this.#count;
    this.#count += 1;
    return false;
  }

  #ways({ method = "POST", status, body, url, signal }) {
    const { headers, reauthenticate } = this.#options;
    const ways = [];
    if (typeof headers === "function") {
      ways.push(async () => {
        this.#refreshed = new Headers((await headers({ method, url, reason: "refresh", signal })) ?? undefined);
      });
    }
    if (reauthenticate) ways.push(() => reauthenticate({ status, body, signal }));
    return ways;
  }

  /** The caller has given up: what is still under way is for nobody. */
  forget() {
    this.#refreshed = undefined;
    this.#running = undefined;
    this.#tried = 0;
  }

  /** What of the caller's own failed, when the error with this code is about that. */
  causeOf(code) {
    if (code === "network/refused") return this.#headersError;
    if (code === "auth/required") return this.#loginError;
    return undefined;
  }
}
