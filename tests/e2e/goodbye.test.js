// The end: no session stays behind on the server, nothing stays behind on the page, whatever moment it comes at.

import assert from "node:assert/strict";
import { scenarios } from "./lib/scenario.js";
import { newMessage } from "./lib/texts.js";
import { throughout, until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000"] });
/** Longer than the first retry of a break. */
const SILENCE_MS = 500;

const noSession = (simulator) => until("the server has no session", async () => (await simulator.state()).cometdSessions.length === 0, { within: 3_000 });

async function expectSilence(anna) {
  const asked = anna.requests.length;
  await throughout("no request is made", SILENCE_MS, () => anna.requests.length === asked);
}

scenario("disconnect() leaves no session on the server, no request in flight, and silence", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  await anna.connect();
  await simulator.atRest();
  await anna.disconnect();
  assert.deepEqual((await simulator.state()).cometdSessions, [], "at the moment disconnect() resolves");
  const seen = await anna.page.evaluate(() => [e2e.client.state, e2e.client.reason, e2e.client.transport, e2e.client.clientId]);
  assert.deepEqual(seen, ["disconnected", undefined, undefined, undefined]);
  assert.deepEqual(await anna.path(), ["connecting", "connected", "disconnecting", "disconnected"]);
  await expectSilence(anna);
  assert.equal((await simulator.counters()).requests.disconnect, 1);
});

scenario("disconnect() as often as one likes says goodbye once, and before connect() nothing", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  await anna.disconnect();
  assert.deepEqual(await anna.record(), []);
  await anna.connect();
  await anna.page.evaluate(async () => {
    await Promise.all([e2e.client.disconnect(), e2e.client.disconnect()]);
    await e2e.client.disconnect();
  });
  assert.equal((await simulator.counters()).requests.disconnect, 1);
});

scenario("disconnect() during the handshake waits for the client id and says goodbye with it", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  await simulator.fault("handshake", { type: "delay", ms: 700 });
  await anna.page.evaluate(() => void (e2e.opening = e2e.outcome(e2e.client.connect())));
  await until("the server has made the session", async () => (await simulator.state()).cometdSessions.length === 1);
  await anna.disconnect();
  assert.deepEqual((await simulator.state()).cometdSessions, []);
  assert.equal((await anna.page.evaluate(() => e2e.opening)).error.code, "aborted");
  const { requests } = await simulator.counters();
  assert.deepEqual([requests.handshake, requests.disconnect], [1, 1]);
  await expectSilence(anna);
});

scenario("disconnect() during a handshake that is never answered ends at its bound", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create({ maxNetworkDelay: 500 });
  await simulator.fault("handshake", { type: "hang" }, { times: 10 });
  await anna.page.evaluate(() => void e2e.outcome(e2e.client.connect()));
  await until("the handshake is under way", async () => (await simulator.counters()).requests.handshake === 1);
  const took = await anna.page.evaluate(async () => {
    const began = performance.now();
    await e2e.client.disconnect();
    return performance.now() - began;
  });
  assert.ok(took < 2_000, `disconnect() took ${took} ms`);
  assert.equal(await anna.state(), "disconnected");
  await expectSilence(anna);
});

scenario("disconnect() resolves within its bound when the goodbye is not answered", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create({ maxNetworkDelay: 500 });
  await anna.connect();
  await simulator.atRest();
  await simulator.fault("disconnect", { type: "hang" });
  const took = await anna.page.evaluate(async () => {
    const began = performance.now();
    await e2e.client.disconnect();
    return performance.now() - began;
  });
  assert.ok(took > 400 && took < 2_000, `disconnect() took ${took} ms`);
  assert.deepEqual([await anna.state(), await anna.reason()], ["disconnected", undefined]);
  await expectSilence(anna);
});

scenario("disconnect() while waiting for the next attempt ends the waiting", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  await anna.connect();
  await simulator.atRest();
  await simulator.fault("connect", { type: "answer", status: 503, headers: { "Retry-After": "60" }, body: "" });
  await simulator.publish({ data: newMessage("ends the poll") });
  await anna.event("connection", ({ retryInMs }) => retryInMs > 1_000);
  await anna.disconnect();
  assert.deepEqual([await anna.state(), await anna.reason()], ["disconnected", undefined]);
  await noSession(simulator);
  await expectSilence(anna);
});

scenario("a page that disconnects when it is hidden for good leaves no session", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  await anna.page.evaluate(() => addEventListener("pagehide", () => void e2e.client.disconnect()));
  await anna.connect();
  await simulator.atRest();
  await anna.page.goto(`${simulator.address}/gws-im-sdk/package.json`);
  await noSession(simulator);
});

scenario("dispose() says goodbye, ends what waits quietly, and getters go on answering", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  await anna.connect();
  await simulator.publish({ data: newMessage("before") });
  await anna.textsOf(1);
  const seen = await anna.page.evaluate(async () => {
    const { client } = e2e;
    let onceEnded = false;
    const quiet = () => (onceEnded = true);
    client.once("NewMessage").then(quiet, quiet);
    const iterator = client.notifications();
    const next = iterator.next();
    await Promise.all([client.dispose(), client.dispose()]);
    await client.dispose();
    const { done } = await next;
    await new Promise((resolve) => setTimeout(resolve));
    const { state, reason, transport, clientId, diagnostics } = client;
    return { done, onceEnded, state, reason, transport, clientId, received: diagnostics.received, asyncDispose: Symbol.asyncDispose ? typeof client[Symbol.asyncDispose] : "function" };
  });
  assert.deepEqual(seen, {
    done: true, onceEnded: false, state: "disconnected", reason: undefined, transport: undefined, clientId: undefined, received: 1, asyncDispose: "function",
  });
  assert.deepEqual((await simulator.state()).cometdSessions, []);
  await expectSilence(anna);
});

scenario("every call under way settles when the client is disposed, whatever its state", async ({ agent }) => {
  const anna = await agent();
  const found = await anna.page.evaluate(async () => {
    const starts = {
      "never opened": () => {},
      connecting: (client) => void client.connect().catch(() => {}),
      "connected and closed again": (client) => client.connect().then(() => client.disconnect()),
    };
    const ends = {};
    for (const [name, start] of Object.entries(starts)) {
      const client = await e2e.create();
      await start(client);
      const { signal } = new AbortController();
      const calls = [client.ready(), client.ready({ signal }), client.subscribe("/v2/me/calls", () => {})].map((call) => e2e.outcome(call));
      await client.dispose();
      ends[name] = (await Promise.all(calls)).map(({ error }) => error?.code);
    }
    return ends;
  });
  for (const [name, codes] of Object.entries(found)) assert.deepEqual(codes, ["aborted", "aborted", "aborted"], name);
});

scenario("a client that is saying goodbye stays closed when the browser brings its page back", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  await anna.connect();
  await simulator.atRest();
  await simulator.fault("disconnect", { type: "delay", ms: 500 });
  await anna.page.evaluate(async () => {
    const closed = e2e.client.disconnect();
    await Promise.resolve();
    dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
    dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    await closed;
  });
  assert.equal(await anna.state(), "disconnected");
  await expectSilence(anna);
  await noSession(simulator);
});

scenario("calls after dispose() fail with usage/disposed", async ({ agent }) => {
  const anna = await agent();
  await anna.create();
  await anna.connect();
  await anna.dispose();
  const codes = await anna.page.evaluate(async () => {
    const { client } = e2e;
    const calls = {
      connect: () => client.connect(),
      ready: () => client.ready(),
      reconnect: () => client.reconnect(),
      on: () => client.on("NewMessage", () => {}),
      once: () => client.once("NewMessage"),
      subscribe: () => client.subscribe("/v2/me/calls", () => {}),
      notifications: () => client.notifications(),
    };
    const ends = {};
    for (const [name, call] of Object.entries(calls)) ends[name] = (await e2e.outcome(call)).error?.code;
    // Those that give a promise reject; they do not throw.
    const promises = [client.connect(), client.ready(), client.once("NewMessage"), client.subscribe("/v2/me/calls", () => {})];
    await Promise.allSettled(promises);
    const harmless = await e2e.outcome(async () => {
      client.off("NewMessage", () => {});
      await client.disconnect();
      await client.dispose();
    });
    return { ...ends, harmless: harmless.error ?? "fine" };
  });
  const disposed = "usage/disposed";
  assert.deepEqual(codes, {
    connect: disposed, ready: disposed, reconnect: disposed, on: disposed, once: disposed, subscribe: disposed, notifications: disposed, harmless: "fine",
  });
});

const moments = {
  "before connect()": async () => {},
  "in the tick of connect()": ({ anna }) => anna.page.evaluate(() => void e2e.outcome(e2e.client.connect())),
  "during the handshake": async ({ simulator, anna }) => {
    await simulator.fault("handshake", { type: "delay", ms: 400 });
    await anna.page.evaluate(() => void e2e.outcome(e2e.client.connect()));
    await until("a session is made", async () => (await simulator.state()).cometdSessions.length === 1);
  },
  "during the subscription": async ({ simulator, anna }) => {
    await simulator.fault("subscribe", { type: "delay", ms: 400 });
    await anna.page.evaluate(() => void e2e.outcome(e2e.client.connect()));
    await until("it is asked for", async () => (await simulator.counters()).requests.subscribe === 1);
  },
  "while a subscription to another topic is under way": async ({ simulator, anna }) => {
    await anna.connect();
    await simulator.fault("subscribe", { type: "delay", ms: 400 });
    await anna.page.evaluate(() => void e2e.outcome(e2e.client.subscribe("/v2/me/calls", () => {})));
  },
  "while reconnecting": async ({ simulator, anna }) => {
    await anna.connect();
    await simulator.atRest();
    await simulator.fault("connect", { type: "answer", status: 502, body: "" }, { times: 100 });
    await simulator.publish({ data: newMessage("ends the poll") });
    await anna.event("connection", ({ attempt }) => attempt >= 2);
  },
  "in the middle of 2,000 messages": async ({ simulator, anna }) => {
    await anna.connect();
    await simulator.atRest();
    await anna.page.evaluate(() => {
      const { client } = e2e;
      let seen = 0;
      client.on("NewMessage", () => {
        seen += 1;
        if (seen === 1_000) client.dispose().then(() => (e2e.seenAtTheEnd = seen));
      });
    });
    await simulator.publish({ data: newMessage("{{n}}"), count: 2_000 });
    await until("disposed", () => anna.page.evaluate(() => e2e.seenAtTheEnd !== undefined));
  },
  "during disconnect()": ({ anna }) => anna.connect().then(() => anna.page.evaluate(() => void e2e.client.disconnect())),
};

for (const [moment, reach] of Object.entries(moments)) {
  scenario(`dispose() ${moment} leaves nothing behind`, async ({ simulator, agent }) => {
    const anna = await agent();
    await anna.create({ backoffIncrement: 100 });
    await reach({ simulator, anna });
    await anna.dispose();
    assert.equal(await anna.state(), "disconnected");
    await noSession(simulator);
    const told = (await anna.record()).length;
    await simulator.publish({ data: newMessage("for nobody") });
    await expectSilence(anna);
    assert.equal((await anna.record()).length, told, "a disposed client tells nothing");
  });
}

async function pageListeners(cdp) {
  const counts = {};
  for (const target of ["window", "document", "navigator", "screen"]) {
    const { result } = await cdp.send("Runtime.evaluate", { expression: target });
    const { listeners } = await cdp.send("DOMDebugger.getEventListeners", { objectId: result.objectId });
    counts[target] = listeners.map(({ type }) => type).sort();
  }
  return counts;
}

scenario("create, connect, receive, disconnect and dispose 50 times: no session, no listener and no memory stays", async ({ simulator, agent }) => {
  const anna = await agent();
  const cdp = await anna.page.context().newCDPSession(anna.page);
  const rounds = (count) => anna.page.evaluate(async (count) => {
    for (let round = 0; round < count; round++) {
      const client = await e2e.create();
      await Promise.all([client.subscribe("/v2/me/calls", () => {}), client.connect()]);
      if (round % 2) await client.disconnect();
      await client.dispose();
    }
    return e2e.client.diagnostics.wasmBytes;
  }, count);
  await rounds(5);
  const listenersBefore = await pageListeners(cdp);
  const bytesBefore = await rounds(5);
  const bytesAfter = await rounds(50);
  assert.deepEqual((await simulator.state()).cometdSessions, []);
  assert.deepEqual(await pageListeners(cdp), listenersBefore);
  assert.equal(bytesAfter, bytesBefore, "WebAssembly memory grew");
  assert.deepEqual((await simulator.counters()).requests.disconnect, 60);
});
