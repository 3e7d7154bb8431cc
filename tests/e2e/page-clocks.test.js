// Sleep, and clocks that are set, as a page sees them: the calendar and the page's own clock part. Both are put off here as the machine would do it;
// everything else is Chromium's.

import assert from "node:assert/strict";
import { PlainAgent, launchPlainBrowser } from "./lib/plain-browser.js";
import { BOTH, scenarios } from "./lib/scenario.js";
import { newMessage } from "./lib/texts.js";
import { throughout, until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000"], launch: launchPlainBrowser, agents: PlainAgent });
const WIRES = { "long-polling": { transports: ["long-polling"] }, websocket: BOTH };
const MINUTE = 60_000;
const HOUR = 3_600_000;
/** Within this time the clocks have been compared several times, see `putOffClocks`. */
const SOME_CHECKS_MS = 700;

/** Less than the time after which a question that is not answered is given up. */
const WITH_THE_QUESTION_MS = 4_500;

/** Runs before anything of the page: its clocks can be put off, and what happens every few seconds happens every few hundredths of them. */
function putOffClocks() {
  const off = { calendar: 0, clock: 0 };
  const calendar = Date.now;
  const clock = performance.now.bind(performance);
  const every = globalThis.setInterval;
  Date.now = () => calendar() + off.calendar;
  performance.now = () => clock() + off.clock;
  globalThis.setInterval = (callback, delay, ...rest) => every(callback, delay / 50, ...rest);
  globalThis.pass = (clocks) => {
    for (const [name, milliseconds] of Object.entries(clocks)) off[name] += milliseconds;
  };
}

/** An agent with clocks that can be put off, connected and at rest on that wire. */
async function atRestOn(wire, { simulator, agent, ...options }) {
  const anna = await agent();
  await anna.page.addInitScript(putOffClocks);
  await anna.page.reload();
  await anna.create({ ...WIRES[wire], ...options });
  await anna.connect();
  await simulator.atRestOn(wire);
  await anna.onTransport(wire);
  return anna;
}

/** The machine sleeps: the page's clock stops, the calendar goes on. */
const sleep = (anna, calendar) => anna.page.evaluate((calendar) => pass({ calendar }), calendar);

/** The same, noticed as soon as somebody looks at the page. */
const sleepUntilLookedAt = (anna, calendar) => anna.page.evaluate((calendar) => {
  pass({ calendar });
  document.dispatchEvent(new Event("visibilitychange"));
}, calendar);

/** Time passes. */
const wait = (anna, milliseconds) => anna.page.evaluate((milliseconds) => pass({ calendar: milliseconds, clock: milliseconds }), milliseconds);

/** Counts the connects that come over either wire. */
async function connects(simulator) {
  const { requests, frames } = await simulator.counters();
  return requests.connect + frames.connect;
}

/**
 * The connects that the server sees of one question: over HTTP the question and the poll; from a socket, also the two on the next one. The poll that is ended
 * may be among them once more, as the server answers it 408 and Chromium repeats that by itself. Two questions are four and six at least.
 */
const QUESTION = { "long-polling": [2, 3], websocket: [3, 4, 5] };

/** Asserts that whatever has happened makes the client ask once, and stay as it is. */
async function expectOneQuestion(simulator, anna, wire, before) {
  await until("it asks", async () => (await connects(simulator)) > before);
  await simulator.atRestOn(wire);
  await anna.onTransport(wire);
  const after = await connects(simulator);
  await throughout("it asks once", SOME_CHECKS_MS, async () => (await connects(simulator)) === after);
  assert.ok(QUESTION[wire].includes(after - before), `${after - before} connects`);
}

const expectNoQuestion = async (simulator, before) => throughout("it does not ask", SOME_CHECKS_MS, async () => (await connects(simulator)) === before);

async function expectUnharmed(simulator, anna) {
  await simulator.publish({ data: newMessage("afterwards") });
  assert.deepEqual(await anna.textsOf(1), ["afterwards"]);
  assert.deepEqual([await anna.path(), await anna.events("gap"), (await anna.diagnostics()).handshakes], [["connecting", "connected"], [], 1]);
}

for (const wire of Object.keys(WIRES)) {
  scenario(`a page that wakes from sleep asks once whether its channel works, on ${wire}`, async ({ simulator, agent }) => {
    const anna = await atRestOn(wire, { simulator, agent });
    const before = await connects(simulator);
    await sleep(anna, HOUR);
    await expectOneQuestion(simulator, anna, wire, before);
    await expectUnharmed(simulator, anna);
  });

  scenario(`a clock that is set by 5 s or less, or back, is no sleep, on ${wire}`, async ({ simulator, agent }) => {
    const anna = await atRestOn(wire, { simulator, agent });
    const before = await connects(simulator);
    await sleep(anna, 4_900);
    await expectNoQuestion(simulator, before);
    await sleep(anna, -HOUR);
    await expectNoQuestion(simulator, before);
    await expectUnharmed(simulator, anna);
  });

  scenario(`a clock that is set an hour ahead and back, ten times, is no storm, on ${wire}`, async ({ simulator, agent }) => {
    const anna = await atRestOn(wire, { simulator, agent });
    const before = await connects(simulator);
    const began = performance.now();
    for (let turn = 0; turn < 10; turn += 1) {
      for (const step of [HOUR, -HOUR]) await sleepUntilLookedAt(anna, step);
    }
    await until("it has been noticed", async () => (await connects(simulator)) > before);
    await simulator.atRestOn(wire);
    const questions = Math.floor((performance.now() - began) / 1_000) + 2;
    const most = questions * Math.max(...QUESTION[wire]);
    await throughout("it stays calm", SOME_CHECKS_MS, async () => (await connects(simulator)) - before <= most);
    await expectUnharmed(simulator, anna);
  });
}

scenario("what was sent while the page slept on a dead connection comes with the answer to the question it wakes with", async ({ simulator, agent }) => {
  const anna = await atRestOn("long-polling", { simulator, agent });
  await simulator.fault("connect", { type: "hang" });
  await simulator.publish({ data: newMessage("before") });
  await anna.textsOf(1);
  await until("the next poll is lost", async () => (await simulator.state()).faults.length === 0);
  await simulator.publish({ data: newMessage("asleep") });
  assert.deepEqual(await anna.texts(), ["before"]);
  await sleep(anna, HOUR);
  assert.deepEqual(await anna.textsOf(2, { within: WITH_THE_QUESTION_MS }), ["before", "asleep"]);
  assert.deepEqual([await anna.path(), await anna.events("gap")], [["connecting", "connected"], []]);
});

scenario("what was sent while the page slept on a dead socket comes with the answer to the question it wakes with", async ({ simulator, agent }) => {
  const anna = await atRestOn("websocket", { simulator, agent });
  await simulator.disturbSockets({ type: "stall" });
  await simulator.publish({ data: newMessage("asleep") });
  assert.deepEqual(await anna.texts(), []);
  await sleep(anna, HOUR);
  assert.deepEqual(await anna.textsOf(1, { within: WITH_THE_QUESTION_MS }), ["asleep"]);
  await simulator.atRestOn("websocket");
  assert.deepEqual([await anna.path(), await anna.events("gap"), (await anna.sockets()).most], [["connecting", "connected"], [], 1]);
});

scenario("a session that ended while the page slept: one question, one handshake, one gap, as soon as it wakes", async ({ simulator, agent }) => {
  await simulator.options({ maxInterval: 600 });
  const anna = await atRestOn("long-polling", { simulator, agent });
  const before = await anna.clientId();
  await simulator.fault("connect", { type: "hang" });
  await simulator.publish({ data: newMessage("before") });
  await until("the session has expired", async () => (await simulator.sessionsOf("anna")).length === 0, { within: 8_000 });
  assert.equal(await anna.state(), "connected", "nothing could be noticed yet");
  const n = await simulator.now();
  await sleep(anna, HOUR);
  await anna.connectedAnew(before, { within: WITH_THE_QUESTION_MS });
  await simulator.publish({ data: newMessage("afterwards") });
  assert.deepEqual(await anna.textsOf(2), ["before", "afterwards"]);
  const kinds = (await simulator.requests(n)).map(({ kind }) => kind);
  assert.deepEqual(kinds.slice(0, 2), ["connect", "handshake"]);
  assert.equal(kinds.filter((kind) => kind === "handshake").length, 1);
  const [gap, ...more] = await anna.events("gap");
  assert.deepEqual([gap.cause, more], ["new-session", []]);
  assert.ok(gap.since <= gap.until, JSON.stringify(gap));
});

for (const step of [HOUR, -HOUR]) {
  scenario(`timers go on when the calendar is set ${step > 0 ? "ahead" : "back"} while the next attempt waits`, async ({ simulator, agent }) => {
    const anna = await atRestOn("long-polling", { simulator, agent, backoffJitter: 0 });
    await simulator.fault("connect", { type: "answer", status: 502, body: "" }, { times: 3 });
    await anna.page.evaluate((step) => {
      e2e.waited = new Promise((resolve) => {
        let began;
        e2e.client.on("connection", ({ state, retryInMs }) => {
          if (retryInMs > 500) {
            began = performance.now();
            pass({ calendar: step });
          } else if (state === "connected" && began !== undefined) {
            resolve(performance.now() - began);
          }
        });
      });
    }, step);
    await simulator.publish({ data: newMessage("ends the poll") });
    const took = await anna.page.evaluate(() => e2e.waited);
    assert.ok(step > 0 || took > 400, `back after ${took} ms: an hour is no reason to ask sooner`);
    await simulator.publish({ data: newMessage("afterwards") });
    assert.deepEqual(await anna.textsOf(2), ["ends the poll", "afterwards"]);
    assert.deepEqual([await anna.events("gap"), (await anna.diagnostics()).handshakes], [[], 1]);
  });
}

for (const wire of Object.keys(WIRES)) {
  scenario(`a page asks once when it is looked at after more than 30 s, and not sooner, on ${wire}`, async ({ simulator, agent }) => {
    const anna = await atRestOn(wire, { simulator, agent });
    const visibility = (wanted) => until(`the page is ${wanted}`, () => anna.page.evaluate((wanted) => document.visibilityState === wanted, wanted));
    const before = await connects(simulator);
    const other = await anna.openTab();
    await visibility("hidden");
    await wait(anna, 29_000 - SOME_CHECKS_MS);
    await anna.page.bringToFront();
    await visibility("visible");
    await expectNoQuestion(simulator, before);
    await other.bringToFront();
    await visibility("hidden");
    await wait(anna, 30_001);
    await expectNoQuestion(simulator, before);
    await anna.page.bringToFront();
    await expectOneQuestion(simulator, anna, wire, before);
    await expectUnharmed(simulator, anna);
  });
}
