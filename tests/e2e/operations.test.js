// The operations on IM sessions: what goes over the wire for each, byte by byte, and what both agents are told of its effect.

import assert from "node:assert/strict";
import { answeredCalls, bothConnected, bothTalking, callLines, calls, callsOf, DEVICE, DOCUMENTED_AGENTS, JSON_TYPE, PHONES } from "./lib/rest.js";
import { scenarios } from "./lib/scenario.js";
import { until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000", ...DOCUMENTED_AGENTS] });
const LIST = "/api/v2/me/im-sessions";

/** The forms in which a call takes a session. */
const FORMS = ["object", "id", "path"];

/** An operation on the last session of anna's list, which is given in that form. */
const operate = (anna, form, method, ...args) => anna.page.evaluate(([form, method, args]) => {
  const session = e2e.client.sessions.at(-1);
  return e2e.outcome(() => e2e.client[method]({ object: session, id: session.id, path: session.path }[form], ...args));
}, [form, method, args]);

/** Resolves with what both agents are told, once: the first event of the type. */
async function toldToBoth({ anna, ben }, type) {
  const events = [];
  for (const agent of [anna, ben]) {
    events.push(await agent.event(type));
    assert.equal((await agent.events(type)).length, 1, `${type} came once`);
  }
  return events;
}

/** The one call after number `since`: its path with the query, its body and all headers that are the page's own. */
async function theCall(simulator, since) {
  const seen = await answeredCalls(simulator, since);
  assert.deepEqual(seen.map(({ status }) => status), [200], "one call, accepted");
  const [{ method, path, query, body, headers }] = seen;
  return { method, path, query, body, headers };
}

const post = (path, body) => ({ method: "POST", path, query: null, body, headers: { "content-type": JSON_TYPE } });
const truth = async (simulator) => (await simulator.state()).imSessions[0];

/** Each operation on a session: how it is called, its body, the event of its effect, what is in that, and what is before it. */
const operations = {
  sendMessage: {
    args: ["Hello! This is my first message."],
    body: `{"operationName":"SendMessage","text":"Hello! This is my first message.","destination":{"phoneNumber":"16001"},"devicePath":"${DEVICE}"}`,
    event: "NewMessage",
    check: (told, id) => assert.deepEqual([told.message, told.imSessionPath], ["Hello! This is my first message.", `/im-sessions/${id}`]),
  },
  complete: {
    args: [],
    body: '{"operationName":"Complete"}',
    event: "StatusChange",
    check: ({ imSession }) => assert.equal(imSession.state, "Completed"),
  },
  attachUserData: {
    args: [{ favColor: "blue" }],
    body: '{"operationName":"AttachUserData","userData":{"favColor":"blue"}}',
    event: "AttachedDataChanged",
    check: ({ imSession }) => assert.deepEqual(imSession.userData, { favColor: "blue" }),
  },
  updateUserData: {
    before: { favColor: "blue", "User Data 1": "kept" },
    args: [{ favColor: "red" }],
    body: '{"operationName":"UpdateUserData","userData":{"favColor":"red"}}',
    event: "AttachedDataChanged",
    check: ({ imSession }) => assert.deepEqual(imSession.userData, { favColor: "red", "User Data 1": "kept" }),
  },
  deleteUserData: {
    before: { favColor: "blue", "User Data 1": "1" },
    args: ["User Data 1"],
    body: '{"operationName":"DeleteUserData","key":"User Data 1"}',
    event: "AttachedDataChanged",
    check: ({ imSession }) => assert.deepEqual(imSession.userData, { favColor: "blue" }),
  },
};

for (const [method, { before, args, body, event, check }] of Object.entries(operations)) {
  scenario(`${method}() by object, id and path: the documented body in one request, and both agents are told once`, async ({ simulator, agent }) => {
    const both = await bothTalking(agent, simulator);
    for (const [index, form] of FORMS.entries()) {
      // One that is completed makes way for the next.
      if (index > 0 && method === "complete") await begin(both);
      const { id } = await truth(simulator);
      if (before) await attach(simulator, both, id, before);
      const since = await simulator.now();
      assert.deepEqual(await operate(both.anna, form, method, ...args), { value: undefined }, form);
      for (const told of await toldToBoth(both, event)) check(told, id);
      assert.deepEqual(await theCall(simulator, since), post(`${LIST}/${id}`, body), form);
      await Promise.all([both.anna.forget(), both.ben.forget()]);
    }
  });
}

/** Begins another session, and forgets what was told of its beginning. */
async function begin({ anna, ben }) {
  assert.deepEqual(await anna.call("initiateSession", { destination: PHONES.ben }), { value: undefined });
  for (const agent of [anna, ben]) {
    await agent.event("StatusChange", ({ imSession }) => imSession.state === "Talking");
    await agent.forget();
  }
}

async function attach(simulator, { anna, ben }, id, userData) {
  await simulator.operation("anna", `/me/im-sessions/${id}`, { operationName: "AttachUserData", userData });
  for (const agent of [anna, ben]) {
    await agent.event("AttachedDataChanged");
    await agent.forget();
  }
}

/** What initiateSession() takes, and the body that it becomes. */
const beginnings = {
  "a phone number": [{ destination: "16001" }, '{"operationName":"InitiateIMSession","destination":{"phoneNumber":"16001"}}'],
  "a destination as documented": [{ destination: { phoneNumber: "16001" } }, '{"operationName":"InitiateIMSession","destination":{"phoneNumber":"16001"}}'],
  "user data and a device": [
    { devicePath: DEVICE, userData: { favColor: "blue", "User Data 1": { deep: [1, null, "é😀"] } }, destination: "16001" },
    `{"operationName":"InitiateIMSession","destination":{"phoneNumber":"16001"},"userData":{"favColor":"blue","User Data 1":{"deep":[1,null,"é😀"]}},"devicePath":"${DEVICE}"}`,
  ],
};

for (const [what, [request, body]] of Object.entries(beginnings)) {
  scenario(`initiateSession() with ${what}: the documented body in one request, and both agents see the session`, async ({ simulator, agent }) => {
    const both = await bothConnected(agent, simulator, {});
    const since = await simulator.now();
    assert.deepEqual(await both.anna.call("initiateSession", request), { value: undefined });
    const [{ imSession: hers }, { imSession: his }] = await toldToBoth(both, "StatusChange");
    assert.deepEqual([hers.state, his.state, his.id], ["Talking", "Talking", hers.id]);
    assert.deepEqual([hers.participants[0].phoneNumber, his.participants[0].phoneNumber], [PHONES.ben, PHONES.anna]);
    assert.deepEqual([hers.userData, his.userData], [request.userData ?? {}, request.userData ?? {}]);
    assert.deepEqual(await theCall(simulator, since), post(LIST, body));
  });
}

scenario("a text goes out from the device that the session was begun with, to whom and from where the call says otherwise", async ({ simulator, agent }) => {
  const both = await bothConnected(agent, simulator, { devicePath: "/devices/option" });
  await both.anna.call("initiateSession", { destination: PHONES.ben, devicePath: DEVICE });
  await toldToBoth(both, "StatusChange");
  const since = await simulator.now();
  await operate(both.anna, "object", "sendMessage", "from the device of the beginning");
  await operate(both.anna, "object", "sendMessage", "from another", { devicePath: "/devices/call", destination: { phoneNumber: PHONES.ben } });
  await operate(both.anna, "object", "sendMessage", "to nobody", { destination: "9999" });
  const bodies = (await calls(simulator, since)).map(({ body }) => JSON.parse(body));
  assert.deepEqual(bodies.map(({ devicePath, destination }) => [devicePath, destination.phoneNumber]), [[DEVICE, "16001"], ["/devices/call", "16001"], [DEVICE, "9999"]]);
  assert.deepEqual(await both.ben.textsOf(2), ["from the device of the beginning", "from another"]);
});

scenario("texts of any characters arrive as they were written, at both agents and in their order", async ({ simulator, agent }) => {
  const both = await bothTalking(agent, simulator);
  const texts = ["<img src=x onerror=alert(1)>", "\u202Eback to front", "Z̴̢̛a̸l̵g̶o", "👩‍👩‍👧‍👦 \\ \" \u2028 \u0000", "  spaces and\r\nlines  ", "x".repeat(100_000)];
  const since = await simulator.now();
  for (const text of texts) assert.deepEqual(await operate(both.anna, "id", "sendMessage", text), { value: undefined });
  assert.deepEqual(await both.anna.textsOf(texts.length), texts);
  assert.deepEqual(await both.ben.textsOf(texts.length), texts);
  assert.deepEqual((await calls(simulator, since)).map(({ body }) => JSON.parse(body).text), texts);
});

scenario("refresh() reads the documented list and gives the sessions", async ({ simulator, agent }) => {
  const { anna, id } = await bothTalking(agent, simulator);
  const since = await simulator.now();
  const { value } = await anna.call("refresh");
  assert.deepEqual(value.map((session) => [session.id, session.state]), [[id, "Talking"]]);
  assert.deepEqual(await theCall(simulator, since), { method: "GET", path: LIST, query: "fields=*", body: "", headers: {} });
});

scenario("request() makes every other call: GET, POST, PUT and DELETE, with the body that was given and with the answer's", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  const since = await simulator.now();
  const setting = "/me/settings/a%20key";
  const device = { key: "a key", value: { nested: [1, "é", null] } };
  assert.deepEqual(await anna.call("request", "PUT", setting, { value: device.value }), { value: { statusCode: 0 } });
  assert.deepEqual(await anna.call("request", "GET", setting), { value: { setting: device, statusCode: 0 } });
  assert.deepEqual(await anna.call("request", "DELETE", setting), { value: { statusCode: 0 } });
  const me = await anna.call("request", "GET", "/me?subresources=devices&q=//evil.example");
  assert.equal(me.value.statusCode, 0);
  assert.deepEqual(await anna.call("request", "POST", "/me/im-sessions", { operationName: "InitiateIMSession", destination: { phoneNumber: PHONES.ben } }), { value: { statusCode: 0 } });
  const sent = (await calls(simulator, since)).map(({ method, path, query, body, headers }) => ({ method, path, query, body, headers }));
  const withBody = { headers: { "content-type": JSON_TYPE } };
  assert.deepEqual(sent, [
    { method: "PUT", path: `/api/v2${setting}`, query: null, body: '{"value":{"nested":[1,"é",null]}}', ...withBody },
    { method: "GET", path: `/api/v2${setting}`, query: null, body: "", headers: {} },
    { method: "DELETE", path: `/api/v2${setting}`, query: null, body: "", headers: {} },
    { method: "GET", path: "/api/v2/me", query: "subresources=devices&q=//evil.example", body: "", headers: {} },
    { method: "POST", path: LIST, query: null, body: '{"operationName":"InitiateIMSession","destination":{"phoneNumber":"16001"}}', ...withBody },
  ]);
});

scenario("a whole conversation, each agent doing a part of it, ends for both", async ({ simulator, agent }) => {
  const { anna, ben, id } = await bothTalking(agent, simulator);
  const value = undefined;
  assert.deepEqual(await operate(anna, "object", "sendMessage", "Hello Ben"), { value });
  await ben.textsOf(1);
  assert.deepEqual(await operate(ben, "object", "sendMessage", "Hello Anna"), { value });
  await anna.textsOf(2);
  assert.deepEqual(await operate(ben, "path", "attachUserData", { topic: "invoice" }), { value });
  await anna.event("AttachedDataChanged");
  assert.deepEqual(await operate(anna, "id", "updateUserData", { topic: "refund" }), { value });
  await ben.event("AttachedDataChanged", ({ imSession }) => imSession.userData.topic === "refund");
  assert.deepEqual(await operate(ben, "id", "complete"), { value });
  for (const agent of [anna, ben]) {
    await agent.event("StatusChange", ({ imSession }) => imSession.state === "Completed");
    assert.deepEqual(await agent.texts(), ["Hello Ben", "Hello Anna"]);
    assert.deepEqual(await agent.events("warning"), []);
  }
  const [completed] = (await simulator.state()).completedImSessions;
  assert.deepEqual([completed.id, completed.userData, completed.texts], [id, { topic: "refund" }, [{ user: "anna", text: "Hello Ben" }, { user: "ben", text: "Hello Anna" }]]);
});

scenario("what can't be done is told before anything is sent", async ({ simulator, agent }) => {
  const { anna, ben, id } = await bothTalking(agent, simulator);
  const since = await simulator.now();
  const refusals = [
    ["sendMessage", id, " \n "],
    ["sendMessage", "no-such-session", "Hello"],
    ["complete", "/im-sessions/no-such-session"],
    ["complete", { state: "Talking" }],
    ["attachUserData", id, {}],
    ["deleteUserData", id, ""],
    ["initiateSession", {}],
    ["request", "PATCH", "/me"],
    ["request", "GET", "me"],
    ["request", "GET", "/me", {}],
  ];
  const codes = [];
  for (const call of refusals) codes.push((await anna.call(...call)).error?.code);
  assert.deepEqual(codes, ["usage/text", "usage/unknown-session", "usage/unknown-session", "usage/session", "usage/user-data", "usage/user-data-key", "usage/destination", "usage/method", "usage/path", "usage/body"]);
  assert.deepEqual(await callLines(simulator, since), []);

  await simulator.operation("ben", `/me/im-sessions/${id}`, { operationName: "Complete" });
  await anna.event("StatusChange");
  assert.equal((await operate(anna, "object", "sendMessage", "too late")).error?.code, "usage/completed");
  assert.deepEqual(await ben.texts(), []);
  assert.deepEqual(await callLines(simulator, since), []);
});

scenario("an operation that the session does not allow is told before anything is sent", async ({ simulator, agent }) => {
  const { anna, id } = await bothTalking(agent, simulator);
  const since = await simulator.now();
  // The simulator lists what concerns user data that is not there only when there is some.
  const { error } = await operate(anna, "object", "deleteUserData", "favColor");
  assert.equal(error?.code, "usage/capability");
  assert.match(error.message, /SendMessage, AttachUserData, Complete now, not DeleteUserData/);
  await simulator.operation("ben", `/me/im-sessions/${id}`, { operationName: "AttachUserData", userData: { favColor: "blue" } });
  await anna.event("AttachedDataChanged");
  assert.deepEqual(await operate(anna, "object", "deleteUserData", "favColor"), { value: undefined });
  assert.equal((await callsOf(simulator, since, 1)).length, 1);
});

scenario("what Genesys refuses is told in its own words, and changes nothing", async ({ simulator, agent }) => {
  const { anna, id } = await bothTalking(agent, simulator);
  const { error } = await anna.call("initiateSession", { destination: PHONES.ben });
  assert.deepEqual([error?.code, error?.status, error?.statusCode, error?.retryable, error?.isGwsImError], ["gws/2", 409, 2, false, true]);
  assert.match(error.statusMessage, /^Invalid state: agent 3002 already has an IM session/);
  assert.ok(error.message.endsWith(error.statusMessage), error.message);
  assert.deepEqual((await simulator.state()).imSessions.map((session) => session.id), [id]);
  assert.deepEqual(await anna.events("StatusChange"), []);
});

scenario("several sessions at a time are told apart", async ({ simulator, agent }) => {
  await simulator.options({ maxImSessions: 3 });
  const { anna, ben } = await bothConnected(agent, simulator);
  for (let number = 1; number <= 3; number++) {
    assert.deepEqual(await anna.call("initiateSession", { destination: PHONES.ben, userData: { number } }), { value: undefined });
  }
  await until("ben has three sessions", async () => (await ben.events("StatusChange")).length === 3);
  await until("anna has three sessions", async () => (await anna.events("StatusChange")).length === 3);
  const outcomes = await anna.page.evaluate(() => Promise.all(e2e.client.sessions.map((session) => e2e.outcome(() => e2e.client.sendMessage(session, `to number ${session.userData.number}`)))));
  assert.deepEqual(outcomes, [{ value: undefined }, { value: undefined }, { value: undefined }]);
  const said = (await simulator.state()).imSessions.map(({ userData, texts }) => [userData.number, texts.map(({ text }) => text)]);
  assert.deepEqual(said, [[1, ["to number 1"]], [2, ["to number 2"]], [3, ["to number 3"]]]);
});

scenario("what is asked of one session at once is done in the order in which it was asked, and the log of both has that order", async ({ simulator, agent }) => {
  const { anna, ben, id } = await bothTalking(agent, simulator);
  const texts = [..."abcdefgh"];
  const outcomes = await anna.page.evaluate(([id, texts]) => {
    const all = [...texts.map((text) => e2e.client.sendMessage(id, text)), e2e.client.complete(id)];
    return Promise.all(all.map((call) => e2e.outcome(() => call)));
  }, [id, texts]);
  assert.ok(outcomes.every(({ error }) => error === undefined), JSON.stringify(outcomes));
  for (const agent of [anna, ben]) {
    await agent.event("StatusChange", ({ imSession }) => imSession.state === "Completed");
    assert.deepEqual(await agent.page.evaluate((id) => e2e.client.session(id).log.map(({ text }) => text), id), texts);
  }
});
