// Notifications that nobody should send, published by the simulator as if Genesys had: whatever is in them has to stay text.

const TOPIC = "/v2/me/im-sessions";
/** When no session is selected: texts of one that nobody knows. */
const NOBODYS_PATH = "/im-sessions/0000000000000000000000";

const TEXTS = [
  `<img src="x" onerror="document.body.textContent='owned'"><script>alert(1)</script>`,
  "Right to left: \u202Egnihton si siht\u202E, and the line goes on",
  `Endless${"word".repeat(80)}`,
  "👩🏽‍🚀🏳️‍🌈🇪🇺 Z\u0351\u036B\u0343\u036A\u0302\u036B\u033D\u034Fa\u0334\u0319\u0324\u031E\u0349\u0356\u0325l\u0337\u0319\u0326\u0326g\u0335\u0316\u0331\u0349o\u0336\u0331\u0325\u033A",
  "A very long text. ".repeat(5_700),
];

/** Other than these there are a thousand keys. */
const USER_DATA = {
  "<b>key</b>": "<script>alert(1)</script>",
  ["__proto__"]: "polluted",
  "\u202Eyek": "\u202Eeulav",
  ["long".repeat(30)]: { nested: ["value", 1, null] },
};

export async function sendHostileTexts(desk) {
  const { simulator, agent, session } = desk;
  for (const text of TEXTS) await sendText(desk, text);
  if (!session) return;
  const { id, path, state, capabilities, participants } = session;
  const keys = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`key ${index + 1}`, `value ${index + 1}`]));
  const imSession = { id, path, state, capabilities, participants, userData: { ...session.userData, ...USER_DATA, ...keys } };
  await simulator.publish(agent.name, TOPIC, { messageType: "IMSessionStateChangeMessage", notificationType: "AttachedDataChanged", imSession });
}

export function floodTexts(desk) {
  return sendText(desk, "Text {{n}} of 1,000", 1_000);
}

export function sendUnknownType({ simulator, agent }) {
  return simulator.publish(agent.name, TOPIC, { messageType: "IMTypingMessage", notificationType: "Started" });
}

function sendText({ simulator, agent, session }, message, count = 1) {
  const imSessionPath = session?.path ?? NOBODYS_PATH;
  return simulator.publish(agent.name, TOPIC, { messageType: "IMLogUpdateMessage", notificationType: "NewMessage", imSessionPath, message }, count);
}
