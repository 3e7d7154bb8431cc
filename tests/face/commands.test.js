// How calls wait for commands, and what the page's going does to them.

import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { Commands } from "../../pkg-template/commands.js";
import { GwsImError } from "../../pkg-template/errors.js";

const aborted = () => new GwsImError("aborted");
const outcome = (promise) => promise.then(() => "done", ({ code }) => code);
/** Whether it is settled, and how. */
const present = (promise) => Promise.race([outcome(promise), new Promise((resolve) => setImmediate(resolve, "waiting"))]);

describe("Commands", () => {
  let commands;
  let last;
  /** Asks for something again, as a new command. */
  const again = () => (last += 1);

  beforeEach(() => {
    commands = new Commands();
    last = 1;
  });

  it("settle with their own number and no other", async () => {
    const [one, two] = [commands.wait(1), commands.wait(2)];
    commands.completed(2);
    commands.completed(3, aborted());
    assert.deepEqual([await present(one), await present(two)], ["waiting", "done"]);
    commands.completed(1, new GwsImError("server/403"));
    assert.equal(await present(one), "server/403");
    assert.deepEqual([commands.has(1), commands.has(2)], [false, false]);
  });

  it("that nobody waits for are no unhandled rejection", async () => {
    commands.wait(1);
    commands.completed(1, aborted());
    await new Promise((resolve) => setImmediate(resolve));
  });

  it("all end with what ends the client", async () => {
    const [one, two] = [commands.wait(1), commands.wait(2, again)];
    commands.rejectAll(new GwsImError("wasm/panicked"));
    assert.deepEqual([await present(one), await present(two)], ["wasm/panicked", "wasm/panicked"]);
  });

  it("that are cut short while the page is there have ended", async () => {
    const one = commands.wait(1, again);
    commands.completed(1, aborted());
    assert.equal(await present(one), "aborted");
  });

  describe("when the page goes", () => {
    it("wait on, and are asked for again when it is back", async () => {
      const one = commands.wait(1, again);
      commands.pageGone();
      commands.completed(1, aborted());
      assert.deepEqual([await present(one), commands.isPageGone], ["waiting", true]);
      commands.pageBack();
      assert.deepEqual([last, commands.isPageGone], [2, false]);
      commands.completed(2);
      assert.equal(await present(one), "done");
    });

    it("are asked for again at once when the page is back before the channel has ended", async () => {
      const one = commands.wait(1, again);
      commands.pageGone();
      commands.pageBack();
      assert.equal(last, 1, "it may yet end well");
      commands.completed(1, aborted());
      commands.completed(2);
      assert.equal(await present(one), "done");
    });

    it("end as they end by themselves", async () => {
      const [one, two] = [commands.wait(1, again), commands.wait(2, again)];
      commands.pageGone();
      commands.completed(1);
      commands.completed(2, new GwsImError("server/403"));
      assert.deepEqual([await present(one), await present(two)], ["done", "server/403"]);
      commands.pageBack();
      assert.equal(last, 1);
    });

    it("are given up when the caller gives up, before and after the channel has ended", async () => {
      const [one, two] = [commands.wait(1, again), commands.wait(2, again)];
      commands.pageGone();
      commands.completed(1, aborted());
      commands.giveUp();
      assert.equal(await present(one), "aborted");
      commands.completed(2, aborted());
      assert.equal(await present(two), "aborted");
      commands.pageBack();
      assert.equal(last, 1);
    });

    it("end where asking again is not possible or not wanted", async () => {
      const refuse = () => {
        throw new GwsImError("usage/too-many-subscriptions");
      };
      const waits = [commands.wait(1, () => undefined), commands.wait(2, refuse), commands.wait(3)];
      commands.pageGone();
      for (const number of [1, 2, 3]) commands.completed(number, aborted());
      assert.equal(await present(waits[2]), "aborted", "a goodbye is not said again");
      commands.pageBack();
      assert.deepEqual(await Promise.all(waits.map(present)), ["aborted", "usage/too-many-subscriptions", "aborted"]);
    });

    it("wait on through every further time", async () => {
      const one = commands.wait(1, again);
      for (let time = 0; time < 3; time += 1) {
        commands.pageGone();
        commands.completed(last, aborted());
        commands.pageBack();
      }
      assert.deepEqual([last, await present(one)], [4, "waiting"]);
      commands.completed(4, aborted());
      assert.equal(await present(one), "aborted", "the page was there");
    });

    it("wait on also when they began while it was away", async () => {
      commands.pageGone();
      const one = commands.wait(1, again);
      commands.completed(1, aborted());
      assert.equal(await present(one), "waiting");
      commands.pageBack();
      commands.completed(2);
      assert.equal(await present(one), "done");
    });

    it("end with what ends the client", async () => {
      const one = commands.wait(1, again);
      commands.pageGone();
      commands.completed(1, aborted());
      commands.rejectAll(aborted());
      assert.equal(await present(one), "aborted");
      commands.pageBack();
      assert.equal(last, 1);
    });
  });
});
