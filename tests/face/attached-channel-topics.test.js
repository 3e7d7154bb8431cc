// Topics other than that of IM sessions on a desktop's own cometd object.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { CALLS, TOPIC, outcome, present, refused, rule } from "./lib/scripted-cometd.js";

describe("other topics of an AttachedChannel", () => {
  for (const [what, options, end] of [["once", { once: true }, () => {}], ["until its signal aborts", { signal: new AbortController().signal }, ({ signal }) => signal.dispatchEvent(new Event("abort"))]]) {
    rule(`are heard ${what}`, async ({ host, started }) => {
      const heard = [];
      void (await started()).subscribe(CALLS, ({ data }) => heard.push(data), options);
      host.answer(CALLS);
      host.tell(CALLS, { data: 1 });
      end(options);
      host.tell(CALLS, { data: 2 });
      assert.deepEqual([heard, host.wire.at(-1)], [[1], `-${CALLS}`]);
    });
  }

  rule("are subscribed, confirmed and taken back", async ({ host, told, started }) => {
    const channel = await started();
    const heard = [];
    const subscribing = channel.subscribe(CALLS, ({ data }) => heard.push(data));
    host.answer();
    assert.equal(await present(subscribing), "waiting");
    host.answer(CALLS);
    const unsubscribe = await subscribing;
    host.tell(CALLS, { data: 1 });
    unsubscribe();
    unsubscribe();
    host.tell(CALLS, { data: 2 });
    assert.deepEqual([heard, told, host.wire.slice(1)], [[1], [], [`+${CALLS}`, `-${CALLS}`]]);
  });

  rule("a second subscription on a topic is confirmed with the first", async ({ host, started }) => {
    const channel = await started();
    const both = [channel.subscribe(CALLS, () => {}), channel.subscribe(CALLS, () => {})];
    assert.deepEqual([await present(both[0]), await present(both[1])], ["waiting", "waiting"]);
    host.answer(CALLS);
    assert.deepEqual([await present(both[0]), await present(both[1])], ["done", "done"]);
    assert.equal(await present(channel.subscribe(CALLS, () => {})), "done");
  });

  rule("are subscribed again in one batch after a handshake; one refused then is a warning, one refused at first is not", async ({ host, told, started }) => {
    const channel = await started();
    const subscribing = channel.subscribe(CALLS, () => {});
    host.answer(CALLS);
    await subscribing;
    let batches = 0;
    host.batch = (group) => void ((batches += 1), group());
    host.wire.length = 0;
    host.handshake();
    assert.deepEqual([host.wire, batches], [[`+${TOPIC}`, `+${CALLS}`], 1]);
    told.length = 0;
    host.answer(CALLS, refused("403"));
    assert.deepEqual(told, [`server/403 The server refused: ${CALLS}: 403:denied:subscribe_denied`]);
    host.handshake();
    assert.deepEqual(host.wire.slice(2), [`+${TOPIC}`]);
    const again = channel.subscribe(CALLS, () => {});
    host.answer(CALLS, refused("403"));
    assert.equal(await outcome(again), "server/403");
    assert.equal(told.length, 1);
  });

  rule("one that the host can't subscribe to rejects", async ({ host, started }) => {
    const channel = await started();
    host.subscribe = () => {
      throw new Error("Illegal argument: invalid channel");
    };
    assert.equal(await outcome(channel.subscribe("no topic", () => {})), "usage/topic");
    assert.equal(channel.status.state, "connected");
  });

  rule("one subscribed while the host is disconnected is subscribed by its handshake", async ({ host, started }) => {
    const channel = await started();
    host.disconnect();
    const subscribing = channel.subscribe(CALLS, () => {});
    assert.equal(await present(subscribing), "waiting");
    host.handshake();
    host.answer(CALLS);
    assert.equal(await present(subscribing), "done");
  });
});
