// Where only sockets are allowed they carry everything, the handshake too: no CometD request over HTTP, and recovery by the same rules.

import assert from "node:assert/strict";
import { scenarios } from "./lib/scenario.js";
import { IM_SESSIONS } from "./lib/simulator.js";
import { newMessage } from "./lib/texts.js";
import { throughout, until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "5000"] });
const ALONE = { transports: ["websocket"] };
const COMETD = ["handshake", "connect", "subscribe", "unsubscribe", "disconnect"];

async function connectedAlone(agent, simulator, options) {
  const anna = await agent();
  await anna.create({ ...ALONE, ...options });
  await anna.connect();
  await simulator.atRestOn("websocket");
  return anna;
}

async function expectNothingOverHttp(simulator) {
  const { requests } = await simulator.counters();
  assert.deepEqual(COMETD.map((kind) => requests[kind]), [0, 0, 0, 0, 0]);
}

/** The texts 1 to `count`, each once. */
const expectTexts = async (anna, count) => assert.deepEqual(await anna.textsOf(count, { within: 8_000 }), Array.from({ length: count }, (_, index) => `${index + 1}`));

for (const ack of [true, false]) {
  scenario(`handshake, subscription, notifications and goodbye all travel on one socket, acknowledged: ${ack}`, async ({ simulator, agent }) => {
    await simulator.options({ timeout: 300 });
    const anna = await connectedAlone(agent, simulator, { ack });
    assert.deepEqual((await simulator.sessionsOf("anna"))[0].subscriptions, [IM_SESSIONS]);
    await simulator.publish({ data: newMessage("{{n}}"), count: 50 });
    await expectTexts(anna, 50);
    const held = (await simulator.counters()).frames.connect;
    await until("it asks again when the server has held its connect", async () => (await simulator.counters()).frames.connect > held + 2);
    assert.deepEqual([await anna.path(), await anna.transports()], [["connecting", "connected"], ["websocket"]]);
    await anna.disconnect();
    assert.deepEqual((await simulator.state()).cometdSessions, []);
    await expectNothingOverHttp(simulator);
    const { frames, sockets } = await simulator.counters();
    assert.deepEqual([frames.handshake, frames.subscribe, frames.disconnect, sockets.opened], [1, 1, 1, 1]);
    await until("the socket is gone", async () => (await simulator.counters()).sockets.open === 0);
    assert.deepEqual([await anna.events("gap"), await anna.events("warning")], [[], []]);
  });

  scenario(`a socket that dies is followed by another in the same session, acknowledged: ${ack}`, async ({ simulator, agent }) => {
    const anna = await connectedAlone(agent, simulator, { ack });
    const before = await anna.clientId();
    await simulator.publish({ data: newMessage("1") });
    await expectTexts(anna, 1);
    await simulator.disturbSockets({ type: "kill" });
    await until("it is gone", async () => (await simulator.counters()).sockets.open === 0);
    await simulator.publish({ data: newMessage("2") });
    await until("there is another", async () => (await simulator.counters()).sockets.opened === 2);
    await simulator.atRestOn("websocket");
    await simulator.publish({ data: newMessage("3") });
    await until("the last one has come", async () => (await anna.texts()).at(-1) === "3");
    const texts = await anna.texts();
    assert.deepEqual(texts, ack || texts.length === 3 ? ["1", "2", "3"] : ["1", "3"]);
    assert.deepEqual((await anna.events("gap")).map(({ cause }) => cause), ack ? [] : ["lost-reply"]);
    assert.deepEqual([await anna.path(), await anna.transports(), await anna.clientId()], [["connecting", "connected", "reconnecting", "connected"], ["websocket"], before]);
    const { frames, sockets } = await simulator.counters();
    assert.deepEqual([frames.handshake, frames.subscribe, sockets.opened, (await anna.sockets()).most], [1, 1, 2, 1]);
    await expectNothingOverHttp(simulator);
  });

  for (const advice of [true, false]) {
    scenario(`an expired session is followed by a new one, with a gap; advice: ${advice}, acknowledged: ${ack}`, async ({ simulator, agent }) => {
      await simulator.options({ timeout: 500 });
      const anna = await connectedAlone(agent, simulator, { ack });
      const before = await anna.clientId();
      await simulator.expire({ user: "anna", advice });
      await anna.connectedAnew(before);
      assert.deepEqual((await anna.events("gap")).map(({ cause }) => cause), ["new-session"]);
      assert.deepEqual(await anna.path(), ["connecting", "connected", "reconnecting", "connected"]);
      await simulator.publish({ data: newMessage("1") });
      await expectTexts(anna, 1);
      const { frames } = await simulator.counters();
      assert.deepEqual([frames.handshake, frames.subscribe, (await anna.sockets()).most], [2, 2, 1]);
      await expectNothingOverHttp(simulator);
    });
  }
}

scenario("a server that restarts is found again, and asked for sockets within the back-off's arithmetic", async ({ simulator, agent }) => {
  const anna = await connectedAlone(agent, simulator, { backoffIncrement: 300, backoffJitter: 0 });
  const before = await anna.clientId();
  const { made } = await anna.sockets();
  const began = performance.now();
  await simulator.restart({ downMs: 1_500 });
  await anna.connectedAnew(before, { within: 12_000 });
  const elapsed = performance.now() - began;
  // After 0.1 s at the earliest, then 0.3 s, 0.6 s … later.
  const most = 2 + Math.ceil(Math.sqrt((2 * elapsed) / 300));
  const tried = (await anna.sockets()).made - made;
  assert.ok(tried <= most, `${tried} sockets in ${elapsed} ms, more than ${most}`);
  assert.equal((await anna.sockets()).most, 1);
  assert.deepEqual((await anna.events("gap")).map(({ cause }) => cause), ["new-session"]);
  await expectNothingOverHttp(simulator);
});

scenario("a server that crashes without a word is found again", async ({ simulator, agent }) => {
  const anna = await agent();
  // A server that has crashed has forgotten the login, too; a socket is refused without a word of that, a request is not.
  await anna.page.evaluate(async (options) => {
    await e2e.create({ ...options, backoffIncrement: 300, reauthenticate: () => e2e.logIn() });
    await e2e.client.connect();
  }, ALONE);
  const before = await anna.clientId();
  await simulator.crash();
  await anna.event("connection", ({ state, attempt }) => state === "reconnecting" && attempt >= 2);
  await simulator.startAgain();
  await anna.connectedAnew(before, { within: 12_000 });
  await simulator.publish({ data: newMessage("1") });
  await expectTexts(anna, 1);
  assert.equal((await anna.sockets()).most, 1);
});

scenario("sockets that are refused are asked for ever more rarely, and the caller is told why and when", async ({ simulator, agent }) => {
  const anna = await agent();
  await simulator.fault("upgrade", { type: "answer", status: 503, body: "" }, { times: 1_000 });
  await anna.create({ ...ALONE, backoffIncrement: 300, backoffJitter: 0 });
  await anna.page.evaluate(() => void (e2e.opening = e2e.outcome(e2e.client.connect())));
  await anna.event("connection", ({ attempt }) => attempt >= 4, { within: 12_000 });
  const times = (await simulator.requests()).filter(({ kind }) => kind === "upgrade").map(({ time }) => time);
  const waits = times.slice(1).map((time, index) => time - times[index]);
  waits.forEach((wait, index) => assert.ok(wait >= (index === 0 ? 100 : 300 * index) - 30, `wait ${index + 1} was ${wait} ms: ${waits}`));
  const last = (await anna.events("connection")).at(-1);
  assert.deepEqual([last.state, last.reason.code], ["connecting", "network/socket-closed"]);
  assert.ok(last.retryInMs > 0, JSON.stringify(last));
  await simulator.clearFaults();
  await anna.page.evaluate(() => e2e.client.reconnect());
  assert.deepEqual(await anna.page.evaluate(() => e2e.opening), { value: undefined });
  await expectNothingOverHttp(simulator);
});

scenario("a socket that opens and carries nothing is given up at the deadline, and the next one serves", async ({ simulator, agent }) => {
  const anna = await agent();
  await simulator.disturbSockets({ type: "stall" }, { next: 1 });
  await anna.create({ ...ALONE, maxNetworkDelay: 600 });
  await anna.connect();
  await simulator.atRestOn("websocket");
  assert.deepEqual([await anna.path(), (await anna.sockets()).made, (await anna.sockets()).most], [["connecting", "connected"], 2, 1]);
  await expectNothingOverHttp(simulator);
});

scenario("a server that offers no socket is asked ever more rarely, and the caller is told so", async ({ simulator, agent }) => {
  await simulator.options({ allowedTransports: ["long-polling"] });
  const anna = await agent();
  await anna.create({ ...ALONE, backoffIncrement: 300, backoffJitter: 0 });
  await anna.page.evaluate(() => void e2e.outcome(e2e.client.connect()));
  const third = await anna.event("connection", ({ attempt }) => attempt === 3, { within: 8_000 });
  assert.deepEqual([third.state, third.reason.code, (await anna.sockets()).made], ["connecting", "network/socket-closed", 3]);
  assert.ok(third.retryInMs >= 550, JSON.stringify(third));
  await expectNothingOverHttp(simulator);
});

for (const end of ["disconnect", "dispose"]) {
  scenario(`${end}() during the handshake on the socket leaves no session, no socket, and silence`, async ({ simulator, agent }) => {
    const anna = await agent();
    await simulator.disturbSockets({ type: "delay", ms: 400, direction: "to-client" }, { next: 1 });
    await anna.create(ALONE);
    await anna.page.evaluate(() => void (e2e.opening = e2e.outcome(e2e.client.connect())));
    await until("the server has made the session", async () => (await simulator.state()).cometdSessions.length === 1);
    await anna[end]();
    assert.equal((await anna.page.evaluate(() => e2e.opening)).error.code, "aborted");
    await until("the server has no session", async () => (await simulator.state()).cometdSessions.length === 0, { within: 3_000 });
    await until("the server has no socket", async () => (await simulator.counters()).sockets.open === 0, { within: 3_000 });
    await throughout("silence", 400, async () => (await anna.sockets()).made === 1);
    await expectNothingOverHttp(simulator);
  });
}

scenario("a page that goes leaves no session", async ({ simulator, agent }) => {
  const anna = await connectedAlone(agent, simulator);
  await anna.page.goto(`${simulator.address}/gws-im-sdk/package.json`);
  await until("the session is gone long before it expires", async () => (await simulator.sessionsOf("anna")).length === 0, { within: 4_000 });
});
