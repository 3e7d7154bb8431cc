// What a server does to a session that is carried by a socket: it expires, restarts, crashes, ends, cuts. Back by itself in bounded time, one session at a time.

import assert from "node:assert/strict";
import { BOTH, onSocket, scenarios } from "./lib/scenario.js";
import { newMessage } from "./lib/texts.js";
import { throughout, until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "500"] });
const causes = async (anna) => (await anna.events("gap")).map(({ cause }) => cause);

/** Exactly one session and one socket at most, and it carries messages. */
async function expectServed(simulator, anna) {
  await simulator.publish({ data: newMessage("back") });
  await until("it has come", async () => (await anna.texts()).at(-1) === "back", { within: 8_000 });
  assert.equal((await anna.texts()).filter((text) => text === "back").length, 1);
  assert.equal((await simulator.sessionsOf("anna")).length, 1);
  assert.equal((await anna.sockets()).most, 1);
}

for (const ack of [true, false]) {
  for (const advice of [true, false]) {
    scenario(`a session that expires on the socket is followed by one handshake and a gap; advice: ${advice}, acknowledged: ${ack}`, async ({ simulator, agent }) => {
      const anna = await onSocket(agent, simulator, { ack });
      const before = await anna.clientId();
      await simulator.expire({ user: "anna", advice });
      await anna.connectedAnew(before);
      assert.deepEqual([await causes(anna), await anna.path()], [["new-session"], ["connecting", "connected", "reconnecting", "connected"]]);
      // This CometD closes the socket of a session that it removes, with 1000; what that means is told by the poll that follows.
      const reasons = (await anna.events("connection")).filter(({ state }) => state === "reconnecting").map(({ reason }) => reason.code);
      assert.deepEqual([...new Set(reasons)], ["network/socket-closed", "server/402"]);
      await expectServed(simulator, anna);
      // It says nothing against sockets, so the new session moves to one at once.
      await simulator.atRestOn("websocket");
      const { requests, sockets } = await simulator.counters();
      assert.deepEqual([requests.handshake, requests.subscribe, sockets.opened, sockets.open], [2, 2, 2, 1]);
      assert.equal((await anna.sockets()).most, 1);
    });
  }
}

scenario("a server that restarts is found again within the back-off's arithmetic", async ({ simulator, agent }) => {
  const anna = await onSocket(agent, simulator, { backoffIncrement: 300, backoffJitter: 0 });
  const before = await anna.clientId();
  const asked = anna.requests.length;
  const began = performance.now();
  await simulator.restart({ downMs: 1_500 });
  await anna.connectedAnew(before, { within: 12_000 });
  const elapsed = performance.now() - began;
  assert.deepEqual([await causes(anna), (await anna.sockets()).made], [["new-session"], 1]);
  // Attempts to connect after 0, 0.1, 0.3, 0.6 … s; then the handshake, the subscription and two connects.
  const most = 2 + Math.ceil(Math.sqrt((2 * elapsed) / 300)) + 4;
  const made = anna.requests.length - asked;
  assert.ok(made <= most, `${made} requests in ${elapsed} ms, more than ${most}`);
  await expectServed(simulator, anna);
});

scenario("a server that crashes without a word is found again", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.page.evaluate(async (options) => {
    await e2e.create({ ...options, backoffIncrement: 300, reauthenticate: () => e2e.logIn() });
  }, BOTH);
  await anna.connect();
  await simulator.atRestOn("websocket");
  const before = await anna.clientId();
  await simulator.crash();
  await anna.event("connection", ({ state, attempt }) => state === "reconnecting" && attempt >= 2);
  await simulator.startAgain();
  await anna.connectedAnew(before, { within: 12_000 });
  assert.deepEqual(await causes(anna), ["new-session"]);
  await expectServed(simulator, anna);
});

scenario("a server that ends the session is obeyed: disconnected, and silence", async ({ simulator, agent }) => {
  // Long enough for a connect to be there that the end can be told to.
  await simulator.options({ timeout: 5_000 });
  const anna = await onSocket(agent, simulator);
  await simulator.reset();
  await anna.inState("disconnected");
  assert.equal((await anna.reason()).code, "server/ended");
  assert.deepEqual(await anna.path(), ["connecting", "connected", "disconnected"]);
  await until("the socket is gone", async () => (await simulator.counters()).sockets.open === 0);
  const asked = anna.requests.length;
  await throughout("silence", 600, async () => anna.requests.length === asked && (await anna.sockets()).made === 1);
  await anna.logIn();
  await anna.connect();
  await expectServed(simulator, anna);
});

for (const ack of [true, false]) {
  scenario(`every connection cut at once while on the socket: the same session goes on, acknowledged: ${ack}`, async ({ simulator, agent }) => {
    const anna = await onSocket(agent, simulator, { ack });
    const before = await anna.clientId();
    for (let index = 1; index <= 6; index++) {
      await simulator.publish({ data: newMessage(`${index}`) });
      if (index % 2) await simulator.cutConnections();
    }
    await anna.inState("connected");
    await expectServed(simulator, anna);
    const texts = (await anna.texts()).slice(0, -1);
    const all = ["1", "2", "3", "4", "5", "6"];
    assert.deepEqual(texts, ack ? all : all.filter((text) => texts.includes(text)));
    if (texts.length < all.length) assert.deepEqual(new Set(await causes(anna)), new Set(["lost-reply"]));
    if (ack) assert.deepEqual(await causes(anna), []);
    const { requests, sockets } = await simulator.counters();
    assert.deepEqual([requests.handshake, sockets.opened, await anna.clientId()], [1, 1, before]);
  });
}

scenario("a login that ends on the server while the socket carries the session does not disturb it", async ({ simulator, agent }) => {
  const anna = await onSocket(agent, simulator);
  const before = await anna.clientId();
  await simulator.logout("anna");
  await expectServed(simulator, anna);
  assert.deepEqual([await anna.clientId(), await anna.transport(), await anna.path()], [before, "websocket", ["connecting", "connected"]]);
});
