// What a session does on either transport: it receives, it is lost and found, and it ends.

import assert from "node:assert/strict";
import { newMessage } from "../../e2e/lib/texts.js";
import { throughout, until } from "../../e2e/lib/wait.js";
import { IM_SESSIONS } from "./server.js";

const BURST = 200;
const SILENCE_MS = 500;
const RECOVERY = { within: 15_000 };
const OPTIONS = { "long-polling": { transports: ["long-polling"] }, websocket: { transports: ["websocket", "long-polling"] } };

/** An agent whose client is connected on that transport, with its connect held by the server there. */
export async function connectedOn(transport, { server, agent }) {
  const anna = await agent();
  await anna.create(OPTIONS[transport]);
  await anna.connect();
  await server.atRestOn(transport);
  await anna.onTransport(transport);
  return anna;
}

async function expectNextArrives(server, anna) {
  await server.publish({ data: newMessage("the next") });
  assert.equal(await until("the next text", async () => (await anna.texts()).at(-1)), "the next");
}

async function receives(stage, transport) {
  const { server, ack } = stage;
  const anna = await connectedOn(transport, stage);
  const [{ clientId, subscriptions }, ...others] = await server.sessions();
  assert.deepEqual([clientId, subscriptions, others], [await anna.clientId(), [IM_SESSIONS], []]);
  assert.deepEqual(await anna.path(), ["connecting", "connected"]);
  assert.equal((await anna.events("connection")).at(-1).acknowledged, ack);

  assert.deepEqual(await server.publish({ data: newMessage("burst {{n}}"), count: BURST }), { sessions: 1 });
  const burst = Array.from({ length: BURST }, (_, index) => `burst ${index + 1}`);
  assert.deepEqual(await anna.textsOf(BURST), burst);
  const single = Array.from({ length: 20 }, (_, index) => `single ${index + 1}`);
  for (const text of single) await server.publish({ data: newMessage(text) });
  assert.deepEqual(await anna.textsOf(BURST + single.length), [...burst, ...single]);
  const { requests, frames } = await server.counters();
  assert.deepEqual([requests.handshake + frames.handshake, requests.subscribe + frames.subscribe], [1, 1]);
}

/** The session is gone, the client knows, says what that means, and is back. */
async function expectRecovered(server, anna, before) {
  const clientId = await anna.connectedAnew(before, RECOVERY);
  assert.deepEqual((await server.sessions()).map((session) => [session.clientId, session.subscriptions]), [[clientId, [IM_SESSIONS]]]);
  assert.deepEqual(await anna.path(), ["connecting", "connected", "reconnecting", "connected"]);
  assert.deepEqual((await anna.events("gap")).map(({ cause }) => cause), ["new-session"]);
  await expectNextArrives(server, anna);
}

async function survivesExpiry(stage, transport) {
  const { server } = stage;
  const anna = await connectedOn(transport, stage);
  const before = await anna.clientId();
  assert.deepEqual(await server.expire(), { sessions: 1 });
  await expectRecovered(server, anna, before);
  // Some servers close the socket of the session that they forget, which says nothing against the next one.
  await server.atRestOn(transport);
  const { requests, frames } = await server.counters();
  assert.equal(requests.handshake + frames.handshake, 2, "handshakes");
}

async function survivesRestart(stage) {
  const { server } = stage;
  const anna = await connectedOn("long-polling", stage);
  const before = await anna.clientId();
  await server.restart({ downMs: 500 });
  await expectRecovered(server, anna, before);
}

/** The socket may rest for a while after it has failed: long-polling takes over. */
async function survivesRestartOnSocket(stage) {
  const { server } = stage;
  const anna = await connectedOn("websocket", stage);
  const before = await anna.clientId();
  await server.restart({ downMs: 500 });
  await anna.connectedAnew(before, RECOVERY);
  assert.ok((await anna.events("gap")).some(({ cause }) => cause === "new-session"));
  await expectNextArrives(server, anna);
}

async function saysGoodbye(stage, transport) {
  const { server } = stage;
  const anna = await connectedOn(transport, stage);
  await anna.disconnect();
  assert.equal(await anna.state(), "disconnected");
  await server.empty();
  const asked = anna.requests.length;
  await throughout("no request is made", SILENCE_MS, () => anna.requests.length === asked);
  const { requests, frames } = await server.counters();
  assert.equal(requests.disconnect + frames.disconnect, 1, "goodbyes");
}

async function leavesNothingBehind(stage, transport) {
  const { server } = stage;
  const anna = await connectedOn(transport, stage);
  for (let reload = 1; reload <= 3; reload++) {
    await anna.page.reload();
    await anna.create(OPTIONS[transport]);
    await anna.connect();
  }
  const session = await server.atRestOn(transport);
  // The goodbye of a page that goes may be lost; then its session expires, after ten seconds.
  await until("one session", async () => (await server.sessions()).length === 1, RECOVERY);
  assert.equal(await anna.clientId(), session.clientId);
}

/** @param {(name: string, run: (stage: object) => Promise<void>) => void} scenario @param {string} transport */
export function sessionScenarios(scenario, transport) {
  scenario(`${transport}: subscribes once and receives a burst and single messages, each once and in order`, (stage) => receives(stage, transport));
  scenario(`${transport}: an expired session is followed by another, with its subscription and a gap told`, (stage) => survivesExpiry(stage, transport));
  const restart = transport === "websocket" ? survivesRestartOnSocket : survivesRestart;
  scenario(`${transport}: a server that restarts is found again`, restart);
  scenario(`${transport}: disconnect() leaves no session and no socket, and silence`, (stage) => saysGoodbye(stage, transport));
  scenario(`${transport}: a page reloaded again and again leaves one session`, (stage) => leavesNothingBehind(stage, transport));
}
