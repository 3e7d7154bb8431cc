// When a channel on a desktop's own cometd object says that notifications may have been missed, and when not.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";

import { AttachedChannel } from "../../pkg-template/attached-channel.js";
import { Host, TOPIC, turn } from "./lib/scripted-cometd.js";

const DAY = Date.UTC(2026, 0, 1);

describe("the gaps of an AttachedChannel", () => {
  let host;
  let told;
  let reported;
  let originals;

  const events = {
    message: ({ data }) => told.push(data),
    connection: ({ state }, reason) => told.push(reason ? `${state} ${reason.code}` : state),
    gap: ({ since, until, cause }) => told.push(`${cause} ${since - DAY} ${until - DAY}`),
    warning: ({ code, message }) => told.push(`${code} ${message}`),
  };
  const create = () => new AttachedChannel(host, events);
  const started = async () => {
    const channel = create();
    const start = channel.start();
    host.answer();
    await start;
    told.length = 0;
    return channel;
  };
  const now = (time) => (Date.now = () => DAY + time);

  beforeEach(() => {
    originals = { now: Date.now, reportError: globalThis.reportError };
    host = new Host();
    told = [];
    reported = [];
    globalThis.reportError = (error) => reported.push(error);
    now(0);
  });

  afterEach(() => {
    Date.now = originals.now;
    globalThis.reportError = originals.reportError;
    assert.deepEqual(reported, []);
  });

  it("a new session: from when the last answered connect left, until it is connected", async () => {
    await started();
    for (const time of [10, 20]) {
      now(time);
      host.connect();
    }
    now(30);
    host.handshake();
    now(31);
    host.answer();
    now(32);
    host.connect();
    assert.deepEqual(told, ["reconnecting", "connected", "new-session 10 32"]);
  });

  it("a lost reply: from the last connect until the next, once for many", async () => {
    await started();
    now(10);
    host.connect();
    for (const time of [20, 30]) {
      now(time);
      host.breaks();
      await turn();
    }
    now(40);
    host.connect();
    host.connect();
    assert.deepEqual(told, ["reconnecting network/failed", "connected", "lost-reply 10 40"]);
  });

  it("is told before the message that shows it", async () => {
    await started();
    host.breaks();
    now(9);
    host.tell(TOPIC, { data: "next" });
    host.connect();
    await turn();
    assert.deepEqual(told.slice(0, 2), ["lost-reply 0 9", "next"]);
    assert.equal(told.filter((entry) => entry.startsWith("lost-reply")).length, 1);
  });

  it("a lost reply and then a new session are one new session", async () => {
    await started();
    host.breaks();
    host.handshake();
    host.answer();
    host.connect();
    assert.deepEqual(told.filter((entry) => /-/.test(entry)), ["new-session 0 0"]);
  });

  it("there is none before the first connection", async () => {
    const channel = create();
    const start = channel.start();
    host.breaks();
    host.handshake();
    host.answer();
    host.connect();
    await start;
    await turn();
    assert.deepEqual(told, ["connecting", "connected"]);
  });

  it("a reply lost to another request of the host's counts, a message that never left does not", async () => {
    await started();
    host.tell("/meta/publish", { successful: false, failure: { exception: new Error("maxSendBayeuxMessageSize 8192 exceeded") } });
    host.connect();
    assert.deepEqual(told, []);
    host.tell("/meta/publish", { successful: false, failure: { httpCode: 0 } });
    assert.deepEqual(told, []);
    host.connect();
    assert.deepEqual(told, ["lost-reply 0 0"]);
  });

  for (const [name, ack, isAcknowledged] of [
    ["true", true, true],
    ["an object", { enabled: true, batch: 7 }, true],
    ["false", false, false],
    ["a disabled one", { enabled: false }, false],
    ["null", null, false],
    ["a word", "true", false],
  ]) {
    it(`an acknowledgement that is ${name}: ${isAcknowledged ? "nothing is lost with a reply" : "a lost reply is a gap"}`, async () => {
      const channel = await started();
      host.extensions.ack = {};
      host.handshake({ ext: { ack } });
      host.answer();
      host.connect();
      told.length = 0;
      assert.equal(channel.status.acknowledged, isAcknowledged);
      host.breaks();
      host.tell("/meta/publish", { successful: false, failure: { httpCode: 0 } });
      await turn();
      host.connect();
      assert.deepEqual(told.slice(1), isAcknowledged ? ["connected"] : ["connected", "lost-reply 0 0"]);
      assert.equal(channel.status.recovered, isAcknowledged);
    });
  }

  it("takes a number in a connect for an acknowledging server, until the next handshake says otherwise", async () => {
    const channel = await started();
    host.extensions.ack = {};
    host.connect({ ext: { ack: "1" } });
    assert.equal(channel.status.acknowledged, false);
    host.connect({ ext: { ack: 0 } });
    assert.equal(channel.status.acknowledged, true);
    host.handshake();
    assert.equal(channel.status.acknowledged, false);
  });

  it("a topic lost between two answers is one, acknowledged or not", async () => {
    const channel = await started();
    host.extensions.ack = {};
    host.connect({ ext: { ack: 1 } });
    host.answer(TOPIC, { successful: false, failure: { httpCode: 0 } });
    assert.equal(channel.status.state, "reconnecting");
    host.connect({ ext: { ack: 2 } });
    host.answer();
    assert.deepEqual(told, ["reconnecting network/failed", "connected", "lost-reply 0 0"]);
    assert.equal(channel.status.recovered, false);
  });
});
