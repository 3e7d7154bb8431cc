// What is known of the selected session: capabilities and facts. The table of user data is next door, in user-data.js.

import { byId, el, hiddenText, icon, time } from "../dom.js";
import { participantName } from "../words.js";

/** In the order an agent thinks of them; whatever else the server lists comes after. */
const CAPABILITIES = new Map([
  ["SendMessage", "Send messages"],
  ["AttachUserData", "Attach data"],
  ["UpdateUserData", "Change data"],
  ["DeleteUserData", "Delete data"],
  ["Complete", "End the chat"],
]);
/** Of what a server may list without end. */
const MOST_LISTED = 30;

export function mountDetails(store) {
  let shown;

  store.addEventListener("change", () => {
    const session = store.selected;
    byId("no-details").hidden = Boolean(session);
    byId("details-body").hidden = !session;
    if (!session || session === shown) return;
    if (session.id !== shown?.id) byId("details-body").scrollTop = 0;
    shown = session;
    byId("capabilities").replaceChildren(...capabilityItems(session));
    byId("facts").replaceChildren(...facts(session, store.since(session)));
  });
}

function capabilityItems(session) {
  const names = new Set([...CAPABILITIES.keys(), ...session.capabilities]);
  return [...names].slice(0, MOST_LISTED).map((name) => capabilityItem(name, session.can(name)));
}

function capabilityItem(name, available) {
  return el(
    "li",
    { class: "capability", "data-available": String(available), "data-name": name, "data-testid": available ? "capability" : undefined },
    icon(available ? "check" : "dash"),
    el("span", { class: "server-text" }, CAPABILITIES.get(name) ?? name),
    ...(available ? [] : [hiddenText(" (not now)")]),
  );
}

function facts(session, since) {
  return [
    fact("State", session.state || "Unknown"),
    fact("Participants", session.participants.slice(0, MOST_LISTED).map(participantName).join(", ") || "Unknown"),
    fact("Texts", session.logComplete ? "Complete since the chat began" : "Incomplete: GWS keeps none to read again", "log-complete"),
    fact("Seen since", time(since)),
    fact("Id", el("code", { class: "server-text" }, session.id)),
  ];
}

const fact = (name, value, testid) => el("div", {}, el("dt", {}, name), el("dd", { class: "server-text", "data-testid": testid }, value));
