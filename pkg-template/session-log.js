// The log of one IM session: the newest texts in order of arrival, and where texts may be missing between them.

/** Dropped entries that may still take room before the rest moves together. */
const FEWEST_TO_MOVE = 32;

export class SessionLog {
  /** Only ever appended to, so that its moments can share it: the log is what stands from #start on. */
  #entries = [];
  #start = 0;
  #texts = 0;
  #mostTexts;
  /** A gap before everything in #entries. It outlives the texts around it. */
  #firstGap;
  #isComplete = true;
  /** The log as it is now: another one after every change. */
  moment;

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
    const gap = gapAt(at);
    if (isEmpty) this.#firstGap = gap;
    else this.#entries.push(gap);
    this.#isComplete = false;
    this.#changed();
    return true;
  }

  /** Texts may be missing before all that are there. */
  addFirstGap(at) {
    this.#firstGap ??= gapAt(at);
    this.#isComplete = false;
    this.#changed();
  }

  /** Nothing was missing before all that are there, and since then nothing was. Returns whether anything changed. */
  removeFirstGap() {
    if (!this.#firstGap) return false;
    this.#firstGap = undefined;
    this.#isComplete = true;
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
    this.moment = new Moment(this.#firstGap, this.#entries, this.#start, this.#isComplete);
  }
}

/** A log at one moment, which is put together when it is first read. */
class Moment {
  #firstGap;
  #shared;
  #start;
  #end;
  #entries;

  constructor(firstGap, shared, start, isComplete) {
    this.#firstGap = firstGap;
    this.#shared = shared;
    this.#start = start;
    this.#end = shared.length;
    this.isComplete = isComplete;
  }

  get entries() {
    this.#entries ??= Object.freeze([...(this.#firstGap ? [this.#firstGap] : []), ...this.#shared.slice(this.#start, this.#end)]);
    return this.#entries;
  }
}

function gapAt(at) {
  return Object.freeze({ gap: true, at });
}
