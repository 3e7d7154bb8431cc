// The error class: its code, its sentence, and how it is told from other errors.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { GwsImError } from "../../pkg-template/errors.js";

describe("GwsImError", () => {
  it("is an Error with a name, a code and a stack", () => {
    const error = new GwsImError("network/timeout");
    assert.ok(error instanceof Error);
    assert.equal(error.name, "GwsImError");
    assert.equal(error.code, "network/timeout");
    assert.equal(String(error), "GwsImError: The server did not answer in time.");
    assert.match(error.stack, /errors\.test\.js/);
  });

  it("is not retryable and has neither status nor cause unless it is said", () => {
    const error = new GwsImError("network/timeout");
    assert.equal(error.retryable, false);
    assert.equal("status" in error, false);
    assert.equal("cause" in error, false);
  });

  it("holds what it was made with", () => {
    const cause = new TypeError("why");
    const error = new GwsImError("http/503", { status: 503, retryable: true, cause });
    assert.deepEqual([error.status, error.retryable], [503, true]);
    assert.equal(error.cause, cause);
  });

  it("holds a cause that is falsy", () => {
    assert.equal(new GwsImError("auth/required", { cause: null }).cause, null);
    assert.equal(new GwsImError("auth/required", { cause: 0 }).cause, 0);
  });

  it("shows only its data to a logger that copies members", () => {
    assert.deepEqual(Object.keys(new GwsImError("aborted")).sort(), ["code", "name", "retryable"]);
  });

  describe("sentence", () => {
    it("is that of the code", () => {
      assert.equal(new GwsImError("auth/redirect").message, "The server answered with a redirect, which leads to a login page.");
    });

    it("is that of the group when the code has none of its own", () => {
      assert.equal(new GwsImError("http/503", { status: 503 }).message, "The server answered with HTTP 503.");
      assert.equal(new GwsImError("options/base-url", { text: "Option baseUrl must be a URL." }).message, "Option baseUrl must be a URL.");
    });

    it("is the code itself when the group is unknown, too", () => {
      assert.equal(new GwsImError("future/kind").message, "future/kind");
    });

    it("contains the text where the sentence has room for it", () => {
      assert.equal(new GwsImError("server/403", { text: "403::Forbidden" }).message, "The server refused: 403::Forbidden");
      assert.equal(new GwsImError("usage/not-subscribed", { text: "/v2/me/calls" }).message, "There is no subscription to /v2/me/calls.");
    });

    it("takes the text as it is, whatever it contains", () => {
      for (const text of ["100 % sure", "$& and $1", "$$", "<b>&amp;</b>"]) {
        assert.equal(new GwsImError("server/500", { text }).message, `The server refused: ${text}`);
      }
    });

    it("is tidy without a text", () => {
      assert.equal(new GwsImError("server/ended").message, "The server ended the channel.");
      assert.equal(new GwsImError("server/ended", { text: "408::Gone" }).message, "The server ended the channel. 408::Gone");
    });
  });

  describe("is", () => {
    it("knows its own", () => {
      assert.equal(GwsImError.is(new GwsImError("aborted")), true);
    });

    it("knows those of another copy of the package, both ways", async () => {
      const other = await import("../../pkg-template/errors.js?copy");
      assert.notEqual(other.GwsImError, GwsImError);
      assert.equal(GwsImError.is(new other.GwsImError("aborted")), true);
      assert.equal(other.GwsImError.is(new GwsImError("aborted")), true);
    });

    it("knows those of a class derived from it", () => {
      class Derived extends GwsImError {}
      assert.equal(GwsImError.is(new Derived("aborted")), true);
    });

    const others = [undefined, null, 0, "aborted", {}, { name: "GwsImError", code: "aborted" }, new Error("aborted"), Object.assign(new Error(), { name: "GwsImError", code: "aborted" })];
    for (const value of others) {
      it(`is false for ${value instanceof Error ? `${value.name}` : JSON.stringify(value)}`, () => {
        assert.equal(GwsImError.is(value), false);
      });
    }

    it("is false for what only wears its mark", () => {
      assert.equal(GwsImError.is({ [Symbol.for("gws-im-sdk.error")]: true }), false);
    });

    it("can't be broken by a page that writes to the mark", () => {
      const error = new GwsImError("aborted");
      assert.throws(() => {
        error[Symbol.for("gws-im-sdk.error")] = false;
      }, TypeError);
      assert.equal(GwsImError.is(error), true);
    });
  });
});
