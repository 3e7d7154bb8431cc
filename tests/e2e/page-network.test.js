// The network goes and comes back while a page is open: the client knows at once, loses nothing with acknowledgement, and says what may be lost without.

import assert from "node:assert/strict";
import { BOTH, connected, onSocket, scenarios } from "./lib/scenario.js";
import { newMessage } from "./lib/texts.js";
import { throughout, until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000"] });
/** The least wait between attempts of a page without a network, by which recovery at once is told from waiting for a timer. */
const OFFLINE_WAIT_MS = 10_000;
const AT_ONCE_MS = 6_000;
/** Handshakes after a broken connection are spread, and the first retry of a break waits a moment: what one node loses comes back to it. */
const HANDSHAKE_SPREAD_MS = 1_300;
const WIRES = { "long-polling": connected, websocket: onSocket };

const goOffline = (anna) => anna.page.context().setOffline(true);

/** Gives the network back, and what happened from that moment on is recorded behind an entry "online". */
async function goOnline(anna) {
  await anna.page.evaluate(() => addEventListener("online", () => e2e.record.push({ type: "online" }), { once: true }));
  await anna.page.context().setOffline(false);
  await anna.page.evaluate(() => e2e.until("the page is told", () => e2e.record.some(({ type }) => type === "online")));
}

/** The entries behind "online". */
async function sinceOnline(anna) {
  const record = await anna.record();
  return record.slice(record.findIndex(({ type }) => type === "online") + 1);
}

const expectNoDuplicate = (anna, texts) => throughout("nothing comes twice", 400, async () => JSON.stringify(await anna.texts()) === JSON.stringify(texts));

/** The poll that runs is answered yet; the next one can't leave. */
async function loseThePoll(simulator, anna) {
  await goOffline(anna);
  await simulator.publish({ data: newMessage("the last to pass") });
  await anna.textsOf(1);
  return anna.event("connection", ({ retryInMs }) => retryInMs > 0);
}

for (const ack of [true, false]) {
  scenario(`a poll that can't leave is told and tried again at once when the network is back, acknowledged: ${ack}`, async ({ simulator, agent }) => {
    const anna = await connected(agent, simulator, { ack });
    const before = await anna.clientId();
    const lost = await loseThePoll(simulator, anna);
    assert.deepEqual([lost.state, lost.reason.code], ["reconnecting", "network/failed"]);
    assert.ok(lost.retryInMs > OFFLINE_WAIT_MS - 1_000, `tried again after ${lost.retryInMs} ms without a network`);
    await simulator.publish({ data: newMessage("meanwhile") });
    const asked = anna.requests.length;
    await throughout("no attempt without a network", 600, () => anna.requests.length === asked);

    const n = await simulator.now();
    await goOnline(anna);
    await anna.textsOf(2, { within: AT_ONCE_MS });
    const told = await sinceOnline(anna);
    const [back] = told.filter(({ type }) => type === "connection").map(({ event }) => event);
    assert.deepEqual([back.state, back.recovered], ["connected", ack]);
    await simulator.atRest();
    const asks = (await simulator.requests(n)).map(({ kind }) => kind);
    // A gap is followed by the reading of the list.
    assert.deepEqual(asks.filter((kind) => kind !== "rest"), ["connect", "connect"], "the question, and the poll that follows it");
    assert.deepEqual((await anna.events("gap")).map(({ cause }) => cause), ack ? [] : ["lost-reply"]);
    assert.equal(await anna.clientId(), before);
    await expectNoDuplicate(anna, ["the last to pass", "meanwhile"]);
  });

  scenario(`a socket that has heard nothing for want of a network is left and taken up again at once when it is back, acknowledged: ${ack}`, async ({ simulator, agent }) => {
    // Short, because without acknowledgement a move waits for the poll to return.
    await simulator.options({ timeout: 800 });
    const anna = await onSocket(agent, simulator, { ack });
    const before = await anna.clientId();
    await goOffline(anna);
    await simulator.publish({ data: newMessage("meanwhile") });
    await throughout("nothing passes", 400, async () => (await anna.texts()).length === 0);
    const n = await simulator.now();
    await goOnline(anna);
    await until("it asks", async () => (await simulator.requests(n)).some(({ kind }) => kind === "connect"), { within: AT_ONCE_MS });
    await simulator.publish({ data: newMessage("afterwards") });
    await until("the next one comes", async () => (await anna.texts()).includes("afterwards"), { within: AT_ONCE_MS });
    await anna.onTransport("websocket");
    const kinds = (await simulator.requests(n)).map(({ kind }) => kind);
    assert.deepEqual([kinds.includes("handshake"), await anna.clientId()], [false, before]);
    assert.deepEqual((await anna.events("gap")).map(({ cause }) => cause), ack ? [] : ["lost-reply"]);
    if (ack) await expectNoDuplicate(anna, ["meanwhile", "afterwards"]);
    const { made, most } = await anna.sockets();
    assert.deepEqual([made, most], [2, 1]);
  });
}

for (const [wire, begin] of Object.entries(WIRES)) {
  scenario(`a session that ended while there was no network is replaced as soon as it is back, on ${wire}: one question at most, one handshake`, async ({ simulator, agent }) => {
    const anna = await begin(agent, simulator);
    const before = await anna.clientId();
    await goOffline(anna);
    await simulator.expire({ user: "anna" });
    const n = await simulator.now();
    await goOnline(anna);
    await anna.connectedAnew(before, { within: AT_ONCE_MS });
    await simulator.publish({ data: newMessage("the next") });
    assert.deepEqual(await anna.textsOf(1), ["the next"]);
    const kinds = (await simulator.requests(n)).map(({ kind }) => kind);
    const handshake = kinds.indexOf("handshake");
    // Chromium may send the poll again that the server has cancelled with 408.
    assert.ok(kinds.slice(0, handshake).filter((kind) => kind === "connect").length <= 2, kinds.join());
    assert.equal(kinds.filter((kind) => kind === "handshake").length, 1);
    const waits = (await sinceOnline(anna)).filter(({ type }) => type === "connection").map(({ event }) => event.retryInMs ?? 0);
    assert.ok(waits.every((wait) => wait <= HANDSHAKE_SPREAD_MS), `waits of ${waits} ms`);
    assert.deepEqual((await anna.events("gap")).map(({ cause }) => cause), ["new-session"]);
  });
}

scenario("a network that comes and goes twenty times is no storm, and costs nothing", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator);
  const before = await anna.clientId();
  const n = await simulator.now();
  const began = performance.now();
  for (let turn = 0; turn < 20; turn += 1) {
    await goOffline(anna);
    await anna.page.context().setOffline(false);
  }
  await simulator.publish({ data: newMessage("afterwards") });
  assert.deepEqual(await anna.textsOf(1), ["afterwards"]);
  await anna.inState("connected");
  await simulator.atRest();
  const seconds = (performance.now() - began) / 1_000;
  const connects = (await simulator.requests(n)).filter(({ kind }) => kind === "connect").length;
  // A question a second, each with the poll that follows it; and the one that fetched the message.
  assert.ok(connects <= 2 * (Math.floor(seconds) + 2) + 1, `${connects} connects in ${seconds} s`);
  assert.deepEqual([await anna.clientId(), await anna.events("gap"), (await anna.diagnostics()).handshakes], [before, [], 1]);
});

scenario("a client that is opened without a network waits, and is connected as soon as there is one", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create(BOTH);
  await goOffline(anna);
  await anna.page.evaluate(() => void (e2e.opening = e2e.outcome(e2e.client.connect())));
  const waiting = await anna.event("connection", ({ retryInMs }) => retryInMs > 0);
  assert.deepEqual([waiting.state, waiting.reason.code, await anna.state()], ["connecting", "network/failed", "connecting"]);
  assert.ok(waiting.retryInMs > OFFLINE_WAIT_MS - 1_000, `${waiting.retryInMs} ms`);
  await goOnline(anna);
  await anna.inState("connected", { within: AT_ONCE_MS });
  assert.deepEqual(await anna.page.evaluate(() => e2e.opening.then(({ error }) => error)), undefined);
  assert.equal((await simulator.counters()).requests.handshake, 1);
  assert.deepEqual([await anna.path(), await anna.events("gap")], [["connecting", "connected"], []]);
});
