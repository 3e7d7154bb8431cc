// The selected session: who it is with, its transcript, and the button that ends it.

import { byId, el, hide, time } from "../dom.js";
import { isLive, partner } from "../store.js";
import { EndFollower } from "./end-follower.js";

/** A longer text is shown in part: one message must not slow the page for an eight-hour shift. */
const MOST_SHOWN = 1_200;

export function mountConversation(store, { onComplete }) {
  const place = byId("transcript-place");
  const blank = byId("no-conversation");
  const jump = byId("jump-to-end");
  let shown;
  let transcript;

  byId("complete-button").addEventListener("click", () => onComplete(store.selected));
  jump.addEventListener("click", () => transcript.toEnd());

  function update({ what, session, entry }) {
    if (store.selected !== shown) return show(store.selected);
    if (!shown || session !== shown) return;
    if (what === "entry") transcript.put(entry);
    else showHead(shown);
  }

  /** A new live region each time: screen readers read what is added to one, not what it is born with. */
  function show(session) {
    shown = session;
    jump.hidden = true;
    transcript = session && new Transcript(session, jump);
    place.replaceChildren(transcript?.element ?? blank);
    transcript?.toEnd();
    showHead(session);
  }

  store.addEventListener("change", ({ detail }) => update(detail));
}

function showHead(session) {
  const state = byId("conversation-state");
  byId("conversation-title").textContent = session ? partner(session) : "Conversation";
  state.hidden = !session;
  state.textContent = session?.state || "Unknown";
  state.dataset.live = String(Boolean(session && isLive(session)));
  if (session && isLive(session) && session.capabilities.includes("Complete")) byId("complete-button").hidden = false;
  else hide(byId("complete-button"), byId("conversation-title"));
}

class Transcript {
  #session;
  #end;
  #elements = new Map();
  #list = el("ol", { class: "entries", role: "list" });

  /** @param {HTMLElement} jump leads whoever has scrolled up to read back to the end */
  constructor(session, jump) {
    this.#session = session;
    this.element = el("div", { class: "transcript", role: "log", tabindex: "0", "aria-label": `Conversation with ${partner(session)}`, "data-testid": "transcript" }, this.#list);
    this.#end = new EndFollower(this.element, (atEnd) => {
      jump.hidden = atEnd || !this.element.isConnected;
    });
    for (const entry of session.entries) this.#list.append(this.#render(entry));
  }

  /** Adds an entry, or shows what has become of one. */
  put(entry) {
    const old = this.#elements.get(entry);
    const element = this.#render(entry);
    const isLast = this.#session.entries.at(-1) === entry;
    if (old && isLast && old === this.#list.lastElementChild) old.replaceWith(element);
    else if (old && !isLast) old.replaceWith(element);
    else {
      old?.remove();
      this.#list.append(element);
    }
    this.#forget();
    this.#end.follow();
  }

  toEnd() {
    this.#end.toEnd();
  }

  #render(entry) {
    const element = entry.gap ? gapElement(entry.gap) : textElement(entry, this.#session);
    this.#elements.set(entry, element);
    return element;
  }

  /** The store keeps so many entries; neither does the page keep more. */
  #forget() {
    for (const [entry, element] of this.#elements) {
      if (this.#elements.size <= this.#session.entries.length) return;
      if (this.#session.entries.includes(entry)) continue;
      element.remove();
      this.#elements.delete(entry);
    }
  }
}

const DELIVERY = { sending: "Sending…", accepted: "Sent", failed: "Not sent" };

function textElement(entry, session) {
  const outgoing = entry.direction === "outgoing";
  const words = DELIVERY[entry.delivery];
  return el(
    "li",
    { class: "entry", "data-testid": "transcript-entry", "data-direction": entry.direction, "data-delivery": entry.delivery },
    el("p", { class: "entry-meta" }, el("span", { class: "server-text" }, outgoing ? "You" : partner(session)), time(entry.at)),
    bubble(entry.text),
    ...(words ? [el("p", { class: "delivery" }, words)] : []),
  );
}

function bubble(text) {
  const body = el("p", { class: "bubble server-text", dir: "auto", "data-testid": "entry-text" }, text.slice(0, MOST_SHOWN));
  if (text.length <= MOST_SHOWN) return body;
  const more = el("button", { type: "button", class: "button small" }, `Show all ${text.length.toLocaleString()} characters`);
  more.addEventListener("click", () => body.replaceChildren(text));
  body.append("… ", more);
  return body;
}

function gapElement({ since, until }) {
  return el("li", { class: "gap", "data-testid": "transcript-gap" }, el("span", {}, "Texts may be missing: ", time(since, "second"), " to ", time(until, "second")));
}
