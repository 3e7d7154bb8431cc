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
  /** The count when what was accepted last was asked for. */
  #accepted = -1;
  /** How many of the ways to log in were tried since a request was accepted, and up to which one somebody has logged in last. */
  #tried = 0;
  #worked = 0;
  /** The count when the channel asked last, and how many ways it has seen tried since it was connected. */
  #countOfChannel = 0;
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

  /** What the channel asked for last was accepted. */
  channelWorks() {
    this.works(this.#countOfChannel);
  }

  /** The channel was refused; `attempt` 1 begins anew. Resolves with whether it is worth asking the server again. */
  async renewForChannel(attempt, refusal) {
    // Where a call was accepted meanwhile, it is another login that was lost.
    if (attempt === 1 || this.#accepted === this.#count) this.#triedByChannel = 0;
    const tried = await this.renew(this.#countOfChannel, this.#triedByChannel, refusal);
    this.#triedByChannel = Math.max(this.#triedByChannel, tried);
    return tried > 0;
  }

  /** Whether nobody would log in when that was wanted for what was asked for at that count or later. */
  wasGivenUpSince(count) {
    return this.#givenUp >= count;
  }

  /** Whether something was accepted that was asked for after what was asked for at that count. */
  hasWorkedSince(count) {
    return this.#accepted > count;
  }

  /** What was asked for at that count was accepted: the next refusal is of another login that was lost, and all ways are open again. */
  works(count) {
    this.#accepted = Math.max(this.#accepted, count);
    if (count === this.#count && !this.#running) this.#tried = 0;
  }

  /**
   * Tries the next way to log in, unless somebody has logged in since: fresh headers, then what the caller does.
   *
   * @param count when what was refused was asked for
   * @param tried how many ways were tried for it: none of them is tried again, whatever else was accepted meanwhile
   * @returns how many have been tried for it now; 0 when no way is left
   */
  async renew(count, tried, refusal) {
    if (count !== this.#count) return count > this.#givenUp ? this.#worked : 0;
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
    this.#tried = Math.max(this.#tried, tried);
    while (this.#tried < ways.length && !refusal.signal.aborted) {
      const way = ways[this.#tried];
      this.#tried += 1;
      try {
        await way();
        if (!refusal.signal.aborted) return this.#renewed();
      } catch (error) {
        this.#loginError = error;
      }
    }
    if (!refusal.signal.aborted) this.#giveUp();
    return 0;
  }

  #renewed() {
    this.#count += 1;
    this.#worked = this.#tried;
    return this.#worked;
  }

  #giveUp() {
    this.#tried = 0;
    this.#givenUp = this.#count;
    this.#count += 1;
  }

  #ways({ method = "POST", status, body, url, signal }) {
    const { headers, reauthenticate } = this.#options;
    const ways = [];
    if (typeof headers === "function") {
      ways.push(async () => {
        const fresh = await headers({ method, url, reason: "refresh", signal });
        // Of a login that was given up, which may have been another user's.
        if (!signal.aborted) this.#refreshed = new Headers(fresh ?? undefined);
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
