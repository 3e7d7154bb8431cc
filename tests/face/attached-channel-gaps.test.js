// When a channel on a desktop's own cometd object says that notifications may have been missed, and when not.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { TOPIC, rule, turn } from "./lib/scripted-cometd.js";

describe("the gaps of an AttachedChannel", () => {
  rule("a new session: from when the last answered connect left, until it is connected", async ({ host, told, started, now }) => {
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

  rule("a lost reply: from the last connect until the next, once for many", async ({ host, told, started, now }) => {
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

  rule("is told before the message that shows it", async ({ host, told, started, now }) => {
    await started();
    host.breaks();
    now(9);
    host.tell(TOPIC, { data: "next" });
    host.connect();
    await turn();
    assert.deepEqual(told.slice(0, 2), ["lost-reply 0 9", "next"]);
    assert.equal(told.filter((entry) => entry.startsWith("lost-reply")).length, 1);
  });

  rule("a lost reply and then a new session are one new session", async ({ host, told, started }) => {
    await started();
    host.breaks();
    host.handshake();
    host.answer();
    host.connect();
    assert.deepEqual(told.filter((entry) => /-/.test(entry)), ["new-session 0 0"]);
  });

  rule("a break right after a handshake is still the new session", async ({ host, told, started, now }) => {
    await started();
    for (const time of [10, 20]) {
      now(time);
      host.connect();
    }
    now(30);
    host.handshake();
    host.breaks();
    host.connect();
    host.answer();
    assert.deepEqual(told, ["reconnecting", "connected", "new-session 10 30"]);
  });

  rule("there is none before the first connection", async ({ host, told, create }) => {
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

  rule("a reply lost to another request of the host's counts, a message that never left does not", async ({ host, told, started }) => {
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
    rule(`an acknowledgement that is ${name}: ${isAcknowledged ? "nothing is lost with a reply" : "a lost reply is a gap"}`, async ({ host, told, started }) => {
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

  rule("takes a number in a connect for an acknowledging server, until the next handshake says otherwise", async ({ host, started }) => {
    const channel = await started();
    host.extensions.ack = {};
    host.connect({ ext: { ack: "1" } });
    assert.equal(channel.status.acknowledged, false);
    host.connect({ ext: { ack: 0 } });
    assert.equal(channel.status.acknowledged, true);
    host.handshake();
    assert.equal(channel.status.acknowledged, false);
  });

  rule("a topic lost between two answers is one, acknowledged or not", async ({ host, told, started }) => {
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

  rule("are counted, like handshakes and returns, and the last contact is told", async ({ host, started, now }) => {
    const channel = await started();
    const counted = () => ({ ...channel.counters });
    assert.deepEqual(counted(), { received: 0, handshakes: 0, reconnects: 0, gaps: 0 });
    now(1);
    host.connect();
    assert.equal(counted().lastContact - Date.now(), 0);
    now(2);
    host.breaks();
    await turn();
    assert.equal(counted().lastContact - Date.now(), -1);
    host.handshake();
    now(3);
    host.connect();
    host.answer();
    now(4);
    host.tell(TOPIC, { data: 1 });
    assert.deepEqual(counted(), { received: 1, handshakes: 1, reconnects: 1, gaps: 1, lastContact: Date.now() });
  });
});
