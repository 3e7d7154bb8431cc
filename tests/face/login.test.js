// What a request needs of the caller: headers for each, and the ways to log in when GWS wants that.

import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { Login } from "../../pkg-template/login.js";
import { readOptions } from "../../pkg-template/options.js";

const URL_OF_CONNECT = "https://gws.example.com/api/v2/notifications/connect";
const REFUSAL = { status: 401, body: { statusCode: 20 } };

const login = (options) => new Login(readOptions({ baseUrl: "https://gws.example.com", ...options }));
const { signal } = new AbortController();
const URL_OF_HANDSHAKE = "https://gws.example.com/api/v2/notifications/handshake";
const refusal = { ...REFUSAL, url: URL_OF_HANDSHAKE, signal };
/** The channel asks and is refused. */
const renew = (one, attempt = 2) => {
  one.channelAsks();
  return one.renewForChannel(attempt, refusal);
};
const headersOf = async (one, method = "POST") => [...(await one.headers(method, URL_OF_CONNECT, signal))];

describe("headers of a request", () => {
  it("are none when the caller gave none", async () => {
    assert.deepEqual(await headersOf(login()), []);
  });

  it("are the given ones, in a new Headers each time", async () => {
    const one = login({ headers: { Authorization: "Basic eA==" } });
    const first = await one.headers("POST", URL_OF_CONNECT, signal);
    first.set("X-Later", "1");
    assert.deepEqual(await headersOf(one), [["authorization", "Basic eA=="]]);
    assert.deepEqual(await headersOf(one, "GET"), [["authorization", "Basic eA=="]]);
  });

  it("are asked for before each request, with what it is", async () => {
    const contexts = [];
    const one = login({ headers: (context) => (contexts.push(context), { "X-Number": String(contexts.length) }) });
    assert.deepEqual(await headersOf(one), [["x-number", "1"]]);
    assert.deepEqual(await headersOf(one, "GET"), [["x-number", "2"]]);
    assert.deepEqual(contexts, [{ method: "POST", url: URL_OF_CONNECT, reason: "initial", signal }, { method: "GET", url: URL_OF_CONNECT, reason: "initial", signal }]);
    assert.equal(contexts[0].signal, signal);
  });

  for (const [kind, given] of [["undefined", undefined], ["null", null], ["pairs", []], ["a promise of undefined", Promise.resolve(undefined)]]) {
    it(`may be ${kind}`, async () => {
      assert.deepEqual(await headersOf(login({ headers: () => given })), []);
    });
  }

  for (const [kind, headers] of [["throws", () => { throw new Error("no token"); }], ["rejects", async () => { throw new Error("no token"); }], ["gives what is none", () => ({ "bad name": "x" })]]) {
    it(`fail when the function ${kind}, which is the cause of network/refused until it works again`, async () => {
      let works = false;
      const one = login({ headers: (context) => (works ? {} : headers(context)) });
      assert.equal(one.causeOf("network/refused"), undefined);
      const error = await headersOf(one).catch((thrown) => thrown);
      assert.ok(error instanceof Error);
      assert.equal(one.causeOf("network/refused"), error);
      assert.equal(one.causeOf("auth/required"), undefined);
      assert.equal(one.causeOf("network/failed"), undefined);
      works = true;
      await headersOf(one);
      assert.equal(one.causeOf("network/refused"), undefined);
    });
  }

  describe("with a CSRF token of the caller", () => {
    const pair = { header: "X-CSRF-TOKEN", token: "t" };

    for (const [kind, csrf] of [["a pair", pair], ["a function", () => pair]]) {
      it(`have it on a POST and not on a GET, given as ${kind}`, async () => {
        const one = login({ csrf });
        assert.deepEqual(await headersOf(one), [["x-csrf-token", "t"]]);
        assert.deepEqual(await headersOf(one, "GET"), []);
      });
    }

    it("ask the function for each POST", async () => {
      let number = 0;
      const one = login({ csrf: () => ({ header: "X-CSRF-TOKEN", token: String((number += 1)) }) });
      const [[, first]] = await headersOf(one);
      await headersOf(one, "GET");
      const [[, second]] = await headersOf(one);
      assert.ok(Number(second) > Number(first), `${first}, then ${second}`);
    });

    it("win over a token among the headers, as two would be joined by a comma", async () => {
      assert.deepEqual(await headersOf(login({ headers: { "x-csrf-token": "old" }, csrf: pair })), [["x-csrf-token", "t"]]);
    });

    for (const given of [undefined, null, {}, { header: "X" }, { header: "X", token: "" }, { header: "X", token: "a\nb" }, { header: "X", token: Promise.resolve("t") }, "t", 5]) {
      it(`have none when the function gives ${JSON.stringify(given)}`, async () => {
        assert.deepEqual(await headersOf(login({ csrf: () => given })), []);
      });
    }

    for (const csrf of [true, false]) {
      it(`have none from here for csrf: ${csrf}`, async () => {
        assert.deepEqual(await headersOf(login({ csrf })), []);
      });
    }
  });
});

describe("a login that ended", () => {
  let calls;
  const reauthenticate = async (context) => void calls.push(["reauthenticate", context]);
  const headers = async (context) => {
    calls.push([context.reason, context]);
    return { "X-Number": String(calls.length) };
  };
  const names = () => calls.map(([name]) => name);

  beforeEach(() => {
    calls = [];
  });

  it("can't be renewed when the caller gave no way", async () => {
    const one = login({ headers: { Authorization: "Basic eA==" } });
    assert.equal(await renew(one), false);
    assert.equal(one.causeOf("auth/required"), undefined);
  });

  it("is renewed by fresh headers first, for the next request and that one alone", async () => {
    const one = login({ headers, reauthenticate });
    assert.equal(await renew(one), true);
    assert.deepEqual(names(), ["refresh"]);
    assert.deepEqual(calls[0][1], { method: "POST", url: URL_OF_HANDSHAKE, reason: "refresh", signal });
    assert.deepEqual(await headersOf(one), [["x-number", "1"]]);
    assert.deepEqual(names(), ["refresh"], "not asked again for it");
    assert.deepEqual(await headersOf(one), [["x-number", "2"]]);
    assert.deepEqual(names(), ["refresh", "initial"]);
  });

  it("is renewed by reauthenticate where fresh headers did not help, with what the server said", async () => {
    const one = login({ headers, reauthenticate });
    await renew(one);
    assert.equal(await renew(one), true);
    assert.deepEqual(names(), ["refresh", "reauthenticate"]);
    assert.deepEqual(calls[1][1], { ...REFUSAL, signal });
  });

  it("is renewed by reauthenticate at once where headers is no function", async () => {
    assert.equal(await renew(login({ reauthenticate })), true);
    assert.deepEqual(names(), ["reauthenticate"]);
  });

  it("can't be renewed when every way has been tried", async () => {
    const one = login({ headers, reauthenticate });
    for (const renewed of [true, true, false]) assert.equal(await renew(one), renewed);
    assert.deepEqual(names(), ["refresh", "reauthenticate"]);
  });

  it("is renewed by all ways anew once a request was accepted, and when it was given up", async () => {
    const one = login({ headers, reauthenticate });
    await renew(one);
    one.channelAsks();
    one.channelWorks();
    assert.equal(await renew(one, 1), true);
    for (const renewed of [true, false]) assert.equal(await renew(one), renewed);
    assert.equal(await renew(one, 1), true);
    assert.deepEqual(names(), ["refresh", "refresh", "reauthenticate", "refresh"]);
  });

  it("is not proved by what was asked for before it", async () => {
    const one = login({ headers, reauthenticate });
    const { count } = one;
    await renew(one);
    one.works(count);
    await renew(one);
    assert.deepEqual(names(), ["refresh", "reauthenticate"]);
  });

  it("is renewed once for all that were refused, whenever they are told", async () => {
    const one = login({ reauthenticate });
    const { count } = one;
    const together = [one.renew(count, 0, refusal), one.renew(count, 0, refusal), renew(one)];
    assert.deepEqual(await Promise.all(together), [1, 1, true]);
    assert.equal(await one.renew(count, 0, refusal), 1, "somebody has logged in since it was asked for");
    assert.deepEqual(names(), ["reauthenticate"]);
  });

  it("given up, is given up for all that were asked for until then, and no others", async () => {
    const one = login({ reauthenticate: () => Promise.reject(new Error("closed")) });
    const { count } = one;
    assert.deepEqual(await Promise.all([one.renew(count, 0, refusal), renew(one)]), [0, false]);
    assert.equal(await one.renew(count, 0, refusal), 0);
    assert.notEqual(one.count, count);
  });

  it("tries no other way when it is not wanted any more", async () => {
    const controller = new AbortController();
    const one = login({ headers: () => (controller.abort(), Promise.reject(new Error("aborted"))), reauthenticate });
    assert.equal(await one.renew(one.count, 0, { ...refusal, signal: controller.signal }), 0);
    assert.deepEqual(names(), []);
  });

  it("tries no way twice for the same request, whatever else is accepted meanwhile", async () => {
    const one = login({ headers, reauthenticate });
    let tried = 0;
    for (const expected of [1, 2, 0]) {
      const { count } = one;
      tried = await one.renew(count, tried, refusal);
      assert.equal(tried, expected);
      one.works(one.count);
    }
    assert.deepEqual(names(), ["refresh", "reauthenticate"]);
  });

  it("gives nothing that was got for a user who has gone to the next one", async () => {
    const controller = new AbortController();
    let give;
    const one = login({ headers: ({ reason }) => (reason === "refresh" ? new Promise((resolve) => (give = resolve)) : {}) });
    const { count } = one;
    const renewed = one.renew(count, 0, { ...refusal, signal: controller.signal });
    controller.abort();
    one.forget();
    give({ Authorization: "Bearer A" });
    assert.equal(await renewed, 0);
    assert.equal(one.count, count);
    assert.deepEqual(await headersOf(one), []);
  });

  it("knows whether something asked for later was accepted", async () => {
    const one = login({ reauthenticate });
    const { count } = one;
    one.works(count);
    assert.equal(one.hasWorkedSince(count), false);
    await one.renew(count, 0, refusal);
    assert.equal(one.hasWorkedSince(count), false);
    one.works(one.count);
    assert.equal(one.hasWorkedSince(count), true);
  });

  it("is renewed by the next way at once when one fails", async () => {
    const failing = () => { throw new Error("no token"); };
    const one = login({ headers: failing, reauthenticate });
    assert.equal(await renew(one), true);
    assert.deepEqual(names(), ["reauthenticate"]);
  });

  it("has as its cause what the last way failed with, until the next try", async () => {
    let works = false;
    const error = new Error("the agent closed the log-in window");
    const one = login({ headers: () => (works ? {} : Promise.reject(new Error("no token"))), reauthenticate: () => Promise.reject(error) });
    assert.equal(await renew(one), false);
    assert.equal(one.causeOf("auth/required"), error);
    assert.equal(one.causeOf("network/refused"), undefined);
    works = true;
    assert.equal(await renew(one), true);
    assert.equal(one.causeOf("auth/required"), undefined);
  });

  it("is not renewed by headers that are none", async () => {
    const one = login({ headers: () => ({ "bad name": "x" }) });
    assert.equal(await renew(one), false);
    assert.ok(one.causeOf("auth/required") instanceof TypeError);
  });

  it("forgets the fresh headers of a request that is not sent any more", async () => {
    const one = login({ headers });
    await renew(one);
    one.forget();
    await headersOf(one);
    assert.deepEqual(names(), ["refresh", "initial"]);
  });
});
