// What a caller gets for each answer of the server and for none: docs/errors.md, row by row, and that no failure makes a call twice.

import assert from "node:assert/strict";
import { failures, statusCodes } from "./lib/error-tables.js";
import { bothTalking, calls, callsOf, DEVICE, DOCUMENTED_AGENTS, PHONES } from "./lib/rest.js";
import { scenarios } from "./lib/scenario.js";
import { throughout, until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000", ...DOCUMENTED_AGENTS] });
/** Longer than a call that is made twice would take to come. */
const SILENCE_MS = 300;
const WORDS = "The server's own words.";

/** Calls of either kind without their options. The client has no channel: it knows no sessions, and lets every operation go out. */
const CALLS = {
  get: [["request", "GET", "/me/settings/a", undefined], ["refresh"]],
  operation: [
    ["initiateSession", { destination: PHONES.ben }],
    ["sendMessage", "1", "Hello"],
    ["complete", "1"],
    ["attachUserData", "1", { favColor: "blue" }],
    ["request", "PUT", "/me/settings/a", { value: 1 }],
    ["request", "DELETE", "/me/settings/a", undefined],
  ],
};
const KINDS = { get: "GET", operation: "operation" };
const nameOf = (call) => call.filter((part) => typeof part === "string").slice(0, 2).join(" ");
const make = (anna, call, options) => anna.call(...call, { destination: PHONES.ben, ...options });

/** A client without a channel. It notes which ways to log in were tried; none of them helps. */
const create = (anna, options = {}) => anna.page.evaluate(async (options) => {
  e2e.ways = [];
  await e2e.create({
    headers: ({ reason }) => {
      if (reason === "refresh") e2e.ways.push("headers");
      return {};
    },
    reauthenticate: async () => void e2e.ways.push("reauthenticate"),
    ...options,
  });
}, { devicePath: DEVICE, ...options });

const answer = (status, body = "", headers = {}) => ({ type: "answer", status, body, headers });
const gws = (status, statusCode) => answer(status, { statusCode, statusMessage: WORDS });
const page = (status) => answer(status, "<!doctype html><title>Log in</title>", { "Content-Type": "text/html" });
const json = { "Content-Type": "application/json" };
const NO_TOKEN = "Missing or invalid Csrf token";

/** What makes each row of the page's table true, each in one form or more. */
const answers = {
  "401": [answer(401), answer(401, { statusCode: 0 })],
  "403 with `statusCode` 20": [answer(403, { statusCode: 20, statusMessage: "Access denied" })],
  "a redirect": [answer(302, "", { Location: "https://login.example/saml" }), answer(307, "", { Location: "/login" })],
  "403 that speaks of the CSRF token": [answer(403, NO_TOKEN)],
  "403, other, with a `statusCode`": [gws(403, 5), gws(403, 12)],
  "403, other": [answer(403, "Forbidden"), page(403)],
  "404": [answer(404), page(404)],
  "429": [answer(429, "", { "Retry-After": "1" })],
  "500 with `statusCode` 4": [gws(500, 4)],
  "500": [answer(500), answer(500, { error: "oops" })],
  "502 with an HTML page": [page(502)],
  "503 with `Retry-After`": [answer(503, "", { "Retry-After": "1" })],
  "200 with an HTML page": [page(200)],
  "200 with an HTML page, the third in a row": [page(200)],
  "204, or an empty body": [answer(204, undefined), answer(200)],
  "200 with what is not JSON": [answer(200, '{"statusCode":', json), answer(200, "OK"), answer(200, "\u0000", json)],
  "200 with JSON without a numeric `statusCode`": [answer(200, {}), answer(200, [], json), answer(200, { statusCode: "0" }), answer(200, "null", json), answer(200, { __proto__: null, constructor: { statusCode: 0 } })],
  "200 with `statusCode` 7": [gws(200, 7)],
  "a body that breaks off": [{ type: "truncate", bytes: 5 }, { type: "half-close", bytes: 5 }],
  "the connection is lost, or was never made": [{ type: "drop" }, { type: "drop-reply" }],
  "none in time": [{ type: "hang" }],
};
/** Rows in which it is the caller that ends the call; they have scenarios of their own. */
const GIVEN_UP = ["none: aborted before it was sent", "none: aborted after it was sent"];

const BREAKS = ["the connection is lost, or was never made", "a body that breaks off"];

scenario("every row of the page's table of failures is put to the test", async () => {
  assert.deepEqual([...failures.keys()].sort(), [...Object.keys(answers), ...GIVEN_UP].sort());
});

/** What the caller is to get: the code, whether retryable, how often the server is asked, and by which ways a login is tried. */
function expected(row, action) {
  const { statusCode } = action.body ?? {};
  const code = row.code.replace("…", statusCode);
  const retryable = row.retryable === "by statusCode" ? statusCodes.get(String(statusCode)).retryable : row.retryable === "yes";
  const ways = row.logsIn ? ["headers", "reauthenticate"] : [];
  return { ...(row.resolves ? { warning: code } : { code, retryable }), asked: row.logsIn ? 3 : 1, ways };
}

/** The same as it is. */
async function actual(simulator, anna, call, name, action) {
  // What broke off before is no connection that the browser uses again: on those it repeats a call by itself.
  if (BREAKS.includes(name)) await simulator.cutConnections();
  await anna.page.evaluate(() => {
    e2e.ways = [];
    e2e.record.length = 0;
  });
  await simulator.fault("rest", action, { path: "/api/v2/me/**", times: 10 });
  if (name === "200 with an HTML page, the third in a row") for (let time = 1; time <= 2; time++) await make(anna, call);
  const since = await simulator.now();
  const { error } = await make(anna, call, name === "none in time" ? { timeout: 100 } : {});
  await simulator.clearFaults();
  const asked = (await calls(simulator, since)).filter(({ path }) => path !== "/api/v2/me").length;
  const ways = await anna.page.evaluate(() => e2e.ways);
  const [warning] = await anna.events("warning");
  // It is of use again, and no page was the last answer.
  assert.deepEqual((await anna.call("request", "GET", "/me")).error, undefined, `GET /me after ${nameOf(call)}`);
  return { ...(error ? { code: error.code, retryable: error.retryable } : { warning: warning?.code }), asked, ways };
}

/** Some of the calls for each answer, the others for the next: all take the same way. */
const turn = (all, number) => (all.length > 3 ? all.filter((_, index) => index % 3 === number % 3) : all);

for (const [kind, name] of Object.entries(KINDS)) {
  scenario(`each answer that is no success gives the caller of ${name === "GET" ? "a GET" : "an operation"} the error in the page's table, and is asked for once`, async ({ simulator, agent }) => {
    const anna = await agent();
    await create(anna);
    // What the token does has a scenario of its own, where the server has one.
    const rows = Object.entries(answers).filter(([name]) => !failures.get(name)[kind].readsToken);
    const cases = rows.flatMap(([name, actions]) => actions.map((action) => ({ name, action })));
    for (const [number, { name, action }] of cases.entries()) {
      const row = failures.get(name)[kind];
      for (const call of turn(CALLS[kind], number)) {
        // A part of the list is none.
        const expectation = row.resolves && call[0] === "refresh" ? { code: "protocol/no-sessions", retryable: false, asked: 1, ways: [] } : expected(row, action);
        assert.deepEqual(await actual(simulator, anna, call, name, action), expectation, `${name}: ${nameOf(call)} ${JSON.stringify(action)}`);
      }
    }
  });
}

scenario("an operation whose CSRF token is refused again after it was read again: the error in the page's table, and the operation was asked for twice", async ({ simulator, agent }) => {
  await simulator.options({ csrf: "offer" });
  const anna = await agent();
  await create(anna);
  const { operation: row } = failures.get("403 that speaks of the CSRF token");
  assert.ok(row.readsToken);
  for (const call of CALLS.operation) {
    await simulator.fault("rest", answer(403, NO_TOKEN), { path: "/api/v2/me/**", times: 10 });
    const since = await simulator.now();
    const { error } = await make(anna, call);
    assert.deepEqual([error?.code, error?.retryable, error?.status], [row.code, row.retryable === "yes", 403], nameOf(call));
    const paths = (await calls(simulator, since)).map(({ method, path }) => (path === "/api/v2/me" ? method : "operation"));
    assert.deepEqual(paths, ["operation", "GET", "operation"], nameOf(call));
    await simulator.clearFaults();
  }
  assert.deepEqual(await anna.page.evaluate(() => e2e.ways), [], "that is no question of login");
});

scenario("each statusCode gives the outcome, the words and the retryable of the page's table, whatever the HTTP status and the call", async ({ simulator, agent }) => {
  const anna = await agent();
  await create(anna);
  const rows = [...statusCodes].flatMap(([number, row]) => (number === "any other" ? [21, 4711] : [Number(number)]).map((statusCode) => [statusCode, row]));
  assert.equal(rows.length, 23);
  for (const [statusCode, row] of rows) {
    for (const status of [200, 400, 500]) {
      for (const call of [CALLS.get[0], CALLS.operation[0]]) {
        const told = `statusCode ${statusCode}, HTTP ${status}: ${nameOf(call)}`;
        await anna.page.evaluate(() => void (e2e.record.length = 0));
        const since = await simulator.now();
        await simulator.fault("rest", gws(status, statusCode), { times: 10 });
        const { value, error } = await make(anna, call);
        await simulator.clearFaults();
        assert.equal((await calls(simulator, since)).length, row.logsIn ? 3 : 1, told);
        const warnings = await anna.events("warning");
        if (row.resolves && status === 200) {
          assert.equal(error, undefined, told);
          if (call[0] === "request") assert.deepEqual(value, { statusCode, statusMessage: WORDS }, told);
          assert.deepEqual(warnings.map(({ code, message }) => [code, message]), row.code === "gws/7" ? [["gws/7", `${row.message} ${WORDS}`]] : [], told);
          continue;
        }
        const code = row.logsIn ? "auth/required" : row.code.replace("…", row.code.startsWith("http") ? status : statusCode);
        assert.deepEqual([error?.code, error?.status, error?.isGwsImError, warnings], [code, status, true, []], told);
        // A GET that failed with the error of a server may be made again.
        assert.equal(error.retryable, row.retryable || (code === "http/500" && call[1] === "GET"), told);
        if (!code.startsWith("gws/")) continue;
        assert.deepEqual([error.statusCode, error.statusMessage], [statusCode, WORDS], told);
        assert.equal(error.message, `${row.message.replace("21", statusCode)} ${WORDS}`, told);
      }
    }
  }
});

scenario("a server that is not there gives a GET network/failed with what fetch said, and an operation an outcome that nobody knows", async ({ simulator, agent }) => {
  const anna = await agent();
  const row = failures.get("the connection is lost, or was never made");
  await create(anna, { baseUrl: "http://127.0.0.1:9" });
  const seen = await anna.page.evaluate(() => Promise.all([
    e2e.client.refresh().catch(({ code, retryable, cause }) => ({ code, retryable, cause: cause instanceof TypeError })),
    e2e.client.complete("1").catch(({ code, retryable, cause }) => ({ code, retryable, cause: cause instanceof TypeError })),
  ]));
  assert.deepEqual(seen, [row.get, row.operation].map(({ code, retryable }) => ({ code, retryable: retryable === "yes", cause: true })));
  assert.ok(await simulator.state());
});

// ---- whether what was asked for was done, and how often

/** Anna without a channel, so that her next connection is a new one, and a session with ben whose client is connected. */
async function withoutChannel(agent, simulator) {
  const { id } = await simulator.operation("anna", "/me/im-sessions", { operationName: "InitiateIMSession", destination: { phoneNumber: PHONES.ben } }).then(() => theSession(simulator));
  const ben = await agent("ben");
  await ben.create();
  await ben.connect();
  const anna = await agent();
  await create(anna);
  await simulator.cutConnections();
  await simulator.atRest("ben");
  return { anna, ben, id };
}

const theSession = async (simulator) => (await simulator.state()).imSessions[0];
const textsIn = async (simulator) => (await theSession(simulator)).texts.map(({ text }) => text);

/** Faults by which an answer is lost, and whether the server has done before what was asked. */
const losses = {
  "the connection closes before anything is done": [{ type: "drop" }, false],
  "the connection closes in place of the answer": [{ type: "drop-reply" }, true],
  "the answer breaks off": [{ type: "truncate", bytes: 5 }, true],
  "the answer breaks off, and the connection stays open one way": [{ type: "half-close", bytes: 5 }, true],
};

for (const [loss, [action, isDone]] of Object.entries(losses)) {
  scenario(`${loss}: outcome unknown, not retryable, sent once, ${isDone ? "done once" : "not done"}`, async ({ simulator, agent }) => {
    const { anna, ben, id } = await withoutChannel(agent, simulator);
    await simulator.fault("rest", action, { operation: "SendMessage" });
    const since = await simulator.now();
    const { error } = await make(anna, ["sendMessage", id, "once"]);
    assert.deepEqual([error?.code, error?.retryable], ["network/outcome-unknown", false]);
    await throughout("nothing is sent again", SILENCE_MS, async () => (await calls(simulator, since)).length === 1);
    assert.deepEqual(await textsIn(simulator), isDone ? ["once"] : []);
    assert.deepEqual(await make(anna, ["sendMessage", id, "the next"]), { value: undefined });
    assert.deepEqual(await ben.textsOf(isDone ? 2 : 1), isDone ? ["once", "the next"] : ["the next"]);
  });
}

scenario("an answer lost on a connection that was used before: whatever the browser repeats by itself, the page makes one request", async ({ simulator, agent }) => {
  const { anna, id } = await bothTalking(agent, simulator);
  await simulator.fault("rest", { type: "drop-reply" }, { operation: "SendMessage" });
  const made = () => anna.requests.filter(({ method, path }) => method === "POST" && path.endsWith(id)).length;
  const { error } = await anna.call("sendMessage", id, "once");
  assert.deepEqual([error?.code, error?.retryable], ["network/outcome-unknown", false]);
  await throughout("nothing is sent again", SILENCE_MS, () => made() === 1);
});

scenario("an answer that comes too late: network/timeout, not retryable, done once, and the late answer is for nobody", async ({ simulator, agent }) => {
  const { anna, id } = await bothTalking(agent, simulator);
  await simulator.fault("rest", { type: "delay", ms: 600 }, { operation: "SendMessage" });
  const since = await simulator.now();
  const { error } = await anna.call("sendMessage", id, "once", { timeout: 100 });
  assert.deepEqual([error?.code, error?.retryable], ["network/timeout", false]);
  assert.deepEqual(await anna.textsOf(1), ["once"]);
  await throughout("nothing more comes of it", 700, async () => (await calls(simulator, since)).length === 1 && (await anna.record()).length === 2);
  assert.deepEqual(await textsIn(simulator), ["once"]);
});

scenario("the option requestTimeout bounds every call, and its own timeout one call", async ({ simulator, agent }) => {
  const anna = await agent();
  await create(anna, { requestTimeout: 150 });
  await simulator.fault("rest", { type: "delay", ms: 400 }, { times: 3 });
  assert.equal((await anna.call("refresh")).error?.code, "network/timeout");
  assert.equal((await anna.call("request", "GET", "/me")).error?.code, "network/timeout");
  assert.equal((await anna.call("request", "GET", "/me", undefined, { timeout: 5_000 })).value?.statusCode, 0);
});

// ---- given up by the caller

/** How a call ends that `giveUp` ends when the server has it and hangs: { code, retryable, isReason }. */
const givenUp = async (simulator, anna, call, giveUp) => {
  await simulator.fault("rest", { type: "hang" }, { path: "/api/v2/me/**" });
  const since = await simulator.now();
  await anna.page.evaluate((call) => {
    const [method, ...args] = call;
    e2e.controller = new AbortController();
    e2e.why = new Error("enough");
    e2e.pending = e2e.client[method](...args, { destination: "1", signal: e2e.controller.signal }).then(
      () => ({}), ({ code, retryable, cause }) => ({ code, retryable, isReason: cause === e2e.why }));
  }, call);
  await callsOf(simulator, since, 1);
  await anna.page.evaluate(giveUp);
  const ended = await anna.page.evaluate(() => e2e.pending);
  assert.equal((await calls(simulator, since)).length, 1, nameOf(call));
  await simulator.clearFaults();
  return ended;
};

for (const [kind, name] of Object.entries(KINDS)) {
  const [before, after] = GIVEN_UP.map((row) => ({ code: failures.get(row)?.[kind].code, retryable: failures.get(row)?.[kind].retryable === "yes" }));

  scenario(`${name}: given up before it was sent, nothing is sent; given up after that, it is told as the page's table says`, async ({ simulator, agent }) => {
    const anna = await agent();
    await create(anna);
    for (const call of CALLS[kind]) {
      const since = await simulator.now();
      const outcome = await anna.page.evaluate(([method, ...args]) => {
        const why = new Error("enough");
        return e2e.client[method](...args, { destination: "1", signal: AbortSignal.abort(why) }).catch(({ code, retryable, cause }) => ({ code, retryable, isReason: cause === why }));
      }, call);
      assert.deepEqual(outcome, { ...before, isReason: true }, nameOf(call));
      await throughout("nothing is sent", 50, async () => (await calls(simulator, since)).length === 0);
      assert.deepEqual(await givenUp(simulator, anna, call, () => e2e.controller.abort(e2e.why)), { ...after, isReason: true }, nameOf(call));
    }
  });

  scenario(`${name}: given up while the headers are awaited, nothing is sent, and it may be asked for again`, async ({ simulator, agent }) => {
    const anna = await agent();
    const since = await simulator.now();
    for (const call of CALLS[kind]) {
      const outcome = await anna.page.evaluate(async ([method, ...args]) => {
        const controller = new AbortController();
        let asked = false;
        await e2e.create({
          devicePath: "/devices/1",
          headers: () => {
            asked = true;
            return new Promise(() => {});
          },
        });
        const pending = e2e.outcome(() => e2e.client[method](...args, { destination: "1", signal: controller.signal }));
        await e2e.until("the headers are asked for", () => asked);
        controller.abort();
        return pending;
      }, call);
      assert.deepEqual([outcome.error?.code, outcome.error?.retryable], [before.code, before.retryable], nameOf(call));
    }
    await throughout("nothing is sent", SILENCE_MS, async () => (await calls(simulator, since)).length === 0);
  });

  scenario(`${name}: dispose() ends what is under way, and refuses what comes after`, async ({ simulator, agent }) => {
    const anna = await agent();
    for (const call of CALLS[kind]) {
      await create(anna);
      assert.deepEqual(await givenUp(simulator, anna, call, () => void e2e.client.dispose()), { ...after, isReason: false }, nameOf(call));
      assert.equal((await make(anna, call)).error?.code, "usage/disposed", nameOf(call));
    }
  });
}

scenario("headers that can't be had: nothing is sent, the cause is told, and the next call works", async ({ simulator, agent }) => {
  const anna = await agent();
  const since = await simulator.now();
  const seen = await anna.page.evaluate(async () => {
    const given = new Error("no token yet");
    let fails = true;
    await e2e.create({
      headers: () => {
        if (fails) throw given;
        return {};
      },
    });
    const told = await e2e.client.complete("1").catch(({ code, retryable, cause }) => ({ code, retryable, isCause: cause === given }));
    fails = false;
    return { told, next: (await e2e.outcome(() => e2e.client.request("GET", "/me"))).value?.statusCode };
  });
  assert.deepEqual(seen, { told: { code: "network/refused", retryable: true, isCause: true }, next: 0 });
  assert.deepEqual((await calls(simulator, since)).map(({ method }) => method), ["GET"]);
});

scenario("a partial success resolves with what GWS says of each part, and is told by the warning gws/7", async ({ simulator, agent }) => {
  const anna = await agent();
  await create(anna);
  const body = { statusCode: 7, failed: [{ statusCode: 4, statusMessage: "Device '5001' is not registered.", channel: "voice" }], succeeded: [{ statusCode: 0, channel: "multimedia" }] };
  await simulator.fault("rest", answer(200, body));
  assert.deepEqual(await anna.call("request", "POST", "/me", { operationName: "StartContactCenterSession", channels: ["voice"] }), { value: body });
  const warning = await anna.event("warning");
  assert.deepEqual([warning.code, warning.status, warning.statusCode, warning.retryable, warning.isGwsImError], ["gws/7", 200, 7, false, true]);
  await until("there is one warning", async () => (await anna.events("warning")).length === 1);
});

scenario("a list of which GWS gives only a part (7) is not taken for the whole: refresh() rejects, and no session is said to be completed", async ({ simulator, agent }) => {
  const { anna, id } = await bothTalking(agent, simulator);
  await simulator.fault("rest", answer(200, { statusCode: 7, imSessions: [] }), { method: "GET" });
  assert.equal((await anna.call("refresh")).error?.code, "protocol/no-sessions");
  assert.deepEqual(await anna.page.evaluate(() => e2e.client.sessions.map(({ id, state }) => [id, state])), [[id, "Talking"]]);
  assert.deepEqual(await anna.events("StatusChange"), []);
});
