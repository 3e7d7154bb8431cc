// Who is called, in which order, and what a listener may do to the others.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";

import { Listeners } from "../../pkg-template/listeners.js";

describe("Listeners", () => {
  let listeners;
  let heard;
  let counts;
  const hear = (name) => (...event) => heard.push([name, ...event]);

  beforeEach(() => {
    heard = [];
    counts = [];
    listeners = new Listeners((type, count) => counts.push([type, count]));
  });

  it("calls them in the order they were added, with everything the event carries", () => {
    for (const name of ["first", "second", "third"]) listeners.add("gap", hear(name));
    const event = { since: 1 };
    listeners.emit("gap", event, "message");
    assert.deepEqual(heard, [["first", event, "message"], ["second", event, "message"], ["third", event, "message"]]);
    assert.equal(heard[0][1], event, "the event itself, no copy");
  });

  it("keeps types apart", () => {
    listeners.add("gap", hear("gap"));
    listeners.add("warning", hear("warning"));
    listeners.emit("warning", 1);
    listeners.emit("frame", 2);
    assert.deepEqual(heard, [["warning", 1]]);
  });

  it("takes the same callback twice, and each returned function removes its own", () => {
    const callback = hear("same");
    const removeFirst = listeners.add("gap", callback);
    listeners.add("gap", hear("between"));
    listeners.add("gap", callback);
    listeners.emit("gap");
    assert.deepEqual(heard.map(([name]) => name), ["same", "between", "same"]);

    removeFirst();
    removeFirst();
    heard.length = 0;
    listeners.emit("gap");
    assert.deepEqual(heard.map(([name]) => name), ["between", "same"]);
  });

  it("removes by callback the one that was added first", () => {
    const callback = hear("same");
    listeners.add("gap", callback);
    listeners.add("gap", hear("between"));
    listeners.add("gap", callback);
    listeners.remove("gap", callback);
    listeners.emit("gap");
    assert.deepEqual(heard.map(([name]) => name), ["between", "same"]);
  });

  it("removes nothing for a callback or a type it does not know", () => {
    listeners.add("gap", hear("gap"));
    listeners.remove("gap", hear("other"));
    listeners.remove("warning", hear("gap"));
    assert.equal(listeners.count("gap"), 1);
    assert.equal(listeners.count("warning"), 0);
  });

  it("does not call one that was removed earlier in the same delivery", () => {
    let removeSecond;
    listeners.add("gap", () => removeSecond());
    removeSecond = listeners.add("gap", hear("second"));
    listeners.add("gap", hear("third"));
    listeners.emit("gap");
    assert.deepEqual(heard.map(([name]) => name), ["third"]);
  });

  it("goes on after one that removes itself", () => {
    const remove = listeners.add("gap", () => {
      heard.push(["itself"]);
      remove();
    });
    listeners.add("gap", hear("next"));
    listeners.emit("gap");
    listeners.emit("gap");
    assert.deepEqual(heard.map(([name]) => name), ["itself", "next", "next"]);
  });

  it("lets one that is added during a delivery wait for the next", () => {
    let added = false;
    listeners.add("gap", () => {
      if (!added) listeners.add("gap", hear("late"));
      added = true;
    });
    listeners.emit("gap", 1);
    assert.deepEqual(heard, []);
    listeners.emit("gap", 2);
    assert.deepEqual(heard, [["late", 2]]);
  });

  it("stops a delivery when all are cleared in it", () => {
    listeners.add("gap", () => listeners.clear());
    listeners.add("gap", hear("second"));
    listeners.emit("gap");
    assert.deepEqual(heard, []);
  });

  it("delivers an event that a listener causes at once, and goes on with the first", () => {
    listeners.add("gap", () => listeners.emit("warning", "inner"));
    listeners.add("gap", hear("gap"));
    listeners.add("warning", hear("warning"));
    listeners.emit("gap", "outer");
    assert.deepEqual(heard, [["warning", "inner"], ["gap", "outer"]]);
  });

  describe("once", () => {
    it("calls the listener once, and has removed it before", () => {
      const within = [];
      listeners.add("gap", () => within.push(listeners.count("gap")), { once: true });
      listeners.emit("gap");
      listeners.emit("gap");
      assert.deepEqual(within, [0]);
    });

    it("does not call it again for an event it causes", () => {
      listeners.add("gap", (depth) => {
        heard.push(depth);
        if (depth < 3) listeners.emit("gap", depth + 1);
      }, { once: true });
      listeners.emit("gap", 0);
      assert.deepEqual(heard, [0]);
    });
  });

  describe("signal", () => {
    it("removes when it aborts", () => {
      const controller = new AbortController();
      listeners.add("gap", hear("gap"), { signal: controller.signal });
      listeners.emit("gap", 1);
      controller.abort();
      listeners.emit("gap", 2);
      assert.deepEqual(heard, [["gap", 1]]);
      assert.equal(listeners.count("gap"), 0);
    });

    it("adds nothing when it has aborted before", () => {
      let removals = 0;
      const remove = listeners.add("gap", hear("gap"), { signal: AbortSignal.abort(), removed: () => (removals += 1) });
      listeners.emit("gap");
      assert.deepEqual([heard, listeners.count("gap"), removals], [[], 0, 1]);
      assert.doesNotThrow(remove);
      assert.equal(removals, 1);
    });

    it("holds nothing of a listener that is gone", (t) => {
      const { signal } = new AbortController();
      const added = t.mock.method(signal, "addEventListener");
      const removed = t.mock.method(signal, "removeEventListener");
      listeners.add("gap", hear("gap"), { signal })();
      listeners.add("gap", hear("gap"), { signal, once: true });
      listeners.emit("gap");
      const handlers = (spy) => spy.mock.calls.map(({ arguments: [type, handler] }) => [type, handler]);
      assert.equal(added.mock.callCount(), 2);
      assert.deepEqual(handlers(removed), handlers(added));
    });

    it("removes during a delivery as well", () => {
      const controller = new AbortController();
      listeners.add("gap", () => controller.abort());
      listeners.add("gap", hear("second"), { signal: controller.signal });
      listeners.emit("gap");
      assert.deepEqual(heard, []);
    });
  });

  describe("a listener that throws", () => {
    const original = globalThis.reportError;
    let reported;

    beforeEach(() => {
      reported = [];
      globalThis.reportError = (error) => reported.push(error);
    });
    afterEach(() => {
      globalThis.reportError = original;
    });

    it("goes to reportError, and the others are called", () => {
      const error = new Error("a fault of the page");
      listeners.add("gap", hear("before"));
      listeners.add("gap", () => {
        throw error;
      });
      listeners.add("gap", hear("after"));
      listeners.emit("gap");
      assert.deepEqual(heard.map(([name]) => name), ["before", "after"]);
      assert.equal(reported.length, 1);
      assert.equal(reported[0], error);
    });

    it("stays, and is reported each time", () => {
      listeners.add("gap", () => {
        throw 5;
      });
      listeners.emit("gap");
      listeners.emit("gap");
      assert.deepEqual(reported, [5, 5]);
    });
  });

  describe("clear", () => {
    it("removes all of one type", () => {
      listeners.add("gap", hear("gap"));
      listeners.add("gap", hear("gap"));
      listeners.add("warning", hear("warning"));
      listeners.clear("gap");
      listeners.emit("gap");
      listeners.emit("warning");
      assert.deepEqual(heard, [["warning"]]);
    });

    it("removes all of every type, and tells each that it was removed", () => {
      const removed = [];
      for (const type of ["gap", "warning", "warning"]) listeners.add(type, hear(type), { removed: () => removed.push(type) });
      listeners.clear();
      assert.deepEqual(removed, ["gap", "warning", "warning"]);
      assert.deepEqual(["gap", "warning"].map((type) => listeners.count(type)), [0, 0]);
    });
  });

  it("tells how many there are whenever that changed, and only then", () => {
    const callback = hear("gap");
    const remove = listeners.add("gap", callback);
    listeners.add("gap", hear("gap"), { once: true });
    listeners.add("gap", callback, { signal: AbortSignal.abort() });
    listeners.emit("gap");
    listeners.remove("gap", callback);
    remove();
    assert.deepEqual(counts, [["gap", 1], ["gap", 2], ["gap", 1], ["gap", 0]]);
  });

  it("tells of a removal once, however often it is asked for", () => {
    let removals = 0;
    const controller = new AbortController();
    const remove = listeners.add("gap", hear("gap"), { signal: controller.signal, removed: () => (removals += 1) });
    remove();
    remove();
    controller.abort();
    listeners.clear();
    assert.equal(removals, 1);
  });
});
