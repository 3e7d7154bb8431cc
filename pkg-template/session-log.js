// The log of one IM session: the newest texts in order of arrival, and where texts may be missing between them.

/** Dropped entries that may still take room before the rest moves together. */
const FEWEST_TO_MOVE = 32;

export class SessionLog {
  /** Only ever appended to, so that what was read from it before can share it: the log is what stands from #start on. */
  #entries = [];
  #start = 0;
  #texts = 0;
  #mostTexts;
  /** A gap before everything in #entries. It outlives the texts around it. */
  #firstGap;
  isComplete = true;
  /** Gives the entries as they are now, also when called later; another function after every change. */
  read;

  constructor(mostTexts) {
    this.#mostTexts = mostTexts;
    this.#changed();
  }

  addText(entry) {
    this.#entries.push(Object.freeze(entry));
    this.#texts += 1;
    if (this.#texts > this.#mostTexts) this.#dropText();
    this.#changed();
  }

  /** One gap tells as much as several in a row. Returns whether anything changed. */
  addGap(at) {
    const isEmpty = this.#start === this.#entries.length;
    if (isEmpty ? this.#firstGap : this.#entries.at(-1).gap) return false;
    this.isComplete = false;
    const gap = Object.freeze({ gap: true, at });
    if (isEmpty) this.#firstGap = gap;
    else this.#entries.push(gap);
    this.#changed();
    return true;
  }

  /** A gap that followed the text now follows the first one, or is the first. */
  #dropText() {
    this.#texts -= 1;
    this.#start += 1;
    const next = this.#entries[this.#start];
    if (next?.gap) {
      this.#firstGap ??= next;
      this.#start += 1;
    }
    if (this.#start < FEWEST_TO_MOVE || this.#start * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#start);
    this.#start = 0;
  }

  #changed() {
    const entries = this.#entries;
    const start = this.#start;
    const end = entries.length;
    const first = this.#firstGap ? [this.#firstGap] : [];
    let log;
    this.read = () => (log ??= Object.freeze(first.concat(entries.slice(start, end))));
  }
}
