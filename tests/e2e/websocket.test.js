// The channel on a WebSocket, against the CometD 3.1.5 of the simulator: moved to when it has proved to work, left when it does not.

import assert from "node:assert/strict";
import { connected, scenarios } from "./lib/scenario.js";
import { until } from "./lib/wait.js";

const BOTH = { transports: ["websocket", "long-polling"] };
const scenario = scenarios();

const onSocket = (agent) => until("on the socket", () => agent.page.evaluate(() => e2e.client.transport === "websocket"));

scenario("the session moves to a socket and keeps its client id", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator, BOTH);
  const before = await anna.clientId();
  await onSocket(anna);
  assert.equal(await anna.clientId(), before);
  await simulator.publish({ data: { messageType: "IMLogUpdateMessage", notificationType: "NewMessage", imSessionPath: "/im-sessions/1", message: "hello" } });
  assert.deepEqual(await anna.textsOf(1), ["hello"]);
  await anna.disconnect();
  assert.deepEqual(await simulator.sessionsOf("anna"), []);
});

scenario("every message published during the move comes once and in order", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create(BOTH);
  const connecting = anna.connect();
  await connecting;
  let sent = 0;
  while (!(await anna.page.evaluate(() => e2e.client.transport === "websocket"))) {
    sent += 1;
    await simulator.publish({ data: { messageType: "IMLogUpdateMessage", notificationType: "NewMessage", imSessionPath: "/im-sessions/1", message: `${sent}` } });
  }
  assert.deepEqual(await anna.textsOf(sent), Array.from({ length: sent }, (_, index) => `${index + 1}`));
});
