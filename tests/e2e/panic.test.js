// A bug of the SDK that ends the WebAssembly module: its clients say so, and the next one works.

import assert from "node:assert/strict";
import { scenarios } from "./lib/scenario.js";
import { until } from "./lib/wait.js";

const scenario = scenarios();

/** The HTTP half of the module takes what is thrown for an Error; a string makes it panic. It stands for any bug. */
const breakRequests = (anna) =>
  anna.page.evaluate(() => {
    e2e.Request = globalThis.Request;
    globalThis.Request = class {
      constructor() {
        throw "not an Error";
      }
    };
  });
const mendRequests = (anna) => anna.page.evaluate(() => void (globalThis.Request = e2e.Request));

scenario("after a panic nothing pretends to be connected, every call says why, and a new client starts afresh", async ({ simulator, agent }) => {
  const anna = await agent();
  anna.expectComplaint(/unreachable|RuntimeError|panicked|previous WASM instance/i);
  await anna.create();
  await anna.connect();
  await breakRequests(anna);
  const reader = anna.page.evaluate(() => e2e.client.notifications().next());
  await anna.page.evaluate(() => e2e.client.reconnect());
  await until("the client says that it has failed", async () => (await anna.state()) === "disconnected");
  assert.equal((await anna.reason()).code, "wasm/panicked");
  assert.deepEqual(await reader, { value: undefined, done: true });
  for (const call of ["connect", "ready", "reconnect"]) {
    const { error } = await anna.page.evaluate((call) => e2e.outcome(async () => e2e.client[call]()), call);
    assert.equal(error?.code, "wasm/panicked", call);
  }
  const last = (await anna.record()).filter(({ type }) => type === "connection").at(-1);
  assert.deepEqual([last.event.state, last.event.reason.code], ["disconnected", "wasm/panicked"]);
  await anna.disconnect();
  await anna.dispose();

  await mendRequests(anna);
  await anna.create();
  await anna.connect();
  await simulator.publish({ topic: "/v2/me/im-sessions", user: "anna", data: { messageType: "IMLogUpdateMessage", notificationType: "NewMessage", imSessionPath: "/im-sessions/1", message: "afresh" } });
  await until("the new client receives", async () => (await anna.record()).some(({ event }) => event.message === "afresh"));
});
