// The reading of the list over scripted answers: what tests of it make happen, and what they see.

import { GwsImError } from "../../../pkg-template/errors.js";
import { readOptions } from "../../../pkg-template/options.js";
import { Recovery } from "../../../pkg-template/recovery.js";

export const turn = () => new Promise(setImmediate);
export const outcome = (promise) => promise.then(() => "done", ({ code }) => code);

export class Reading {
  /** Each read: what was asked, and what makes it leave once more, be answered or fail. */
  calls = [];
  /** What was taken over, with whether the list counted as complete then. */
  told = [];
  warnings = [];
  list = { mark: 0, isSynced: false, reconcile: (resources, mark, tellNew, isWhole) => ({ resources, mark, tellNew, isWhole }) };
  recovery;

  constructor(options, isAttached = false) {
    const rest = { send: (call) => this.#sent(call) };
    this.recovery = new Recovery(readOptions({ baseUrl: "https://gws.example.com", backoffJitter: 0, ...options }), rest, this.list, {
      normalise: (resource) => resource !== "no session",
      reconciled: (result) => this.told.push({ ...result, isSynced: this.list.isSynced }),
      warn: (error) => this.warnings.push(error),
      isAttached,
    });
  }

  #sent({ leaving, signal, ...call }) {
    return new Promise((resolve, reject) => {
      this.calls.push({ ...call, signal, left: leaving, reply: resolve, fail: reject });
      signal?.addEventListener("abort", () => reject(new GwsImError("aborted")));
      leaving();
    });
  }

  async connect(isComplete = false) {
    this.recovery.connected(isComplete);
    await turn();
  }

  async gap(isNewSession = false) {
    this.recovery.gap(isNewSession);
    await turn();
  }

  /** The last read is answered. */
  async answer(...imSessions) {
    this.calls.at(-1).reply({ statusCode: 0, imSessions });
    await turn();
  }

  async fail(code, details) {
    this.calls.at(-1).fail(Object.assign(new GwsImError(code), details));
    await turn();
  }

  async synced() {
    await this.connect();
    await this.answer();
  }
}
