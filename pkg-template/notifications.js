// Notifications in the order they came, for one reader who may be slower than they are.

export class Notifications {
  #buffer = [];
  #waiting = [];
  #isEnded = false;
  #highWaterMark;
  #dropped;
  #isDropping = false;
  /** Called once, when there will be no more. */
  ended = () => {};

  /** @param dropped called when notifications begin to be dropped because nobody reads them */
  constructor(highWaterMark, dropped) {
    this.#highWaterMark = highWaterMark;
    this.#dropped = dropped;
  }

  push(value) {
    if (this.#isEnded) return;
    const reader = this.#waiting.shift();
    if (reader) {
      reader({ value, done: false });
      return;
    }
    this.#buffer.push(value);
    if (this.#buffer.length <= this.#highWaterMark) return;
    this.#buffer.shift();
    if (!this.#isDropping) this.#dropped();
    this.#isDropping = true;
  }

  /** What has come can still be read. */
  end() {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.ended();
    for (const reader of this.#waiting.splice(0)) reader({ value: undefined, done: true });
  }

  async next() {
    this.#isDropping = false;
    if (this.#buffer.length > 0) return { value: this.#buffer.shift(), done: false };
    if (this.#isEnded) return { value: undefined, done: true };
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async return(value) {
    this.end();
    this.#buffer.length = 0;
    return { value, done: true };
  }

  async throw(error) {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}
