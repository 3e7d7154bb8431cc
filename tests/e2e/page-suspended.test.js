// What browsers do to pages that nobody looks at: timers slowed down to one a minute, pages frozen, pages kept to come back to. All of it is done by Chromium
// itself here.

import assert from "node:assert/strict";
import { PlainAgent, launchPlainBrowser } from "./lib/plain-browser.js";
import { BOTH, scenarios } from "./lib/scenario.js";
import { newMessage } from "./lib/texts.js";
import { throughout, until } from "./lib/wait.js";

/** Timers of a page that has been hidden for a second wake once a minute; by itself Chromium does that after five minutes. */
const SLOW_TIMERS = "--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/1";
const scenario = scenarios({ simulator: ["--timeout", "10000"], launch: () => launchPlainBrowser([SLOW_TIMERS]), agents: PlainAgent });
const WIRES = { "long-polling": { transports: ["long-polling"] }, websocket: BOTH };

/** An agent that is connected and at rest on that wire. `prepared` is done to the page before it loads. */
async function atRestOn(wire, { simulator, agent, prepared, ...options }) {
  const anna = await agent();
  if (prepared) {
    await prepared(anna.page);
    await anna.page.reload();
  }
  await anna.create({ ...WIRES[wire], ...options });
  await anna.connect();
  await simulator.atRestOn(wire);
  await anna.onTransport(wire);
  return anna;
}

const freeze = (anna) => anna.page.send("Page.setWebLifecycleState", { state: "frozen" });
const thaw = (anna) => anna.page.send("Page.setWebLifecycleState", { state: "active" });
const causes = async (anna) => (await anna.events("gap")).map(({ cause }) => cause);

for (const wire of Object.keys(WIRES)) {
  for (const ack of [true, false]) {
    scenario(`a frozen page goes on where it stopped, ${ack ? "and nothing is lost" : "and says what may be lost"}, on ${wire}, acknowledged: ${ack}`, async ({ simulator, agent }) => {
      // Short, because without acknowledgement a move waits for the poll to return.
      await simulator.options({ timeout: 800 });
      const anna = await atRestOn(wire, { simulator, agent, ack });
      const before = await anna.clientId();
      await freeze(anna);
      for (const text of ["1", "2", "3"]) await simulator.publish({ data: newMessage(text) });
      await throughout("a frozen page hears nothing", 400, async () => (await anna.texts()).length === 0);
      const n = await simulator.now();
      await thaw(anna);
      await until("it asks", async () => (await simulator.requests(n)).some(({ kind }) => kind === "connect"));
      await simulator.publish({ data: newMessage("4") });
      await until("the next one comes", async () => (await anna.texts()).includes("4"));
      await anna.onTransport(wire);
      const texts = await anna.texts();
      if (ack) assert.deepEqual([texts, await causes(anna)], [["1", "2", "3", "4"], []]);
      else assert.deepEqual([texts, await causes(anna)], [[...new Set(texts)].sort(), ["lost-reply"]]);
      assert.deepEqual([await anna.clientId(), await anna.path(), (await anna.diagnostics()).handshakes], [before, ["connecting", "connected"], 1]);
    });
  }

  scenario(`a frozen page asks once when it goes on, on ${wire}`, async ({ simulator, agent }) => {
    const anna = await atRestOn(wire, { simulator, agent });
    const asked = async () => {
      const { requests, frames } = await simulator.counters();
      return requests.connect + frames.connect;
    };
    const before = await asked();
    await freeze(anna);
    await thaw(anna);
    await until("it asks", async () => (await asked()) > before);
    await simulator.atRestOn(wire);
    await anna.onTransport(wire);
    const after = await asked();
    await throughout("it asks once", 500, async () => (await asked()) === after);
    // The question and the poll; from a socket, also the two on the next one; and the poll that was ended, if Chromium repeats it after its 408 by itself.
    assert.ok(after - before <= (wire === "websocket" ? 5 : 3), `${after - before} connects`);
  });

  scenario(`a page frozen for longer than the server keeps its session gets a new one, and says so once, on ${wire}`, async ({ simulator, agent }) => {
    await simulator.options({ timeout: 300, maxInterval: 1_500 });
    const anna = await atRestOn(wire, { simulator, agent });
    const before = await anna.clientId();
    await freeze(anna);
    await until("the session has expired", async () => (await simulator.sessionsOf("anna")).length === 0);
    await simulator.options({ timeout: 5_000, maxInterval: 10_000 });
    await thaw(anna);
    await anna.connectedAnew(before);
    await simulator.publish({ data: newMessage("afterwards") });
    assert.deepEqual(await anna.textsOf(1), ["afterwards"]);
    assert.deepEqual([await causes(anna), await anna.path()], [["new-session"], ["connecting", "connected", "reconnecting", "connected"]]);
  });

  scenario(`a hidden page whose timers wake once a minute keeps its session and hears everything, on ${wire}`, async ({ simulator, agent }) => {
    await simulator.options({ timeout: 300, maxInterval: 2_000 });
    const anna = await atRestOn(wire, { simulator, agent });
    const before = await anna.clientId();
    await anna.page.evaluate(() => {
      e2e.woken = [];
      const chain = () => {
        e2e.woken.push(performance.now());
        setTimeout(chain, 10);
      };
      chain();
    });
    await anna.openTab();
    const woken = () => anna.page.evaluate(() => [document.visibilityState, performance.now() - e2e.woken.at(-1)]);
    // The chain of timers stands still, which shows that those of the client would, too.
    await until("its timers are slowed down", async () => {
      const [visibility, since] = await woken();
      return visibility === "hidden" && since > 1_500;
    }, { within: 10_000 });
    const asked = async () => {
      const { requests, frames } = await simulator.counters();
      return requests.connect + frames.connect;
    };
    const from = await asked();
    for (const text of ["1", "2", "3"]) {
      await simulator.publish({ data: newMessage(text) });
      await anna.textsOf(Number(text));
    }
    await until("it has asked for longer than the session lives by itself", async () => (await asked()) >= from + 8, { within: 8_000 });
    const [, since] = await woken();
    assert.ok(since > 2_000, `a timer has woken ${since} ms ago`);
    assert.deepEqual([await anna.texts(), await anna.clientId(), await anna.path(), await causes(anna)], [["1", "2", "3"], before, ["connecting", "connected"], []]);
  });
}

scenario("no worker and no blob is ever made, visible or hidden", async ({ simulator, agent }) => {
  const anna = await atRestOn("websocket", {
    simulator, agent,
    prepared: (page) => page.addInitScript(() => {
      globalThis.made = [];
      for (const name of ["Worker", "SharedWorker", "Blob"]) {
        globalThis[name] = new Proxy(globalThis[name], {
          construct(target, args) {
            made.push(name);
            return Reflect.construct(target, args);
          },
        });
      }
      const url = URL.createObjectURL;
      URL.createObjectURL = (...args) => {
        made.push("createObjectURL");
        return url.call(URL, ...args);
      };
    }),
  });
  await anna.openTab();
  await until("it is hidden", () => anna.page.evaluate(() => document.visibilityState === "hidden"));
  await simulator.publish({ data: newMessage("{{n}}"), count: 2_000 });
  await anna.textsOf(2_000);
  await freeze(anna);
  await thaw(anna);
  await anna.dispose();
  assert.deepEqual(await anna.page.evaluate(() => made), []);
  const { targetInfos } = await anna.page.send("Target.getTargets");
  assert.deepEqual(targetInfos.map(({ type }) => type).filter((type) => /worker/.test(type)), []);
});
