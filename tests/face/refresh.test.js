// What the caller's own reading of the list does: it is shared, it may be given up, and its failures are his.

import assert from "node:assert/strict";
import { beforeEach, describe, it, mock } from "node:test";

import { outcome, Reading, turn } from "./lib/scripted-reads.js";

describe("Recovery", () => {
  let reading;
  beforeEach(() => {
    reading = new Reading();
  });

  describe("refresh", () => {
    it("reads although nothing was missed, and resolves when that is taken over", async () => {
      await reading.synced();
      const done = reading.recovery.refresh({});
      await turn();
      assert.deepEqual([reading.calls.length, reading.recovery.isSynced], [2, true]);
      await reading.answer("a");
      assert.equal(await outcome(done), "done");
      assert.deepEqual([reading.told[1].resources, reading.recovery.reads], [["a"], 2]);
    });

    it("waits for the read under way, and all who ask meanwhile share the next one", async () => {
      await reading.connect();
      const all = [reading.recovery.refresh({}), reading.recovery.refresh({}), reading.recovery.refresh({})];
      await turn();
      assert.equal(reading.calls.length, 1);
      await reading.answer();
      assert.equal(reading.calls.length, 2);
      await reading.answer();
      assert.deepEqual(await Promise.all(all.map(outcome)), ["done", "done", "done"]);
      await turn();
      assert.equal(reading.calls.length, 2);
    });

    it("asked for after the next one has left is another one", async () => {
      await reading.synced();
      const first = reading.recovery.refresh({});
      await turn();
      const second = reading.recovery.refresh({});
      await reading.answer();
      assert.equal(await outcome(first), "done");
      assert.equal(reading.calls.length, 3);
      await reading.answer();
      assert.equal(await outcome(second), "done");
    });

    it("and a gap do not read at the same time, and the gap needs no read of its own", async () => {
      await reading.connect();
      const done = reading.recovery.refresh({});
      await reading.gap();
      assert.equal(reading.calls.length, 1);
      await reading.answer();
      assert.equal(reading.calls.length, 2, "one at a time");
      await reading.answer();
      assert.equal(await outcome(done), "done");
      assert.deepEqual([reading.calls.length, reading.recovery.isSynced], [2, true]);
    });

    it("in a gap whose read waits to be repeated makes that needless", async (context) => {
      context.mock.timers.enable({ apis: ["setTimeout"] });
      await reading.connect();
      await reading.fail("http/500");
      const done = reading.recovery.refresh({});
      await turn();
      await reading.answer();
      await done;
      context.mock.timers.tick(60_000);
      await turn();
      assert.deepEqual([reading.calls.length, reading.recovery.isSynced], [2, true]);
    });

    it("gets a list that was not given before, and reads after gaps again", async () => {
      await reading.connect();
      await reading.fail("gws/5");
      const done = reading.recovery.refresh({});
      await turn();
      await reading.answer();
      await done;
      assert.equal(reading.recovery.isSynced, true);
      await reading.gap(false);
      assert.equal(reading.calls.length, 3);
    });

    it("rejects with the error at once; nothing is told, repeated or known less", async (context) => {
      context.mock.timers.enable({ apis: ["setTimeout"] });
      await reading.synced();
      for (const code of ["http/500", "gws/5", "network/timeout", "auth/required"]) {
        const done = outcome(reading.recovery.refresh({}));
        await turn();
        const { length } = reading.calls;
        await reading.fail(code);
        assert.equal(await done, code);
        context.mock.timers.tick(3_600_000);
        await turn();
        assert.deepEqual([reading.calls.length, reading.warnings, reading.recovery.isSynced], [length, [], true]);
      }
    });

    it("that fails after a read that has failed leaves the wait for the next", async (context) => {
      context.mock.timers.enable({ apis: ["setTimeout"] });
      await reading.connect();
      const done = outcome(reading.recovery.refresh({}));
      await turn();
      await reading.fail("http/500");
      assert.equal(reading.calls.length, 2);
      await reading.fail("http/502");
      assert.equal(await done, "http/502");
      assert.equal(reading.calls.length, 2);
      context.mock.timers.tick(1_000);
      await turn();
      assert.equal(reading.calls.length, 3);
    });

    it("has as long as the most patient caller gives it, by default as long as the options say", async () => {
      reading = new Reading({ requestTimeout: 700 });
      await reading.synced();
      void reading.recovery.refresh({ timeout: 500 });
      void reading.recovery.refresh({ timeout: 600 });
      await turn();
      assert.equal(reading.calls[1].timeout, 600);
      void reading.recovery.refresh({ timeout: 100 });
      void reading.recovery.refresh({});
      await reading.answer();
      assert.equal(reading.calls[2].timeout, 700);
      await reading.answer();
    });

    it("that one gives up goes on for the others", async () => {
      await reading.synced();
      const controller = new AbortController();
      const mine = outcome(reading.recovery.refresh({ signal: controller.signal }));
      const others = outcome(reading.recovery.refresh({}));
      await turn();
      controller.abort(new Error("enough"));
      assert.equal(await mine, "aborted");
      await reading.answer("a");
      assert.equal(await others, "done");
      assert.equal(reading.told.length, 2);
    });

    it("that all give up is not waited for by who asks next", async () => {
      await reading.synced();
      const controllers = [new AbortController(), new AbortController()];
      const all = controllers.map(({ signal }) => outcome(reading.recovery.refresh({ signal })));
      await turn();
      for (const controller of controllers) controller.abort();
      assert.deepEqual(await Promise.all(all), ["aborted", "aborted"]);
      assert.equal(reading.calls[1].signal.aborted, true);
      const next = outcome(reading.recovery.refresh({}));
      await turn();
      assert.equal(reading.calls.length, 3);
      await reading.answer();
      assert.equal(await next, "done");
    });

    it("that is given up before it leaves is never sent, and who asks meanwhile gets another", async () => {
      await reading.connect();
      const controller = new AbortController();
      const mine = outcome(reading.recovery.refresh({ signal: controller.signal }));
      await turn();
      controller.abort();
      assert.equal(await mine, "aborted");
      const other = outcome(reading.recovery.refresh({}));
      await reading.answer();
      assert.equal(reading.calls.length, 2);
      await reading.answer();
      assert.equal(await other, "done");
      assert.equal(await outcome(reading.recovery.refresh({ signal: controller.signal })), "aborted");
      await turn();
      assert.deepEqual([reading.calls.length, reading.recovery.isSynced], [2, true]);
    });

    it("given up while a gap waits for it lets the gap be read", async () => {
      await reading.connect();
      const controller = new AbortController();
      const mine = outcome(reading.recovery.refresh({ signal: controller.signal }));
      await reading.gap();
      controller.abort();
      assert.equal(await mine, "aborted");
      await reading.answer();
      assert.equal(reading.calls.length, 2);
      await reading.answer();
      assert.equal(reading.recovery.isSynced, true);
    });

    it("that nobody waits for any more is no unhandled rejection", async () => {
      const unhandled = mock.fn();
      process.on("unhandledRejection", unhandled);
      await reading.synced();
      const controller = new AbortController();
      const mine = outcome(reading.recovery.refresh({ signal: controller.signal }));
      await turn();
      controller.abort();
      await mine;
      await turn();
      process.off("unhandledRejection", unhandled);
      assert.equal(unhandled.mock.callCount(), 0);
    });
  });
});
