// What this client has sent lately, to know it again when it arrives, and to log it where it can't arrive any more: GWS does not name the sender of a text.

import { BoundedMap } from "./bounded-map.js";

/** How long a text is waited for once it is known what became of it, ms. */
const RECENT = 10_000;
/** Texts that are waited for, and their characters. */
const MOST_TEXTS = 1_000;
const MOST_CHARACTERS = 4_000_000;

export class SentTexts {
  /** In the order they were sent, each its own key: { id, text, gaps, since, acceptedAt, isLogged }, with how often texts may have been missed before it
   *  was sent, and since when it is waited for so long and no longer. */
  #sent = new BoundedMap(MOST_TEXTS, MOST_CHARACTERS);
  #gaps = 0;
  #isListening = false;
  #now;

  constructor(now) {
    this.#now = now;
  }

  get isListening() {
    return this.#isListening;
  }

  /** While nobody listens nothing can arrive. What was sent has its time afterwards. */
  set isListening(isListening) {
    this.#forgetOld();
    if (isListening && !this.#isListening) {
      for (const sent of this.#sent.values) if (isAnswered(sent) && !sent.isLogged) sent.since = this.#now();
    }
    this.#isListening = isListening;
  }

  add(id, text) {
    const sent = { id, text, gaps: this.#gaps, since: undefined, acceptedAt: undefined, isLogged: false };
    this.#sent.set(sent, sent, text.length);
    return sent;
  }

  delete(sent) {
    this.#sent.delete(sent);
  }

  accepted(sent) {
    this.answered(sent);
    sent.acceptedAt = sent.since;
  }

  /** It was sent on, or nobody will ever know. */
  answered(sent) {
    sent.since = this.#now();
  }

  /** Texts may have been missed, and with them some of these. */
  gap() {
    this.#gaps += 1;
  }

  /** Whether what has just been accepted has not arrived, and may have been missed. */
  isLost(sent) {
    return this.#sent.has(sent) && sent.gaps < this.#gaps;
  }

  /** What was accepted and has not arrived when texts of a session may have been missed. */
  unheard(id) {
    this.#forgetOld();
    return this.#sent.values.filter((sent) => sent.id === id && sent.acceptedAt !== undefined && !sent.isLogged);
  }

  /** Logged in place of what can't arrive. Should it arrive all the same, it counts once. */
  entryOf(sent) {
    sent.isLogged = true;
    this.answered(sent);
    return { text: sent.text, receivedAt: sent.acceptedAt, direction: "probably-outgoing" };
  }

  /** Takes such a text, if one was sent: each counts once, and one that has been logged after all others. */
  take(id, text) {
    this.#forgetOld();
    const fitting = this.#sent.values.filter((sent) => sent.id === id && sent.text === text);
    const sent = fitting.find(({ isLogged }) => !isLogged) ?? fitting[0];
    this.#sent.delete(sent);
    return sent;
  }

  /** The clock may have been set back. */
  #forgetOld() {
    for (const sent of this.#sent.values) {
      const isHeld = !isAnswered(sent) || (!this.#isListening && !sent.isLogged);
      if (!isHeld && Math.abs(this.#now() - sent.since) > RECENT) this.#sent.delete(sent);
    }
  }
}

function isAnswered({ since }) {
  return since !== undefined;
}
