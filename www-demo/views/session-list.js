// The list of sessions, live ones first. It is brought up to date in place, so that the focus stays where the agent has put it.

import { announce, arrange, byId, el, hiddenText, time } from "../dom.js";
import { isLive } from "../store.js";
import { partner } from "../words.js";
import { moveByArrowKeys } from "./arrow-keys.js";

/** @param {(id: string) => void} onSelect the agent has chosen one */
export function mountSessionList(store, onSelect) {
  const items = new Map();

  moveByArrowKeys(byId("session-list"), "button");

  store.addEventListener("change", ({ detail: { begun } }) => {
    const { sessions } = store;
    for (const session of begun.filter(isLive)) announce(`New session with ${partner(session)}`);
    arrange(byId("session-list"), sessions.map(show));
    for (const id of items.keys()) if (!sessions.some((one) => one.id === id)) items.delete(id);
    byId("no-sessions").hidden = sessions.length > 0;
    const live = store.live.length;
    byId("sessions-count").textContent = live ? `${live} live` : "";
    showUnread(sessions.reduce((sum, one) => sum + store.unread(one), 0));
  });

  function show(session) {
    const item = items.get(session.id) ?? create(session.id);
    item.element.dataset.state = session.state;
    const { button } = item;
    const isCurrent = session === store.selected;
    button.setAttribute("aria-current", String(isCurrent));
    button.tabIndex = session === (store.selected ?? store.sessions[0]) ? 0 : -1;
    const unread = store.unread(session);
    if (item.session !== session || item.unread !== unread) button.replaceChildren(...content(session, store));
    Object.assign(item, { session, unread });
    return item.element;
  }

  function create(id) {
    const button = el("button", { type: "button", class: "session-button" });
    button.addEventListener("click", () => onSelect(id));
    const item = { button, element: el("li", { class: "session-item", "data-testid": "session-item", "data-session-id": id }, button) };
    items.set(id, item);
    return item;
  }
}

function content(session, store) {
  const last = session.log.findLast((entry) => !entry.gap);
  const preview = last ? `${store.isOwn(last) ? "You: " : ""}${last.text.slice(0, 80)}` : "No messages yet";
  const unread = store.unread(session);
  const parts = [
    el("span", { class: "avatar", "aria-hidden": "true" }, partner(session).slice(-2)),
    el("span", { class: "session-name server-text" }, partner(session)),
    time(last?.receivedAt ?? store.since(session)),
    el("span", { class: "session-preview server-text", dir: "auto" }, preview),
    el("span", { class: "badge", "data-live": String(isLive(session)) }, session.state || "Unknown"),
  ];
  if (unread) parts.push(el("span", { class: "unread" }, String(Math.min(unread, 999)), hiddenText(" unread messages")));
  return parts;
}

function showUnread(unread) {
  document.title = unread ? `(${unread}) Agent desktop` : "Agent desktop";
  byId("tab-unread").hidden = unread === 0;
}
