// What this client has sent lately, to know it again when it arrives: GWS does not name the sender of a text.

/** How long a sent text is waited for, ms. */
const RECENT = 10_000;

export class SentTexts {
  /** In the order they were sent. */
  #sent = new Set();
  #now;

  constructor(now) {
    this.#now = now;
  }

  /** Returns a function that takes it back. */
  add(id, text) {
    this.#forgetOld();
    const sent = { id, text, at: this.#now() };
    this.#sent.add(sent);
    return () => {
      this.#sent.delete(sent);
    };
  }

  /** Whether such a text was sent. Each counts once. */
  take(id, text) {
    if (this.#sent.size === 0) return false;
    this.#forgetOld();
    for (const sent of this.#sent) {
      if (sent.id === id && sent.text === text) return this.#sent.delete(sent);
    }
    return false;
  }

  /** The clock may have been set back. */
  #forgetOld() {
    const now = this.#now();
    for (const sent of this.#sent) {
      if (Math.abs(now - sent.at) <= RECENT) return;
      this.#sent.delete(sent);
    }
  }
}
