// Login: fresh headers, logging in again, refusals in all their forms, and silence when there is no way left.

import assert from "node:assert/strict";
import { scenarios } from "./lib/scenario.js";
import { newMessage } from "./lib/texts.js";
import { throughout, until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000"] });
/** Longer than the first retry of a break. */
const SILENCE_MS = 600;

/** Makes a client that logs in again by cookie and notes how it was asked. */
const createWithReauthenticate = (anna) => anna.page.evaluate(async () => {
  e2e.asked = [];
  await e2e.create({
    reauthenticate: async ({ status, body, signal }) => {
      e2e.asked.push({ status, body, aborted: signal.aborted });
      await e2e.logIn("anna");
    },
  });
});

/** Ends the login on the server, and the poll, whose successor is refused. */
async function loseLogin(simulator) {
  await simulator.atRest();
  await simulator.logout("anna");
  await simulator.publish({ data: newMessage("ends the poll") });
}

async function expectNextTextArrives(simulator, anna, count) {
  await simulator.publish({ data: newMessage("the next") });
  assert.equal((await anna.textsOf(count)).at(-1), "the next");
}

async function expectStopped(anna) {
  await anna.inState("disconnected");
  assert.equal((await anna.reason()).code, "auth/required");
  const asked = anna.requests.length;
  await throughout("no request is made", SILENCE_MS, () => anna.requests.length === asked);
}

scenario("without a login and a way to get one connect() rejects auth/required, and silence follows", async ({ agent }) => {
  const anna = await agent("anna", { login: false });
  await anna.create();
  const { error } = await anna.connectOutcome();
  assert.deepEqual([error?.code, error?.status, error?.isGwsImError], ["auth/required", 403, true]);
  await expectStopped(anna);
  assert.deepEqual(await anna.path(), ["connecting", "disconnected"]);
});

scenario("static headers log every request in", async ({ simulator, agent }) => {
  const anna = await agent("anna", { login: false });
  await anna.page.evaluate(async () => {
    await e2e.create({ headers: { Authorization: e2e.basic("anna") } });
    await e2e.client.connect();
  });
  await simulator.atRest();
  await expectNextTextArrives(simulator, anna, 1);
});

scenario("a headers function is asked before each request, told about it, and again with \"refresh\" after a refusal", async ({ simulator, agent }) => {
  const anna = await agent("anna", { login: false });
  const asked = await anna.page.evaluate(async () => {
    const asked = [];
    let token = "expired";
    await e2e.create({
      headers: async ({ method, url, reason, signal }) => {
        asked.push({ method, path: new URL(url).pathname, reason, signal: signal instanceof AbortSignal });
        if (reason === "refresh") token = e2e.bearer("anna");
        return { Authorization: token };
      },
      reauthenticate: () => asked.push("reauthenticate"),
    });
    await e2e.client.connect();
    return asked;
  });
  const initial = (ending) => ({ method: "POST", path: `/api/v2/notifications${ending}`, reason: "initial", signal: true });
  assert.deepEqual(asked[0], initial("/handshake"));
  assert.deepEqual([asked[1].reason, asked[1].signal], ["refresh", true]);
  assert.deepEqual(asked.filter(({ reason }) => reason !== "initial"), [asked[1]], "refreshed once");
  for (const ending of ["/", "/connect"]) assert.ok(asked.slice(2).some(({ path }) => path === initial(ending).path), JSON.stringify(asked));
  await expectNextTextArrives(simulator, anna, 1);
});

scenario("fresh headers that do not help are followed by reauthenticate, once", async ({ simulator, agent }) => {
  const anna = await agent("anna", { login: false });
  const ways = await anna.page.evaluate(async () => {
    const ways = [];
    await e2e.create({
      headers: ({ reason }) => {
        if (reason === "refresh") ways.push("headers");
        return {};
      },
      reauthenticate: async () => {
        ways.push("reauthenticate");
        await e2e.logIn("anna");
      },
    });
    await e2e.client.connect();
    return ways;
  });
  assert.deepEqual(ways, ["headers", "reauthenticate"]);
  await expectNextTextArrives(simulator, anna, 1);
});

scenario("a login lost while connected: 403 with statusCode 20 on connect, reauthenticate, new session, and all is well", async ({ simulator, agent }) => {
  const anna = await agent();
  await createWithReauthenticate(anna);
  await anna.connect();
  const before = await anna.clientId();
  await loseLogin(simulator);
  await anna.connectedAnew(before);
  assert.deepEqual(await anna.page.evaluate(() => e2e.asked), [{ status: 403, body: { statusCode: 20, statusMessage: "Access denied" }, aborted: false }]);
  assert.deepEqual(await anna.path(), ["connecting", "connected", "reconnecting", "connected"]);
  const lost = (await anna.events("connection")).find(({ state }) => state === "reconnecting");
  assert.equal(lost.reason.code, "auth/required");
  await expectNextTextArrives(simulator, anna, 2);
});

scenario("a login lost twice in the life of a page is renewed twice", async ({ simulator, agent }) => {
  const anna = await agent();
  await createWithReauthenticate(anna);
  await anna.connect();
  for (let round = 1; round <= 2; round++) {
    const before = await anna.clientId();
    await loseLogin(simulator);
    await anna.connectedAnew(before);
    assert.equal((await anna.page.evaluate(() => e2e.asked)).length, round);
    await expectNextTextArrives(simulator, anna, 2 * round);
  }
  assert.equal((await anna.events("gap")).length, 2);
});

scenario("a login lost with no way to get one: disconnected with auth/required, silence, and connect() works after a login", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  await anna.connect();
  await loseLogin(simulator);
  await expectStopped(anna);
  await anna.logIn();
  await anna.connect();
  assert.equal(await anna.reason(), undefined);
  await expectNextTextArrives(simulator, anna, 2);
});

scenario("a reauthenticate that rejects ends the channel, with its error as the cause", async ({ agent }) => {
  const anna = await agent("anna", { login: false });
  const seen = await anna.page.evaluate(async () => {
    const given = new Error("the user gave up");
    await e2e.create({ reauthenticate: () => Promise.reject(given) });
    try {
      await e2e.client.connect();
      return "connected";
    } catch (error) {
      return { code: error.code, cause: error.cause === given, reasonCause: e2e.client.reason.cause === given };
    }
  });
  assert.deepEqual(seen, { code: "auth/required", cause: true, reasonCause: true });
  await expectStopped(anna);
});

scenario("a reauthenticate that throws, or gives no promise, is taken as it is", async ({ agent }) => {
  const anna = await agent("anna", { login: false });
  const codes = await anna.page.evaluate(async () => {
    const codes = [];
    for (const reauthenticate of [() => { throw new TypeError("oops"); }, () => undefined]) {
      await e2e.create({ reauthenticate });
      codes.push((await e2e.outcome(e2e.client.connect())).error?.code);
    }
    return codes;
  });
  assert.deepEqual(codes, ["auth/required", "auth/required"]);
});

scenario("disconnect() while the user is asked to log in aborts the signal and rejects who waits", async ({ simulator, agent }) => {
  const anna = await agent("anna", { login: false });
  const seen = await anna.page.evaluate(async () => {
    let signal;
    await e2e.create({ reauthenticate: (context) => new Promise(() => (signal = context.signal)) });
    const opening = e2e.outcome(e2e.client.connect());
    await e2e.until("the user is asked", () => signal);
    const before = signal.aborted;
    await e2e.client.disconnect();
    return { before, after: signal.aborted, code: (await opening).error?.code, state: e2e.client.state };
  });
  assert.deepEqual(seen, { before: false, after: true, code: "aborted", state: "disconnected" });
  assert.equal((await simulator.counters()).requests.handshake, 1);
});

scenario("nothing is sent while the user is asked to log in", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.page.evaluate(async () => {
    await e2e.create({ reauthenticate: () => new Promise((resolve) => (e2e.loggedIn = resolve)) });
    await e2e.client.connect();
  });
  await loseLogin(simulator);
  await until("the user is asked", () => anna.page.evaluate(() => Boolean(e2e.loggedIn)));
  const asked = anna.requests.length;
  await throughout("no request is made", SILENCE_MS, () => anna.requests.length === asked);
  await anna.logIn();
  await anna.page.evaluate(() => e2e.loggedIn());
  await anna.inState("connected");
});

/** The forms in which servers and what stands before them say "log in". */
const refusals = {
  "HTTP 401": [{ status: 401, body: "" }, 401],
  "HTTP 403 with statusCode 20": [{ status: 403, body: { statusCode: 20, statusMessage: "Access denied" } }, 403],
  "statusCode 20 in HTTP 200": [{ status: 200, body: { statusCode: 20, statusMessage: "Access denied" } }, 200],
  "a redirect": [{ status: 302, headers: { Location: "https://login.example/saml" }, body: "" }, 0],
  "a handshake refused with 403": [{ status: 200, body: [{ id: "1", channel: "/meta/handshake", successful: false, error: "403::denied", advice: { reconnect: "none" } }] }, 200],
};

for (const [form, [answer, status]] of Object.entries(refusals)) {
  scenario(`${form} in answer to the handshake asks for a login, and then it connects`, async ({ simulator, agent }) => {
    const anna = await agent();
    await createWithReauthenticate(anna);
    await simulator.fault("handshake", { type: "answer", ...answer });
    await anna.connect();
    assert.deepEqual((await anna.page.evaluate(() => e2e.asked)).map((asked) => asked.status), [status]);
    assert.equal((await simulator.counters()).requests.handshake, 2);
  });
}

scenario("an HTML page is a proxy's once, and a login page the third time in a row", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.page.evaluate(async () => {
    e2e.asked = [];
    await e2e.create({
      backoffIncrement: 100,
      reauthenticate: async ({ status }) => {
        e2e.asked.push(status);
      },
    });
  });
  const page = { type: "answer", status: 200, headers: { "Content-Type": "text/html" }, body: "<!doctype html><title>Log in</title>" };
  await simulator.fault("handshake", page, { times: 2 });
  await anna.connect();
  assert.deepEqual(await anna.page.evaluate(() => e2e.asked), []);
  await anna.disconnect();
  await simulator.fault("handshake", page, { times: 3 });
  await anna.connect();
  assert.deepEqual(await anna.page.evaluate(() => e2e.asked), [200]);
});

scenario("a plain 403 is no question of login: it is retried", async ({ simulator, agent }) => {
  const anna = await agent();
  await createWithReauthenticate(anna);
  await simulator.fault("handshake", { type: "answer", status: 403, body: { statusCode: 5, statusMessage: "No permission" } });
  await anna.connect();
  assert.deepEqual(await anna.page.evaluate(() => e2e.asked), []);
  assert.equal((await anna.events("connection")).find(({ reason }) => reason)?.reason.code, "http/403");
});

scenario("a headers function that fails is named as the cause, and asked again", async ({ simulator, agent }) => {
  const anna = await agent();
  const seen = await anna.page.evaluate(async () => {
    const given = new Error("no token yet");
    let calls = 0;
    const reasons = [];
    await e2e.create({
      headers: () => {
        calls += 1;
        if (calls === 1) throw given;
        return {};
      },
    });
    e2e.client.on("connection", ({ reason }) => reason && reasons.push({ code: reason.code, cause: reason.cause === given }));
    await e2e.client.connect();
    return reasons[0];
  });
  assert.deepEqual(seen, { code: "network/refused", cause: true });
  await simulator.atRest();
});

scenario("cookies that the browser does not send back end the channel with auth/cookies", async ({ agent }) => {
  const anna = await agent("anna", { login: false });
  const outcome = await anna.page.evaluate(async () => {
    await e2e.create({ credentials: "omit", backoffIncrement: 50, headers: { Authorization: e2e.basic("anna") } });
    return e2e.outcome(e2e.client.connect());
  });
  assert.equal(outcome.error?.code, "auth/cookies");
  await anna.inState("disconnected");
  assert.equal((await anna.reason()).code, "auth/cookies");
});
