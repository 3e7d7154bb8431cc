// One entry of a transcript: a text, an own text and what has become of it, or a place where texts may be missing.

import { el, time } from "../dom.js";
import { advice } from "../words.js";

/** A longer text is shown in part: one message must not slow the page for an eight-hour shift. */
const MOST_SHOWN = 1_200;

const DELIVERY = {
  sending: "Sending…",
  accepted: "Accepted by the server",
  missed: "Accepted by the server; its arrival was missed",
  failed: "Not sent.",
  unknown: "Outcome unknown.",
};

/**
 * @param {object} entry as `DeskStore.conversation` gives them
 * @param {{ isOwn: boolean, sender: string, onSendAgain?: (own: object) => void, onDiscard: (own: object) => void }} about `sender` is whose text it is if it is not our own
 */
export function entryElement(entry, about) {
  return entry.gap ? gapElement(entry) : textElement(entry, about);
}

function textElement(entry, { isOwn, sender, ...actions }) {
  return el(
    "li",
    { class: "entry", "data-testid": "transcript-entry", "data-direction": isOwn ? "outgoing" : "unknown", "data-delivery": entry.delivery ?? "delivered" },
    el("p", { class: "entry-meta" }, el("span", { class: "server-text" }, isOwn ? "You" : sender), time(entry.receivedAt ?? entry.at)),
    bubble(entry.text),
    ...(entry.delivery ? [delivery(entry, actions)] : []),
  );
}

function delivery(own, { onSendAgain, onDiscard }) {
  const { error } = own;
  if (!error) return el("p", { class: "delivery" }, DELIVERY[own.delivery]);
  const words = el("p", {}, el("b", {}, DELIVERY[own.delivery]), " ", el("span", { class: "server-text" }, [error.message, advice(error)].filter(Boolean).join(" ")), " ", el("code", { class: "tag", "data-testid": "entry-code" }, error.code));
  const buttons = el("p", { class: "delivery-actions" }, ...(onSendAgain ? [button("Send again", "entry-send-again", () => onSendAgain(own))] : []), button("Discard", "entry-discard", () => onDiscard(own)));
  return el("div", { class: "delivery" }, words, buttons);
}

function button(label, testid, action) {
  const element = el("button", { type: "button", class: "button small", "data-testid": testid }, label);
  element.addEventListener("click", action);
  return element;
}

function bubble(text) {
  const body = el("p", { class: "bubble server-text", dir: "auto", "data-testid": "entry-text" }, text.slice(0, MOST_SHOWN));
  if (text.length <= MOST_SHOWN) return body;
  const more = el("button", { type: "button", class: "button small", "data-testid": "entry-more" }, `Show all ${text.length.toLocaleString()} characters`);
  more.addEventListener("click", () => body.replaceChildren(text));
  body.append("… ", more);
  return body;
}

/** GWS keeps no texts, so that none of them can be asked for. */
function gapElement({ at }) {
  return el("li", { class: "gap", "data-testid": "transcript-gap" }, el("span", {}, "Texts may be missing here · ", time(at, "second")));
}
