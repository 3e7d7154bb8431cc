// What is known of the selected session: capabilities and facts. The table of user data is next door, in user-data.js.

import { byId, el, hiddenText, icon, time } from "../dom.js";
import { isLive } from "../store.js";

/** In the order an agent thinks of them; whatever else the server lists comes after. */
const CAPABILITIES = new Map([
  ["SendMessage", "Send messages"],
  ["AttachUserData", "Attach data"],
  ["UpdateUserData", "Change data"],
  ["DeleteUserData", "Delete data"],
  ["Complete", "End the chat"],
]);

export function mountDetails(store) {
  store.addEventListener("change", ({ detail: { what } }) => {
    if (what === "entry") return;
    const session = store.selected;
    byId("no-details").hidden = Boolean(session);
    byId("details-body").hidden = !session;
    if (!session) return;
    byId("capabilities").replaceChildren(...capabilityItems(session));
    byId("facts").replaceChildren(...facts(session));
  });
}

/** The state decides: a completed session still lists what was allowed in it. */
function capabilityItems(session) {
  const names = new Set([...CAPABILITIES.keys(), ...session.capabilities]);
  return [...names].map((name) => capabilityItem(name, isLive(session) && session.capabilities.includes(name)));
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

function facts(session) {
  return [
    fact("State", session.state || "Unknown"),
    fact("Participants", session.participants.map(participantText).join(", ") || "Unknown"),
    fact("Seen since", time(session.since)),
    fact("Id", el("code", { class: "server-text" }, session.id)),
  ];
}

const fact = (name, value) => el("div", {}, el("dt", {}, name), el("dd", { class: "server-text" }, value));

const participantText = ({ formattedPhoneNumber, phoneNumber, digits }) => formattedPhoneNumber || phoneNumber || digits || "without a number";
