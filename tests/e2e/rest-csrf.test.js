// The token against cross-site request forgery on calls of the GWS API: on every POST, PUT and DELETE, read again once when it is refused, and dropped with the login.

import assert from "node:assert/strict";
import { answeredCalls, calls, DEVICE, DOCUMENTED_AGENTS, PHONES } from "./lib/rest.js";
import { moveTo, otherOrigin } from "./lib/other-origin.js";
import { scenarios } from "./lib/scenario.js";
import { newMessage } from "./lib/texts.js";

const scenario = scenarios({ simulator: ["--timeout", "10000", "--csrf", "enforce", ...DOCUMENTED_AGENTS] });

/** One call of each method that needs the token, and one that does not. */
const EACH = [
  ["request", "GET", "/me/settings"],
  ["request", "PUT", "/me/settings/a", { value: 1 }],
  ["initiateSession", { destination: PHONES.ben }],
  ["request", "DELETE", "/me/settings/a"],
];

async function makeEach(anna) {
  for (const call of EACH) assert.equal((await anna.call(...call)).error, undefined, call.join(" "));
}

/** The calls after number `since`: method, the token they carried, and status. */
const tokens = async (simulator, since) => (await answeredCalls(simulator, since)).map(({ method, headers, status }) => [method, headers["x-csrf-token"], status]);

/** The token that the server demands now, read as a desktop would. */
const present = (anna) => anna.page.evaluate(async () => {
  const answer = await fetch(`${e2e.server}/api/v2/me`, { credentials: "include" });
  return { header: answer.headers.get("X-CSRF-HEADER"), token: answer.headers.get("X-CSRF-TOKEN") };
});

const textsIn = async (simulator) => (await simulator.state()).imSessions[0].texts.map(({ text }) => text);
const send = (anna, id, text) => anna.call("sendMessage", id, text, { destination: PHONES.ben });

/** An answer to GET /me that tells no token, as where the server does not expose it to the page's origin. */
const SILENT = { type: "answer", status: 200, body: { statusCode: 0 } };
/** The two ways in which a desktop gives the token itself. */
const GIVEN = ["a pair", "a function"];

/**
 * Anna's client, to which she gives the token of now: `e2e.pairs` has what the function gives, one after the other, the last for good. `e2e.asked` counts how often
 * she was asked to log in.
 */
const createGiven = async (anna, kind) => {
  const pair = await present(anna);
  await anna.page.evaluate(async ({ kind, pair, devicePath }) => {
    Object.assign(e2e, { asked: 0, pairs: [pair] });
    const reauthenticate = async () => {
      e2e.asked += 1;
      await e2e.logIn("anna");
    };
    await e2e.create({ devicePath, reauthenticate, csrf: kind === "a pair" ? pair : () => (e2e.pairs.length > 1 ? e2e.pairs.shift() : e2e.pairs[0]) });
  }, { kind, pair, devicePath: DEVICE });
  return pair;
};
const asked = (anna) => anna.page.evaluate(() => e2e.asked);

/** A session of anna's with ben. */
async function aSession(simulator) {
  await simulator.operation("anna", "/me/im-sessions", { operationName: "InitiateIMSession", destination: { phoneNumber: PHONES.ben } });
  return (await simulator.state()).imSessions[0].id;
}

for (const elsewhere of [false, true]) {
  const where = elsewhere ? "from another origin, " : "";

  /** Anna, on a page of this origin or of another. */
  const open = async (simulator, agent, run) => {
    const other = elsewhere ? await otherOrigin(simulator.address) : undefined;
    try {
      const anna = await agent("anna", { login: !elsewhere });
      if (other) await moveTo(other.origin, simulator.address, anna);
      await run(anna);
    } finally {
      await other?.close();
    }
  };

  scenario(`${where}the token is found on the first answer, and POST, PUT and DELETE carry it, GET does not`, ({ simulator, agent }) => open(simulator, agent, async (anna) => {
    const { token } = await present(anna);
    await anna.create();
    const since = await simulator.now();
    await makeEach(anna);
    assert.deepEqual(await tokens(simulator, since), [["GET", undefined, 200], ["PUT", token, 200], ["POST", token, 200], ["DELETE", token, 200]]);
  }));

  scenario(`${where}an operation that is the first call of all: refused, the token read, repeated, done once`, ({ simulator, agent }) => open(simulator, agent, async (anna) => {
    const { token } = await present(anna);
    const id = await aSession(simulator);
    await anna.create({ devicePath: DEVICE });
    const since = await simulator.now();
    assert.deepEqual(await send(anna, id, "once"), { value: undefined });
    assert.deepEqual(await tokens(simulator, since), [["POST", undefined, 403], ["GET", undefined, 200], ["POST", token, 200]]);
    assert.deepEqual(await textsIn(simulator), ["once"]);
  }));

  scenario(`${where}a token that the server has changed is read again once, by calls and channel, and each operation is done once`, ({ simulator, agent }) => open(simulator, agent, async (anna) => {
    const id = await aSession(simulator);
    await anna.create({ devicePath: DEVICE });
    await anna.connect();
    await anna.synced();
    const before = await anna.clientId();
    for (const text of ["first", "second", "third"]) {
      const old = (await present(anna)).token;
      await anna.call("request", "GET", "/me");
      assert.deepEqual(await simulator.rotateCsrf("anna"), { sessions: 1 });
      const since = await simulator.now();
      assert.deepEqual(await send(anna, id, text), { value: undefined });
      const { token } = await present(anna);
      assert.notEqual(token, old);
      // The poll is ended by the text, and the next one may have read the token before.
      const posts = (await tokens(simulator, since)).filter(([method]) => method === "POST");
      assert.deepEqual(posts, [["POST", old, 403], ["POST", token, 200]]);
    }
    assert.deepEqual(await anna.textsOf(3), ["first", "second", "third"]);
    assert.deepEqual(await textsIn(simulator), ["first", "second", "third"]);
    assert.deepEqual([await anna.clientId(), await anna.state()], [before, "connected"], "that is no question of login, nor of the session");
  }));
}

scenario("ten operations whose token has been changed are each refused once and done once", async ({ simulator, agent }) => {
  const anna = await agent();
  const id = await aSession(simulator);
  await anna.create({ devicePath: DEVICE });
  await anna.call("request", "GET", "/me");
  await simulator.rotateCsrf("anna");
  const since = await simulator.now();
  const texts = Array.from({ length: 10 }, (_, index) => `text ${index}`);
  const outcomes = await anna.page.evaluate(({ id, texts, destination }) => Promise.all(texts.map((text) => e2e.outcome(() => e2e.client.sendMessage(id, text, { destination })))), { id, texts, destination: PHONES.ben });
  assert.deepEqual(outcomes, texts.map(() => ({ value: undefined })));
  assert.deepEqual((await textsIn(simulator)).sort(), texts);
  const posts = (await tokens(simulator, since)).filter(([method]) => method === "POST");
  assert.equal(posts.filter(([, , status]) => status === 200).length, 10);
  assert.ok(posts.length <= 20, `${posts.length} POSTs`);
});

scenario("a pair given by the desktop is sent from the first operation on; a wrong one gives way to the server's, and is told where the server tells none", async ({ simulator, agent }) => {
  const anna = await agent();
  const pair = await present(anna);
  await anna.create({ csrf: pair });
  let since = await simulator.now();
  await makeEach(anna);
  assert.deepEqual(await tokens(simulator, since), [["GET", undefined, 200], ["PUT", pair.token, 200], ["POST", pair.token, 200], ["DELETE", pair.token, 200]]);

  await anna.create({ csrf: { ...pair, token: "wrong" } });
  since = await simulator.now();
  assert.equal((await anna.call("request", "PUT", "/me/settings/a", { value: 2 })).error, undefined);
  assert.deepEqual(await tokens(simulator, since), [["PUT", "wrong", 403], ["GET", undefined, 200], ["PUT", pair.token, 200]]);

  await simulator.fault("rest", SILENT, { method: "GET" });
  since = await simulator.now();
  const { error } = await anna.call("request", "PUT", "/me/settings/a", { value: 3 });
  assert.deepEqual([error?.code, error?.status, error?.retryable], ["auth/csrf", 403, false]);
  assert.deepEqual(await tokens(simulator, since), [["PUT", "wrong", 403], ["GET", undefined, 200], ["PUT", "wrong", 403]]);
});

for (const kind of GIVEN) {
  scenario(`${kind} whose login has run out: one login for all operations, each done once, and the new token is sent with each that follows`, async ({ simulator, agent }) => {
    const anna = await agent();
    const id = await aSession(simulator);
    const old = (await createGiven(anna, kind)).token;
    await simulator.logout("anna");
    let since = await simulator.now();
    assert.deepEqual(await send(anna, id, "first"), { value: undefined });
    const { token, header } = await present(anna);
    assert.notEqual(token, old);
    const refused = [["POST", old, 403], ["GET", undefined, 403]];
    const again = [["POST", old, 403], ["GET", undefined, 200], ["POST", token, 200]];
    const posts = (all) => all.filter(([method]) => method === "POST");
    const seen = await tokens(simulator, since);
    assert.deepEqual(seen.slice(0, 2), refused);
    assert.deepEqual(posts(seen.slice(2)), posts(again));

    // A desktop that gives a function knows of the new token now.
    await anna.page.evaluate((pair) => void (e2e.pairs = [pair]), { header, token });
    since = await simulator.now();
    assert.deepEqual(await send(anna, id, "second"), { value: undefined });
    assert.deepEqual(await tokens(simulator, since), kind === "a pair" ? again : [["POST", token, 200]]);

    await simulator.logout("anna");
    const texts = Array.from({ length: 5 }, (_, index) => `at once ${index}`);
    const outcomes = await anna.page.evaluate(({ id, texts, destination }) => Promise.all(texts.map((text) => e2e.outcome(() => e2e.client.sendMessage(id, text, { destination })))), { id, texts, destination: PHONES.ben });
    assert.deepEqual(outcomes, texts.map(() => ({ value: undefined })));
    assert.deepEqual((await textsIn(simulator)).sort(), [...texts, "first", "second"]);
    assert.equal(await asked(anna), 2);
  });

  scenario(`${kind} whose login has run out, the channel open: one login for operation and channel, and both go on`, async ({ simulator, agent }) => {
    const anna = await agent();
    const id = await aSession(simulator);
    await createGiven(anna, kind);
    await anna.connect();
    await anna.synced();
    const { clientId: before } = await simulator.atRest();
    await simulator.logout("anna");
    await simulator.publish({ user: "anna", data: newMessage("ends the poll") });
    assert.deepEqual(await send(anna, id, "once"), { value: undefined });
    await anna.connectedAnew(before);
    await anna.synced();
    await simulator.publish({ user: "anna", data: newMessage("heard") });
    await anna.event("NewMessage", ({ message }) => message === "heard");
    assert.deepEqual([await textsIn(simulator), await asked(anna)], [["once"], 1]);
  });

  scenario(`${kind} that the server has replaced: read again and done once, and no question of login`, async ({ simulator, agent }) => {
    const anna = await agent();
    const id = await aSession(simulator);
    const old = (await createGiven(anna, kind)).token;
    await simulator.rotateCsrf("anna");
    const since = await simulator.now();
    assert.deepEqual(await send(anna, id, "once"), { value: undefined });
    const seen = await tokens(simulator, since);
    const { token } = await present(anna);
    assert.deepEqual(seen, [["POST", old, 403], ["GET", undefined, 200], ["POST", token, 200]]);
    assert.deepEqual([await textsIn(simulator), await asked(anna)], [["once"], 0]);
  });
}

scenario("a function that gives the new token when it is asked again: done once, also where the server tells no token", async ({ simulator, agent }) => {
  const anna = await agent();
  const id = await aSession(simulator);
  const old = await createGiven(anna, "a function");
  await simulator.rotateCsrf("anna");
  const pair = await present(anna);
  await simulator.fault("rest", SILENT, { method: "GET" });
  // It is asked for the operation, for GET /me, and for the operation again.
  await anna.page.evaluate((pairs) => void (e2e.pairs = pairs), [old, old, pair]);
  const since = await simulator.now();
  assert.deepEqual(await send(anna, id, "once"), { value: undefined });
  assert.deepEqual(await tokens(simulator, since), [["POST", old.token, 403], ["GET", undefined, 200], ["POST", pair.token, 200]]);
  assert.deepEqual(await textsIn(simulator), ["once"]);
});

for (const kind of ["the token of responses", ...GIVEN]) {
  scenario(`${kind}, refused, and the answer that would tell the new one breaks off: the operation is told as refused, not as one that may have been done`, async ({ simulator, agent }) => {
    const anna = await agent();
    anna.expectComplaint(/ERR_(CONTENT_LENGTH_MISMATCH|INCOMPLETE_CHUNKED_ENCODING|CONNECTION_CLOSED|EMPTY_RESPONSE)/);
    const id = await aSession(simulator);
    if (kind === "the token of responses") await anna.create({ devicePath: DEVICE });
    else await createGiven(anna, kind);
    await simulator.rotateCsrf("anna");
    await simulator.fault("rest", { type: "truncate", bytes: 5 }, { method: "GET" });
    const { error } = await send(anna, id, "never");
    assert.deepEqual([error?.code, error?.status, error?.retryable], ["auth/csrf", 403, false]);
    assert.deepEqual(await textsIn(simulator), []);
    assert.deepEqual(await send(anna, id, "once"), { value: undefined });
    assert.deepEqual(await textsIn(simulator), ["once"]);
  });
}

scenario("an operation that is given up while its token is read again was refused, and one that is repeated may be done: only the first may be asked for again", async ({ simulator, agent }) => {
  const anna = await agent();
  const id = await aSession(simulator);
  const outcomes = [];
  for (const which of [{ method: "GET" }, { operation: "SendMessage", skip: 1 }]) {
    await anna.create({ devicePath: DEVICE });
    await simulator.fault("rest", { type: "hang" }, which);
    const { error } = await anna.call("sendMessage", id, "once", { destination: PHONES.ben, timeout: 500 });
    outcomes.push([error?.code, error?.retryable]);
  }
  assert.deepEqual(outcomes, [["network/timeout", true], ["network/timeout", false]]);
  assert.deepEqual(await textsIn(simulator), []);
});

scenario("a function that gives the pair is asked for each operation, and the token of now is sent", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.page.evaluate((pair) => {
    e2e.pair = pair;
    return e2e.create({ csrf: () => e2e.pair }).then(() => {});
  }, await present(anna));
  assert.equal((await anna.call("request", "PUT", "/me/settings/a", { value: 1 })).error, undefined);
  await simulator.rotateCsrf("anna");
  const pair = await present(anna);
  await anna.page.evaluate((pair) => void (e2e.pair = pair), pair);
  const since = await simulator.now();
  await makeEach(anna);
  assert.deepEqual(await tokens(simulator, since), [["GET", undefined, 200], ["PUT", pair.token, 200], ["POST", pair.token, 200], ["DELETE", pair.token, 200]]);
});

scenario("with csrf: false no token is sent, and the refusal is told", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create({ csrf: false });
  await anna.call("request", "GET", "/me");
  const since = await simulator.now();
  const { error } = await anna.call("initiateSession", { destination: PHONES.ben });
  assert.deepEqual([error?.code, error?.status, error?.retryable], ["auth/csrf", 403, false]);
  assert.deepEqual(await tokens(simulator, since), [["POST", undefined, 403]]);
  assert.deepEqual((await simulator.state()).imSessions, []);
});

scenario("the token is dropped with the login: after a new one the old token is never sent again, and the operation is done once", async ({ simulator, agent }) => {
  const anna = await agent();
  const id = await aSession(simulator);
  await anna.page.evaluate((devicePath) => e2e.create({ devicePath, reauthenticate: () => e2e.logIn("anna") }).then(() => {}), DEVICE);
  await anna.connect();
  await anna.synced();
  const old = (await present(anna)).token;
  const before = await anna.clientId();
  await simulator.logout("anna");
  const since = await simulator.now();
  assert.deepEqual(await send(anna, id, "once"), { value: undefined });
  await anna.connectedAnew(before);
  const { token } = await present(anna);
  assert.notEqual(token, old);
  const sent = (await simulator.requests(since)).filter(({ method }) => method === "POST").map(({ headers }) => headers["x-csrf-token"]);
  assert.deepEqual(sent.slice(1).filter((value) => value === old), [], "after the refusal the old token is not sent");
  assert.ok(sent.includes(token));
  assert.deepEqual(await textsIn(simulator), ["once"]);
  await simulator.publish({ user: "anna", data: newMessage("heard") });
  await anna.event("NewMessage", ({ message }) => message === "heard");
});

scenario("a server that names no token, or one that can't be sent, is no error: operations go out without", async ({ simulator, agent }) => {
  await simulator.options({ csrf: "off" });
  const anna = await agent();
  await anna.create();
  const hostile = [{}, { "X-CSRF-HEADER": "Authorization", "X-CSRF-TOKEN": "evil" }, { "X-CSRF-HEADER": "Content-Type", "X-CSRF-TOKEN": "evil" }, { "X-CSRF-HEADER": "no name" }, { "X-CSRF-TOKEN": "\u00e9" }];
  for (const headers of hostile) {
    await simulator.fault("rest", { type: "answer", status: 200, headers, body: { statusCode: 0 } }, { method: "GET" });
    assert.equal((await anna.call("request", "GET", "/me")).error, undefined);
    const since = await simulator.now();
    assert.equal((await anna.call("request", "PUT", "/me/settings/a", { value: 1 })).error, undefined);
    const [{ headers: sent }] = await calls(simulator, since);
    assert.deepEqual(sent, { "content-type": "application/json;charset=UTF-8" }, JSON.stringify(headers));
  }
});
