// A client on a desktop's own cometd object: what is left there when it ends, in whatever way.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";

import { GwsImClient, channels, load, panic } from "./lib/face.js";
import { Host, TOPIC, outcome, turn } from "./lib/scripted-cometd.js";

const BASE = { baseUrl: "https://gws.example.com" };

describe("GwsImClient.attach()", () => {
  let host;
  const attach = async (options, wait) => {
    const attaching = GwsImClient.attach(host, { ...BASE, ...options }, wait);
    attaching.catch(() => {});
    await turn();
    host.answer();
    return attaching;
  };

  beforeEach(async () => {
    await load();
    host = new Host();
  });
  afterEach(() => load());

  it("hands what comes to the module, and leaves nothing when the client is disposed", async () => {
    const client = await attach();
    host.tell(TOPIC, { data: 1 });
    assert.deepEqual(channels.at(-1).commands.map(([name]) => name), ["deliver"]);
    assert.deepEqual([client.state, client.transport, client.diagnostics.received], ["connected", "attached", 1]);
    await client.dispose();
    assert.deepEqual([client.state, host.table.size], ["disconnected", 0]);
  });

  it("leaves nothing when the module fails, and does not come back with the host", async () => {
    const client = await attach();
    const states = [];
    client.on("connection", ({ state, reason }) => states.push(`${state} ${reason?.code}`));
    panic();
    assert.equal(host.table.size, 0);
    host.handshake();
    host.connect();
    await turn();
    assert.deepEqual([client.state, client.reason?.code, states], ["disconnected", "wasm/panicked", ["disconnected wasm/panicked"]]);
    assert.equal(await outcome(client.ready()), "wasm/panicked");
    assert.equal(await outcome(client.refresh()), "wasm/panicked");
    await client.dispose();
  });

  it("can be given up while the host has not shaken hands, and leaves nothing then", async () => {
    Object.assign(host, { status: "disconnected", clientId: null });
    const controller = new AbortController();
    const attaching = GwsImClient.attach(host, BASE, { signal: controller.signal });
    await turn();
    assert.notEqual(host.table.size, 0);
    controller.abort();
    assert.equal(await outcome(attaching), "aborted");
    assert.equal(host.table.size, 0);
  });

  it("opens nothing, and can be connected again after disconnect()", async () => {
    const client = await attach();
    await client.connect();
    await client.disconnect();
    assert.deepEqual([client.state, host.table.size], ["disconnected", 0]);
    const again = client.connect();
    await turn();
    host.answer();
    await again;
    assert.equal(client.state, "connected");
    assert.deepEqual(channels.at(-1).commands, []);
    await client.dispose();
  });
});
