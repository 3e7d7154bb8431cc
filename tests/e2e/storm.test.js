// A line that breaks again and again: no storm of requests, nothing lost, nothing twice.

import assert from "node:assert/strict";
import { setInterval as every } from "node:timers/promises";
import { scenarios } from "./lib/scenario.js";
import { newMessage } from "./lib/texts.js";
import { until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000"] });
const CUTS = 20;
const BETWEEN_CUTS_MS = 500;

/**
 * Breaks the line in a steady beat, with a text before or after each break. By itself the browser repeats a request whose connection breaks, so that the page notices
 * nothing; it does when the repetition is lost, too, as it is in every second break.
 */
async function breakSteadily(simulator) {
  let breaks = 0;
  for await (const _ of every(BETWEEN_CUTS_MS)) {
    breaks += 1;
    const text = () => simulator.publish({ data: newMessage(`text ${breaks}`) });
    if (breaks % 4 < 2) await text();
    if (breaks % 2) await simulator.fault("connect", { type: "drop" });
    await simulator.cutConnections();
    if (breaks % 4 >= 2) await text();
    if (breaks === CUTS) return;
  }
}

/**
 * Each text ends a poll and makes one. Each break the page notices makes two: one not before 0.1 s, which is answered at once, and the next, which is held; were
 * that first one to fail, too, the next would come after half a second at the earliest.
 * The server may see a poll several times, as the browser repeats it by itself on each of the connections it still has to the host: six at most.
 */
const MOST_POLLS = 3 * CUTS + 3;
const CONNECTIONS_PER_HOST = 6;

async function expectCalm(simulator, anna, { since, polledBefore }) {
  const polls = anna.cometdRequests("connect").length - polledBefore;
  assert.ok(polls <= MOST_POLLS, `${polls} polls left the page, more than ${MOST_POLLS}`);
  const seen = (await simulator.requests(since)).filter(({ kind }) => !["static", "rest"].includes(kind));
  assert.ok(seen.length <= MOST_POLLS * (1 + CONNECTIONS_PER_HOST), `${seen.length} requests reached the server`);
  const others = seen.filter(({ kind }) => kind !== "connect").map(({ kind }) => kind);
  assert.deepEqual(others, [], "the session lives on: no handshake, no subscription again");
}

async function expectAllTexts(simulator, anna) {
  const expected = Array.from({ length: CUTS }, (_, index) => `text ${index + 1}`);
  assert.deepEqual(await anna.textsOf(CUTS, { within: 15_000 }), expected);
  await anna.inState("connected", { within: 15_000 });
  await simulator.publish({ data: newMessage("afterwards") });
  assert.deepEqual(await anna.textsOf(CUTS + 1, { within: 10_000 }), [...expected, "afterwards"]);
  assert.deepEqual(await anna.events("gap"), []);
}

scenario("every connection cut 20 times in 10 s: no storm, and every message once and in order", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  await anna.connect();
  await simulator.atRest();
  const before = { since: await simulator.now(), polledBefore: anna.cometdRequests("connect").length };
  await breakSteadily(simulator);
  await expectAllTexts(simulator, anna);
  await expectCalm(simulator, anna, before);
  const noticed = (await anna.events("connection")).filter(({ state, previous }) => state === "reconnecting" && previous === "connected").length;
  assert.ok(noticed >= CUTS / 2 - 2, `the page noticed only ${noticed} breaks`);
});

scenario("a server that refuses every connection is asked ever more rarely", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create({ backoffIncrement: 300, backoffJitter: 0 });
  await anna.connect();
  await simulator.atRest();
  await simulator.fault("cometd", { type: "answer", status: 503, body: "" }, { times: 1000 });
  await simulator.publish({ data: newMessage("ends the poll") });
  await anna.event("connection", ({ attempt }) => attempt >= 6, { within: 15_000 });

  const failures = (await simulator.requests()).filter(({ status }) => status === 503);
  const waits = failures.slice(1).map(({ time }, index) => new Date(time) - new Date(failures[index].time));
  // The first retry comes after 0.1 to 0.3 s, then the wait grows by the increment each time.
  waits.slice(0, 5).forEach((wait, index) => {
    const least = index === 0 ? 100 : 300 * index;
    assert.ok(wait >= least - 30, `wait ${index + 1} was ${wait} ms, not ${least}: ${waits}`);
  });
  await simulator.clearFaults();
  await anna.page.evaluate(() => e2e.client.reconnect());
  await anna.inState("connected");
});

scenario("sessions that die at birth are not renewed in a hurry", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create({ backoffIncrement: 300, backoffJitter: 0 });
  await anna.connect();
  await simulator.atRest();
  const before = await simulator.now();
  const began = performance.now();
  // Whatever session there is, it is ended at once.
  await until("three renewals have failed", async () => {
    await simulator.expire({ user: "anna" });
    return (await anna.events("connection")).some(({ attempt }) => attempt >= 4);
  }, { within: 15_000 });
  const elapsed = performance.now() - began;
  const handshakes = (await simulator.requests(before)).filter(({ kind }) => kind === "handshake").length;
  // The waits are 0.1 s, 0.3 s, 0.6 s: within the time it took there is no room for more.
  assert.ok(handshakes <= 2 + elapsed / 300, `${handshakes} handshakes in ${elapsed} ms`);
  await anna.inState("connected", { within: 10_000 });
});
