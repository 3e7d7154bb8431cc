// Faults that take more than one call of the simulator. Each gets { simulator, agent, session }, the selected session if there is one.

import { partner } from "./words.js";

const LIST = { kind: "rest", method: "GET", path: "/api/v2/me/im-sessions" };
/** How long the answer to a handshake takes then, ms. */
const HANDSHAKE_DELAY_MS = 1_500;

/** Nothing is kept for a session that is gone, and the next one begins slowly: what is said before it has subscribed nobody hears. */
export async function forceGap({ simulator, agent, session }) {
  await simulator.fault({ kind: "handshake", user: agent.name, action: { type: "delay", ms: HANDSHAKE_DELAY_MS } });
  await simulator.expireSession(agent.name);
  if (session?.can("SendMessage")) await simulator.say(partner(session), session, agent.phone, "This text falls into the gap.");
}

/** A held poll is an old request: it is cut, so that the next one meets the fault now and not in half a minute. */
export async function overload({ simulator, agent }) {
  await simulator.fault({ kind: "connect", user: agent.name, times: 4, action: { type: "answer", status: 503, body: "" } });
  await simulator.cutConnections();
}

export async function endLogin({ simulator, agent }) {
  await simulator.endLogin(agent.name);
  await simulator.cutConnections();
}

/** It does not get through, but no page can know that. */
export function loseMessage({ simulator, agent }) {
  return simulator.fault({ kind: "rest", operation: "SendMessage", user: agent.name, action: { type: "drop" } });
}

export function refuseMessage({ simulator, agent }) {
  const body = { statusCode: 4, statusMessage: `Device '${agent.phone}' is not registered.` };
  return simulator.fault({ kind: "rest", operation: "SendMessage", user: agent.name, action: { type: "answer", status: 500, body } });
}

export async function keepListBack({ simulator, agent }) {
  const body = { statusCode: 5, statusMessage: "You may not see this list." };
  await simulator.fault({ ...LIST, user: agent.name, action: { type: "answer", status: 403, body } });
  await simulator.expireSession(agent.name);
}
