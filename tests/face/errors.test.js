// The error class: its code, its sentence, how it is told from other errors, and the page that explains them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";

import { GwsImError, SENTENCES } from "../../pkg-template/errors.js";

describe("GwsImError", () => {
  it("is an Error with a name, a code and a stack", () => {
    const error = new GwsImError("network/timeout");
    assert.ok(error instanceof Error);
    assert.equal(error.name, "GwsImError");
    assert.equal(error.code, "network/timeout");
    assert.equal(String(error), "GwsImError: The server did not answer in time.");
    assert.match(error.stack, /errors\.test\.js/);
  });

  it("is not retryable and has neither status nor statusCode nor cause unless it is said", () => {
    const error = new GwsImError("network/timeout");
    assert.equal(error.retryable, false);
    for (const member of ["status", "statusCode", "statusMessage", "cause"]) assert.equal(member in error, false, member);
  });

  it("holds what it was made with", () => {
    const cause = new TypeError("why");
    const error = new GwsImError("http/503", { status: 503, retryable: true, cause });
    assert.deepEqual([error.status, error.retryable], [503, true]);
    assert.equal(error.cause, cause);
  });

  it("holds what Genesys said", () => {
    const error = new GwsImError("gws/4", { status: 500, statusCode: 4, statusMessage: "Device '5001' is not registered.", retryable: true });
    assert.deepEqual({ ...error }, { name: "GwsImError", code: "gws/4", retryable: true, status: 500, statusCode: 4, statusMessage: "Device '5001' is not registered." });
    assert.deepEqual({ ...new GwsImError("gws/0", { statusCode: 0, statusMessage: "" }) }, { name: "GwsImError", code: "gws/0", retryable: false, statusCode: 0, statusMessage: "" });
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

    it("of a statusCode is its meaning and Genesys' own words", () => {
      assert.equal(new GwsImError("gws/1", { status: 400, statusCode: 1, statusMessage: "destination" }).message, "Genesys refused: a parameter is missing (statusCode 1). destination");
      assert.equal(new GwsImError("gws/2", { status: 500 }).message, "Genesys refused: a parameter does not fit the present state (statusCode 2).");
      assert.equal(new GwsImError("gws/99", { statusMessage: "$& 100 %" }).message, "Genesys refused (statusCode 99). $& 100 %");
      assert.equal(new GwsImError("gws/7", { statusMessage: "1 of 2" }).message, "Genesys did only a part of it (statusCode 7). 1 of 2");
    });

    it("of other codes leaves Genesys' words out", () => {
      assert.equal(new GwsImError("http/500", { status: 500, statusCode: 0, statusMessage: "OK" }).message, "The server answered with HTTP 500.");
    });

    it("names what was got where there is room for it", () => {
      const open = Object.entries(SENTENCES).filter(([, text]) => text.includes("%"));
      assert.ok(open.length > 20);
      for (const [code] of open) assert.match(new GwsImError(code, { text: "what was got" }).message, /what was got/);
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

describe("docs/errors.md", () => {
  const page = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
  /** The cells of each row of the table under a heading. */
  const table = (heading) => {
    const [, text] = new RegExp(`\n## ${heading}\n([^]*?)(?:\n## |$)`).exec(page);
    const [, , ...rows] = text.split("\n").filter((line) => line.startsWith("|"));
    return rows.map((row) => row.split("|").slice(1, -1).map((cell) => cell.trim()));
  };
  const codes = table("Codes").map(([code]) => code.replaceAll("`", ""));
  const codesIn = (cell) => [...cell.matchAll(/`([a-z]+\/[^`]+|aborted)`/g)].map(([, code]) => code);

  it("tells of each code that has a sentence, and of no other", () => {
    const withSentence = [...Object.keys(SENTENCES), "gws"].map((code) => (code === "aborted" || code.includes("/") ? code : `${code}/…`));
    assert.deepEqual([...codes].sort(), withSentence.sort());
  });

  it("is in order, and says of each code when, what to do and whether it is retryable", () => {
    // The open end of a group stands before its other codes.
    const keys = codes.map((code) => code.replace("…", ""));
    assert.deepEqual(keys, [...keys].sort());
    for (const cells of table("Codes")) assert.ok(cells.length === 4 && cells.every((cell) => cell !== ""), cells.join(" | "));
  });

  it("gives each statusCode the code and the sentence that it has", () => {
    const rows = table("Genesys' statusCode");
    assert.deepEqual(rows.map(([number]) => number), [...Array(21).keys(), "any other"].map(String));
    for (const [number, outcome, message, retryable] of rows) {
      if (number === "0" || number === "20") continue;
      const code = number === "any other" ? "gws/…" : `gws/${number}`;
      assert.deepEqual([...new Set(codesIn(outcome))], [code]);
      assert.equal(message, new GwsImError(code.replace("…", "21")).message);
      assert.equal(retryable, number === "4" || number === "12" ? "yes" : "no");
    }
  });

  it("says of each failure what a GET and an operation end with, by codes that it explains", () => {
    const rows = table("Failures of HTTP");
    assert.ok(rows.length > 20);
    for (const [answer, ...outcomes] of rows) {
      assert.equal(outcomes.length, 4, answer);
      for (const [outcome, retryable] of [outcomes.slice(0, 2), outcomes.slice(2)]) {
        const named = codesIn(outcome);
        assert.equal(named.length, 1, `${answer}: ${outcome}`);
        for (const code of named) assert.ok(codes.includes(code) || codes.includes(code.replace(/\/.*/, "/…")), code);
        assert.match(retryable, /^(yes|no|by statusCode)$/);
      }
    }
  });
});
