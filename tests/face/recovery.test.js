// When the server's list is read: after the first connection and every gap, one at a time, and again after what passes.

import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { Reading, turn } from "./lib/scripted-reads.js";

describe("Recovery", () => {
  let reading;
  beforeEach(() => {
    reading = new Reading();
  });

  describe("after the first connection", () => {
    it("reads the list of all fields once, and is synced when that is taken over", async () => {
      assert.equal(reading.recovery.isSynced, false);
      await reading.connect();
      assert.deepEqual(reading.calls.map(({ method, path }) => [method, path]), [["GET", "/me/im-sessions?fields=*"]]);
      assert.deepEqual([reading.recovery.isSynced, reading.list.isSynced], [false, false]);
      await reading.answer("a", "no session", "b");
      assert.deepEqual(reading.told, [{ resources: ["a", "b"], mark: 0, tellNew: false, isWhole: false, isSynced: true }]);
      assert.deepEqual([reading.recovery.isSynced, reading.list.isSynced, reading.recovery.reads, reading.calls.length], [true, true, 1, 1]);
    });

    it("reads nothing before there is one", async () => {
      await reading.gap(true);
      assert.equal(reading.calls.length, 0);
    });

    it("takes the mark when the request leaves, also when that is repeated", async () => {
      await reading.connect();
      reading.list.mark = 7;
      reading.calls[0].left();
      reading.list.mark = 9;
      await reading.answer();
      assert.equal(reading.told[0].mark, 7);
    });

    it("hears nothing new in a move to another transport", async () => {
      await reading.synced();
      await reading.connect();
      assert.deepEqual([reading.calls.length, reading.recovery.isSynced], [1, true]);
    });
  });

  describe("after a gap", () => {
    it("reads again, and is not synced until that is done; what is new is news then", async () => {
      await reading.synced();
      await reading.gap();
      assert.deepEqual([reading.recovery.isSynced, reading.list.isSynced, reading.calls.length], [false, false, 2]);
      await reading.answer();
      assert.deepEqual([reading.recovery.isSynced, reading.list.isSynced, reading.told[1].tellNew], [true, true, true]);
    });

    it("that comes with the connection reads once for both", async () => {
      await reading.synced();
      reading.recovery.broken();
      reading.recovery.connected(false);
      reading.recovery.gap(true);
      await turn();
      assert.equal(reading.calls.length, 2);
      await reading.answer();
      assert.deepEqual([reading.calls.length, reading.recovery.isSynced], [2, true]);
    });

    it("during a read reads exactly once more, however many there were", async () => {
      await reading.connect();
      for (let count = 0; count < 3; count += 1) await reading.gap();
      assert.equal(reading.calls.length, 1);
      await reading.answer();
      assert.deepEqual([reading.calls.length, reading.recovery.isSynced, reading.told[0].isSynced], [2, false, false]);
      await reading.answer();
      assert.deepEqual([reading.calls.length, reading.recovery.isSynced], [2, true]);
    });

    it("between the call and the moment its request leaves needs no other", async () => {
      await reading.connect();
      await reading.gap();
      reading.calls[0].left();
      await reading.answer();
      assert.deepEqual([reading.calls.length, reading.recovery.isSynced], [1, true]);
    });
  });

  describe("while the channel is broken", () => {
    it("is not synced, and is at once when nothing can have been missed", async () => {
      await reading.synced();
      reading.recovery.broken();
      assert.deepEqual([reading.recovery.isSynced, reading.list.isSynced], [false, false]);
      await reading.connect(true);
      assert.deepEqual([reading.recovery.isSynced, reading.list.isSynced, reading.calls.length], [true, true, 1]);
    });

    it("reads after a return in which something can have been missed", async () => {
      await reading.synced();
      reading.recovery.broken();
      await reading.connect(false);
      assert.deepEqual([reading.recovery.isSynced, reading.calls.length], [false, 2]);
    });

    it("does not ask again for a read that fails, but when it is back", async () => {
      await reading.connect();
      reading.recovery.broken();
      await reading.fail("network/failed");
      assert.equal(reading.calls.length, 1);
      await reading.connect(true);
      assert.equal(reading.calls.length, 2);
    });

    it("takes over a read that is answered, and is synced when it is back and nothing was missed", async () => {
      await reading.connect();
      reading.recovery.broken();
      await reading.answer("a");
      assert.deepEqual([reading.told.length, reading.recovery.isSynced, reading.list.isSynced], [1, false, false]);
      await reading.connect(true);
      assert.deepEqual([reading.recovery.isSynced, reading.calls.length], [true, 1]);
    });

    it("a read that left before the channel stood again says nothing of what was missed until then", async () => {
      const done = reading.recovery.refresh();
      await turn();
      await reading.connect(false);
      assert.equal(reading.calls.length, 1);
      await reading.answer();
      await done;
      assert.deepEqual([reading.recovery.isSynced, reading.calls.length], [false, 2]);
      await reading.answer();
      assert.equal(reading.recovery.isSynced, true);
    });
  });

  describe("a read that fails", () => {
    const clock = (context) => context.mock.timers.enable({ apis: ["setTimeout"] });
    const pass = async (context, ms) => {
      context.mock.timers.tick(ms);
      await turn();
    };

    for (const code of ["network/failed", "network/timeout", "network/refused", "http/500", "http/503", "http/429", "protocol/not-json", "gws/4", "gws/12"]) {
      it(`with ${code} is repeated, each time later, and not told`, async (context) => {
        clock(context);
        await reading.connect();
        for (const wait of [1_000, 2_000, 3_000]) {
          const { length } = reading.calls;
          await reading.fail(code);
          await pass(context, wait - 1);
          assert.equal(reading.calls.length, length);
          await pass(context, 1);
          assert.equal(reading.calls.length, length + 1);
          assert.equal(reading.recovery.isSynced, false);
        }
        await reading.answer();
        assert.deepEqual([reading.recovery.isSynced, reading.warnings], [true, []]);
      });
    }

    it("waits as the options say at most", async (context) => {
      clock(context);
      reading = new Reading({ backoffIncrement: 1_000, maxBackoff: 1_500 });
      await reading.connect();
      for (let count = 0; count < 5; count += 1) {
        await reading.fail("http/500");
        await pass(context, 1_500);
      }
      assert.equal(reading.calls.length, 6);
    });

    it("waits a moment, whatever the options say", async (context) => {
      clock(context);
      reading = new Reading({ backoffIncrement: 0, maxBackoff: 0, backoffJitter: 1 });
      await reading.connect();
      await reading.fail("http/500");
      await pass(context, 99);
      assert.equal(reading.calls.length, 1);
      await pass(context, 1);
      assert.equal(reading.calls.length, 2);
    });

    it("waits less by the random part of the delay", async (context) => {
      clock(context);
      reading = new Reading({ backoffJitter: 0.5 });
      context.mock.method(Math, "random", () => 0.6);
      await reading.connect();
      await reading.fail("http/500");
      await pass(context, 699);
      assert.equal(reading.calls.length, 1);
      await pass(context, 1);
      assert.equal(reading.calls.length, 2);
    });

    it("begins anew with the shortest wait after one that worked", async (context) => {
      clock(context);
      await reading.connect();
      for (let count = 1; count <= 3; count += 1) {
        await reading.fail("http/500");
        await pass(context, count * 1_000);
      }
      await reading.answer();
      await reading.gap();
      await reading.fail("http/500");
      await pass(context, 1_000);
      assert.equal(reading.calls.length, 6);
    });

    it("waits as long as the server asks, up to an hour", async (context) => {
      clock(context);
      for (const [asked, waits] of [[5_000, 5_000], [3_600_000, 3_600_000], [1e15, 3_600_000], [Infinity, 3_600_000]]) {
        reading = new Reading();
        await reading.connect();
        await reading.fail("http/503", { retryAfterMs: asked });
        await pass(context, waits - 1);
        assert.equal(reading.calls.length, 1, `${asked}`);
        await pass(context, 1);
        assert.equal(reading.calls.length, 2, `${asked}`);
      }
    });

    it("asks at once in the next gap, and not once more when the wait would have ended", async (context) => {
      clock(context);
      await reading.connect();
      await reading.fail("http/500");
      reading.recovery.broken();
      await reading.connect(false);
      assert.equal(reading.calls.length, 2);
      await reading.answer();
      await pass(context, 60_000);
      assert.deepEqual([reading.calls.length, reading.recovery.isSynced], [2, true]);
    });

    it("waits no more when the channel ends", async (context) => {
      clock(context);
      await reading.connect();
      await reading.fail("http/500");
      reading.recovery.broken();
      await pass(context, 60_000);
      assert.equal(reading.calls.length, 1);
    });

    for (const code of ["http/404", "http/403", "gws/3", "gws/5", "gws/6", "gws/1", "protocol/no-status-code"]) {
      it(`with ${code} is told once, and not repeated until the next session`, async (context) => {
        clock(context);
        await reading.connect();
        await reading.fail(code, { status: 404 });
        await pass(context, 3_600_000);
        await reading.gap(false);
        reading.recovery.broken();
        await reading.connect(false);
        assert.equal(reading.calls.length, 1);
        assert.deepEqual(reading.warnings.map((warning) => [warning.code, warning.status, warning.cause.code, warning.retryable]), [["recovery/unavailable", 404, code, false]]);
        assert.equal(reading.recovery.isSynced, false);
        await reading.gap(true);
        assert.equal(reading.calls.length, 2);
        await reading.answer();
        assert.equal(reading.recovery.isSynced, true);
      });
    }

    for (const imSessions of [undefined, null, {}, "x", 5]) {
      it(`for want of a list, but ${JSON.stringify(imSessions)}, is one that is not given`, async () => {
        await reading.connect();
        reading.calls[0].reply({ statusCode: 0, imSessions });
        await turn();
        assert.deepEqual([reading.warnings.map(({ cause }) => cause.code), reading.told, reading.recovery.reads], [["protocol/no-sessions"], [], 0]);
      });
    }

    for (const code of ["aborted", "auth/required"]) {
      it(`with ${code} is a matter of the channel: nothing is told, nothing repeated`, async (context) => {
        clock(context);
        await reading.connect();
        await reading.fail(code);
        await pass(context, 3_600_000);
        assert.deepEqual([reading.calls.length, reading.warnings], [1, []]);
      });
    }
  });

  describe("when nobody is logged in", () => {
    it("waits on an attached channel, which goes on, until a call is accepted, and says so", async () => {
      reading = new Reading({}, true);
      await reading.connect();
      await reading.fail("auth/required");
      assert.deepEqual(reading.warnings.map(({ code, cause }) => [code, cause.code]), [["recovery/unavailable", "auth/required"]]);
      await reading.gap(true);
      assert.deepEqual([reading.calls.length, reading.recovery.isSynced], [1, false]);
      reading.recovery.loginWorks();
      assert.equal(reading.calls.length, 2);
      await reading.answer();
      assert.equal(reading.recovery.isSynced, true);
    });

    it("reads again with the next connection", async () => {
      await reading.connect();
      await reading.fail("auth/required");
      reading.recovery.broken();
      await reading.connect();
      assert.deepEqual([reading.calls.length, reading.warnings], [2, []]);
    });
  });
});
