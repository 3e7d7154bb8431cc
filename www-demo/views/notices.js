// Short messages to the agent. A confirmation goes by itself; what went wrong stays until it is dismissed, and newer ones push out the oldest.

import { announce, byId, el, icon } from "../dom.js";
import { advice } from "../words.js";

const MOST_NOTICES = 3;
const SHOWN_MS = 6_000;

export function mountNotices() {
  const list = byId("notices");

  function show(look, text, extra, code) {
    const close = el("button", { type: "button", class: "button icon-only", "aria-label": "Dismiss" }, icon("close"));
    const body = el("p", {}, el("b", {}, text), ...(extra ? [" ", el("span", { class: "server-text" }, extra)] : []), ...(code ? [" ", el("code", { class: "tag", "data-testid": "notice-code" }, code)] : []));
    const notice = el("li", { class: "notice", "data-look": look, "data-testid": "notice" }, icon(look === "bad" ? "warning" : "info"), body, close);
    close.addEventListener("click", () => notice.remove());
    list.append(notice);
    while (list.children.length > MOST_NOTICES) list.firstElementChild.remove();
    announce(`${text} ${extra ?? ""}`, { urgent: look === "bad" });
    return notice;
  }

  return {
    tell(text) {
      const notice = show("good", text);
      setTimeout(() => notice.remove(), SHOWN_MS);
    },
    /** What failed, why, and what to do about it. Returns a function that takes it back. */
    warn(text, error) {
      const notice = show("bad", `${text}.`, [error.message, error.code ? advice(error) : ""].filter(Boolean).join(" "), error.code);
      return () => notice.remove();
    },
    clear() {
      list.replaceChildren();
    },
  };
}
