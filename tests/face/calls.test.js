// What a client's methods are called with: what is refused, and what the refusal says.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { aborted, checkCallOptions, checkEvent, checkListener, checkTopic } from "../../pkg-template/calls.js";

const refuses = (call, code, message) => assert.throws(call, { name: "GwsImError", code, message, retryable: false });

describe("checkCallOptions", () => {
  it("takes none", () => {
    assert.deepEqual(checkCallOptions(), {});
    assert.deepEqual(checkCallOptions(undefined), {});
  });

  it("hands on what it takes", () => {
    const { signal } = new AbortController();
    for (const options of [{}, { signal }, { once: true }, { once: false }, { signal, once: true }, { signal: undefined, once: undefined, timeout: undefined }, { timeout: 1 }, { timeout: 2 ** 31 - 1 }, { highWaterMark: 5 }]) {
      assert.equal(checkCallOptions(options), options);
    }
  });

  for (const [value, shown] of [[null, "null"], [5, "5"], ["once", "\"once\""], [true, "true"], [() => {}, "a function"]]) {
    it(`refuses ${shown} in place of the options`, () => {
      refuses(() => checkCallOptions(value), "usage/options", `The options of a call are an object, got ${shown}.`);
    });
  }


  for (const [signal, shown] of [[null, "null"], [5, "5"], ["abort", "\"abort\""], [true, "true"], [{}, "an object"], [new AbortController(), "an object"]]) {
    it(`refuses the signal ${shown}`, () => {
      refuses(() => checkCallOptions({ signal }), "usage/signal", `signal must be an AbortSignal, got ${shown}.`);
    });
  }

  for (const [timeout, shown] of [[null, "null"], ["1000", "\"1000\""], [0, "0"], [-1, "-1"], [1.5, "1.5"], [2 ** 31, "2147483648"], [Infinity, "Infinity"], [Number.NaN, "NaN"], [10n, "10"], [{}, "an object"]]) {
    it(`refuses timeout: ${shown}`, () => {
      refuses(() => checkCallOptions({ timeout }), "usage/options", `timeout must be a whole number of milliseconds from 1 to 2147483647, got ${shown}.`);
    });
  }

  it("refuses a member that there is not, which would be lost, and suggests what may be meant", () => {
    refuses(() => checkCallOptions({ timout: 5 }), "usage/options", 'There is no member "timout". Did you mean timeout?');
    refuses(() => checkCallOptions({ retries: 5 }), "usage/options", /^There is no member "retries"\. There are signal, timeout, /);
  });

  it("refuses a signal in the place of options", () => {
    refuses(() => checkCallOptions(AbortSignal.abort()), "usage/options", /Give \{ signal \}\.$/);
  });

  for (const [once, shown] of [[null, "null"], [1, "1"], ["true", "\"true\""], [{}, "an object"]]) {
    it(`refuses once: ${shown}`, () => {
      refuses(() => checkCallOptions({ once }), "usage/options", `once must be true or false, got ${shown}.`);
    });
  }
});

describe("checkEvent", () => {
  for (const type of ["IMSessionStateChangeMessage", "IMLogUpdateMessage", "StatusChange", "AttachedDataChanged", "NewMessage", "unknown", "connection", "sessions", "gap", "warning", "frame"]) {
    it(`takes ${type}`, () => {
      assert.doesNotThrow(() => checkEvent(type));
    });
  }

  for (const [type, meant] of [["statusChange", "StatusChange"], ["IMLogUpdate", undefined], ["newmessage", "NewMessage"], ["Connection", "connection"], ["gaps", "gap"], ["session", "sessions"]]) {
    it(`refuses ${type}${meant ? ` and suggests ${meant}` : ""}`, () => {
      const hint = meant ? new RegExp(`^There is no event "${type}"\\. Did you mean ${meant}\\?$`) : /^There is no event "IMLogUpdate"\. There are .*IMLogUpdateMessage, /;
      refuses(() => checkEvent(type), "usage/event", hint);
    });
  }

  for (const [type, shown] of [[undefined, "undefined"], [null, "null"], [5, "5"], [{}, "an object"], [["gap"], "an array"], [Symbol("gap"), "Symbol(gap)"]]) {
    it(`refuses ${shown} and names all there are`, () => {
      assert.throws(() => checkEvent(type), ({ code, message }) => {
        assert.equal(code, "usage/event");
        assert.ok(message.startsWith(`There is no event ${shown}. There are IMSessionStateChangeMessage, `), message);
        return true;
      });
    });
  }

  for (const type of ["constructor", "__proto__", "length", "toString"]) {
    it(`refuses ${type}, which every object has`, () => {
      assert.throws(() => checkEvent(type), { code: "usage/event" });
    });
  }
});

describe("checkListener", () => {
  it("takes every kind of function", () => {
    for (const listener of [() => {}, async () => {}, function* listener() {}, class {}]) assert.doesNotThrow(() => checkListener(listener));
  });

  for (const [listener, shown] of [[undefined, "undefined"], [null, "null"], ["f", "\"f\""], [{ handleEvent() {} }, "an object"], [[], "an array"]]) {
    it(`refuses ${shown}`, () => {
      refuses(() => checkListener(listener), "usage/listener", `A listener must be a function, got ${shown}.`);
    });
  }
});

describe("checkTopic", () => {
  it("takes what is no longer than servers take", () => {
    for (const topic of ["/v2/me/calls", "no-slash", `/${"a".repeat(7_999)}`]) assert.doesNotThrow(() => checkTopic(topic));
  });

  it("refuses a longer one, and says how long it is", () => {
    refuses(() => checkTopic(`/${"a".repeat(8_000)}`), "usage/message-too-large", "A topic has at most 8,000 characters, this one 8001 of them: no server takes the message.");
  });

  for (const [topic, shown] of [[undefined, "undefined"], [5, "5"], [["/a"], "an array"], [new String("/a"), "an object"]]) {
    it(`refuses ${shown}`, () => {
      assert.throws(() => checkTopic(topic), ({ code, message }) => code === "usage/topic" && message.startsWith(`${shown} is no topic.`));
    });
  }
});

describe("aborted", () => {
  it("carries the signal's reason", () => {
    const reason = new Error("the user left");
    const error = aborted(AbortSignal.abort(reason));
    assert.deepEqual([error.code, error.retryable], ["aborted", true]);
    assert.equal(error.cause, reason);
  });
});
