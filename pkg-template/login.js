// What a request needs of the caller: its headers, and a login when GWS wants one.

import { isHeader } from "./options.js";

export class Login {
  #options;
  /** Headers that were asked for with reason "refresh", for the next request. */
  #refreshed;
  #headersError;
  #loginError;
  /** How many of the ways to log in have been tried since the channel last worked. */
  #tried = 0;

  /** @param options as `readOptions` gives them */
  constructor(options) {
    this.#options = options;
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

  /** Tries the ways to log in, each once, until one works: fresh headers, then what the caller does. `attempt` 1 begins anew. */
  async renew(attempt, { status, body, url, signal }) {
    this.#loginError = undefined;
    if (attempt === 1) this.#tried = 0;
    for (const way of this.#ways({ status, body, url, signal }).slice(this.#tried)) {
      this.#tried += 1;
      try {
        await way();
        return true;
      } catch (error) {
        this.#loginError = error;
      }
    }
    return false;
  }

  #ways({ status, body, url, signal }) {
    const { headers, reauthenticate } = this.#options;
    const ways = [];
    if (typeof headers === "function") {
      ways.push(async () => {
        this.#refreshed = new Headers((await headers({ method: "POST", url, reason: "refresh", signal })) ?? undefined);
      });
    }
    if (reauthenticate) ways.push(() => reauthenticate({ status, body, signal }));
    return ways;
  }

  /** What was got for a request that is not sent any more. */
  forget() {
    this.#refreshed = undefined;
  }

  /** What of the caller's own failed, when the error with this code is about that. */
  causeOf(code) {
    if (code === "network/refused") return this.#headersError;
    if (code === "auth/required") return this.#loginError;
    return undefined;
  }
}
