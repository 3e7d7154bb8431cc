// Calls of the GWS API without a login: one attempt at a time for the whole client, each call repeated once for each way to log in, and done once.

import assert from "node:assert/strict";
import { asked, begin, create, done, login, numbered, pass, send, settled, textsIn, timesOf, waysOf, WAYS, withChannel, withoutChannel } from "./lib/login.js";
import { bothTalking, calls, DEVICE, DOCUMENTED_AGENTS, PHONES } from "./lib/rest.js";
import { BOTH, scenarios } from "./lib/scenario.js";
import { newMessage } from "./lib/texts.js";
import { until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000", ...DOCUMENTED_AGENTS] });

/** The forms in which servers and what stands before them say "log in". */
const refusals = {
  "HTTP 401": { status: 401, body: "" },
  "HTTP 403 with statusCode 20": { status: 403, body: { statusCode: 20, statusMessage: "Access denied" } },
  "statusCode 20 in HTTP 200": { status: 200, body: { statusCode: 20, statusMessage: "Access denied" } },
  "a redirect": { status: 302, headers: { Location: "https://login.example/saml" }, body: "" },
};

for (const [form, answer] of Object.entries(refusals)) {
  scenario(`${form} in answer to a call, the channel never opened: fresh headers, then reauthenticate, the call once after each, done once; then auth/required`, async ({ simulator, agent }) => {
    const { anna, id } = await withoutChannel(agent, simulator);
    const outcomes = [];
    for (let refused = 1; refused <= 3; refused++) {
      await simulator.fault("rest", { type: "answer", ...answer }, { operation: "SendMessage", times: refused });
      const since = await simulator.now();
      const { error } = await send(anna, id, `refused ${refused}`);
      outcomes.push({ code: error?.code, retryable: error?.retryable, ways: await waysOf(anna), asked: (await asked(simulator, since)).length });
      await anna.page.evaluate(() => void (e2e.login.ways = []));
    }
    assert.deepEqual(outcomes, [
      { code: undefined, retryable: undefined, ways: ["headers"], asked: 2 },
      { code: undefined, retryable: undefined, ways: WAYS, asked: 3 },
      { code: "auth/required", retryable: false, ways: WAYS, asked: 3 },
    ]);
    assert.deepEqual(await textsIn(simulator), ["refused 1", "refused 2"]);
    assert.deepEqual(await send(anna, id, "the next"), { value: undefined });
    assert.deepEqual([(await simulator.counters()).requests.handshake, await anna.state(), (await login(anna)).most], [0, "disconnected", 1]);
  });
}

scenario("an HTML page is a proxy's twice, and a login page the third time in a row: then the call is repeated, and done once", async ({ simulator, agent }) => {
  const { anna, id } = await withoutChannel(agent, simulator, { works: "headers" });
  const page = { type: "answer", status: 200, headers: { "Content-Type": "text/html" }, body: "<!doctype html><title>Log in</title>" };
  const codes = [];
  for (const times of [2, 3]) {
    await simulator.fault("rest", page, { operation: "SendMessage", times });
    for (let time = 1; time <= 3; time++) codes.push((await send(anna, id, `${times} ${time}`)).error?.code);
  }
  assert.deepEqual(codes, ["protocol/not-json", "protocol/not-json", undefined, "protocol/not-json", "protocol/not-json", undefined]);
  assert.deepEqual(await waysOf(anna), ["headers"], "only the third page in a row asks for a login");
  assert.deepEqual(await textsIn(simulator), ["2 3", "3 3"]);
});

scenario("ten calls and the connect are refused at once: one login at a time, each call once after each way, each done once, and one new session of the channel", async ({ simulator, agent }) => {
  const { anna, ben, id } = await withChannel(agent, simulator, { gated: true });
  const before = await anna.clientId();
  const texts = numbered(10);
  const since = await simulator.now();
  await simulator.logout("anna");
  await begin(anna, id, texts);
  await simulator.publish({ user: "anna", data: newMessage("ends the poll") });
  for (const round of [1, 2]) {
    await until(`all are refused, time ${round}`, async () => (await asked(simulator, since)).length === 10 * round);
    await pass(anna, round);
  }
  assert.deepEqual(await settled(anna), done(texts));
  assert.deepEqual(await login(anna), { ways: WAYS, most: 1 });
  assert.deepEqual(timesOf(await asked(simulator, since)), Object.fromEntries(texts.map((text) => [text, 3])));
  assert.deepEqual((await textsIn(simulator)).sort(), texts);
  await anna.connectedAnew(before);
  assert.deepEqual((await ben.textsOf(10)).sort(), texts);
  const handshakes = (await simulator.requests(since)).filter(({ kind }) => kind === "handshake").map(({ status }) => status);
  assert.deepEqual([handshakes.filter((status) => status === 200).length, handshakes.length <= 3], [1, true], String(handshakes));
  // The one before can't be ended without its login; the server forgets it after a while.
  assert.equal((await simulator.sessionsOf("anna")).filter(({ clientId }) => clientId !== before).length, 1);
});

scenario("ten calls that are refused one after the other, while others log in: never two logins at a time, each call done once", async ({ simulator, agent }) => {
  const { anna, id } = await withChannel(agent, simulator);
  const texts = numbered(10);
  const since = await simulator.now();
  await simulator.logout("anna");
  await begin(anna, id, texts);
  assert.deepEqual(await settled(anna), done(texts));
  assert.deepEqual(await login(anna), { ways: WAYS, most: 1 });
  const times = timesOf(await asked(simulator, since));
  assert.ok(Object.values(times).every((count) => count <= 3), JSON.stringify(times));
  assert.deepEqual((await textsIn(simulator)).sort(), texts);
  await anna.inState("connected");
});

for (const has of [["reauthenticate"], WAYS]) {
  scenario(`no login yet, and connect() and calls at once: ${has.join(", then ")}, once for all of them`, async ({ simulator, agent }) => {
    const anna = await agent("anna", { login: false });
    await create(anna, { gated: true, has });
    await anna.page.evaluate(() => {
      const read = () => e2e.outcome(() => e2e.client.request("GET", "/me"));
      e2e.pending = [e2e.outcome(() => e2e.client.connect()), e2e.outcome(() => e2e.client.refresh()), read(), read(), read()];
    });
    for (const round of has.keys()) {
      await until(`all are refused, time ${round + 1}`, async () => (await simulator.requests()).filter(({ status }) => status === 403).length >= 5 * (round + 1));
      await pass(anna, round + 1);
    }
    assert.deepEqual((await settled(anna)).map(({ error }) => error), Array(5).fill(undefined));
    assert.deepEqual(await login(anna), { ways: has, most: 1 });
    assert.equal(await anna.state(), "connected");
  });
}

scenario("a long shift: the login is lost again and again at any moment between calls, and each call is done once while the channel comes back", async ({ simulator, agent }) => {
  const { anna, id } = await withChannel(agent, simulator);
  const texts = [];
  for (let round = 0; round < 5; round++) {
    const ofRound = numbered(4).map((text) => `${round}: ${text}`);
    texts.push(...ofRound);
    const sending = anna.page.evaluate(({ id, texts, destination }) => Promise.all(texts.map(async (text, index) => {
      // At any moment, not at the same.
      await new Promise((resolve) => setTimeout(resolve, index * index * 7));
      return e2e.outcome(() => e2e.client.sendMessage(id, text, { destination }));
    })), { id, texts: ofRound, destination: PHONES.ben });
    await simulator.logout("anna");
    await simulator.publish({ user: "anna", data: newMessage("ends the poll") });
    assert.deepEqual(await sending, done(ofRound), `round ${round}`);
    await anna.inState("connected", { within: 8_000 });
    await simulator.atRest();
  }
  assert.deepEqual((await textsIn(simulator)).sort(), texts);
  const { ways, most } = await login(anna);
  assert.deepEqual([ways.filter((way) => way === "reauthenticate").length, most], [5, 1], String(ways));
});

/** How it is found out that the login is lost. */
const discoveries = {
  "a call": async ({ anna, id, text }) => assert.deepEqual(await send(anna, id, text), { value: undefined }),
  "the connect": async ({ simulator, anna, id, text, before }) => {
    await simulator.publish({ user: "anna", data: newMessage("ends the poll") });
    await anna.connectedAnew(before);
    assert.deepEqual(await send(anna, id, text), { value: undefined });
  },
};

for (const [discovery, find] of Object.entries(discoveries)) {
  scenario(`a login lost three times in the life of a page, found out by ${discovery}: logged in three times, a new session each time, each call done once`, async ({ simulator, agent }) => {
    const { anna, ben, id } = await withChannel(agent, simulator, { has: ["reauthenticate"] });
    const texts = numbered(3);
    for (const [round, text] of texts.entries()) {
      await simulator.atRest();
      const before = await anna.clientId();
      await simulator.logout("anna");
      await find({ simulator, anna, id, text, before });
      await anna.connectedAnew(before);
      assert.deepEqual(await waysOf(anna), Array(round + 1).fill("reauthenticate"));
      await anna.synced();
      // She hears of what happens now: the channel is on the new login.
      await simulator.operation("ben", `/me/im-sessions/${id}`, { operationName: "SendMessage", text: `answer ${round}`, destination: { phoneNumber: PHONES.anna }, devicePath: DEVICE });
      await anna.event("NewMessage", ({ message }) => message === `answer ${round}`);
    }
    assert.deepEqual((await textsIn(simulator)).filter((text) => text.startsWith("text")), texts);
    assert.equal((await anna.events("gap")).length, 3);
    assert.equal((await ben.texts()).length, 6);
  });
}

scenario("a bearer token that runs out three times: fresh headers each time, once, for calls and channel together", async ({ simulator, agent }) => {
  const { anna: first, ben, id } = await bothTalking(agent, simulator);
  await first.disconnect();
  const anna = await agent("anna", { login: false });
  await anna.page.evaluate(async (devicePath) => {
    e2e.number = 1;
    await e2e.create({
      devicePath,
      headers: async ({ reason }) => {
        if (reason === "refresh") e2e.number += 1;
        return { Authorization: `${e2e.bearer("anna")}.${e2e.number}` };
      },
    });
    await e2e.client.connect();
  }, DEVICE);
  const texts = [];
  for (let round = 0; round < 3; round++) {
    await simulator.atRest();
    const before = await anna.clientId();
    const ofRound = numbered(10).map((text) => `${round}: ${text}`);
    texts.push(...ofRound);
    await simulator.expireTokens("anna");
    const since = await simulator.now();
    await begin(anna, id, ofRound);
    assert.deepEqual(await settled(anna), done(ofRound));
    await anna.connectedAnew(before);
    assert.equal(await anna.page.evaluate(() => e2e.number), round + 2);
    assert.ok(Object.values(timesOf(await asked(simulator, since))).every((times) => times <= 2));
  }
  assert.deepEqual((await textsIn(simulator)).sort(), texts);
  assert.equal((await ben.textsOf(30)).length, 30);
});

scenario("a socket that outlives the login: a call finds out, and the channel begins anew and is on a socket again", async ({ simulator, agent }) => {
  const { anna, id } = await withChannel(agent, simulator, { has: ["reauthenticate"], ...BOTH });
  await simulator.atRestOn("websocket");
  await anna.onTransport("websocket");
  const before = await anna.clientId();
  await simulator.logout("anna");
  assert.deepEqual(await send(anna, id, "once"), { value: undefined });
  await anna.connectedAnew(before);
  await simulator.atRestOn("websocket");
  assert.deepEqual([await textsIn(simulator), await waysOf(anna)], [["once"], ["reauthenticate"]]);
});

scenario("Basic by headers logs every call in, whatever becomes of the session", async ({ simulator, agent }) => {
  const anna = await agent("anna", { login: false });
  await anna.page.evaluate(() => e2e.create({ headers: { Authorization: e2e.basic("anna") } }).then(() => {}));
  for (let time = 1; time <= 2; time++) {
    assert.equal((await anna.call("request", "PUT", "/me/settings/a", { value: time })).value?.statusCode, 0);
    await simulator.logout("anna");
  }
  assert.deepEqual((await calls(simulator)).map(({ headers: { authorization } }) => authorization), Array(2).fill(`Basic ${btoa("anna:anna")}`));
});
