// Where no socket can be had, or none that works: long-polling goes on in the same session, nobody is disturbed, and nobody is asked again and again.

import assert from "node:assert/strict";
import { BOTH, connected, onSocket, scenarios } from "./lib/scenario.js";
import { newMessage } from "./lib/texts.js";
import { throughout, until } from "./lib/wait.js";

// Long enough to be held while a scenario looks on.
const scenario = scenarios({ simulator: ["--timeout", "20000"] });
/** The first retry of a break comes after 0.3 s at most; a socket that is tried again as soon would have been. */
const NOT_AGAIN_MS = 700;

const going = (anna) => anna.page.evaluate(() => void dispatchEvent(new Event("online")));

/** Makes the page record how long each of its sockets has lived, in ms. */
const watchSockets = (anna) => anna.page.evaluate(() => {
  const Watched = class extends WebSocket {
    constructor(...args) {
      super(...args);
      const began = performance.now();
      this.addEventListener("close", () => e2e.lives.push(performance.now() - began));
    }
  };
  e2e.lives = [];
  globalThis.WebSocket = Watched;
});

/** Resolves when the page knows that so many sockets have ended: what the server has answered may still be on its way to it. */
const socketsEnded = (anna, count) => until(`${count} sockets have ended`, () => anna.page.evaluate((count) => e2e.lives.length >= count && e2e.lives, count));

/** What the browser tells of its network. */
async function networkOf(anna) {
  const cdp = await anna.page.context().newCDPSession(anna.page);
  await cdp.send("Network.enable");
  return cdp;
}

/** The session is the first one, on long-polling, undisturbed, and carries messages; one socket was asked for, and no second one is. */
async function expectUndisturbed(simulator, anna, before) {
  await simulator.publish({ data: newMessage("{{n}}"), count: 3 });
  assert.deepEqual(await anna.textsOf(3), ["1", "2", "3"]);
  await simulator.atRestOn("long-polling");
  assert.deepEqual([await anna.path(), await anna.transports()], [["connecting", "connected"], ["long-polling"]]);
  assert.deepEqual([await anna.events("gap"), await anna.events("warning"), await anna.clientId()], [[], [], before]);
  await throughout("no second socket is asked for", NOT_AGAIN_MS, async () => (await anna.sockets()).made === 1);
  const { requests, sockets } = await simulator.counters();
  assert.deepEqual([requests.handshake, requests.subscribe, requests.upgrade, sockets.open], [1, 1, 1, 0]);
}

const refusals = {
  "is answered 403": { type: "answer", status: 403, body: "" },
  "is answered 500": { type: "answer", status: 500, body: "<html>" },
  "is redirected": { type: "answer", status: 302, headers: { Location: "/login" }, body: "" },
  "loses its headers at a proxy": { type: "strip-upgrade" },
  "breaks off": { type: "drop" },
};

for (const [name, action] of Object.entries(refusals)) {
  scenario(`when the upgrade ${name}, long-polling goes on undisturbed`, async ({ simulator, agent }) => {
    const anna = await agent();
    await watchSockets(anna);
    await anna.create(BOTH);
    await simulator.fault("upgrade", action);
    await anna.connect();
    const before = await anna.clientId();
    await socketsEnded(anna, 1);
    await expectUndisturbed(simulator, anna, before);
  });
}

scenario("an upgrade that hangs is given up after connectTimeout, and disturbs nobody meanwhile", async ({ simulator, agent }) => {
  const anna = await agent();
  await watchSockets(anna);
  await anna.create({ ...BOTH, connectTimeout: 600 });
  await simulator.fault("upgrade", { type: "hang" });
  await anna.connect();
  const before = await anna.clientId();
  const [took] = await socketsEnded(anna, 1);
  assert.ok(took > 500 && took < 3_000, `given up after ${took} ms`);
  await expectUndisturbed(simulator, anna, before);
});

for (const ack of [true, false]) {
  for (const direction of ["from-client", "to-client"]) {
    scenario(`a socket that opens and carries nothing ${direction} is left within 3 s, acknowledged: ${ack}`, async ({ simulator, agent }) => {
      await simulator.options({ timeout: 500 });
      const anna = await agent();
      const cdp = await networkOf(anna);
      const asked = new Promise((resolve) => cdp.on("Network.webSocketFrameSent", resolve));
      await anna.create({ ...BOTH, ack });
      await simulator.disturbSockets({ type: "stall", direction }, { next: 1 });
      await anna.connect();
      const before = await anna.clientId();
      await until("the socket is open", async () => (await simulator.counters()).sockets.opened === 1);
      await simulator.options({ timeout: 20_000 });
      await asked;
      const began = performance.now();
      await simulator.publish({ data: newMessage("published into the void") });
      await simulator.atRestOn("long-polling");
      const took = performance.now() - began;
      assert.ok(took < 6_000, `long-polling was back after ${took} ms`);
      assert.deepEqual([await anna.path(), await anna.transports(), await anna.clientId()], [["connecting", "connected"], ["long-polling"], before]);
      const texts = await anna.texts();
      if (ack || texts.length) assert.deepEqual(texts, ["published into the void"]);
      // Without acknowledgement the reply to the connect may have had something with it.
      assert.deepEqual((await anna.events("gap")).map(({ cause }) => cause), ack ? [] : ["lost-reply"]);
      const { requests, sockets } = await simulator.counters();
      assert.deepEqual([requests.handshake, requests.upgrade, sockets.opened, (await anna.sockets()).most], [1, 1, 1, 1]);
    });
  }
}

scenario("a socket is not tried where the server offers none", async ({ simulator, agent }) => {
  await simulator.options({ allowedTransports: ["long-polling", "callback-polling"] });
  const anna = await connected(agent, simulator, BOTH);
  await throughout("no socket is asked for", NOT_AGAIN_MS, async () => (await simulator.counters()).requests.upgrade === 0);
  assert.equal(await anna.transport(), "long-polling");
});

scenario("a network that is back lets the socket be tried again at once, and only once", async ({ simulator, agent }) => {
  const anna = await agent();
  await watchSockets(anna);
  await anna.create(BOTH);
  await simulator.fault("upgrade", { type: "answer", status: 403, body: "" }, { times: 2 });
  await anna.connect();
  const before = await anna.clientId();
  await socketsEnded(anna, 1);
  await simulator.atRestOn("long-polling");
  await going(anna);
  await socketsEnded(anna, 2);
  await throughout("not again by itself", NOT_AGAIN_MS, async () => (await simulator.counters()).requests.upgrade === 2);
  await simulator.atRestOn("long-polling");
  await going(anna);
  await simulator.atRestOn("websocket");
  await anna.onTransport("websocket");
  assert.deepEqual([await anna.clientId(), (await anna.sockets()).made, (await anna.sockets()).most], [before, 3, 1]);
  assert.deepEqual([await anna.events("gap"), await anna.path()], [[], ["connecting", "connected"]]);
});

scenario("what one client has learnt of sockets, the next one of the page knows", async ({ simulator, agent }) => {
  const anna = await agent();
  await watchSockets(anna);
  await anna.create(BOTH);
  await simulator.fault("upgrade", { type: "answer", status: 403, body: "" });
  await anna.connect();
  await socketsEnded(anna, 1);
  await simulator.atRestOn("long-polling");
  await anna.dispose();
  await anna.create(BOTH);
  await anna.connect();
  await simulator.atRestOn("long-polling");
  await throughout("no socket is asked for", NOT_AGAIN_MS, async () => (await simulator.counters()).requests.upgrade === 1);
});

for (const ack of [true, false]) {
  scenario(`a node that wants a handshake of its own for each socket is polled: one socket a session, acknowledged: ${ack}`, async ({ simulator, agent }) => {
    await simulator.options({ requireHandshakePerConnection: true, timeout: 500 });
    const anna = await agent();
    await anna.create({ ...BOTH, ack });
    await anna.connect();
    const before = await anna.clientId();
    const tried = (count) => until(`socket ${count} was tried and left`, async () => {
      const { sockets } = await simulator.counters();
      return sockets.opened === count && sockets.open === 0;
    });
    await tried(1);
    await simulator.options({ timeout: 20_000 });
    await expectUndisturbed(simulator, anna, before);
    await simulator.options({ timeout: 500 });
    await simulator.expire({ user: "anna" });
    const after = await anna.connectedAnew(before, { within: 8_000 });
    await tried(2);
    await simulator.options({ timeout: 20_000 });
    await simulator.publish({ data: newMessage("in the new session") });
    assert.equal((await anna.textsOf(4)).at(-1), "in the new session");
    await throughout("not again", NOT_AGAIN_MS, async () => (await anna.sockets()).made === 2);
    assert.deepEqual([await anna.clientId(), (await simulator.counters()).requests.handshake], [after, 2]);
  });
}

scenario("a browser that does not send the session's cookie back is served by the socket, in the first session", async ({ simulator, agent }) => {
  await simulator.forgetBrowser();
  const anna = await agent();
  await anna.create(BOTH);
  await anna.connect();
  await simulator.atRestOn("websocket");
  await simulator.publish({ data: newMessage("{{n}}"), count: 3 });
  assert.deepEqual(await anna.textsOf(3), ["1", "2", "3"]);
  assert.deepEqual([await anna.path(), await anna.transport()], [["connecting", "connected"], "websocket"]);
  const { requests, sockets } = await simulator.counters();
  assert.deepEqual([requests.handshake, sockets.opened], [1, 1]);
  await anna.disconnect();
  await until("the server has no session", async () => (await simulator.state()).cometdSessions.length === 0, { within: 3_000 });
});

for (const [name, options, prepare] of [
  ["where only long-polling is allowed", { transports: ["long-polling"] }, () => {}],
  ["where the socket is refused", BOTH, (simulator) => simulator.fault("upgrade", { type: "answer", status: 403, body: "" }, { times: 9 })],
  ["where the server offers no socket", BOTH, (simulator) => simulator.options({ allowedTransports: ["long-polling"] })],
]) {
  scenario(`a browser that does not send the session's cookie back is told so after three handshakes ${name}`, async ({ simulator, agent }) => {
    await simulator.forgetBrowser();
    await prepare(simulator);
    const anna = await agent();
    await anna.create({ ...options, backoffIncrement: 100 });
    const { error } = await anna.connectOutcome();
    assert.equal(error.code, "auth/cookies");
    await anna.inState("disconnected");
    assert.equal((await anna.reason()).code, "auth/cookies");
    assert.equal((await simulator.counters()).requests.handshake, 3);
    const asked = anna.requests.length;
    await throughout("silence", NOT_AGAIN_MS, () => anna.requests.length === asked);
    const { made } = await anna.sockets();
    assert.ok(made <= 3, `${made} sockets for three sessions`);
  });
}
