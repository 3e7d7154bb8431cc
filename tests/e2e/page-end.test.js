// Pages end: closed, left, reloaded, crashed. What they had on the server goes with them, at once where the browser lets a page say goodbye. And several pages
// of one browser live side by side.

import assert from "node:assert/strict";
import { PlainAgent, launchPlainBrowser } from "./lib/plain-browser.js";
import { BOTH, scenarios } from "./lib/scenario.js";
import { newMessage } from "./lib/texts.js";
import { throughout, until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000"], launch: launchPlainBrowser, agents: PlainAgent });
const WIRES = { "long-polling": ["long-polling"], websocket: BOTH.transports };
/** Well below the time after which the server forgets a session by itself. */
const RIGHT_AFTER_MS = 4_000;

const sessions = async (simulator) => (await simulator.state()).cometdSessions;
const noSession = (simulator, within = RIGHT_AFTER_MS) => until("the server has no session", async () => (await sessions(simulator)).length === 0, { within });

/** Connects a client of this page and waits until it is on the wire it should be on. */
async function connect(page, wire) {
  await page.evaluate(async (transports) => {
    await e2e.create({ transports });
    await e2e.client.connect();
  }, WIRES[wire]);
  await until(`on ${wire}`, () => page.evaluate((wire) => e2e.client.transport === wire, wire), { within: 8_000 });
}

/** An agent that is connected on that wire, with its connect held by the server. */
async function atRestOn(wire, { simulator, agent }) {
  const anna = await agent();
  await connect(anna.page, wire);
  await simulator.atRestOn(wire);
  return anna;
}

/** Another tab of the agent's browser, with a client of its own. */
async function anotherTab(simulator, anna, wire) {
  const page = await anna.openTab();
  await page.goto(`${simulator.address}/index.html`);
  await connect(page, wire);
  return page;
}

const textsOf = (page) => page.evaluate(() => e2e.eventsOf("NewMessage").map(({ message }) => message));

const ends = {
  "is closed": async (page) => page.close(),
  "goes to another page": async (page, address) => page.goto(`${address}/gws-im-sdk/package.json`),
  "goes to another site": async (page) => page.goto("about:blank"),
};

for (const wire of Object.keys(WIRES)) {
  for (const [end, happens] of Object.entries(ends)) {
    scenario(`a page that ${end} leaves no session and no socket, on ${wire}`, async ({ simulator, agent }) => {
      const anna = await atRestOn(wire, { simulator, agent });
      // The browser goes on when its last tab is closed.
      await anna.openTab();
      await happens(anna.page, simulator.address);
      await noSession(simulator);
      const { requests } = await simulator.counters();
      assert.equal(requests.disconnect, 1);
      await until("no socket", async () => (await simulator.counters()).sockets.open === 0);
      await throughout("nothing more is asked", 300, async () => (await simulator.counters()).requests.connect === requests.connect);
    });
  }

  scenario(`a page reloaded ten times has one session each time and piles up none, on ${wire}`, async ({ simulator, agent }) => {
    const anna = await atRestOn(wire, { simulator, agent });
    for (let reload = 0; reload < 10; reload += 1) {
      await anna.page.reload();
      await connect(anna.page, wire);
      await until(`one session after reload ${reload + 1}`, async () => (await sessions(simulator)).length === 1, { within: RIGHT_AFTER_MS });
    }
    await simulator.publish({ data: newMessage("after ten") });
    assert.deepEqual(await anna.textsOf(1), ["after ten"]);
    assert.deepEqual(await anna.events("warning"), []);
    await until("one socket at most", async () => (await simulator.counters()).sockets.open <= 1);
  });

  scenario(`a page whose renderer crashes is forgotten in time, and the next page works at once, on ${wire}`, async ({ simulator, agent }) => {
    await simulator.options({ timeout: 1_000, maxInterval: 1_500, multiSessionInterval: 300 });
    const anna = await atRestOn(wire, { simulator, agent });
    const [{ clientId: crashed }] = await sessions(simulator);
    const next = await anna.openTab();
    await anna.page.crash();
    await next.goto(`${simulator.address}/index.html`);
    await connect(next, "long-polling");
    await simulator.publish({ data: newMessage("to the next page") });
    await until("it hears", async () => (await textsOf(next)).length > 0);
    assert.deepEqual(await textsOf(next), ["to the next page"]);
    await until("the crashed page is forgotten", async () => !(await sessions(simulator)).some(({ clientId }) => clientId === crashed));
    assert.equal((await sessions(simulator)).length, 1);
  });

  scenario(`two tabs of one browser hear the same, and one that is closed leaves the other its session, on ${wire}`, async ({ simulator, agent }) => {
    await simulator.options({ multiSessionInterval: 300 });
    const anna = await atRestOn(wire, { simulator, agent });
    const ids = () => Promise.all([anna.page, other].map((page) => page.evaluate(() => e2e.client.clientId)));
    const other = await anotherTab(simulator, anna, wire);
    const [first, second] = await ids();
    assert.notEqual(first, second);
    await simulator.publish({ data: newMessage("{{n}}"), count: 50 });
    const expected = Array.from({ length: 50 }, (_, index) => `${index + 1}`);
    for (const page of [anna.page, other]) {
      await until("all have come", async () => (await textsOf(page)).length >= 50);
      assert.deepEqual(await textsOf(page), expected);
    }
    assert.deepEqual(await ids(), [first, second]);
    await other.close();
    await until("one session is left", async () => (await sessions(simulator)).map(({ clientId }) => clientId).join() === first, { within: RIGHT_AFTER_MS });
    await simulator.atRestOn(wire);
    await simulator.publish({ data: newMessage("to the first") });
    await anna.textsOf(51);
    assert.deepEqual([(await anna.texts()).at(-1), await anna.clientId(), await anna.path(), await anna.events("gap")], ["to the first", first, ["connecting", "connected"], []]);
  });
}

scenario("a page reloaded at ten moments of its opening piles up nothing", async ({ simulator, agent }) => {
  await simulator.options({ maxInterval: 1_500 });
  const anna = await agent();
  for (let reload = 0; reload < 10; reload += 1) {
    await anna.page.evaluate(async (turns) => {
      await e2e.create();
      void e2e.outcome(e2e.client.connect());
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setTimeout(resolve));
    }, reload * 2);
    await anna.page.reload();
  }
  await connect(anna.page, "long-polling");
  await until("one session is left", async () => (await sessions(simulator)).length === 1);
  await simulator.publish({ data: newMessage("after ten") });
  assert.deepEqual(await anna.textsOf(1), ["after ten"]);
});

scenario("a second tab whose polls the server does not hold asks as often as it is told to, and is held when the first is closed", async ({ simulator, agent }) => {
  await simulator.options({ multiSessionInterval: 500 });
  const anna = await atRestOn("long-polling", { simulator, agent });
  const other = await anotherTab(simulator, anna, "long-polling");
  const asked = async () => (await simulator.counters()).requests.connect;
  const [from, began] = [await asked(), performance.now()];
  await until("it has asked four times", async () => (await asked()) >= from + 4);
  const pause = (performance.now() - began) / 4;
  // Told to wait for 500 ms, less what the first of the four has waited before and what it was late.
  assert.ok(pause > 250, `it asks every ${pause} ms`);
  await anna.page.close();
  const left = await other.evaluate(() => e2e.client.clientId);
  await until("it is held", async () => (await sessions(simulator)).some(({ clientId, held }) => held && clientId === left));
  assert.deepEqual((await sessions(simulator)).map(({ clientId }) => clientId), [left]);
  await simulator.publish({ data: newMessage("hello") });
  await until("it hears", async () => (await textsOf(other)).length > 0);
  assert.deepEqual(await other.evaluate(() => [e2e.client.state, e2e.eventsOf("gap"), e2e.client.diagnostics.handshakes]), ["connected", [], 1]);
});
