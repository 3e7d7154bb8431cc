// What a log pane may show of a Bayeux message.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { redacted } from "../../pkg-template/redact.js";

const CLIENT_ID = "4y7wgq9v1s3kdm2p8zfx";

/** Freezes to the bottom: a write to the original then throws. */
function frozen(value) {
  if (value !== null && typeof value === "object") Object.values(value).forEach(frozen);
  return Object.freeze(value);
}

describe("redacted", () => {
  it("shows a client id by its last four characters only", () => {
    const [message] = redacted([{ channel: "/meta/connect", clientId: CLIENT_ID, id: "7" }]);
    assert.deepEqual(message, { channel: "/meta/connect", clientId: "…8zfx", id: "7" });
  });

  it("hides every extension but ack, by name and not by what it holds", () => {
    const ext = { ack: 12, authentication: { user: "anna", token: "s3cret" }, "com.example.token": "s3cret", list: ["s3cret"], nothing: null };
    const [message] = redacted([{ channel: "/meta/handshake", ext }]);
    assert.deepEqual(message.ext, { ack: 12, authentication: "…", "com.example.token": "…", list: "…", nothing: "…" });
    assert.doesNotMatch(JSON.stringify(message), /s3cret|anna/);
  });

  it("hides the members of an extension that is a list", () => {
    assert.doesNotMatch(JSON.stringify(redacted([{ ext: ["s3cret", { token: "s3cret" }] }])), /s3cret/);
  });

  it("hides an extension named __proto__ without losing the others", () => {
    const [message] = redacted([JSON.parse('{"ext": {"__proto__": {"token": "s3cret"}, "ack": true}}')]);
    assert.equal(message.ext.ack, true);
    assert.doesNotMatch(JSON.stringify(message), /s3cret/);
    assert.equal(message.ext.token, undefined);
  });

  it("lets data, advice and all other members through", () => {
    const data = { messageType: "IMLogUpdateMessage", message: { text: "Hello" } };
    const advice = { reconnect: "retry", interval: 0, timeout: 20_000 };
    const [message] = redacted([{ channel: "/v2/me/im-sessions", data, advice, successful: true }]);
    assert.deepEqual(message, { channel: "/v2/me/im-sessions", data, advice, successful: true });
  });

  for (const value of [null, 5, "text", true, undefined]) {
    it(`lets the message ${JSON.stringify(value)} through, which is none`, () => {
      assert.deepEqual(redacted([value]), [value]);
    });
  }

  it("survives members of the wrong type", () => {
    const odd = [{ clientId: 5, ext: "x" }, { clientId: null, ext: null }, { clientId: {}, ext: 1 }, {}];
    assert.deepEqual(redacted(odd), odd);
  });

  it("keeps the order and the number of messages", () => {
    assert.deepEqual(redacted([]), []);
    assert.deepEqual(redacted([{ id: "1" }, null, { id: "2" }]), [{ id: "1" }, null, { id: "2" }]);
  });

  it("leaves the original untouched", () => {
    const original = frozen([{ channel: "/meta/connect", clientId: CLIENT_ID, ext: { ack: 1, token: "s3cret" } }]);
    redacted(original);
    assert.equal(original[0].clientId, CLIENT_ID);
    assert.deepEqual(original[0].ext, { ack: 1, token: "s3cret" });
  });

  it("gives a copy to its depth: what is written to it does not reach the protocol", () => {
    const original = [{ channel: "/meta/connect", data: { list: [{ text: "a" }] }, advice: { timeout: 20_000 }, ext: { ack: { n: 1 } } }];
    const before = structuredClone(original);
    const [message] = redacted(original);
    message.data.list[0].text = "b";
    message.advice.timeout = 0;
    message.ext.ack.n = 2;
    assert.deepEqual(original, before);
  });

  it("does not show a short client id whole", () => {
    for (const clientId of ["abc", "abcd"]) {
      const [message] = redacted([{ clientId }]);
      assert.notEqual(message.clientId.replace("…", ""), clientId);
    }
  });
});
