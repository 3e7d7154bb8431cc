// A socket that carried the session and then fails, in every way there is: long-polling at once, in the same session, and the caller is told the truth.

import assert from "node:assert/strict";
import { onSocket, scenarios } from "./lib/scenario.js";
import { newMessage } from "./lib/texts.js";
import { throughout, until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "1000"] });
/** The first retry of a break comes after 0.3 s at most; a socket that is tried again as soon would have been. */
const NOT_AGAIN_MS = 400;
const asText = (body) => ({ type: "send", text: typeof body === "string" ? body : JSON.stringify(body) });

/** The socket was left with that reason, in the same session, and long-polling carries on what was published after it. */
async function expectOnLongPolling(simulator, anna, { before, ack, reason }) {
  await simulator.atRestOn("long-polling");
  await anna.inState("connected");
  await simulator.publish({ data: newMessage("afterwards") });
  await until("the last one has come", async () => (await anna.texts()).at(-1) === "afterwards");
  const changes = (await anna.events("connection")).map(({ state, transport, reason }) => [state, transport, reason?.code]);
  assert.deepEqual(changes, [["reconnecting", "long-polling", reason], ["connected", "long-polling", undefined]]);
  const back = (await anna.events("connection")).at(-1);
  assert.deepEqual([back.recovered, back.acknowledged, await anna.clientId()], [ack, ack, before]);
  assert.deepEqual((await anna.events("gap")).map(({ cause }) => cause), ack ? [] : ["lost-reply"]);
  await throughout("no second socket is opened", NOT_AGAIN_MS, async () => (await anna.sockets()).made === 1);
  const { requests, sockets } = await simulator.counters();
  assert.deepEqual([requests.handshake, requests.subscribe, sockets.opened], [1, 1, 1]);
}

/** Two before, two while it happens, and what expectOnLongPolling publishes. */
async function fail(simulator, agent, { ack, options, reason }, disturb) {
  const anna = await onSocket(agent, simulator, { ack, ...options });
  const before = await anna.clientId();
  await simulator.publish({ data: newMessage("before {{n}}"), count: 2 });
  await anna.textsOf(2);
  await anna.page.evaluate(() => void (e2e.record = e2e.record.filter(({ type }) => type === "NewMessage")));
  await simulator.atRestOn("websocket");
  await disturb(anna);
  await expectOnLongPolling(simulator, anna, { before, ack, reason });
  return anna;
}

const ends = {
  "is closed with 1000": [{ type: "close", code: 1000 }, "network/socket-closed"],
  "is closed with 1009": [{ type: "close", code: 1009, reason: "message too big" }, "network/socket-closed"],
  "is closed with 1011": [{ type: "close", code: 1011 }, "network/socket-closed"],
  "is closed with 1013": [{ type: "close", code: 1013, reason: "try again later" }, "network/socket-closed"],
  "dies without a word": [{ type: "kill" }, "network/socket-closed"],
  "is closed in one direction": [{ type: "half-close" }, "network/socket-closed"],
  "brings a binary frame": [{ type: "send", binary: "AAEC" }, "protocol/not-json"],
  "brings garbage": [asText("{[this is no JSON"), "protocol/not-json"],
  "brings a page": [asText("<html><body>Login</body></html>"), "protocol/not-json"],
  "brings a number": [asText("42"), "protocol/not-json"],
  "brings 32 MB of garbage": [{ type: "send", text: "x".repeat(1_024), repeat: 32 * 1_024 }, "protocol/not-json"],
};

for (const [name, [action, reason]] of Object.entries(ends)) {
  for (const ack of [true, false]) {
    scenario(`a socket that ${name} is left for long-polling, acknowledged: ${ack}`, async ({ simulator, agent }) => {
      const anna = await fail(simulator, agent, { ack, reason }, async () => {
        await simulator.disturbSockets(action);
        await simulator.publish({ data: newMessage("meanwhile") });
      });
      const texts = await anna.texts();
      const all = ["before 1", "before 2", "meanwhile", "afterwards"];
      // Without acknowledgement what was on its way may be gone; the gap says so.
      assert.deepEqual(texts, ack || texts.length === all.length ? all : all.filter((text) => text !== "meanwhile"));
    });
  }
}

for (const ack of [true, false]) {
  for (const [name, action] of [["both ways", { type: "stall" }], ["to the client", { type: "stall", direction: "to-client" }]]) {
    scenario(`a socket that stalls ${name} is left at its deadline, acknowledged: ${ack}`, async ({ simulator, agent }) => {
      await simulator.options({ timeout: 1_000 });
      const anna = await fail(simulator, agent, { ack, reason: "network/timeout", options: { maxNetworkDelay: 700 } }, async (anna) => {
        const began = performance.now();
        await simulator.disturbSockets(action);
        await simulator.options({ timeout: 10_000 });
        await simulator.publish({ data: newMessage("meanwhile {{n}}"), count: 3 });
        await anna.event("connection", ({ state }) => state === "reconnecting");
        const took = performance.now() - began;
        assert.ok(took < 2_500, `left after ${took} ms`);
      });
      const texts = await anna.texts();
      const all = ["before 1", "before 2", "meanwhile 1", "meanwhile 2", "meanwhile 3", "afterwards"];
      assert.deepEqual(texts, ack ? all : all.filter((text) => texts.includes(text)));
    });
  }

  scenario(`a socket that swallows the reply to a connect is left at its deadline, acknowledged: ${ack}`, async ({ simulator, agent }) => {
    await simulator.options({ timeout: 1_000 });
    const anna = await fail(simulator, agent, { ack, reason: "network/timeout", options: { maxNetworkDelay: 700 } }, async (anna) => {
      await simulator.disturbSockets({ type: "swallow", kind: "connect" });
      await simulator.options({ timeout: 10_000 });
      await simulator.publish({ data: newMessage("meanwhile {{n}}"), count: 3 });
      await anna.event("connection", ({ state }) => state === "reconnecting");
    });
    assert.deepEqual(await anna.texts(), ["before 1", "before 2", "meanwhile 1", "meanwhile 2", "meanwhile 3", "afterwards"]);
  });
}

scenario("a reply to a connect that comes twice delivers nothing twice, and the socket stays", async ({ simulator, agent }) => {
  const anna = await onSocket(agent, simulator);
  await simulator.disturbSockets({ type: "double", kind: "connect", times: 3 });
  for (let index = 1; index <= 3; index++) {
    await simulator.publish({ data: newMessage(`${index}`) });
    await anna.textsOf(index);
    await simulator.atRestOn("websocket");
  }
  await simulator.publish({ data: newMessage("4") });
  assert.deepEqual(await anna.textsOf(4), ["1", "2", "3", "4"]);
  assert.deepEqual((await anna.events("warning")).map(({ code }) => code), Array(3).fill("protocol/unknown-reply"));
  assert.deepEqual([await anna.transport(), await anna.path(), (await simulator.counters()).sockets.opened], ["websocket", ["connecting", "connected"], 1]);
});

scenario("a subscription whose reply the socket swallows is confirmed over long-polling, and delivers once", async ({ simulator, agent }) => {
  const anna = await onSocket(agent, simulator, { maxNetworkDelay: 700 });
  const before = await anna.clientId();
  await simulator.disturbSockets({ type: "swallow", kind: "subscribe" });
  await anna.page.evaluate(async () => {
    e2e.calls = [];
    await e2e.client.subscribe("/v2/me/calls", ({ data }) => e2e.calls.push(data.n));
  });
  await simulator.atRestOn("long-polling");
  await simulator.publish({ topic: "/v2/me/calls", data: { n: "{{n}}" }, count: 2 });
  await simulator.publish({ data: newMessage("last") });
  await anna.textsOf(1);
  assert.deepEqual(await anna.page.evaluate(() => e2e.calls), ["1", "2"]);
  const { requests, frames } = await simulator.counters();
  assert.deepEqual([frames.subscribe, requests.subscribe, requests.handshake, await anna.clientId()], [1, 2, 1, before]);
  const left = await anna.event("connection", ({ state }) => state === "reconnecting");
  assert.deepEqual([left.reason.code, await anna.events("gap")], ["network/timeout", []]);
});

scenario("the sound rest of a frame with rubbish in it is used, each piece of rubbish is named, and the socket stays", async ({ simulator, agent }) => {
  const anna = await onSocket(agent, simulator);
  const sound = { channel: "/v2/me/other", data: { n: 1 } };
  await anna.page.evaluate(() => {
    e2e.others = [];
    return e2e.client.subscribe("/v2/me/other", ({ data }) => e2e.others.push(data.n));
  });
  await simulator.disturbSockets(asText([null, 5, "text", [], {}, { channel: 7 }, { channel: "/meta/unheard-of" }, { channel: "/meta/subscribe", successful: true, id: "9999" }, sound]));
  await until("the sound one is delivered", () => anna.page.evaluate(() => e2e.others.length === 1));
  const codes = new Set((await anna.events("warning")).map(({ code }) => code));
  assert.deepEqual(codes, new Set(["protocol/not-a-message", "protocol/no-channel", "protocol/unknown-meta-channel", "protocol/unknown-reply"]));
  await simulator.disturbSockets(asText([]));
  await simulator.disturbSockets(asText({ channel: "/v2/me/other", data: { n: 2 } }));
  await until("a single object is a message, too", () => anna.page.evaluate(() => e2e.others.length === 2));
  assert.deepEqual([await anna.transport(), await anna.path(), (await anna.sockets()).made], ["websocket", ["connecting", "connected"], 1]);
});

scenario("a notification of 8 MB comes whole", async ({ simulator, agent }) => {
  const anna = await onSocket(agent, simulator);
  const length = 8 * 1_024 * 1_024;
  await simulator.publish({ data: newMessage("x".repeat(length)) });
  const seen = await until("it has come", () => anna.page.evaluate(() => e2e.eventsOf("NewMessage")[0]?.message.length), { within: 10_000 });
  assert.deepEqual([seen, await anna.transport()], [length, "websocket"]);
  await simulator.atRestOn("websocket");
});

scenario("a slow socket is a good one", async ({ simulator, agent }) => {
  const anna = await onSocket(agent, simulator);
  await simulator.disturbSockets({ type: "delay", ms: 300, direction: "both" });
  await simulator.disturbSockets({ type: "throttle", bytesPerSecond: 20_000, direction: "to-client" });
  await simulator.publish({ data: newMessage(`{{n}} ${"x".repeat(500)}`), count: 20 });
  await anna.page.evaluate(() => e2e.client.subscribe("/v2/me/calls", () => {}));
  const texts = await anna.textsOf(20);
  assert.deepEqual(texts.map((text) => text.split(" ")[0]), Array.from({ length: 20 }, (_, index) => `${index + 1}`));
  assert.deepEqual([await anna.transport(), await anna.path(), await anna.events("gap")], ["websocket", ["connecting", "connected"], []]);
});

scenario("a socket that failed is tried again when the network is back, in the same session", async ({ simulator, agent }) => {
  const anna = await onSocket(agent, simulator);
  const before = await anna.clientId();
  await simulator.disturbSockets({ type: "kill" });
  await simulator.atRestOn("long-polling");
  await throughout("not by itself", NOT_AGAIN_MS, async () => (await anna.sockets()).made === 1);
  await anna.page.evaluate(() => void dispatchEvent(new Event("online")));
  await simulator.atRestOn("websocket");
  await anna.onTransport("websocket");
  assert.deepEqual([await anna.clientId(), (await anna.sockets()).made, (await anna.sockets()).most], [before, 2, 1]);
  assert.deepEqual([await anna.transports(), await anna.events("gap")], [["long-polling", "websocket", "long-polling", "websocket"], []]);
});

scenario("sockets that fail one after the other are as many breaks, no storm, and nothing is lost", async ({ simulator, agent }) => {
  const anna = await onSocket(agent, simulator);
  const before = await anna.clientId();
  const { requests: first } = await simulator.counters();
  const FAILURES = 4;
  const numbers = [];
  for (let index = 1; index <= FAILURES; index++) {
    await simulator.disturbSockets({ type: "kill" });
    await simulator.publish({ data: newMessage(`${index}`) });
    numbers.push(`${index}`);
    await simulator.atRestOn("long-polling");
    await anna.page.evaluate(() => void dispatchEvent(new Event("online")));
    await simulator.atRestOn("websocket");
  }
  assert.deepEqual(await anna.textsOf(FAILURES), numbers);
  const { requests, sockets } = await simulator.counters();
  assert.deepEqual([sockets.opened, (await anna.sockets()).most, requests.handshake, await anna.clientId()], [FAILURES + 1, 1, 1, before]);
  // For each: the connect that asks at once, the poll after it, the same two after "online", and one that a text may have ended.
  const polls = requests.connect - first.connect;
  assert.ok(polls <= 5 * FAILURES, `${polls} polls`);
  assert.deepEqual(await anna.events("gap"), []);
});
