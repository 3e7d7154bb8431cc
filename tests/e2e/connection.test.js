// The life of a channel as its caller sees it: connect, ready, reconnect, disconnect, and what the getters and the "connection" event say meanwhile.

import assert from "node:assert/strict";
import { scenarios } from "./lib/scenario.js";
import { IM_SESSIONS } from "./lib/simulator.js";
import { newMessage } from "./lib/texts.js";
import { until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000"] });

scenario("create() opens nothing", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  const seen = await anna.page.evaluate(() => {
    const { state, reason, transport, clientId } = e2e.client;
    return { state, reason, transport, clientId };
  });
  assert.deepEqual(seen, { state: "disconnected", reason: undefined, transport: undefined, clientId: undefined });
  assert.equal((await simulator.counters()).requests.handshake, 0);
  assert.deepEqual(await anna.record(), []);
});

scenario("connect() resolves when the server has confirmed the subscription", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  const atOnce = await anna.page.evaluate(async () => {
    await e2e.client.connect();
    const { state, reason, transport, clientId } = e2e.client;
    return { state, reason, transport, clientId };
  });
  const session = await simulator.atRest();
  assert.deepEqual(atOnce, { state: "connected", reason: undefined, transport: "long-polling", clientId: session.clientId });
  assert.deepEqual(session.subscriptions, [IM_SESSIONS]);
  const [first, ...later] = await anna.events("connection");
  assert.deepEqual([first.state, first.previous], ["connecting", "disconnected"]);
  const last = later.at(-1);
  assert.deepEqual([last.state, last.previous, last.transport, last.acknowledged, last.reason], ["connected", "connecting", "long-polling", true, undefined]);
  assert.deepEqual(await anna.path(), ["connecting", "connected"]);
  assert.deepEqual(await anna.events("gap"), [], "the first connect is no gap");
  assert.deepEqual(await anna.events("warning"), []);
});

scenario("connect() as often as one likes is one channel", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  await anna.page.evaluate(async () => {
    await Promise.all([e2e.client.connect(), e2e.client.connect(), e2e.client.ready()]);
    await e2e.client.connect();
  });
  await simulator.atRest();
  const { requests } = await simulator.counters();
  assert.deepEqual([requests.handshake, requests.subscribe], [1, 1]);
});

scenario("ready() opens nothing and resolves with the connection that somebody else opens", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  await anna.page.evaluate(() => void (e2e.ready = e2e.client.ready().then(() => (e2e.wasReady = e2e.client.state))));
  await anna.page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  assert.equal((await simulator.counters()).requests.handshake, 0);
  await anna.connect();
  await anna.page.evaluate(() => e2e.ready);
  assert.equal(await anna.page.evaluate(() => e2e.wasReady), "connected");
});

scenario("a signal abandons the wait of its caller only", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  await simulator.fault("handshake", { type: "delay", ms: 500 });
  const outcomes = await anna.page.evaluate(async () => {
    const controller = new AbortController();
    const abandoned = e2e.outcome(e2e.client.connect({ signal: controller.signal }));
    const abandonedToo = e2e.outcome(e2e.client.ready({ signal: controller.signal }));
    const kept = e2e.outcome(e2e.client.connect().then(() => e2e.client.state));
    controller.abort();
    const early = [await abandoned, await abandonedToo, e2e.client.state];
    return [...early, await kept];
  });
  assert.deepEqual(outcomes.slice(0, 2).map(({ error }) => error?.code), ["aborted", "aborted"]);
  assert.equal(outcomes[2], "connecting");
  assert.deepEqual(outcomes[3], { value: "connected" });
  assert.equal((await simulator.counters()).requests.handshake, 1);
});

scenario("a signal that is aborted already rejects", async ({ agent }) => {
  const anna = await agent();
  await anna.create();
  const outcome = await anna.page.evaluate(() => e2e.outcome(e2e.client.connect({ signal: AbortSignal.abort() })));
  assert.equal(outcome.error?.code, "aborted");
});

scenario("disconnect() rejects who still waits to be connected", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  await simulator.fault("handshake", { type: "delay", ms: 300 });
  const outcomes = await anna.page.evaluate(async () => {
    const waits = [e2e.outcome(e2e.client.connect()), e2e.outcome(e2e.client.ready())];
    await e2e.client.disconnect();
    return [...(await Promise.all(waits)), e2e.client.state, e2e.client.reason];
  });
  assert.deepEqual(outcomes.slice(0, 2).map(({ error }) => error?.code), ["aborted", "aborted"]);
  assert.deepEqual(outcomes.slice(2), ["disconnected", undefined]);
});

scenario("reconnect() tries at once while the client waits for its next attempt", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  await anna.connect();
  await simulator.atRest();
  await simulator.fault("connect", { type: "answer", status: 503, headers: { "Retry-After": "60" }, body: "" });
  await simulator.publish({ data: newMessage("ends the poll") });
  const waiting = await anna.event("connection", ({ state, retryInMs }) => state === "reconnecting" && retryInMs > 0);
  assert.ok(waiting.retryInMs > 55_000 && waiting.retryInMs <= 61_000, `Retry-After is obeyed: ${waiting.retryInMs}`);
  assert.deepEqual([waiting.reason?.code, waiting.reason?.status, waiting.attempt], ["http/503", 503, 1]);
  assert.equal((await anna.reason()).code, "http/503");
  await anna.page.evaluate(() => e2e.client.reconnect());
  await anna.inState("connected");
  assert.deepEqual([await anna.reason(), await anna.path()], [undefined, ["connecting", "connected", "reconnecting", "connected"]]);
});

scenario("connect() after disconnect() is a gap, and the first is none", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  await anna.connect();
  const firstId = await anna.clientId();
  await anna.disconnect();
  assert.deepEqual(await anna.events("gap"), []);
  const before = Date.now();
  await anna.connect();
  const gap = await anna.event("gap");
  assert.equal(gap.cause, "new-session");
  assert.ok(gap.since <= before && before <= gap.until + 1 && gap.until <= Date.now(), JSON.stringify({ gap, before }));
  assert.deepEqual(await anna.path(), ["connecting", "connected", "disconnecting", "disconnected", "connecting", "connected"]);
  assert.notEqual(await anna.clientId(), firstId);
  await simulator.publish({ data: newMessage("after") });
  assert.deepEqual(await anna.textsOf(1), ["after"]);
  assert.equal((await anna.diagnostics()).handshakes, 2);
});

scenario("connect() straight after disconnect() opens a new channel once the goodbye is said", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  await anna.connect();
  await anna.page.evaluate(() => Promise.all([e2e.client.disconnect(), e2e.client.connect()]));
  assert.equal(await anna.state(), "connected");
  const session = await simulator.atRest();
  assert.equal(session.clientId, await anna.clientId());
});

scenario("diagnostics count what happened", async ({ simulator, agent }) => {
  const anna = await agent();
  const before = Date.now();
  await anna.create();
  await anna.connect();
  await simulator.publish({ data: newMessage("{{n}}"), count: 5 });
  await simulator.publish({ data: { messageType: "ErrorMessage" } });
  await anna.event("unknown");
  const diagnostics = await anna.diagnostics();
  const { received, duplicates, unknown, violations, handshakes, reconnects, gaps, acknowledged, transport, lastContact, roundTripMs, wasmBytes } = diagnostics;
  assert.deepEqual(
    { received, duplicates, unknown, violations, handshakes, reconnects, gaps, acknowledged, transport },
    { received: 6, duplicates: 0, unknown: 1, violations: 0, handshakes: 1, reconnects: 0, gaps: 0, acknowledged: true, transport: "long-polling" },
  );
  assert.ok(lastContact >= before - 1 && lastContact <= Date.now() + 1, `lastContact ${lastContact}`);
  assert.ok(roundTripMs >= 0 && roundTripMs < 5_000, `roundTripMs ${roundTripMs}`);
  assert.ok(wasmBytes >= 65_536, `wasmBytes ${wasmBytes}`);
});

scenario("two clients of one page have each their own session and listeners", async ({ simulator, agent }) => {
  await simulator.options({ maxSessionsPerBrowser: -1 });
  const anna = await agent();
  const ids = await anna.page.evaluate(async () => {
    e2e.two = [await e2e.create(), await e2e.create()];
    // One after the other: two first handshakes at once get a browser cookie each, of which the browser keeps one.
    for (const client of e2e.two) await client.connect();
    return e2e.two.map(({ clientId }) => clientId);
  });
  const sessions = await simulator.sessionsOf("anna");
  assert.deepEqual(sessions.map(({ clientId }) => clientId).sort(), [...ids].sort());
  await simulator.publish({ data: newMessage("both") });
  await anna.textsOf(2);
  await anna.page.evaluate(() => e2e.two[0].dispose());
  await simulator.publish({ data: newMessage("the second") });
  assert.deepEqual(await anna.textsOf(3), ["both", "both", "the second"]);
});

scenario("two clients that open at the same moment both get there", async ({ simulator, agent }) => {
  await simulator.options({ maxSessionsPerBrowser: -1 });
  const anna = await agent();
  await anna.page.evaluate(async () => {
    e2e.two = [await e2e.create(), await e2e.create()];
    await Promise.all(e2e.two.map((client) => client.connect()));
  });
  // The server may have given each its own browser cookie, and knows only the session of the one that was kept.
  await until("both are connected in sessions the server knows", async () => {
    const ids = await anna.page.evaluate(() => e2e.two.map(({ state, clientId }) => (state === "connected" ? clientId : undefined)));
    const held = (await simulator.sessionsOf("anna")).filter((session) => session.held).map(({ clientId }) => clientId);
    return ids.every((id) => held.includes(id));
  });
  await simulator.publish({ data: newMessage("both") });
  await anna.textsOf(2);
});

scenario("a page that goes says goodbye", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  await anna.connect();
  await simulator.atRest();
  await anna.page.goto("about:blank");
  await until("the server has no session of anna", async () => (await simulator.sessionsOf("anna")).length === 0, { within: 3_000 });
});

scenario("the addresses and the appended message types follow the options", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create({ appendMessageTypeToURL: false, cometdPath: "/api/v2/notifications" });
  await anna.connect();
  await simulator.atRest();
  const paths = new Set(anna.requests.filter(({ method, path }) => method === "POST" && path.startsWith("/api/v2/notifications")).map(({ path }) => path));
  assert.deepEqual([...paths], ["/api/v2/notifications"]);
});
