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

/** Anna, connected, with the token given as a pair or by a function; `e2e.asked` counts how often she was asked to log in. */
async function connectedGiven(agent, simulator, kind) {
  const anna = await agent();
  await anna.page.evaluate(async (kind) => {
    const answer = await fetch("/api/v2/me", { credentials: "include" });
    e2e.pair = { header: answer.headers.get("X-CSRF-HEADER"), token: answer.headers.get("X-CSRF-TOKEN") };
    e2e.asked = 0;
    const reauthenticate = async () => {
      e2e.asked += 1;
      await e2e.logIn("anna");
    };
    await e2e.create({ reauthenticate, csrf: kind === "a pair" ? e2e.pair : () => e2e.pair });
    await e2e.client.connect();
  }, kind);
  // A list that is still being read would find the login gone first, and the channel lose the text that is to end its poll.
  await anna.synced();
  const { clientId } = await simulator.atRest();
  return { anna, before: clientId };
}

const asked = (anna) => anna.page.evaluate(() => e2e.asked);

for (const kind of ["a pair", "a function"]) {
  scenario(`${kind} whose login has run out: one login, and the channel goes on with the new token`, async ({ simulator, agent }) => {
    const { anna, before } = await connectedGiven(agent, simulator, kind);
    await simulator.logout("anna");
    await simulator.publish({ data: newMessage("ends the poll") });
    await anna.connectedAnew(before, { within: 10_000 });
    await expectNextTextArrives(simulator, anna, 2);
    await expectNextTextArrives(simulator, anna, 3);
    assert.equal(await asked(anna), 1);
    await anna.disconnect();
    assert.equal((await simulator.state()).cometdSessions.filter(({ clientId }) => clientId !== before).length, 0, "the goodbye gets through, too");
  });

  scenario(`${kind} that the server has replaced: the session goes on, and nobody is asked to log in`, async ({ simulator, agent }) => {
    const { anna, before } = await connectedGiven(agent, simulator, kind);
    await anna.forget();
    await simulator.rotateCsrf("anna");
    await simulator.publish({ data: newMessage("ends the poll") });
    await anna.textsOf(1);
    await expectNextTextArrives(simulator, anna, 2);
    assert.deepEqual([await anna.clientId(), await anna.path(), await asked(anna)], [before, [], 0]);
    assert.ok((await refusals(simulator)).length >= 1, "it was refused");
  });
}

scenario("a function that gives the new token when it is asked again: the session goes on, also where the server tells no token", async ({ simulator, agent }) => {
  const { anna, before } = await connectedGiven(agent, simulator, "a function");
  await anna.forget();
  await simulator.rotateCsrf("anna");
  await simulator.fault("rest", { type: "answer", status: 200, body: { statusCode: 0 } }, { method: "GET", skip: 1 });
  await anna.page.evaluate(async () => {
    const answer = await fetch("/api/v2/me", { credentials: "include" });
    const next = { header: answer.headers.get("X-CSRF-HEADER"), token: answer.headers.get("X-CSRF-TOKEN") };
    // It is asked for the connect, for GET /me, and for the connect again.
    const old = [e2e.pair, e2e.pair];
    Object.defineProperty(e2e, "pair", { get: () => old.shift() ?? next });
  });
  await simulator.publish({ data: newMessage("ends the poll") });
  await expectNextTextArrives(simulator, anna, 2);
  assert.deepEqual([await anna.clientId(), await anna.path(), (await refusals(simulator)).length], [before, [], 1]);
});

scenario("a new login has a new token, which is found again", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.page.evaluate(async () => {
    await e2e.create({ reauthenticate: () => e2e.logIn("anna") });
    await e2e.client.connect();
  });
  await anna.synced();
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
