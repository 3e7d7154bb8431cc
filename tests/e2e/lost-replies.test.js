// A reply to /meta/connect that never arrives has taken messages with it. With acknowledgement they come again, once and in order; without, the client says so.

import assert from "node:assert/strict";
import { connected, scenarios } from "./lib/scenario.js";
import { newMessage } from "./lib/texts.js";
import { throughout } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000"] });
/** Longer than it takes to ask again, so that a doubled message would have come. */
const ASK_AGAIN_MS = 600;

for (const [name, action] of [
  ["is dropped", { type: "drop-reply" }],
  ["breaks off in the middle", { type: "truncate", bytes: 150 }],
  ["breaks off before its first byte", { type: "truncate", bytes: 0 }],
]) {
  scenario(`with acknowledgement each message arrives once and in order when a reply ${name}`, async ({ simulator, agent }) => {
    const anna = await connected(agent, simulator);
    await simulator.fault("connect", action);
    await simulator.publish({ data: newMessage("a") });
    assert.deepEqual(await anna.textsOf(1), ["a"]);
    await simulator.atRest();
    await simulator.publish({ data: newMessage("b{{n}}"), count: 3 });
    await anna.event("connection", ({ state, reason }) => state === "reconnecting" && reason?.code === "network/failed");
    await simulator.publish({ data: newMessage("c") });
    const expected = ["a", "b1", "b2", "b3", "c"];
    assert.deepEqual(await anna.textsOf(5), expected);
    await throughout("nothing comes twice", ASK_AGAIN_MS, async () => (await anna.texts()).length === expected.length);
    await anna.inState("connected");
    assert.deepEqual(await anna.events("gap"), []);
    assert.equal((await anna.events("connection")).at(-1).recovered, true);
    assert.equal((await anna.diagnostics()).reconnects, 1);
  });
}

scenario("with acknowledgement nothing is lost when three replies in a row are", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator, { backoffIncrement: 200 });
  await simulator.fault("connect", { type: "drop-reply" }, { times: 3 });
  await simulator.publish({ data: newMessage("a") });
  await anna.textsOf(1);
  await simulator.atRest();
  await simulator.publish({ data: newMessage("b{{n}}"), count: 3 });
  assert.deepEqual(await anna.textsOf(4, { within: 10_000 }), ["a", "b1", "b2", "b3"]);
  await throughout("nothing comes twice", ASK_AGAIN_MS, async () => (await anna.texts()).length === 4);
  assert.equal((await simulator.counters()).faultsApplied, 3);
  assert.deepEqual(await anna.events("gap"), []);
});

scenario("without acknowledgement a lost reply is a gap, and the session lives on", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator, { ack: false });
  const before = await anna.clientId();
  await simulator.fault("connect", { type: "drop-reply" });
  await simulator.publish({ data: newMessage("a") });
  await anna.textsOf(1);
  await simulator.atRest();
  const published = Date.now();
  await simulator.publish({ data: newMessage("lost") });
  const gap = await anna.event("gap");
  assert.equal(gap.cause, "lost-reply");
  assert.ok(gap.since <= published && published <= gap.until, JSON.stringify({ gap, published }));
  await anna.inState("connected");
  const back = (await anna.events("connection")).at(-1);
  assert.deepEqual([back.recovered, back.acknowledged, await anna.clientId()], [false, false, before]);
  await simulator.publish({ data: newMessage("c") });
  assert.deepEqual(await anna.textsOf(2), ["a", "c"]);
});

scenario("a lost reply to a subscription is asked for again and delivers once", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator);
  await simulator.fault("subscribe", { type: "drop-reply" });
  await anna.page.evaluate(async () => {
    e2e.calls = [];
    await e2e.client.subscribe("/v2/me/calls", (message) => e2e.calls.push(message.data.n));
  });
  await simulator.publish({ topic: "/v2/me/calls", data: { n: "{{n}}" }, count: 2 });
  await simulator.publish({ data: newMessage("last") });
  await anna.textsOf(1);
  assert.deepEqual(await anna.page.evaluate(() => e2e.calls), ["1", "2"]);
});
