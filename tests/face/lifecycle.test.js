// What happens to the page, told to a channel. The page is an EventTarget, the clocks are the test's.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";

import { watchPage } from "../../pkg-template/lifecycle.js";

const REPLACED = ["addEventListener", "document", "navigator", "setInterval", "clearInterval"];

/** An EventTarget that knows how many listeners it has. */
class Target extends EventTarget {
  held = 0;

  addEventListener(type, listener, options) {
    super.addEventListener(type, listener, options);
    this.held += 1;
    options?.signal?.addEventListener("abort", () => (this.held -= 1), { once: true });
  }

  fire(type, members = {}) {
    this.dispatchEvent(Object.assign(new Event(type), members));
  }
}

describe("watchPage", () => {
  let originals;
  let window;
  let document;
  let navigator;
  let intervals;
  let calls;
  let controller;
  /** What the calendar and the page's clock say, ms. */
  let calendar;
  let clock;

  const page = Object.fromEntries(["online", "offline", "resume", "hide", "show"].map((name) => [name, () => calls.push(name)]));
  const pass = (milliseconds) => {
    calendar += milliseconds;
    clock += milliseconds;
  };
  const sleep = (milliseconds) => (calendar += milliseconds);
  const tick = () => intervals.forEach(({ callback }) => callback());
  const become = (visibilityState) => {
    document.visibilityState = visibilityState;
    document.fire("visibilitychange");
  };

  beforeEach((t) => {
    originals = new Map(REPLACED.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]));
    window = new Target();
    document = Object.assign(new Target(), { visibilityState: "visible" });
    navigator = { onLine: true, connection: new Target() };
    intervals = new Map();
    const replacements = {
      addEventListener: window.addEventListener.bind(window),
      document,
      navigator,
      setInterval: (callback, delay) => {
        const id = Symbol("interval");
        intervals.set(id, { callback, delay });
        return id;
      },
      clearInterval: (id) => intervals.delete(id),
    };
    for (const name of REPLACED) Object.defineProperty(globalThis, name, { value: replacements[name], configurable: true, writable: true });
    calendar = 1_700_000_000_000;
    clock = 1_000;
    t.mock.method(Date, "now", () => calendar);
    t.mock.method(performance, "now", () => clock);
    calls = [];
    controller = new AbortController();
    watchPage(page, controller.signal);
  });

  afterEach(() => {
    for (const [name, descriptor] of originals) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else delete globalThis[name];
    }
  });

  it("says nothing by itself", () => {
    tick();
    assert.deepEqual(calls, []);
  });

  it("tells of the network", () => {
    window.fire("offline");
    window.fire("online");
    assert.deepEqual(calls, ["offline", "online"]);
  });

  it("tells at once that there is no network", () => {
    navigator.onLine = false;
    watchPage(page, new AbortController().signal);
    assert.deepEqual(calls, ["offline"]);
  });

  it("doubts what is in flight when the network changes", () => {
    navigator.connection.type = "wifi";
    navigator.connection.fire("change");
    assert.deepEqual(calls, ["resume"]);
    navigator.connection.fire("change");
    assert.deepEqual(calls, ["resume"], "only an estimate of the speed changed");
    navigator.connection.type = "ethernet";
    navigator.connection.fire("change");
    assert.deepEqual(calls, ["resume", "resume"]);
  });

  it("does without what some browsers do not tell", () => {
    controller.abort();
    for (const less of [{ onLine: true }, {}, undefined]) {
      globalThis.navigator = less;
      const watching = new AbortController();
      watchPage(page, watching.signal);
      window.fire("online");
      watching.abort();
    }
    assert.deepEqual(calls, ["online", "online", "online"]);
  });

  it("tells that the page goes, into the back/forward cache or for good", () => {
    window.fire("pagehide", { persisted: true });
    window.fire("pagehide", { persisted: false });
    assert.deepEqual(calls, ["hide", "hide"]);
  });

  it("tells that the page comes back out of the back/forward cache", () => {
    window.fire("pageshow", { persisted: true });
    assert.deepEqual(calls, ["show"]);
  });

  it("does not take the first showing for a return", () => {
    window.fire("pageshow", { persisted: false });
    assert.deepEqual(calls, []);
  });

  it("tells that a frozen page resumes", () => {
    document.fire("resume");
    assert.deepEqual(calls, ["resume"]);
  });

  describe("a hidden page", () => {
    it("is doubted when it was hidden longer than 30 s", () => {
      become("hidden");
      pass(30_001);
      become("visible");
      assert.deepEqual(calls, ["resume"]);
    });

    it("is not when it was hidden for 30 s or less", () => {
      become("hidden");
      pass(30_000);
      become("visible");
      assert.deepEqual(calls, []);
    });

    it("is judged by the last time it was hidden", () => {
      become("hidden");
      pass(40_000);
      become("visible");
      pass(100_000);
      become("hidden");
      pass(1_000);
      become("visible");
      assert.deepEqual(calls, ["resume"]);
    });

    it("is doubted by the page's clock when the calendar is set back meanwhile", () => {
      become("hidden");
      pass(30_001);
      sleep(-3_600_000);
      become("visible");
      assert.deepEqual(calls, ["resume"]);
    });

    it("is not doubted when it becomes visible without having been hidden", () => {
      pass(100_000);
      become("visible");
      assert.deepEqual(calls, []);
    });

    it("is not doubted while it is hidden", () => {
      become("hidden");
      pass(100_000);
      tick();
      assert.deepEqual(calls, []);
    });
  });

  describe("a machine that slept", () => {
    it("is found by the clocks within 10 s", () => {
      assert.deepEqual([...intervals.values()].map(({ delay }) => delay), [10_000]);
      pass(4_000);
      sleep(60_000);
      pass(6_000);
      tick();
      assert.deepEqual(calls, ["resume"]);
    });

    it("is told of once", () => {
      sleep(60_000);
      tick();
      pass(10_000);
      tick();
      assert.deepEqual(calls, ["resume"]);
    });

    it("is found when the page becomes visible, without waiting for the next comparison", () => {
      become("hidden");
      sleep(20_000);
      become("visible");
      assert.deepEqual(calls, ["resume"]);
    });

    it("is told of once when the page was hidden for that time, too", () => {
      become("hidden");
      sleep(60_000);
      become("visible");
      tick();
      assert.deepEqual(calls, ["resume"], "a second one would give up the attempt that the first has just made");
    });

    for (const [event, happens, told] of [
      ["the network is found", () => window.fire("online"), ["online"]],
      ["the network changes", () => ((navigator.connection.type = "wifi"), navigator.connection.fire("change")), ["resume"]],
      ["the page is thawed", () => document.fire("resume"), ["resume"]],
      ["the page comes back", () => window.fire("pageshow", { persisted: true }), ["show"]],
    ]) {
      it(`is told of once when ${event}, too`, () => {
        sleep(60_000);
        happens();
        tick();
        assert.deepEqual(calls, told, "each of them makes the next attempt leave by itself");
      });
    }

    for (const [event, happens, told] of [
      ["the network is lost", () => window.fire("offline"), ["resume", "offline"]],
      ["only an estimate of the network changes", () => navigator.connection.fire("change"), ["resume"]],
      ["the page is hidden", () => become("hidden"), ["resume"]],
    ]) {
      it(`is found when ${event}, without waiting for the next comparison`, () => {
        sleep(60_000);
        happens();
        assert.deepEqual(calls, told);
      });
    }

    it("is told again when it sleeps again", () => {
      for (let night = 0; night < 2; night += 1) {
        sleep(60_000);
        tick();
        pass(10_000);
      }
      assert.deepEqual(calls, ["resume", "resume"]);
    });

    it("is told apart from a clock that is set a little, or back", () => {
      sleep(5_000);
      tick();
      sleep(-3_600_000);
      tick();
      assert.deepEqual(calls, []);
    });

    it("is told of once for a clock that is set an hour ahead, and not when it is set back", () => {
      for (const step of [3_600_000, -3_600_000]) {
        sleep(step);
        for (let check = 0; check < 5; check += 1) {
          pass(10_000);
          tick();
        }
      }
      assert.deepEqual(calls, ["resume"]);
    });

    it("is not seen in clocks that drift apart slowly", () => {
      for (let hour = 0; hour < 10; hour += 1) {
        sleep(1_000);
        tick();
      }
      assert.deepEqual(calls, []);
    });

    it("is not seen in a page whose timers are slowed down", () => {
      pass(600_000);
      tick();
      assert.deepEqual(calls, []);
    });
  });

  it("lets go of everything when the signal aborts", () => {
    assert.ok(window.held > 0 && document.held > 0 && navigator.connection.held > 0 && intervals.size > 0);
    become("hidden");
    pass(60_000);
    controller.abort();
    assert.deepEqual([window.held, document.held, navigator.connection.held, intervals.size], [0, 0, 0, 0]);
    for (const type of ["online", "offline", "pagehide"]) window.fire(type);
    window.fire("pageshow", { persisted: true });
    document.fire("resume");
    navigator.connection.fire("change");
    become("visible");
    assert.deepEqual(calls, []);
  });

  it("watches a worker, which has no document", () => {
    delete globalThis.document;
    const worker = new AbortController();
    watchPage(page, worker.signal);
    controller.abort();
    window.fire("online");
    assert.deepEqual(calls, ["online"]);
    worker.abort();
    assert.deepEqual([window.held, intervals.size], [0, 0]);
  });

  it("does nothing where there are no events, as in Node.js", () => {
    globalThis.addEventListener = undefined;
    const before = intervals.size;
    watchPage(page, new AbortController().signal);
    assert.equal(intervals.size, before, "no timer that would keep the process alive");
  });
});
