// Calls of the GWS API that wait for a login: unsent until it is there, given up with it, and silence when there is no way left.

import assert from "node:assert/strict";
import { asked, begin, create, done, login, pass, send, settled, textsIn, timesOf, waysOf, WAYS, withChannel, withoutChannel } from "./lib/login.js";
import { calls, DOCUMENTED_AGENTS, PHONES } from "./lib/rest.js";
import { scenarios } from "./lib/scenario.js";
import { throughout, until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000", ...DOCUMENTED_AGENTS] });
/** Longer than the first retries of a channel. */
const SILENCE_MS = 2_000;

// ---- while somebody logs in

scenario("calls made while the user logs in are not sent before, and no time-out runs against them", async ({ simulator, agent }) => {
  const { anna, id } = await withoutChannel(agent, simulator, { gated: true, has: ["reauthenticate"] });
  await simulator.logout("anna");
  const since = await simulator.now();
  await begin(anna, id, ["first"], { timeout: 500 });
  await until("the user is asked", async () => (await waysOf(anna)).length === 1);
  await anna.page.evaluate(({ id, destination }) => {
    e2e.pending.push(e2e.outcome(() => e2e.client.sendMessage(id, "second", { destination, timeout: 500 })));
  }, { id, destination: PHONES.ben });
  await throughout("nothing is sent", 800, async () => (await calls(simulator, since)).length === 1);
  await pass(anna, 1);
  assert.deepEqual(await settled(anna), done(["first", "second"]));
  assert.deepEqual(timesOf(await asked(simulator, since)), { first: 2, second: 1 });
});

/** What gives up the login that calls wait for. */
const endings = {
  "disconnect()": () => e2e.client.disconnect(),
  "dispose()": () => e2e.client.dispose(),
};

for (const [ending, end] of Object.entries(endings)) {
  for (const opened of [false, true]) {
    scenario(`${ending} while the user is asked to log in${opened ? ", the channel open" : ""}: the signal aborts, all calls reject "aborted", and nothing is sent`, async ({ simulator, agent }) => {
      const how = { gated: true, has: ["reauthenticate"] };
      const { anna, id } = opened ? await withChannel(agent, simulator, how) : await withoutChannel(agent, simulator, how);
      await simulator.logout("anna");
      const since = await simulator.now();
      await begin(anna, id, ["first", "second"]);
      await until("both are refused", async () => (await asked(simulator, since)).length === 2);
      await until("the user is asked", async () => (await waysOf(anna)).length === 1);
      await anna.page.evaluate(({ id, destination }) => {
        e2e.pending.push(e2e.outcome(() => e2e.client.sendMessage(id, "third", { destination })));
      }, { id, destination: PHONES.ben });
      const signal = await anna.page.evaluate(async (end) => {
        const { signal } = e2e.login;
        const { aborted } = signal;
        await (0, eval)(`(${end})`)();
        return [aborted, signal.aborted];
      }, String(end));
      assert.deepEqual(signal, [false, true]);
      // None of them was done: the refused ones, and the one that had to wait.
      assert.deepEqual((await settled(anna)).map(({ error }) => [error?.code, error?.retryable]), Array(3).fill(["aborted", true]));
      await throughout("nothing is sent", 500, async () => (await asked(simulator, since)).length === 2);
      await anna.logIn();
      const next = await send(anna, id, "the next");
      assert.equal(next.error?.code, ending === "dispose()" ? "usage/disposed" : undefined);
      assert.deepEqual(await textsIn(simulator), ending === "dispose()" ? [] : ["the next"]);
      assert.equal(await anna.state(), "disconnected");
    });
  }
}

scenario("a signal ends the wait of its own call, and the login goes on for the others", async ({ simulator, agent }) => {
  const { anna, id } = await withoutChannel(agent, simulator, { gated: true, has: ["reauthenticate"] });
  await simulator.logout("anna");
  const since = await simulator.now();
  await begin(anna, id, []);
  await anna.page.evaluate(() => {
    e2e.controller = new AbortController();
    e2e.pending = [e2e.outcome(() => e2e.say("stays")), e2e.outcome(() => e2e.say("gives up", { signal: e2e.controller.signal }))];
  });
  await until("both are refused", async () => (await asked(simulator, since)).length === 2);
  await until("the user is asked", async () => (await waysOf(anna)).length === 1);
  const outcome = await anna.page.evaluate(() => {
    e2e.controller.abort();
    return e2e.pending[1];
  });
  assert.deepEqual([outcome.error?.code, outcome.error?.retryable], ["aborted", true]);
  assert.equal(await anna.page.evaluate(() => e2e.login.signal.aborted), false);
  await pass(anna, 1);
  assert.deepEqual((await settled(anna))[0], { value: undefined });
  assert.deepEqual(timesOf(await asked(simulator, since)), { "stays": 2, "gives up": 1 });
  assert.deepEqual(await textsIn(simulator), ["stays"]);
});

scenario("disconnect() while fresh headers are fetched, which fail for that: the user is not asked to log in to what he has left", async ({ simulator, agent }) => {
  const { anna, id } = await withoutChannel(agent, simulator);
  await simulator.logout("anna");
  const seen = await anna.page.evaluate(async ({ id, destination }) => {
    let refreshing = false;
    let asked = 0;
    await e2e.create({
      devicePath: "/devices/1",
      headers: ({ reason, signal }) => {
        if (reason === "initial") return {};
        refreshing = true;
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      },
      reauthenticate: async () => void (asked += 1),
    });
    const pending = e2e.outcome(() => e2e.client.sendMessage(id, "never", { destination }));
    await e2e.until("fresh headers are asked for", () => refreshing);
    await e2e.client.disconnect();
    const { error } = await pending;
    await new Promise((resolve) => setTimeout(resolve));
    return { code: error?.code, asked };
  }, { id, destination: PHONES.ben });
  assert.deepEqual(seen, { code: "aborted", asked: 0 });
});

// ---- no way left

scenario("a login that the user gives up: the calls that waited for it are refused unsent, and he is asked once", async ({ simulator, agent }) => {
  const { anna, id } = await withoutChannel(agent, simulator);
  await simulator.logout("anna");
  const since = await simulator.now();
  const seen = await anna.page.evaluate(async ({ id, destination }) => {
    let asked = 0;
    let giveUp;
    await e2e.create({
      devicePath: "/devices/1",
      reauthenticate: () => {
        asked += 1;
        return new Promise((_, reject) => (giveUp = () => reject(new Error("given up"))));
      },
    });
    const send = (text) => e2e.outcome(() => e2e.client.sendMessage(id, text, { destination }));
    const pending = [send("refused")];
    await e2e.until("the user is asked", () => asked === 1);
    pending.push(send("waits"), send("waits too"));
    await new Promise((resolve) => setTimeout(resolve));
    giveUp();
    const ended = Promise.all(pending);
    // Whoever is asked a second time gives up again, so that this ends.
    const again = setInterval(() => giveUp(), 50);
    const outcomes = await ended;
    clearInterval(again);
    return { codes: outcomes.map(({ error }) => error?.code), asked };
  }, { id, destination: PHONES.ben });
  assert.deepEqual(seen, { codes: Array(3).fill("auth/required"), asked: 1 });
  assert.deepEqual(timesOf(await asked(simulator, since)), { refused: 1 });
});

for (const has of [[], ["reauthenticate"], WAYS]) {
  scenario(`no way to log in works (${has.join(", ") || "there is none"}): auth/required for all, silence, and everything works after a login`, async ({ simulator, agent }) => {
    const { anna, id } = await withChannel(agent, simulator, { has, works: "none" });
    await simulator.logout("anna");
    const since = await simulator.now();
    await begin(anna, id, ["first", "second"]);
    assert.deepEqual((await settled(anna)).map(({ error }) => [error?.code, error?.status, error?.retryable]), Array(2).fill(["auth/required", 403, false]));
    await anna.inState("disconnected");
    assert.equal((await anna.reason()).code, "auth/required");
    const last = await simulator.now();
    await throughout("silence", SILENCE_MS, async () => (await simulator.requests(last)).every(({ user }) => user === "ben"));
    assert.deepEqual(await login(anna), { ways: has, most: Math.min(has.length, 1) });
    const times = timesOf(await asked(simulator, since));
    assert.ok(Object.values(times).every((count) => count <= 1 + has.length), JSON.stringify(times));

    await anna.page.evaluate(() => void (e2e.login.works = "reauthenticate"));
    await anna.logIn();
    await anna.connect();
    await anna.synced();
    assert.equal(await anna.reason(), undefined);
    assert.deepEqual(await send(anna, id, "the next"), { value: undefined });
    await anna.event("NewMessage", ({ message }) => message === "the next");
    assert.deepEqual(await textsIn(simulator), ["the next"]);
  });
}

scenario("a reauthenticate that rejects: its error is the cause for each call, and it is asked again by the next one", async ({ simulator, agent }) => {
  const { anna, id } = await withoutChannel(agent, simulator);
  await simulator.logout("anna");
  const seen = await anna.page.evaluate(async ({ id, destination }) => {
    const given = new Error("the user gave up");
    let asked = 0;
    await e2e.create({
      devicePath: "/devices/1",
      reauthenticate: async () => {
        asked += 1;
        throw given;
      },
    });
    const send = () => e2e.client.sendMessage(id, "never", { destination }).catch(({ code, cause }) => ({ code, isCause: cause === given }));
    const both = await Promise.all([send(), send()]);
    const askedByBoth = asked;
    return { both, next: await send(), askedAgain: asked > askedByBoth };
  }, { id, destination: PHONES.ben });
  const refused = { code: "auth/required", isCause: true };
  assert.deepEqual(seen, { both: [refused, refused], next: refused, askedAgain: true });
  assert.deepEqual(await textsIn(simulator), []);
});
