// Moving between the transports while messages are published without a pause: every instant of a move has one, and none is lost, doubled or out of order.

import assert from "node:assert/strict";
import { BOTH, connected, onSocket, scenarios } from "./lib/scenario.js";
import { newMessage } from "./lib/texts.js";
import { throughout, until } from "./lib/wait.js";

// Short: without acknowledgement the move waits until a poll has returned.
const scenario = scenarios({ simulator: ["--timeout", "1000"] });
const ASK_AGAIN_MS = 600;
const numbers = (count) => Array.from({ length: count }, (_, index) => `${index + 1}`);

/** Publishes 1, 2, 3 … one after the other until `action` has ended. Gives how many. */
async function publishDuring(simulator, action) {
  let count = 0;
  let going = true;
  const publishing = (async () => {
    while (going) {
      count += 1;
      await simulator.publish({ data: newMessage(`${count}`) });
    }
  })();
  try {
    await action();
  } finally {
    going = false;
  }
  await publishing;
  return count;
}

/** Each number once and in order, and nothing that would make the caller doubt it. */
async function expectAll(anna, count) {
  assert.deepEqual(await anna.textsOf(count, { within: 10_000 }), numbers(count));
  await throughout("nothing comes twice", ASK_AGAIN_MS, async () => (await anna.texts()).length === count);
  assert.deepEqual([await anna.events("gap"), await anna.events("warning")], [[], []]);
}

/** In order, none twice; and when one is missing, the client says so. */
async function expectHonest(simulator, anna, count) {
  await simulator.publish({ data: newMessage(`${count + 1}`) });
  await until("the last one has come", async () => (await anna.texts()).at(-1) === `${count + 1}`, { within: 10_000 });
  const texts = (await anna.texts()).map(Number);
  assert.ok(texts.every((n, index) => index === 0 || n > texts[index - 1]), `out of order or twice: ${texts}`);
  const gaps = await anna.events("gap");
  if (texts.length < count + 1) assert.equal(gaps.length, 1, `${count + 1 - texts.length} are missing`);
  assert.ok(gaps.every(({ cause }) => cause === "lost-reply"), JSON.stringify(gaps));
}

/** Not asked of the server: while messages are published without a pause no poll is held for long. */
const backOnLongPolling = (anna) => until("connected on long-polling", () => anna.page.evaluate(() => e2e.client.state === "connected" && e2e.client.transport === "long-polling"));

async function expectOneSession(simulator, anna, before) {
  const { requests, sockets } = await simulator.counters();
  assert.deepEqual([requests.handshake, requests.subscribe, sockets.opened, await anna.clientId()], [1, 1, 1, before]);
  assert.equal((await anna.sockets()).most, 1);
}

for (const ack of [true, false]) {
  scenario(`a move to the socket that takes its time loses nothing of what is published meanwhile, acknowledged: ${ack}`, async ({ simulator, agent }) => {
    const anna = await connected(agent, simulator, { transports: ["long-polling"], ack });
    await anna.dispose();
    await anna.forget();
    await simulator.fault("upgrade", { type: "delay", ms: 250 });
    await simulator.disturbSockets({ type: "delay", ms: 150, direction: "both" }, { next: 1 });
    await anna.create({ ...BOTH, ack });
    await anna.connect();
    const before = await anna.clientId();
    const count = await publishDuring(simulator, () => anna.onTransport("websocket"));
    assert.ok(count > 5, `only ${count} were published during the move`);
    await expectAll(anna, count);
    assert.equal(await anna.clientId(), before);
    assert.deepEqual(await anna.path(), ["connecting", "connected"]);
    assert.equal((await anna.sockets()).made, 1);
  });

  // Frames either way: the first connect, its reply, the second connect, and what the server sends.
  for (const afterFrames of [1, 2, 3, 5, 12]) {
    scenario(`a socket that dies after ${afterFrames} frames is left without losing anything unsaid, acknowledged: ${ack}`, async ({ simulator, agent }) => {
      const anna = await agent();
      await anna.create({ ...BOTH, ack });
      await simulator.disturbSockets({ type: "kill" }, { next: 1, afterFrames });
      await anna.connect();
      const before = await anna.clientId();
      const count = await publishDuring(simulator, async () => {
        await until("the socket has died", async () => {
          const { sockets } = await simulator.counters();
          return sockets.opened === 1 && sockets.open === 0;
        });
        await backOnLongPolling(anna);
      });
      await (ack ? expectAll(anna, count) : expectHonest(simulator, anna, count));
      await expectOneSession(simulator, anna, before);
      assert.equal(await anna.transport(), "long-polling");
    });
  }

  scenario(`a server that closes the socket is gone on with by long-polling, acknowledged: ${ack}`, async ({ simulator, agent }) => {
    const anna = await onSocket(agent, simulator, { ack });
    const before = await anna.clientId();
    const count = await publishDuring(simulator, async () => {
      await until("some have come on the socket", async () => (await anna.texts()).length > 5);
      await simulator.disturbSockets({ type: "close", code: 1001 });
      await backOnLongPolling(anna);
    });
    await (ack ? expectAll(anna, count) : expectHonest(simulator, anna, count));
    await expectOneSession(simulator, anna, before);
  });
}

scenario("no poll is ended for a socket, and eight moves in a row stay on their sockets", async ({ simulator, agent }) => {
  const anna = await agent();
  const MOVES = 8;
  for (let move = 1; move <= MOVES; move++) {
    await anna.page.evaluate(async (transports) => {
      e2e.ended = [];
      const timed = (request) => {
        const began = performance.now();
        if (request.url.endsWith("/connect")) request.signal.addEventListener("abort", () => e2e.ended.push(performance.now() - began));
        return fetch(request);
      };
      await e2e.create({ transports, fetch: timed });
      await e2e.client.connect();
    }, BOTH.transports);
    await anna.onTransport("websocket");
    await simulator.atRestOn("websocket");
    const ended = await anna.page.evaluate(() => e2e.ended);
    assert.deepEqual(ended, [], "polls ended after so many ms");
    await anna.disconnect();
  }
  assert.equal((await anna.events("connection")).filter(({ state }) => state === "reconnecting").length, 0);
  const { sockets, requests } = await simulator.counters();
  assert.deepEqual([sockets.opened, requests.handshake], [MOVES, MOVES]);
});

const moments = {
  "while the socket opens": async ({ simulator }) => {
    await simulator.fault("upgrade", { type: "delay", ms: 1_000 });
    return async () => (await simulator.counters()).requests.upgrade === 1;
  },
  "while its first connect is on the way": async ({ simulator }) => {
    await simulator.disturbSockets({ type: "stall", direction: "from-client" }, { next: 1 });
    return async () => (await simulator.counters()).sockets.opened === 1;
  },
  "while the reply to its first connect is on the way": async ({ simulator }) => {
    await simulator.disturbSockets({ type: "stall", direction: "to-client" }, { next: 1 });
    return async () => (await simulator.counters()).frames.connect === 1;
  },
  "when it has just been moved to": async ({ anna }) => () => anna.transport().then((transport) => transport === "websocket"),
  "while it is left": async ({ simulator, anna }) => {
    await simulator.disturbSockets({ type: "kill" }, { next: 1, afterFrames: 3 });
    await simulator.fault("connect", { type: "delay", ms: 1_000 }, { skip: 2, times: 10 });
    return async () => (await anna.events("connection")).some(({ state }) => state === "reconnecting");
  },
};

// By turns: dispose() is disconnect() and more.
for (const [index, [moment, prepare]] of Object.entries(moments).entries()) {
  const end = index % 2 ? "dispose" : "disconnect";
  scenario(`${end}() ${moment} leaves no session, no socket, and silence`, async ({ simulator, agent }) => {
    const anna = await agent();
    await anna.create({ ...BOTH, maxNetworkDelay: 2_000 });
    const reached = await prepare({ simulator, anna });
    await anna.connect();
    await until(`the moment ${moment}`, reached);
    await anna[end]();
    assert.equal(await anna.state(), "disconnected");
    // What stalls would keep the server from seeing that the socket was closed.
    await simulator.clearSocketFaults();
    await until("the server has no session", async () => (await simulator.state()).cometdSessions.length === 0, { within: 3_000 });
    await until("the server has no socket", async () => (await simulator.counters()).sockets.open === 0, { within: 3_000 });
    const asked = anna.requests.length;
    const told = (await anna.record()).length;
    await throughout("nothing is sent or told", 400, async () => anna.requests.length === asked && (await anna.record()).length === told);
    assert.equal((await anna.sockets()).made, 1);
  });
}
