// The sessions this client has asked for lately, to know them when they are first seen: the answer does not name the session that a request began.

import { isObject } from "./session-values.js";

/** How long a session is waited for, ms. */
const RECENT = 30_000;

export class RequestedSessions {
  /** In the order they were asked for: { phoneNumber, at, record }, with the record of the session that is held for it. */
  #requests = new Set();
  #now;

  constructor(now) {
    this.#now = now;
  }

  add(phoneNumber) {
    this.#forgetOld();
    const request = { phoneNumber, at: this.#now(), record: undefined };
    this.#requests.add(request);
    return request;
  }

  delete(request) {
    this.#requests.delete(request);
  }

  /** The session is known to have begun since, whichever request that was. */
  settle(record) {
    for (const request of this.#requests) if (request.record === record) this.#requests.delete(request);
  }

  clear() {
    this.#requests.clear();
  }

  /** The request that a session with these participants fits, one without a record before others, then the oldest. */
  find(participants) {
    this.#forgetOld();
    const fitting = [...this.#requests].filter(({ phoneNumber }) => [participants].flat().some((participant) => isObject(participant) && Object.values(participant).includes(phoneNumber)));
    return fitting.find(({ record }) => !record) ?? fitting[0];
  }

  /** The clock may have been set back. */
  #forgetOld() {
    for (const request of this.#requests) {
      if (Math.abs(this.#now() - request.at) > RECENT) this.#requests.delete(request);
    }
  }
}
