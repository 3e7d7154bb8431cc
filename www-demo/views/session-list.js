// The list of sessions, newest first. It is brought up to date in place, so that the focus stays where the agent has put it.

import { announce, arrange, byId, el, hiddenText, time } from "../dom.js";
import { isLive, partner } from "../store.js";
import { moveByArrowKeys } from "./arrow-keys.js";

/** @param {(id: string) => void} onSelect the agent has chosen one */
export function mountSessionList(store, onSelect) {
  const items = new Map();
  let queued = false;

  function update() {
    queued = false;
    const { sessions } = store;
    arrange(byId("session-list"), sessions.map(show));
    for (const id of items.keys()) if (!sessions.some((one) => one.id === id)) items.delete(id);
    byId("no-sessions").hidden = sessions.length > 0;
    const live = store.live.length;
    byId("sessions-count").textContent = live ? `${live} live` : "";
    showUnread(sessions.reduce((sum, one) => sum + one.unread, 0));
  }

  function show(session) {
    const item = items.get(session.id) ?? create(session.id);
    item.dataset.state = session.state;
    const button = item.firstElementChild;
    button.setAttribute("aria-current", String(session === store.selected));
    button.tabIndex = session === (store.selected ?? store.sessions[0]) ? 0 : -1;
    button.replaceChildren(...content(session));
    return item;
  }

  function create(id) {
    const button = el("button", { type: "button", class: "session-button" });
    button.addEventListener("click", () => onSelect(id));
    const item = el("li", { class: "session-item", "data-testid": "session-item", "data-session-id": id }, button);
    items.set(id, item);
    return item;
  }

  moveByArrowKeys(byId("session-list"), "button");

  /** A thousand texts in one reply are one update. */
  store.addEventListener("change", ({ detail: { what, session } }) => {
    if (what === "new") announce(`New session with ${partner(session)}`);
    if (!queued) queueMicrotask(update);
    queued = true;
  });
}

function content(session) {
  const last = session.entries.findLast((entry) => entry.text !== undefined);
  const preview = last ? `${last.direction === "outgoing" ? "You: " : ""}${last.text.slice(0, 80)}` : "No messages yet";
  const parts = [
    el("span", { class: "avatar", "aria-hidden": "true" }, partner(session).slice(-2)),
    el("span", { class: "session-name server-text" }, partner(session)),
    time(last?.at ?? session.since),
    el("span", { class: "session-preview server-text", dir: "auto" }, preview),
    el("span", { class: "badge", "data-live": String(isLive(session)) }, session.state || "Unknown"),
  ];
  if (session.unread) parts.push(el("span", { class: "unread" }, String(Math.min(session.unread, 999)), hiddenText(" unread messages")));
  return parts;
}

function showUnread(unread) {
  document.title = unread ? `(${unread}) Agent desktop` : "Agent desktop";
  byId("tab-unread").hidden = unread === 0;
}
