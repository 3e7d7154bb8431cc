// Where the agent writes. Each session keeps its own draft.

import { byId } from "../dom.js";
import { isLive } from "../store.js";

/** @param {(session: object, text: string) => void} onSend */
export function mountComposer(store, onSend) {
  const form = byId("composer");
  const input = byId("composer-input");
  /** By the session's id. */
  const drafts = new Map();
  let shownId;

  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const session = store.selected;
    const text = input.value.trim();
    if (!text || !session?.can("SendMessage")) return;
    input.value = "";
    onSend(session, text);
  });

  /** Another session has its own draft, and none keeps one for ever. */
  function change(id) {
    drafts.set(shownId, input.value);
    for (const known of drafts.keys()) if (!store.sessions.some((session) => session.id === known)) drafts.delete(known);
    shownId = id;
    input.value = drafts.get(id) ?? "";
  }

  store.addEventListener("change", () => {
    const session = store.selected;
    if (session?.id !== shownId) change(session?.id);
    form.hidden = !session;
    if (!session) return;
    const isOpen = session.can("SendMessage");
    input.readOnly = byId("send-button").disabled = !isOpen; // a disabled field would drop the focus of whoever is writing in it
    input.placeholder = isOpen ? "Write a message" : reason(session);
  });
}

const reason = (session) => (isLive(session) ? "The server allows no messages in this session now" : "This session is completed");
