// A desktop that has a cometd object of its own attaches to it: in Chromium, with the npm package of each line, over both transports.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { scenarios } from "./lib/scenario.js";
import { complete, DEVICE, initiate, send } from "./lib/sessions.js";
import { IM_SESSIONS } from "./lib/simulator.js";
import { newMessage } from "./lib/texts.js";
import { throughout, until } from "./lib/wait.js";

const folder = (path) => fileURLToPath(new URL(path, import.meta.url));
const BOTH = ["long-polling", "websocket"];
/** The files of 8 are those of 9. */
const LINES = { 3: BOTH, 5: ["long-polling"], 8: ["websocket"], 9: BOTH };
const scenario = scenarios({
  simulator: [
    "--timeout", "10000", "--max-sessions-per-browser", "-1",
    ...Object.keys(LINES).flatMap((line) => ["--static", `/cometd-${line}/=${folder(`node_modules/cometd-${line}`)}`]),
  ],
});
/** Longer than it takes to ask again, so that a doubled message would have come. */
const ASK_AGAIN_MS = 600;

/** A desktop whose own object is connected, with its poll held by the server. */
async function desktop(agent, simulator, { line = "9", transport = "long-polling", ack = true, subscribes = false } = {}) {
  const anna = await agent("anna", { path: `/attach.html?cometd=${line}` });
  await anna.page.waitForFunction(() => e2e.desktop);
  await anna.page.evaluate((how) => e2e.desktop.create(how), { transport, ack, subscribes });
  await anna.page.evaluate(() => e2e.desktop.connect());
  await simulator.atRestOn(transport);
  return anna;
}

async function attached(agent, simulator, how) {
  const anna = await desktop(agent, simulator, how);
  await attach(anna);
  return anna;
}

const attach = (anna) => anna.page.evaluate(async () => void (e2e.client = await e2e.attach()));
const ofDesktop = (anna) => anna.page.evaluate(() => {
  const { texts, handshakes, exceptions, cometd } = e2e.desktop;
  return { texts, handshakes, exceptions, status: cometd.getStatus() };
});

async function nextTextArrives(simulator, anna, texts) {
  await simulator.publish({ data: newMessage(texts.at(-1)) });
  assert.deepEqual(await anna.textsOf(texts.length), texts);
}

const newSession = (simulator, before) =>
  until("another session of anna", async () => (await simulator.sessionsOf("anna")).find(({ clientId }) => clientId !== before), { within: 8_000 });

for (const [line, transports] of Object.entries(LINES)) {
  for (const transport of transports) {
    const how = { line, transport };

    scenario(`cometd ${line} over ${transport}: attached, told, and taken back without a trace`, async ({ simulator, agent }) => {
      const anna = await attached(agent, simulator, how);
      const [session, ...more] = await simulator.sessionsOf("anna");
      assert.deepEqual([more, session.subscriptions, session.transport], [[], [IM_SESSIONS], transport]);
      assert.deepEqual([await anna.state(), await anna.transport(), await anna.clientId()], ["connected", "attached", session.clientId]);
      await nextTextArrives(simulator, anna, ["a"]);
      await anna.disconnect();
      await until("unsubscribed", async () => (await simulator.sessionsOf("anna"))[0].subscriptions.length === 0);
      const { handshakes, exceptions, status } = await ofDesktop(anna);
      assert.deepEqual([await anna.state(), handshakes, exceptions, status], ["disconnected", 1, [], "connected"]);
    });

    scenario(`cometd ${line} over ${transport}: beside the desktop's own subscription, through a session that expires`, async ({ simulator, agent }) => {
      const anna = await attached(agent, simulator, { ...how, subscribes: true });
      const before = await anna.clientId();
      await nextTextArrives(simulator, anna, ["a"]);
      await simulator.atRestOn(transport);
      await simulator.expire({ user: "anna" });
      await newSession(simulator, before);
      const gap = await anna.event("gap");
      await anna.inState("connected");
      assert.deepEqual([gap.cause, await anna.path(), (await anna.events("gap")).length], ["new-session", ["reconnecting", "connected"], 1]);
      const { handshakes, reconnects, gaps, lastContact } = await anna.diagnostics();
      assert.deepEqual({ handshakes, reconnects, gaps }, { handshakes: 1, reconnects: 1, gaps: 1 });
      assert.ok(lastContact <= Date.now() && lastContact >= gap.since, JSON.stringify({ lastContact, gap }));
      await nextTextArrives(simulator, anna, ["a", "b"]);
      await anna.disconnect();
      await simulator.publish({ data: newMessage("c") });
      await until("the desktop goes on alone", async () => (await ofDesktop(anna)).texts.length === 3);
      const { texts, exceptions } = await ofDesktop(anna);
      assert.deepEqual([texts, exceptions, await anna.texts()], [["a", "b", "c"], [], ["a", "b"]]);
    });

    scenario(`cometd ${line} over ${transport}: a server that is down for a second and has forgotten the session`, async ({ simulator, agent }) => {
      const anna = await attached(agent, simulator, how);
      const before = await anna.clientId();
      await simulator.restart({ downMs: 1_000 });
      await anna.event("connection", ({ state, reason }) => state === "reconnecting" && reason?.code.startsWith("network/"));
      await anna.connectedAnew(before, { within: 10_000 });
      assert.deepEqual((await anna.events("gap")).map(({ cause }) => cause), ["new-session"]);
      assert.equal((await anna.events("connection")).at(-1).recovered, false);
      await nextTextArrives(simulator, anna, ["the next"]);
    });
  }

  if (!transports.includes("long-polling")) continue;

  scenario(`cometd ${line}: without acknowledgement a lost reply is a gap, with it nothing is lost`, async ({ simulator, agent }) => {
    for (const ack of [false, true]) {
      const anna = await attached(agent, simulator, { line, ack });
      await simulator.publish({ data: newMessage("a") });
      await anna.textsOf(1);
      await simulator.atRest();
      await simulator.fault("connect", { type: "drop-reply" });
      await nextConnect(simulator, anna);
      await simulator.publish({ data: newMessage("lost?") });
      await anna.event("connection", ({ state }) => state === "reconnecting");
      await anna.inState("connected");
      await simulator.publish({ data: newMessage("c") });
      const expected = ack ? ["a", "b", "lost?", "c"] : ["a", "b", "c"];
      await anna.textsOf(expected.length);
      await throughout("nothing comes twice", ASK_AGAIN_MS, async () => (await anna.texts()).length === expected.length);
      assert.deepEqual(await anna.texts(), expected);
      assert.deepEqual((await anna.events("gap")).map(({ cause }) => cause), ack ? [] : ["lost-reply"]);
      const { recovered, acknowledged } = (await anna.events("connection")).at(-1);
      assert.deepEqual([recovered, acknowledged], [ack, ack]);
      await anna.close();
      await simulator.reset();
    }
  });

  scenario(`cometd ${line}: a refused topic rejects, and the desktop is as it was`, async ({ simulator, agent }) => {
    const anna = await desktop(agent, simulator, { line });
    const body = JSON.stringify([{ channel: "/meta/subscribe", subscription: IM_SESSIONS, successful: false, error: "403:denied_by_security_policy:subscribe_denied" }]);
    await simulator.fault("subscribe", { type: "answer", status: 200, headers: { "Content-Type": "application/json" }, body });
    const { error } = await anna.page.evaluate(() => e2e.outcome(() => e2e.attach()));
    assert.deepEqual([error.code, error.isGwsImError], ["server/403", true]);
    assert.match(error.message, /403:denied_by_security_policy:subscribe_denied/);
    assert.equal((await ofDesktop(anna)).status, "connected");
    assert.equal((await simulator.counters()).requests.unsubscribe, 0);
  });
}

/** A text, so that the connect that comes after it is the one that the fault meets. */
async function nextConnect(simulator, anna) {
  await simulator.publish({ data: newMessage("b") });
  await anna.textsOf(2);
  await simulator.atRest();
}

scenario("attached before the desktop has connected: waits for its handshake", async ({ simulator, agent }) => {
  const anna = await agent("anna", { path: "/attach.html?cometd=9" });
  await anna.page.waitForFunction(() => e2e.desktop);
  await anna.page.evaluate(async () => {
    await e2e.desktop.create({ transport: "long-polling", ack: true, subscribes: false });
    e2e.attaching = e2e.attach();
  });
  assert.equal((await simulator.counters()).requests.handshake, 0);
  await anna.page.evaluate(async () => {
    e2e.desktop.cometd.handshake();
    e2e.client = await e2e.attaching;
  });
  await anna.inState("connected");
  await nextTextArrives(simulator, anna, ["a"]);
});

scenario("a desktop that disconnects and connects again is followed", async ({ simulator, agent }) => {
  const anna = await attached(agent, simulator);
  await anna.page.evaluate(() => e2e.desktop.cometd.disconnect());
  await anna.inState("disconnected");
  await until("the session is gone", async () => (await simulator.sessionsOf("anna")).length === 0);
  await until("disconnected", async () => (await ofDesktop(anna)).status === "disconnected");
  await anna.page.evaluate(() => e2e.desktop.connect());
  await anna.inState("connected");
  assert.deepEqual([await anna.path(), (await anna.events("gap")).map(({ cause }) => cause)], [["disconnected", "connecting", "connected"], ["new-session"]]);
  await nextTextArrives(simulator, anna, ["a"]);
});

scenario("attached twice: one's end is not the other's", async ({ simulator, agent }) => {
  const anna = await attached(agent, simulator);
  await anna.page.evaluate(async () => {
    e2e.others = [];
    e2e.other = await e2e.attach(e2e.others);
  });
  await nextTextArrives(simulator, anna, ["a"]);
  await anna.disconnect();
  await simulator.publish({ data: newMessage("b") });
  await until("the other hears it", () => anna.page.evaluate(() => e2e.others.filter(({ type }) => type === "NewMessage").length === 2));
  assert.deepEqual(await anna.texts(), ["a"]);
  assert.equal((await simulator.counters()).requests.unsubscribe, 0);
  await anna.page.evaluate(() => e2e.other.disconnect());
  await until("unsubscribed", async () => (await simulator.sessionsOf("anna"))[0].subscriptions.length === 0);
});

scenario("another topic of the desktop's channel, again after a new session", async ({ simulator, agent }) => {
  const anna = await attached(agent, simulator);
  await anna.page.evaluate(async () => {
    e2e.calls = [];
    e2e.unsubscribe = await e2e.client.subscribe("/v2/me/calls", ({ data }) => e2e.calls.push(data.n));
  });
  const before = await anna.clientId();
  await simulator.expire({ user: "anna" });
  const { clientId } = await newSession(simulator, before);
  await until("both are subscribed", async () => (await simulator.sessionsOf("anna")).find((session) => session.clientId === clientId)?.subscriptions.length === 2);
  await simulator.publish({ topic: "/v2/me/calls", data: { n: 1 } });
  await until("it came", async () => (await anna.page.evaluate(() => e2e.calls.length)) === 1);
  await anna.page.evaluate(() => e2e.unsubscribe());
  await until("one is left", async () => (await simulator.sessionsOf("anna"))[0].subscriptions.length === 1);
});

for (const line of ["3", "9"]) {
  scenario(`cometd ${line}: the list, an operation, and what was missed while the desktop was away`, async ({ simulator, agent }) => {
    const id = await initiate(simulator);
    const anna = await attached(agent, simulator, { line });
    const session = (fits) => until("the session is so", () => anna.page.evaluate(([id, fits]) => {
      const { state, log } = e2e.client.session(id) ?? {};
      const shown = JSON.stringify({ state, log: log?.map(({ kind, text }) => text ?? kind) });
      return new RegExp(fits).test(shown) && shown;
    }, [id, fits.source]));
    await session(/"Talking"/);
    await anna.page.evaluate(([id, devicePath]) => e2e.client.sendMessage(id, "from anna", { devicePath }), [id, DEVICE]);
    await session(/from anna/);
    await send(simulator, id, "from ben");
    await session(/from anna.*from ben/);
    const before = await anna.clientId();
    await simulator.fault("handshake", { type: "answer", status: 503, headers: {}, body: "" }, { times: 1_000 });
    await simulator.expire({ user: "anna" });
    await anna.inState("reconnecting");
    await send(simulator, id, "missed");
    await complete(simulator, id);
    await simulator.clearFaults();
    await anna.connectedAnew(before, { within: 10_000 });
    const last = await session(/"Completed"/);
    assert.doesNotMatch(last, /missed/);
    assert.deepEqual((await anna.events("StatusChange")).map(({ recovered, imSession }) => [recovered, imSession.id, imSession.state]), [[true, id, "Completed"]]);
    const [gap, ...more] = await anna.events("gap");
    assert.deepEqual([gap.cause, gap.logsMayMiss, more], ["new-session", [id], []]);
    await until("the list is complete", () => anna.page.evaluate(() => e2e.client.synced));
  });
}

scenario("connect() after disconnect() attaches again, which is a gap; dispose() takes all back", async ({ simulator, agent }) => {
  const anna = await attached(agent, simulator);
  await anna.page.evaluate(() => e2e.client.subscribe("/v2/me/calls", () => {}));
  await anna.disconnect();
  assert.equal(await anna.state(), "disconnected");
  await anna.connect();
  await nextTextArrives(simulator, anna, ["a"]);
  assert.deepEqual([await anna.path(), (await anna.events("gap")).map(({ cause }) => cause)], [["disconnected", "connecting", "connected"], ["new-session"]]);
  await anna.dispose();
  await until("nothing is subscribed", async () => (await simulator.sessionsOf("anna"))[0].subscriptions.length === 0);
  const { handshakes, exceptions, status } = await ofDesktop(anna);
  assert.deepEqual([handshakes, exceptions, status], [1, [], "connected"]);
});

scenario("what is no cometd object is refused by name", async ({ agent }) => {
  const anna = await agent("anna", { path: "/attach.html?cometd=9" });
  await anna.page.waitForFunction(() => e2e.desktop);
  const { error } = await anna.page.evaluate(() => e2e.outcome(() => {
    e2e.desktop.cometd = { subscribe() {}, unsubscribe() {} };
    return e2e.attach();
  }));
  assert.equal(error.code, "usage/cometd");
  assert.match(error.message, /addListener/);
});
