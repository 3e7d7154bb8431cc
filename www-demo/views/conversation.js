// The selected session: who it is with, its transcript, and the button that ends it.

import { announce, byId, el, hide } from "../dom.js";
import { isLive } from "../store.js";
import { partner } from "../words.js";
import { EndFollower } from "./end-follower.js";
import { entryElement } from "./entry.js";

/** @param {{ onComplete: (session: object) => void, onSendAgain: (session: object, own: object) => void, onDiscard: (session: object, own: object) => void }} actions */
export function mountConversation(store, { onComplete, onSendAgain, onDiscard }) {
  const place = byId("transcript-place");
  const blank = byId("no-conversation");
  const jump = byId("jump-to-end");
  let shownId;
  let transcript;

  byId("complete-button").addEventListener("click", () => onComplete(store.selected));
  jump.addEventListener("click", () => transcript.toEnd());

  store.addEventListener("change", () => {
    const session = store.selected;
    if (session?.id !== shownId) begin(session);
    if (session) transcript.show(session);
    showHead(session);
  });

  /** A new live region each time: screen readers read what is added to one, not what it is born with. */
  function begin(session) {
    shownId = session?.id;
    jump.hidden = true;
    transcript = session && new Transcript(store, session, jump, { onSendAgain, onDiscard });
    place.replaceChildren(transcript?.element ?? blank);
    transcript?.toEnd();
  }
}

function showHead(session) {
  const state = byId("conversation-state");
  byId("conversation-title").textContent = session ? partner(session) : "Conversation";
  state.hidden = !session;
  state.textContent = session?.state || "Unknown";
  state.dataset.live = String(Boolean(session && isLive(session)));
  byId("conversation-incomplete").hidden = !session || session.logComplete;
  if (session?.can("Complete")) byId("complete-button").hidden = false;
  else hide(byId("complete-button"), byId("conversation-title"));
}

class Transcript {
  #store;
  #session;
  #actions;
  #end;
  #entries = [];
  /** By entry: an entry never changes, so neither does its element. */
  #elements = new Map();
  #list = el("ol", { class: "entries", role: "list" });

  /** @param {HTMLElement} jump leads whoever has scrolled up to read back to the end */
  constructor(store, session, jump, actions) {
    this.#store = store;
    this.#session = session;
    this.#actions = actions;
    this.element = el("div", { class: "transcript", role: "log", tabindex: "0", "aria-label": `Conversation with ${partner(session)}`, "data-testid": "transcript" }, this.#list);
    this.#end = new EndFollower(this.element, (atEnd) => {
      jump.hidden = atEnd || !this.element.isConnected;
    });
  }

  show(session) {
    this.#session = session;
    const entries = this.#store.conversation(session);
    if (entries.length === this.#entries.length && entries.every((entry, index) => entry === this.#entries[index])) return;
    this.#entries = entries;
    this.#keepFocus(() => this.#arrange(entries));
    this.#end.follow();
  }

  toEnd() {
    this.#end.toEnd();
  }

  #arrange(entries) {
    const wanted = new Set(entries);
    for (const [entry, element] of this.#elements) {
      if (wanted.has(entry)) continue;
      element.remove();
      this.#elements.delete(entry);
    }
    let next = this.#list.firstElementChild;
    for (const entry of entries) {
      const element = this.#elementOf(entry);
      if (element === next) next = next.nextElementSibling;
      else this.#list.insertBefore(element, next);
    }
  }

  /** The button that was pressed goes with the entry it stood in. */
  #keepFocus(change) {
    const hadFocus = this.#list.contains(document.activeElement);
    change();
    if (hadFocus && !this.#list.contains(document.activeElement)) this.element.focus();
  }

  #elementOf(entry) {
    if (!this.#elements.has(entry)) {
      this.#elements.set(entry, entryElement(entry, { isOwn: this.#store.isOwn(entry), sender: partner(this.#session), ...this.#offers() }));
      if (entry.error) announce(`Your message: ${entry.error.message}`, { urgent: true });
    }
    return this.#elements.get(entry);
  }

  #offers() {
    return {
      onSendAgain: this.#session.can("SendMessage") ? (own) => this.#actions.onSendAgain(this.#session, own) : undefined,
      onDiscard: (own) => this.#actions.onDiscard(this.#session, own),
    };
  }
}
