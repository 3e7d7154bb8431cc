// Away from a page and back to it: Chromium keeps the page in its back/forward cache, with all that it waits for. The channel ends with a goodbye and is
// opened again on return.

import assert from "node:assert/strict";
import { PlainAgent, launchPlainBrowser } from "./lib/plain-browser.js";
import { BOTH, scenarios } from "./lib/scenario.js";
import { newMessage } from "./lib/texts.js";
import { throughout, until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000"], launch: launchPlainBrowser, agents: PlainAgent });
const WIRES = { "long-polling": { transports: ["long-polling"] }, websocket: BOTH };
const ELSEWHERE = "/gws-im-sdk/package.json";
/** Well below the time after which the server forgets a session by itself. */
const RIGHT_AFTER_MS = 4_000;

/** An agent on a page that may be kept: pages under `Cache-Control: no-store`, as the simulator sends them, are not. */
async function cacheable(agent, simulator) {
  const anna = await agent();
  const { page } = anna;
  page.listen("Fetch.requestPaused", ({ requestId, responseStatusCode: responseCode, responseHeaders }) =>
    page.send("Fetch.continueResponse", { requestId, responseCode, responseHeaders: responseHeaders.filter(({ name }) => name.toLowerCase() !== "cache-control") }));
  await page.send("Fetch.enable", { patterns: [{ urlPattern: "*/index.html", requestStage: "Response" }] });
  await page.goto(`${simulator.address}/index.html`);
  return anna;
}

async function atRestOn(wire, { simulator, agent, ...options }) {
  const anna = await cacheable(agent, simulator);
  await anna.create({ ...WIRES[wire], ...options });
  await anna.connect();
  await simulator.atRestOn(wire);
  await anna.onTransport(wire);
  return anna;
}

const leave = (simulator, anna) => anna.page.goto(simulator.address + ELSEWHERE);
const comeBack = async (anna) => assert.ok(await anna.page.back(), "the page came out of the back/forward cache");
const noSession = (simulator) => until("the server has no session", async () => (await simulator.state()).cometdSessions.length === 0, { within: RIGHT_AFTER_MS });
const noSocket = (simulator) => until("the server has no socket", async () => (await simulator.counters()).sockets.open === 0, { within: RIGHT_AFTER_MS });
const causes = async (anna) => (await anna.events("gap")).map(({ cause }) => cause);

for (const wire of Object.keys(WIRES)) {
  scenario(`a page that is left says goodbye, and is connected again on return: one handshake, one gap, the same listeners, on ${wire}`, async ({ simulator, agent }) => {
    const anna = await atRestOn(wire, { simulator, agent });
    await anna.page.evaluate(async () => {
      e2e.calls = [];
      e2e.iterated = [];
      await e2e.client.subscribe("/v2/me/calls", ({ data }) => e2e.calls.push(data.n));
      (async () => {
        for await (const { message } of e2e.client.notifications()) e2e.iterated.push(message);
      })();
    });
    const before = await anna.clientId();
    await leave(simulator, anna);
    await noSession(simulator);
    await noSocket(simulator);
    const { requests } = await simulator.counters();
    assert.equal(requests.disconnect, 1);
    await simulator.publish({ data: newMessage("for nobody") });

    await comeBack(anna);
    const after = await anna.connectedAnew(before);
    await simulator.atRestOn(wire);
    await anna.onTransport(wire);
    await simulator.publish({ data: newMessage("afterwards") });
    await simulator.publish({ topic: "/v2/me/calls", data: { n: 1 } });
    assert.deepEqual(await anna.textsOf(1), ["afterwards"]);
    await until("the other topic, too", () => anna.page.evaluate(() => e2e.calls.length));
    assert.deepEqual(await anna.page.evaluate(() => [e2e.calls, e2e.iterated]), [[1], ["afterwards"]]);
    assert.deepEqual([await causes(anna), (await simulator.counters()).requests.handshake, (await simulator.sessionsOf("anna")).map(({ clientId }) => clientId)], [["new-session"], 2, [after]]);
    const path = (await anna.path()).filter((state) => state !== "disconnected");
    assert.deepEqual([path, await anna.reason()], [["connecting", "connected", "disconnecting", "connecting", "connected"], undefined]);
    assert.equal((await anna.sockets()).most, wire === "websocket" ? 1 : 0);
  });
}

scenario("a page that is left and found again five times has one session, and says each gap once", async ({ simulator, agent }) => {
  const anna = await atRestOn("websocket", { simulator, agent });
  for (let turn = 1; turn <= 5; turn += 1) {
    const before = await anna.clientId();
    await leave(simulator, anna);
    await noSession(simulator);
    await comeBack(anna);
    await anna.connectedAnew(before);
    await simulator.publish({ data: newMessage(`${turn}`) });
    await anna.textsOf(turn);
  }
  assert.deepEqual([await anna.texts(), await causes(anna)], [["1", "2", "3", "4", "5"], Array(5).fill("new-session")]);
  const { requests } = await simulator.counters();
  assert.deepEqual([requests.handshake, requests.disconnect, (await simulator.sessionsOf("anna")).length], [6, 5, 1]);
});

const pending = {
  "while the handshake is under way": async ({ simulator, anna }) => {
    await simulator.fault("handshake", { type: "delay", ms: 1_500 });
    return async () => (await simulator.state()).cometdSessions.length === 1;
  },
  "while the handshake waits for the next attempt": async ({ simulator, anna }) => {
    await simulator.fault("handshake", { type: "answer", status: 503, headers: { "Retry-After": "60" }, body: "" });
    return async () => (await anna.events("connection")).some(({ retryInMs }) => retryInMs > 10_000);
  },
  "while the subscription is under way": async ({ simulator }) => {
    await simulator.fault("subscribe", { type: "delay", ms: 1_500 });
    return async () => (await simulator.counters()).requests.subscribe === 1;
  },
  "while the first connect is under way": async ({ simulator }) => {
    await simulator.fault("connect", { type: "delay", ms: 1_500 });
    return async () => (await simulator.counters()).requests.connect === 1;
  },
};

for (const [moment, prepare] of Object.entries(pending)) {
  scenario(`what waits when the page is left ${moment} goes on waiting, and is given after the return`, async ({ simulator, agent }) => {
    const anna = await cacheable(agent, simulator);
    await anna.create();
    const reached = await prepare({ simulator, anna });
    await anna.page.evaluate(() => {
      const { client } = e2e;
      e2e.ends = {};
      e2e.calls = [];
      const waits = {
        connect: client.connect(),
        ready: client.ready(),
        subscribe: client.subscribe("/v2/me/calls", ({ data }) => e2e.calls.push(data.n)),
        once: client.once("NewMessage"),
      };
      for (const [name, wait] of Object.entries(waits)) e2e.outcome(wait).then(({ error }) => (e2e.ends[name] = error?.code ?? "given"));
    });
    await until(`the moment ${moment}`, reached);
    await leave(simulator, anna);
    await comeBack(anna);
    await anna.inState("connected");
    await until("the subscription is confirmed", () => anna.page.evaluate(() => e2e.ends.subscribe));
    await simulator.publish({ data: newMessage("afterwards") });
    await simulator.publish({ topic: "/v2/me/calls", data: { n: 1 } });
    await until("both have come", () => anna.page.evaluate(() => e2e.calls.length > 0 && e2e.ends.once));
    assert.deepEqual(await anna.page.evaluate(() => [e2e.ends, e2e.calls]), [{ connect: "given", ready: "given", subscribe: "given", once: "given" }, [1]]);
    // What a handshake has made that was never answered to the page goes when it expires, and is not polled any more.
    assert.equal((await simulator.sessionsOf("anna")).filter(({ held }) => held).length <= 1, true);
  });
}

scenario("a client that is not connected when the page is left is not opened by the return", async ({ simulator, agent }) => {
  const anna = await atRestOn("long-polling", { simulator, agent });
  await anna.disconnect();
  await leave(simulator, anna);
  const n = await simulator.now();
  await comeBack(anna);
  await throughout("it is silent", 500, async () => (await simulator.requests(n)).every(({ kind }) => kind === "static"));
  assert.equal(await anna.state(), "disconnected");
  await anna.connect();
  await simulator.publish({ data: newMessage("afterwards") });
  assert.deepEqual(await anna.textsOf(1), ["afterwards"]);
});

scenario("a page that disconnects by itself when it is left stays so on return", async ({ simulator, agent }) => {
  const anna = await atRestOn("websocket", { simulator, agent });
  await anna.page.evaluate(() => addEventListener("pagehide", () => void e2e.client.disconnect()));
  const left = await simulator.now();
  await leave(simulator, anna);
  await noSession(simulator);
  await noSocket(simulator);
  const n = await simulator.now();
  await comeBack(anna);
  await throughout("it is silent", 500, async () => (await simulator.requests(n)).every(({ kind }) => kind === "static"));
  await anna.inState("disconnected");
  const goodbyes = (await simulator.requests(left)).filter(({ kind, user }) => kind === "disconnect" && user === "anna");
  assert.equal(goodbyes.length, 1);
});

scenario("a login that has ended meanwhile is renewed on return", async ({ simulator, agent }) => {
  const anna = await cacheable(agent, simulator);
  await anna.page.evaluate(async () => {
    e2e.logins = 0;
    await e2e.create({
      reauthenticate: async () => {
        e2e.logins += 1;
        await e2e.logIn();
      },
    });
    await e2e.client.connect();
  });
  await simulator.atRest();
  const before = await anna.clientId();
  await leave(simulator, anna);
  await noSession(simulator);
  await simulator.logout("anna");
  await comeBack(anna);
  await anna.connectedAnew(before);
  assert.equal(await anna.page.evaluate(() => e2e.logins), 1);
  assert.deepEqual(await causes(anna), ["new-session"]);
});
