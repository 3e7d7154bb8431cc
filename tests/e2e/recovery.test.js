// What is lost comes back: the session, the server, the connection. And the client says truthfully what may be missing.

import assert from "node:assert/strict";
import { connected, scenarios } from "./lib/scenario.js";
import { IM_SESSIONS } from "./lib/simulator.js";
import { newMessage } from "./lib/texts.js";
import { throughout, until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000"] });
/** Longer than the first retry of a break with the spread of handshakes. */
const SILENCE_MS = 1_500;

/** The next session of anna's, other than `before`. */
const newSession = (simulator, before, options) =>
  until("another session of anna", async () => (await simulator.sessionsOf("anna")).find(({ clientId }) => clientId !== before), options);

async function expectNextTextArrives(simulator, anna) {
  await simulator.publish({ data: newMessage("the next") });
  assert.deepEqual(await anna.textsOf(1), ["the next"]);
}

for (const advice of [true, false]) {
  scenario(`a session expired on the server, the 402 ${advice ? "with" : "without"} advice: new handshake, subscribed again, next notification arrives`, async ({ simulator, agent }) => {
    const anna = await connected(agent, simulator);
    const before = await anna.clientId();
    const started = Date.now();
    assert.deepEqual(await simulator.expire({ user: "anna", advice }), { sessions: 1 });
    const session = await newSession(simulator, before);
    await anna.event("gap");
    await anna.inState("connected");

    const { subscriptions } = await until("subscribed", async () => (await simulator.sessionsOf("anna")).find(({ clientId, subscriptions }) => clientId === session.clientId && subscriptions.length > 0));
    assert.deepEqual(subscriptions, [IM_SESSIONS]);
    assert.deepEqual(await anna.path(), ["connecting", "connected", "reconnecting", "connected"]);
    const changes = await anna.events("connection");
    const lost = changes.find(({ state }) => state === "reconnecting");
    assert.deepEqual([lost.previous, lost.reason?.code], ["connected", "server/402"]);
    assert.deepEqual([changes.at(-1).recovered, changes.at(-1).reason], [false, undefined]);
    const [gap, ...more] = await anna.events("gap");
    assert.deepEqual([gap.cause, more], ["new-session", []]);
    assert.ok(gap.since <= gap.until && gap.until >= started && gap.until <= Date.now(), JSON.stringify({ gap, started }));
    await expectNextTextArrives(simulator, anna);
    const { handshakes, reconnects, gaps } = await anna.diagnostics();
    assert.deepEqual({ handshakes, reconnects, gaps }, { handshakes: 2, reconnects: 1, gaps: 1 });
  });
}

scenario("what else was subscribed is subscribed again in a new session", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator);
  await anna.page.evaluate(async () => {
    e2e.calls = [];
    await e2e.client.subscribe("/v2/me/calls", (message) => e2e.calls.push(message.data.n));
  });
  const before = await anna.clientId();
  await simulator.expire({ user: "anna" });
  const { clientId } = await newSession(simulator, before);
  await until("both are subscribed", async () => (await simulator.sessionsOf("anna")).find((session) => session.clientId === clientId)?.subscriptions.length === 2);
  await simulator.publish({ topic: "/v2/me/calls", data: { n: 1 } });
  await until("the message came", async () => (await anna.page.evaluate(() => e2e.calls.length)) === 1);
});

scenario("a session lost five times in a row comes back each time", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator);
  for (let round = 1; round <= 5; round++) {
    const before = (await simulator.atRest()).clientId;
    await simulator.expire({ user: "anna" });
    await anna.connectedAnew(before, { within: 8_000 });
    await simulator.publish({ data: newMessage(`round ${round}`) });
    await anna.textsOf(round);
  }
  assert.deepEqual(await anna.texts(), [1, 2, 3, 4, 5].map((round) => `round ${round}`));
  assert.equal((await anna.events("gap")).length, 5);
});

scenario("the server is down for 1.5 s and has forgotten the sessions: it recovers, and the path is told truthfully", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator);
  const before = await anna.clientId();
  await simulator.restart({ downMs: 1500 });
  await anna.event("connection", ({ state, reason }) => state === "reconnecting" && reason?.code.startsWith("network/"));
  await anna.connectedAnew(before, { within: 10_000 });
  assert.deepEqual(await anna.path(), ["connecting", "connected", "reconnecting", "connected"]);
  const unreachable = (await anna.events("connection")).filter(({ reason }) => reason?.code.startsWith("network/")).map(({ attempt }) => attempt);
  assert.deepEqual(unreachable, [...unreachable].sort((a, b) => a - b), "attempts are counted up while nobody answers");
  assert.deepEqual((await anna.events("gap")).map(({ cause }) => cause), ["new-session"]);
  assert.equal((await anna.events("connection")).at(-1).recovered, false);
  await expectNextTextArrives(simulator, anna);
});

scenario("a connection that breaks costs nothing while the session lives and acknowledges", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator);
  const before = await anna.clientId();
  await simulator.fault("connect", { type: "drop" });
  await simulator.publish({ data: newMessage("before") });
  await anna.event("connection", ({ state }) => state === "reconnecting");
  await simulator.publish({ data: newMessage("meanwhile") });
  await anna.inState("connected");
  assert.deepEqual(await anna.textsOf(2), ["before", "meanwhile"]);
  const changes = await anna.events("connection");
  const lost = changes.find(({ state }) => state === "reconnecting");
  assert.equal(lost.reason?.code, "network/failed");
  const [back] = changes.slice(-1);
  assert.deepEqual([back.state, back.previous, back.recovered, back.acknowledged], ["connected", "reconnecting", true, true]);
  assert.deepEqual([await anna.clientId(), await anna.events("gap")], [before, []]);
});

scenario("a poll that is never answered is given up at its deadline", async ({ simulator, agent }) => {
  await simulator.options({ timeout: 500 });
  const anna = await connected(agent, simulator, { maxNetworkDelay: 1000 });
  await simulator.fault("connect", { type: "hang" });
  const lost = await anna.event("connection", ({ state }) => state === "reconnecting");
  assert.equal(lost.reason?.code, "network/timeout");
  await anna.inState("connected");
  assert.deepEqual(await anna.events("gap"), []);
  await expectNextTextArrives(simulator, anna);
});

scenario("the process dies and its logins with it: without a way to log in it stops, says why, and is silent", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator);
  await simulator.crash();
  await anna.event("connection", ({ state }) => state === "reconnecting");
  await simulator.startAgain();
  await anna.inState("disconnected", { within: 15_000 });
  const reason = await anna.reason();
  assert.deepEqual([reason.code, reason.status, reason.isGwsImError], ["auth/required", 403, true]);
  assert.deepEqual(await anna.path(), ["connecting", "connected", "reconnecting", "disconnected"]);
  assert.equal((await anna.events("connection")).at(-1).reason.code, "auth/required");
  const asked = anna.requests.length;
  await throughout("no request is made", SILENCE_MS, () => anna.requests.length === asked);

  await anna.logIn();
  await anna.connect();
  assert.deepEqual([await anna.state(), await anna.reason()], ["connected", undefined]);
  await expectNextTextArrives(simulator, anna);
});

scenario("the process dies: with reauthenticate it logs in again and recovers by itself", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.page.evaluate(async () => {
    e2e.asked = [];
    await e2e.create({
      reauthenticate: async ({ status, signal }) => {
        e2e.asked.push({ status, aborted: signal.aborted });
        await e2e.logIn("anna");
      },
    });
    await e2e.client.connect();
  });
  const before = await anna.clientId();
  await simulator.crash();
  await anna.event("connection", ({ state }) => state === "reconnecting");
  await simulator.startAgain();
  await anna.connectedAnew(before, { within: 15_000 });
  assert.deepEqual(await anna.page.evaluate(() => e2e.asked), [{ status: 403, aborted: false }]);
  assert.deepEqual(await anna.path(), ["connecting", "connected", "reconnecting", "connected"]);
  assert.deepEqual((await anna.events("gap")).map(({ cause }) => cause), ["new-session"]);
  await expectNextTextArrives(simulator, anna);
});

scenario("the server ends the channel for good: it stops, says why, and may be connected again", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator);
  await simulator.fault("connect", { type: "answer", status: 200, body: [{ channel: "/meta/disconnect", successful: true }] });
  await simulator.publish({ data: newMessage("ends the poll") });
  await anna.inState("disconnected");
  assert.equal((await anna.reason()).code, "server/ended");
  const asked = anna.requests.length;
  await throughout("no request is made", SILENCE_MS, () => anna.requests.length === asked);
  await anna.connect();
  assert.equal(await anna.reason(), undefined);
});
