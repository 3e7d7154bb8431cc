// The drawer of things to break. It lies beside the desktop and takes no focus, so that one can watch what a fault does.

import { byId, el, icon } from "../dom.js";

const TOPIC = "/v2/me/im-sessions";

/** Named as in a test; each `run` gets the simulator, the agent and the selected session. */
const FAULTS = [
  ["expire", "expired", "Expire my session", "A new handshake; everything is subscribed again.", ({ simulator, agent }) => simulator.expireSession(agent.name)],
  ["cut", "cut", "Cut all connections", "The lost reply is asked for again, nothing is lost.", ({ simulator }) => simulator.cutConnections()],
  ["socket", "disconnected", "Kill the WebSocket", "Back to long-polling at once, in the same session.", ({ simulator, agent }) => simulator.disturbSockets(agent.name, "kill")],
  ["stall", "expired", "Stall the WebSocket", "Open, but silent: found out by the answer that does not come.", ({ simulator, agent }) => simulator.disturbSockets(agent.name, "stall")],
  ["503", "busy", "Answer 503, four times", "An overloaded server: watch the retries back off.", overload],
  ["restart", "undo", "Restart the server", "Nobody listens for 8 seconds.", ({ simulator }) => simulator.restart(8_000)],
  ["logout", "logout", "End my login", "The channel waits for the password, then goes on.", endLogin],
  ["hostile", "code", "Send hostile texts", "Markup, right-to-left override, endless words.", sendHostileTexts],
  ["unknown", "unknown", "Send an unknown type", "It arrives as the event “unknown”.", sendUnknownType],
  ["flood", "flood", "Send 1,000 texts at once", "Lists stay bounded, the page stays quick.", (desk) => sendTexts(desk, ["Text {{n}} of 1,000"], 1_000)],
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

/** A held poll is an old request: it is cut, so that the next one meets the fault now and not in half a minute. */
async function overload({ simulator, agent }) {
  await simulator.answerNext("connect", agent.name, 4, 503);
  await simulator.cutConnections();
}

async function endLogin({ simulator, agent }) {
  await simulator.endLogin(agent.name);
  await simulator.cutConnections();
}

function sendUnknownType({ simulator, agent }) {
  return simulator.publish(agent.name, TOPIC, { messageType: "IMTypingMessage", notificationType: "Started" });
}

async function sendHostileTexts(desk) {
  const { simulator, agent, session } = desk;
  await sendTexts(desk, [
    `<img src="x" onerror="document.body.textContent='owned'"><script>alert(1)</script>`,
    "Right to left: \u202Egnihton si siht\u202E, and the line goes on",
    `Endless${"word".repeat(80)}`,
    "👩🏽‍🚀🏳️‍🌈🇪🇺 Z\u0351\u036B\u0343\u036A\u0302\u036B\u033D\u034Fa\u0334\u0319\u0324\u031E\u0349\u0356\u0325l\u0337\u0319\u0326\u0326g\u0335\u0316\u0331\u0349o\u0336\u0331\u0325\u033A",
    "A very long text. ".repeat(1_000),
  ]);
  const userData = { ...session?.userData, "<b>key</b>": "<script>alert(1)</script>", ["__proto__"]: "polluted", ["long".repeat(30)]: { nested: ["value", 1, null] } };
  if (session) await simulator.publish(agent.name, TOPIC, stateChange("AttachedDataChanged", { ...session, userData }));
}

async function sendTexts({ simulator, agent, session }, texts, count = 1) {
  const imSessionPath = session?.path ?? "/im-sessions/0000000000000000000000";
  for (const message of texts) {
    await simulator.publish(agent.name, TOPIC, { messageType: "IMLogUpdateMessage", notificationType: "NewMessage", imSessionPath, message }, count);
  }
}

const stateChange = (notificationType, { id, path, state, capabilities, participants, userData }) => ({
  messageType: "IMSessionStateChangeMessage",
  notificationType,
  imSession: { id, path, state, capabilities, participants, userData },
});
