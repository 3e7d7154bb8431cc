// Where the agent writes. Each session keeps its own draft.

import { byId } from "../dom.js";
import { isLive } from "../store.js";

/** @param {(session: object, text: string) => Promise<boolean>} onSend resolves with false when the text was not sent */
export function mountComposer(store, onSend) {
  const form = byId("composer");
  const input = byId("composer-input");
  const drafts = new WeakMap();
  let shown;

  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const session = shown;
    const text = input.value.trim();
    if (!text || !maySend(session)) return;
    setDraft(session, "");
    if (!(await onSend(session, text)) && !draftOf(session)) setDraft(session, text);
  });

  function setDraft(session, text) {
    drafts.set(session, text);
    if (session === shown) input.value = text;
  }

  const draftOf = (session) => (session === shown ? input.value : drafts.get(session));

  function update() {
    const session = store.selected;
    if (session !== shown) {
      if (shown) drafts.set(shown, input.value);
      shown = session;
      input.value = (session && drafts.get(session)) ?? "";
    }
    form.hidden = !session;
    if (!session) return;
    const open = maySend(session);
    input.readOnly = byId("send-button").disabled = !open; // a disabled field would drop the focus of whoever is writing in it
    input.placeholder = open ? "Write a message" : reason(session);
  }

  store.addEventListener("change", ({ detail: { what } }) => {
    if (what !== "entry") update();
  });
}

const maySend = (session) => isLive(session) && session.capabilities.includes("SendMessage");

const reason = (session) => (isLive(session) ? "The server allows no messages in this session now" : "This session is completed");
