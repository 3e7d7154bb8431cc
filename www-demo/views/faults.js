// The drawer of things to break. It lies beside the desktop and takes no focus, so that one can watch what a fault does.

import { byId, el, icon } from "../dom.js";
import { forceGap, keepListBack, loseMessage, overload, refuseMessage, endLogin } from "../faults.js";
import { floodTexts, sendHostileTexts, sendUnknownType } from "../hostile.js";

/** Named as in a test; each `run` gets the simulator, the agent and the selected session. */
const FAULTS = [
  ["gap", "gap", "Lose a text in a gap", "My session expires, and a text is sent meanwhile: it is shown as missing.", forceGap],
  ["expire", "expired", "Expire my session", "A new handshake; everything is subscribed again, the list read again.", ({ simulator, agent }) => simulator.expireSession(agent.name)],
  ["cut", "cut", "Cut all connections", "The lost reply is asked for again, nothing is lost.", ({ simulator }) => simulator.cutConnections()],
  ["socket", "disconnected", "Kill the WebSocket", "Back to long-polling at once, in the same session.", ({ simulator, agent }) => simulator.disturbSockets(agent.name, "kill")],
  ["stall", "expired", "Stall the WebSocket", "Open, but silent: found out by the answer that does not come.", ({ simulator, agent }) => simulator.disturbSockets(agent.name, "stall")],
  ["503", "busy", "Answer 503, four times", "An overloaded server: watch the retries back off.", overload],
  ["restart", "undo", "Restart the server", "Nobody listens for 8 seconds.", ({ simulator }) => simulator.restart(8_000)],
  ["logout", "logout", "End my login", "The channel waits for the password, then goes on.", endLogin],
  ["outcome", "unknown", "Break the line under a message", "Nobody knows whether the next one gets through.", loseMessage],
  ["refuse", "dash", "Refuse the next message", "Genesys says no, with a statusCode.", refuseMessage],
  ["list", "chats", "Keep the list back", "After a gap the list can’t be read, and says so. Read it again.", keepListBack],
  ["hostile", "code", "Send hostile texts", "Markup, right-to-left override, 100 KB, 1,000 keys.", sendHostileTexts],
  ["unknown", "unknown", "Send an unknown type", "It arrives as the event “unknown”.", sendUnknownType],
  ["flood", "flood", "Send 1,000 texts at once", "Lists stay bounded, the page stays quick.", floodTexts],
  ["forget", "check", "Stop misbehaving", "Forgets what is still waiting to go wrong.", ({ simulator }) => simulator.forgetFaults()],
];

/** @param {(name: string, fault: () => Promise<unknown>) => void} attempt runs a fault and reports when it fails; `context` tells what it works on */
export function mountFaults(context, attempt) {
  const drawer = byId("faults");
  const toggle = byId("faults-toggle");

  const open = (wanted) => {
    drawer.hidden = !wanted;
    toggle.setAttribute("aria-expanded", String(wanted));
  };
  toggle.addEventListener("click", () => open(drawer.hidden));
  const close = () => {
    open(false);
    toggle.focus();
  };
  byId("faults-close").addEventListener("click", close);
  drawer.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  byId("fault-list").append(...FAULTS.map(([name, picture, title, says, run]) => faultItem(name, picture, title, says, () => attempt(title, () => run(context())))));

  return (available) => {
    toggle.hidden = !available;
    open(false);
  };
}

function faultItem(name, picture, title, says, action) {
  const text = el("span", { class: "fault-text" }, el("b", {}, title), el("span", {}, says));
  const button = el("button", { type: "button", class: "fault", "data-testid": `fault-${name}` }, icon(picture), text);
  button.addEventListener("click", action);
  return el("li", {}, button);
}
