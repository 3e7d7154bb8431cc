// The iterator of notifications: what is buffered for its one reader, and how it ends.

import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { Notifications } from "../../pkg-template/notifications.js";

const DONE = { value: undefined, done: true };
const given = (value) => ({ value, done: false });

/** Whether the promise is still pending after everything that was due has run. */
async function isPending(promise) {
  const pending = Symbol("pending");
  const turn = new Promise((resolve) => setImmediate(resolve, pending));
  return (await Promise.race([promise, turn])) === pending;
}

describe("Notifications", () => {
  let notifications;
  let dropped;
  let ended;

  const open = (highWaterMark = 1024) => {
    dropped = 0;
    ended = 0;
    notifications = new Notifications(highWaterMark, () => (dropped += 1));
    notifications.ended = () => (ended += 1);
  };
  beforeEach(() => open());

  it("keeps what came before the first next(), in order", async () => {
    for (const value of [1, 2, 3]) notifications.push(value);
    assert.deepEqual([await notifications.next(), await notifications.next(), await notifications.next()], [1, 2, 3].map(given));
    assert.equal(dropped, 0);
  });

  it("lets next() wait for what comes", async () => {
    const next = notifications.next();
    assert.equal(await isPending(next), true);
    notifications.push("a");
    assert.deepEqual(await next, given("a"));
  });

  it("serves concurrent next() calls in their order, one value each", async () => {
    const nexts = [notifications.next(), notifications.next(), notifications.next()];
    notifications.push("a");
    notifications.push("b");
    assert.deepEqual(await Promise.all(nexts.slice(0, 2)), [given("a"), given("b")]);
    assert.equal(await isPending(nexts[2]), true);
    notifications.push("c");
    assert.deepEqual(await nexts[2], given("c"));
  });

  it("hands on undefined without taking it for the end", async () => {
    notifications.push(undefined);
    assert.deepEqual(await notifications.next(), given(undefined));
  });

  describe("highWaterMark", () => {
    it("drops nothing up to it", async () => {
      open(2);
      notifications.push(1);
      notifications.push(2);
      assert.equal(dropped, 0);
      assert.deepEqual(await notifications.next(), given(1));
    });

    it("drops the oldest beyond it, and tells when that begins", async () => {
      open(2);
      notifications.push(1);
      notifications.push(2);
      notifications.push(3);
      assert.equal(dropped, 1);
      notifications.push(4);
      assert.equal(dropped, 1, "one flood, one warning");
      notifications.end();
      assert.deepEqual([await notifications.next(), await notifications.next(), await notifications.next()], [given(3), given(4), DONE]);
    });

    it("counts what is buffered, not what a waiting reader takes", async () => {
      open(1);
      const nexts = [notifications.next(), notifications.next()];
      for (const value of [1, 2, 3]) notifications.push(value);
      assert.equal(dropped, 0);
      assert.deepEqual(await Promise.all(nexts), [given(1), given(2)]);
      assert.deepEqual(await notifications.next(), given(3));
    });

    it("tells again when dropping begins again after a read", async () => {
      open(1);
      for (const value of [1, 2, 3]) notifications.push(value);
      assert.deepEqual(await notifications.next(), given(3));
      notifications.push(4);
      assert.equal(dropped, 1);
      notifications.push(5);
      assert.equal(dropped, 2);
      assert.deepEqual(await notifications.next(), given(5));
    });

    it("has room again once something was read", async () => {
      open(1);
      notifications.push(1);
      await notifications.next();
      notifications.push(2);
      assert.equal(dropped, 0);
    });
  });

  describe("end", () => {
    it("leaves what has come to be read, then is done for good", async () => {
      notifications.push("a");
      notifications.end();
      assert.deepEqual([await notifications.next(), await notifications.next(), await notifications.next()], [given("a"), DONE, DONE]);
    });

    it("ends every next() that waits", async () => {
      const nexts = [notifications.next(), notifications.next()];
      notifications.end();
      assert.deepEqual(await Promise.all(nexts), [DONE, DONE]);
    });

    it("tells of itself once", async () => {
      notifications.end();
      notifications.end();
      await notifications.return();
      assert.equal(ended, 1);
    });
  });

  describe("return", () => {
    it("ends, forgets what was not read, and answers with its argument", async () => {
      notifications.push("a");
      const next = notifications.next();
      const waiting = notifications.next();
      assert.deepEqual(await notifications.return("bye"), { value: "bye", done: true });
      assert.deepEqual([await next, await waiting, await notifications.next()], [given("a"), DONE, DONE]);
      assert.equal(ended, 1);
    });

    it("answers done without an argument as well", async () => {
      notifications.push("unread");
      assert.deepEqual(await notifications.return(), DONE);
      assert.deepEqual(await notifications.next(), DONE);
    });
  });

  it("throw() ends and rejects with what it was given", async () => {
    notifications.push("unread");
    const error = new Error("the reader's");
    await assert.rejects(notifications.throw(error), (thrown) => thrown === error);
    assert.deepEqual(await notifications.next(), DONE);
    assert.equal(ended, 1);
  });

  describe("for await", () => {
    it("reads to the end", async () => {
      for (const value of [1, 2]) notifications.push(value);
      notifications.end();
      const read = [];
      for await (const value of notifications) read.push(value);
      assert.deepEqual(read, [1, 2]);
    });

    it("ends on break", async () => {
      for (const value of [1, 2]) notifications.push(value);
      for await (const value of notifications) {
        assert.equal(value, 1);
        break;
      }
      assert.equal(ended, 1);
      assert.deepEqual(await notifications.next(), DONE);
    });

    it("ends when the reader's body throws", async () => {
      notifications.push(1);
      await assert.rejects(async () => {
        for await (const value of notifications) throw new Error(`fails at ${value}`);
      }, /fails at 1/);
      assert.equal(ended, 1);
    });

    it("is its own iterator", () => {
      assert.equal(notifications[Symbol.asyncIterator](), notifications);
    });
  });

  it("takes nothing more after the end", async () => {
    notifications.end();
    notifications.push("late");
    assert.deepEqual(await notifications.next(), DONE);
  });
});
