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
  /** How often somebody has logged in: a refusal of what was asked for before counts no more. */
  #count = 0;
  /** The count when the channel asked last. */
  #countOfChannel = 0;
  /** How many of the ways to log in the channel has tried since it last worked. */
  #triedByChannel = 0;

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

  /** The channel was refused; `attempt` 1 begins anew. Resolves with whether it is worth asking the server again. */
  async renewForChannel(attempt, refusal) {
    if (attempt === 1) this.#triedByChannel = 0;
    if (this.#count !== this.#countOfChannel) return true;
    const tried = await this.renew(this.#triedByChannel, refusal);
    this.#triedByChannel = tried ?? 0;
    return tried !== undefined;
  }

  /**
   * Tries the ways to log in until one works: fresh headers, then what the caller does.
   *
   * @param tried how many of them have been tried for what was refused
   * @returns how many have been tried now; undefined when none is left
   */
  renew(tried, refusal) {
    if (!this.#running) {
      const running = this.#run(tried, refusal).finally(() => {
        if (this.#running === running) this.#running = undefined;
      });
      this.#running = running;
    }
    return this.#running;
  }

  async #run(tried, refusal) {
    this.#loginError = undefined;
    this.#forgetToken();
    const ways = this.#ways(refusal);
    for (let next = tried; next < ways.length; next++) {
      try {
        await ways[next]();
        this.#count += 1;
        return next + 1;
      } catch (error) {
        this.#loginError = error;
      }
    }
    return undefined;
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
  }

  /** What of the caller's own failed, when the error with this code is about that. */
  causeOf(code) {
    if (code === "network/refused") return this.#headersError;
    if (code === "auth/required") return this.#loginError;
    return undefined;
  }
}
