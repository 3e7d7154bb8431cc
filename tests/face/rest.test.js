// One call of the GWS API: what becomes of each answer, how long it may take, when it is sent again, and who logs in.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";

import { GwsImError } from "../../pkg-template/errors.js";
import { Login } from "../../pkg-template/login.js";
import { readOptions } from "../../pkg-template/options.js";
import { Rest } from "../../pkg-template/rest.js";

const turn = () => new Promise(setImmediate);
const ACCEPTED = { verdict: "accepted", code: "", status: 200, body: { statusCode: 0, name: "anna" } };
const REFUSED = { verdict: "refused", code: "gws/2", status: 409, statusCode: 2, statusMessage: "No", retryable: false, body: { statusCode: 2 } };
const LOGIN = { verdict: "login", code: "auth/required", status: 403, body: { statusCode: 20 } };
const LOGIN_OF_GWS = { ...LOGIN, statusCode: 20, statusMessage: "Access denied" };
const PAGE = { verdict: "page", code: "protocol/not-json", status: 200, retryable: true };
const GET = { method: "GET", path: "/me" };
const POST = { method: "POST", path: "/me/im-sessions", body: { operationName: "InitiateIMSession", text: "ä" } };

describe("Rest", () => {
  let calls;
  let rest;
  let login;
  let host;
  let work;
  let ended;
  let lost;
  let warnings;
  let logged;
  let accepted;

  const open = (options) => {
    const read = readOptions({ baseUrl: "https://gws.example.com", ...options });
    [calls, lost, warnings, logged, accepted] = [[], [], [], [], 0];
    work = new AbortController();
    ended = new AbortController();
    login = new Login(read);
    host = {
      channel: () => ({ call: (method, url, text, signal) => new Promise((answer, fail) => calls.push({ method, url, text, signal, answer, fail })) }),
      loginLost: (status, renewable) => lost.push([status, renewable]),
      works: () => (accepted += 1),
      warn: (error) => warnings.push(error),
      log: (fields) => logged.push(fields),
      work: () => work.signal,
      ended: ended.signal,
      fetchError: () => "what fetch said",
    };
    rest = new Rest(read, login, host);
  };
  /** How it ends: { value } or { error }; undefined while it has not. */
  const send = (request) => {
    const sent = {};
    rest.send(request).then((value) => Object.assign(sent, { value }), (error) => Object.assign(sent, { error }));
    return sent;
  };
  const answer = async (given) => {
    await turn();
    calls.at(-1).answer(given);
    await turn();
  };
  const told = ({ code, status, statusCode, statusMessage, retryable }) => ({ code, status, statusCode, statusMessage, retryable });
  beforeEach(() => open());
  afterEach(() => ended.abort());

  describe("in a lane", () => {
    const text = (number) => ({ ...POST, lane: "7", body: { number } });
    const numbers = () => calls.map(({ text }) => JSON.parse(text).number);

    it("sends one after the other, each when the one before has ended in whatever way", async () => {
      const all = [1, 2, 3, 4].map((number) => send(text(number)));
      const other = send({ ...text(5), lane: "8" });
      await turn();
      assert.deepEqual(numbers(), [1, 5]);
      calls[0].answer(ACCEPTED);
      await turn();
      assert.deepEqual(numbers(), [1, 5, 2]);
      calls[2].answer({ verdict: "failed", code: "network/failed" });
      await turn();
      calls[3].answer(REFUSED);
      await turn();
      calls[4].answer(ACCEPTED);
      calls[1].answer(ACCEPTED);
      await turn();
      assert.deepEqual(all.map(({ value, error }) => error?.code ?? value), [ACCEPTED.body, "network/outcome-unknown", "gws/2", ACCEPTED.body]);
      assert.deepEqual([numbers(), other.value], [[1, 5, 2, 3, 4], ACCEPTED.body]);
    });

    it("lets one that is given up while it waits go, and the next still waits", async () => {
      const controller = new AbortController();
      const first = send(text(1));
      const second = send({ ...text(2), signal: controller.signal });
      const third = send(text(3));
      await turn();
      controller.abort();
      await turn();
      assert.deepEqual([second.error.code, second.error.retryable, numbers()], ["aborted", true, [1]]);
      work.abort();
      await turn();
      assert.deepEqual([third.error.code, numbers()], ["aborted", [1]]);
      work = new AbortController();
      const fourth = send(text(4));
      await turn();
      assert.deepEqual(numbers(), [1]);
      await answer(ACCEPTED);
      await answer(ACCEPTED);
      assert.deepEqual([first.value, fourth.value, numbers()], [ACCEPTED.body, ACCEPTED.body, [1, 4]]);
    });

    it("sends none of those that waited when the user gives up logging in", async () => {
      let asked = 0;
      open({ reauthenticate: () => ((asked += 1), Promise.reject(new Error("closed"))) });
      const all = [1, 2, 3].map((number) => send(text(number)));
      await answer(LOGIN);
      assert.deepEqual([all.map(({ error }) => error?.code), asked, numbers()], [["auth/required", "auth/required", "auth/required"], 1, [1]]);
    });
  });

  describe("sends", () => {
    it("the body as JSON to the path below apiPath, and resolves with the answer's body", async () => {
      const sent = send(POST);
      await answer(ACCEPTED);
      assert.deepEqual(calls.map(({ method, url, text }) => [method, url, text]), [["POST", "https://gws.example.com/api/v2/me/im-sessions", '{"operationName":"InitiateIMSession","text":"ä"}']]);
      assert.deepEqual(sent, { value: ACCEPTED.body });
      assert.deepEqual(logged, [{ method: "POST", path: "/me/im-sessions", status: 200, code: undefined }]);
    });

    it("no body where there is none", async () => {
      send(GET);
      await turn();
      assert.equal(calls[0].text, undefined);
    });

    it("and says so right before it does, each time", async () => {
      open({ reauthenticate: async () => {} });
      const order = [];
      host.channel = () => ({ call: async () => (order.push("call"), order.length < 4 ? LOGIN : ACCEPTED) });
      await rest.send({ ...GET, leaving: () => order.push("leaving") });
      assert.deepEqual(order, ["leaving", "call", "leaving", "call"]);
    });

    it("nothing when it is given up already", async () => {
      const sent = send({ ...POST, signal: AbortSignal.abort("enough") });
      await turn();
      assert.deepEqual([calls.length, sent.error.code, sent.error.cause, sent.error.retryable], [0, "aborted", "enough", true]);
    });
  });

  describe("an answer", () => {
    it("that refuses is an error with all that Genesys says", async () => {
      const sent = send(POST);
      await answer(REFUSED);
      assert.ok(GwsImError.is(sent.error));
      assert.deepEqual(told(sent.error), { code: "gws/2", status: 409, statusCode: 2, statusMessage: "No", retryable: false });
      assert.equal(logged[0].code, "gws/2");
    });

    it("that is an HTTP error says when to come again, if the server does", async () => {
      for (const retryAfterMs of [2_000, undefined]) {
        const sent = send(GET);
        await answer({ verdict: "refused", code: "http/503", status: 503, retryable: true, retryAfterMs });
        assert.deepEqual([told(sent.error), sent.error.retryAfterMs], [{ code: "http/503", status: 503, statusCode: undefined, statusMessage: undefined, retryable: true }, retryAfterMs]);
      }
    });

    it("of a success in part is a warning, and resolves", async () => {
      const sent = send(POST);
      await answer({ verdict: "partial", code: "gws/7", status: 200, statusCode: 7, statusMessage: "Some", retryable: false, body: { statusCode: 7 } });
      assert.deepEqual(sent, { value: { statusCode: 7 } });
      assert.deepEqual(warnings.map(told), [{ code: "gws/7", status: 200, statusCode: 7, statusMessage: "Some", retryable: false }]);
    });

    for (const [request, code, retryable] of [[GET, "network/failed", true], [POST, "network/outcome-unknown", false], [{ ...POST, method: "DELETE" }, "network/outcome-unknown", false]]) {
      it(`that never comes to ${request.method} is ${code}, and is not asked for again`, async () => {
        const sent = send(request);
        await answer({ verdict: "failed", code: "network/failed" });
        assert.deepEqual([sent.error.code, sent.error.retryable, sent.error.cause, calls.length], [code, retryable, "what fetch said", 1]);
      });
    }

    it("to what could not be sent says why, and may be asked for again", async () => {
      const cause = new Error("no token");
      open({ headers: () => { throw cause; } });
      await login.headers("POST", "https://gws.example.com/", new AbortController().signal).catch(() => {});
      const sent = send(POST);
      await answer({ verdict: "failed", code: "network/refused" });
      assert.deepEqual([sent.error.code, sent.error.retryable, sent.error.cause], ["network/refused", true, cause]);
    });

    it("that fails with an error of the caller's is that error", async () => {
      const error = new Error("the module is gone");
      const sent = send(GET);
      await turn();
      calls[0].fail(error);
      await turn();
      assert.equal(sent.error, error);
    });
  });

  describe("a call that takes too long", () => {
    const ways = [
      [GET, [], true], [GET, ["GET"], true], [POST, [], true], [POST, ["POST"], false],
      // The token is read again, and the operation that was refused without is repeated.
      [POST, ["POST", "GET"], true], [POST, ["POST", "GET", "POST"], false],
    ];
    for (const [request, left, retryable] of ways) {
      it(`ends, and ${request.method} of which ${left.join(", ") || "nothing"} has left may ${retryable ? "" : "not "}be asked for again`, async (context) => {
        context.mock.timers.enable({ apis: ["setTimeout"] });
        open({ requestTimeout: 500 });
        const sent = send(request);
        await turn();
        for (const method of left) assert.equal(rest.leaves(calls[0].signal, method), true);
        context.mock.timers.tick(499);
        await turn();
        assert.deepEqual(sent, {});
        context.mock.timers.tick(1);
        await turn();
        assert.deepEqual([sent.error.code, sent.error.retryable, calls[0].signal.aborted], ["network/timeout", retryable, true]);
      });
    }

    it("has as long as the call says", async (context) => {
      context.mock.timers.enable({ apis: ["setTimeout"] });
      const sent = send({ ...GET, timeout: 40 });
      await turn();
      context.mock.timers.tick(40);
      await turn();
      assert.equal(sent.error.code, "network/timeout");
    });

    it("leaves no timer behind, and its signal is no call's any more", async (context) => {
      context.mock.timers.enable({ apis: ["setTimeout"] });
      const sent = send(GET);
      await answer(ACCEPTED);
      context.mock.timers.tick(60_000);
      assert.deepEqual([sent.value, rest.leaves(calls[0].signal)], [ACCEPTED.body, false]);
    });
  });

  describe("a call that is given up", () => {
    for (const [name, giveUp] of [["by its signal", (controller) => controller.abort("enough")], ["with the client", () => ended.abort("disposed")]]) {
      it(`${name} is aborted at once`, async () => {
        const controller = new AbortController();
        const sent = send({ ...POST, signal: controller.signal });
        await turn();
        rest.leaves(calls[0].signal, "POST");
        giveUp(controller);
        await turn();
        assert.deepEqual([sent.error.code, sent.error.retryable, calls[0].signal.aborted], ["aborted", false, true]);
      });
    }

    it("by disconnect() goes on: the channel is no business of it", async () => {
      const sent = send(POST);
      await turn();
      work.abort();
      await answer(ACCEPTED);
      assert.deepEqual(sent, { value: ACCEPTED.body });
    });
  });

  describe("a call that is refused for want of a login", () => {
    it("is sent again after headers({ reason: 'refresh' }), and once more after reauthenticate", async () => {
      const asked = [];
      open({ headers: ({ reason }) => void asked.push(reason), reauthenticate: async ({ status, body }) => void asked.push([status, body]) });
      const sent = send(POST);
      for (const given of [LOGIN, LOGIN, ACCEPTED]) await answer(given);
      assert.deepEqual(asked, ["refresh", [403, { statusCode: 20 }]]);
      assert.deepEqual([sent.value, calls.length, lost], [ACCEPTED.body, 3, [[403, true], [403, true]]]);
      assert.equal(new Set(calls.map(({ text }) => text)).size, 1);
    });

    it("is auth/required when nothing helps, with what failed last", async () => {
      const cause = new Error("cancelled");
      open({ reauthenticate: async () => { throw cause; } });
      const sent = send(POST);
      await answer(LOGIN);
      assert.deepEqual([sent.error.code, sent.error.status, sent.error.cause, calls.length], ["auth/required", 403, cause, 1]);
      assert.deepEqual(lost.at(-1), [403, false]);
    });

    it("is auth/required at once when there is no way to log in; a redirect has no status", async () => {
      const sent = send(GET);
      await answer({ ...LOGIN, status: 0 });
      assert.deepEqual([sent.error.code, "status" in sent.error, calls.length], ["auth/required", false, 1]);
    });

    it("is sent four times at most, whoever logs in meanwhile", async () => {
      const sent = send(GET);
      for (let attempt = 1; attempt <= 4; attempt += 1) {
        await turn();
        assert.equal(calls.length, attempt);
        Object.defineProperty(login, "count", { value: attempt, configurable: true });
        login.renew = async () => 1;
        await answer(LOGIN);
      }
      assert.deepEqual([sent.error.code, calls.length], ["auth/required", 4]);
    });

    it("ends no channel that was logged in again since it was sent", async () => {
      open({ reauthenticate: () => Promise.reject(new Error("closed")) });
      const slow = send(GET);
      const other = send(GET);
      await turn();
      calls[1].answer(LOGIN);
      await turn();
      assert.deepEqual([other.error.code, lost], ["auth/required", [[403, true], [403, false]]]);
      login.channelAsks();
      login.channelWorks();
      calls[0].answer(LOGIN);
      await turn();
      assert.deepEqual([slow.error.code, lost.length], ["auth/required", 2]);
    });

    it("to anything but the user, while the user is logged in, takes nobody's login away", async () => {
      for (const [refusal, code] of [[{ verdict: "login", status: 401 }, "http/401"], [{ verdict: "login", status: 0 }, "auth/redirect"], [LOGIN_OF_GWS, "gws/20"]]) {
        open({ reauthenticate: () => assert.fail("nobody is to log in") });
        const sent = send({ method: "GET", path: "/users" });
        await answer(refusal);
        assert.equal(calls[1].url, "https://gws.example.com/api/v2/me");
        await answer(ACCEPTED);
        assert.deepEqual([sent.error.code, lost, calls.length], [code, [], 2]);
      }
    });

    it("to anything but the user logs in where the user is refused as well", async () => {
      open({ reauthenticate: async () => {} });
      const sent = send({ method: "GET", path: "/users" });
      for (const given of [LOGIN, LOGIN, ACCEPTED]) await answer(given);
      assert.deepEqual([sent.value, calls.map(({ url }) => url.slice(30))], [ACCEPTED.body, ["/users", "/me", "/users"]]);
    });

    it("tells that it works when Genesys answers, whatever it says", async () => {
      for (const [given, expected] of [[ACCEPTED, 0], [{ ...ACCEPTED, statusCode: 0 }, 1], [REFUSED, 2], [PAGE, 2]]) {
        send(GET);
        await answer(given);
        assert.equal(accepted, expected);
      }
    });

    it("logs in once with all others that are", async () => {
      let logins = 0;
      let done;
      open({ reauthenticate: () => ((logins += 1), new Promise((resolve) => (done = resolve))) });
      const all = [send(GET), send(GET), send(POST)];
      await turn();
      for (const call of calls.splice(0)) call.answer(LOGIN);
      await turn();
      assert.deepEqual([logins, calls.length], [1, 0]);
      done();
      await turn();
      assert.equal(calls.length, 3);
      for (const call of calls) call.answer(ACCEPTED);
      await turn();
      assert.ok(all.every(({ value }) => value === ACCEPTED.body));
      assert.equal(logins, 1);
    });

    it("does not log in again when somebody has since it left", async () => {
      let logins = 0;
      open({ reauthenticate: async () => void (logins += 1) });
      const [first, second] = [send(GET), send(GET)];
      await turn();
      const [one, other] = calls;
      one.answer(LOGIN);
      await turn();
      assert.equal(calls.length, 3);
      other.answer(LOGIN);
      await turn();
      for (const call of calls.slice(2)) call.answer(ACCEPTED);
      await turn();
      assert.deepEqual([first.value, second.value, logins], [ACCEPTED.body, ACCEPTED.body, 1]);
    });

    it("waits to be sent while somebody logs in", async () => {
      let done;
      open({ reauthenticate: () => new Promise((resolve) => (done = resolve)) });
      void login.renew(login.count, 0, { signal: work.signal });
      const sent = send(POST);
      await turn();
      assert.equal(calls.length, 0);
      done();
      await answer(ACCEPTED);
      assert.deepEqual(sent.value, ACCEPTED.body);
    });

    it("is refused unsent where the login that it waits for is given up", async () => {
      let fail;
      open({ reauthenticate: () => new Promise((_, reject) => (fail = reject)) });
      void login.renew(login.count, 0, { signal: work.signal });
      const sent = send(POST);
      await turn();
      fail(new Error("closed"));
      await turn();
      assert.deepEqual([sent.error.code, sent.error.cause.message, calls.length], ["auth/required", "closed", 0]);
    });

    for (const [name, giveUp] of [["its signal", (controller) => controller.abort()], ["disconnect()", () => work.abort()], ["the end of the client", () => ended.abort()]]) {
      it(`waits for a login no longer than ${name}, and the time limit does not count`, async (context) => {
        context.mock.timers.enable({ apis: ["setTimeout"] });
        open({ reauthenticate: () => new Promise(() => {}) });
        const controller = new AbortController();
        const sent = send({ ...POST, signal: controller.signal, timeout: 50 });
        await answer(LOGIN);
        context.mock.timers.tick(60_000);
        await turn();
        assert.deepEqual(sent, {});
        giveUp(controller);
        await turn();
        assert.deepEqual([sent.error.code, sent.error.retryable, calls.length], ["aborted", true, 1]);
      });
    }
  });

  describe("a page for people", () => {
    it("is no answer, twice; the third in a row is a login page", async () => {
      open({ reauthenticate: async () => {} });
      for (let page = 1; page <= 2; page += 1) {
        const sent = send(GET);
        await answer(PAGE);
        assert.deepEqual([sent.error.code, lost], ["protocol/not-json", []]);
      }
      const sent = send(GET);
      await answer(PAGE);
      assert.deepEqual([calls.length, lost], [4, [[200, true]]]);
      await answer(ACCEPTED);
      assert.equal(sent.value, ACCEPTED.body);
    });

    it("counts from anew after any other answer", async () => {
      for (const given of [PAGE, PAGE, REFUSED, PAGE, PAGE]) {
        send(GET);
        await answer(given);
      }
      assert.deepEqual(lost, []);
    });
  });
});
