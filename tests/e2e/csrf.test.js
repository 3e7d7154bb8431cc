// The token against cross-site request forgery, which the server demands on every POST.

import assert from "node:assert/strict";
import { scenarios } from "./lib/scenario.js";
import { newMessage } from "./lib/texts.js";

const scenario = scenarios({ simulator: ["--timeout", "10000", "--csrf", "enforce"] });

async function expectNextTextArrives(simulator, anna, count) {
  await simulator.publish({ data: newMessage("the next") });
  assert.equal((await anna.textsOf(count)).at(-1), "the next");
}

const refusals = async (simulator) => (await simulator.requests()).filter(({ status }) => status === 403);

scenario("the token is found by itself: it connects and receives", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  await anna.connect();
  await expectNextTextArrives(simulator, anna, 1);
  assert.ok((await refusals(simulator)).length <= 1, "the token is asked for once");
  await anna.disconnect();
  assert.deepEqual((await simulator.state()).cometdSessions, [], "the goodbye carries it, too");
});

scenario("a pair the desktop holds already is sent from the first request on", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.page.evaluate(async () => {
    const answer = await fetch("/api/v2/me", { credentials: "include" });
    const header = answer.headers.get("X-CSRF-HEADER");
    e2e.pair = { header, token: answer.headers.get("X-CSRF-TOKEN") };
    await e2e.create({ csrf: e2e.pair });
    await e2e.client.connect();
  });
  await expectNextTextArrives(simulator, anna, 1);
  assert.deepEqual(await refusals(simulator), []);
});

scenario("a function that gives the pair is asked for each request", async ({ simulator, agent }) => {
  const anna = await agent();
  const asked = await anna.page.evaluate(async () => {
    const answer = await fetch("/api/v2/me", { credentials: "include" });
    const pair = { header: answer.headers.get("X-CSRF-HEADER"), token: answer.headers.get("X-CSRF-TOKEN") };
    let asked = 0;
    await e2e.create({ csrf: () => {
      asked += 1;
      return pair;
    } });
    await e2e.client.connect();
    return asked;
  });
  assert.ok(asked >= 3, `asked ${asked} times for handshake, subscribe and connect`);
  assert.deepEqual(await refusals(simulator), []);
  await expectNextTextArrives(simulator, anna, 1);
});

scenario("a new login has a new token, which is found again", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.page.evaluate(async () => {
    await e2e.create({ reauthenticate: () => e2e.logIn("anna") });
    await e2e.client.connect();
  });
  const before = (await simulator.atRest()).clientId;
  await simulator.logout("anna");
  await simulator.publish({ data: newMessage("ends the poll") });
  await anna.connectedAnew(before, { within: 10_000 });
  await expectNextTextArrives(simulator, anna, 2);
});

scenario("with csrf: false the refusal is told, not hidden", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create({ csrf: false });
  await anna.page.evaluate(() => void e2e.outcome(e2e.client.connect()));
  const { reason } = await anna.event("connection", ({ reason }) => reason);
  assert.equal(reason.status, 403);
  assert.notEqual(await anna.state(), "connected");
  await anna.disconnect();
  assert.deepEqual((await simulator.state()).cometdSessions, []);
});
