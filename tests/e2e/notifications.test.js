// What arrives: every documented notification, from what a second agent really does.

import assert from "node:assert/strict";
import { scenarios } from "./lib/scenario.js";
import { IM_SESSIONS } from "./lib/simulator.js";
import { newMessage } from "./lib/texts.js";
import { until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000"] });

/** Ben's page performs a GWS operation as any desktop does. */
async function perform(ben, path, body) {
  const answer = await ben.page.evaluate(([path, body]) => e2e.gws("POST", path, body), [path, body]);
  assert.deepEqual([answer.status, answer.body.statusCode], [200, 0], `${body.operationName}: ${JSON.stringify(answer)}`);
}

async function devicePath(ben) {
  const { body } = await ben.page.evaluate(() => e2e.gws("GET", "/me?subresources=devices"));
  return body.user.devices[0].path;
}

/** All that can happen to a session, done by ben with anna and, where marked, by anna. */
async function wholeConversation(simulator, ben) {
  const device = await devicePath(ben);
  const [anna] = (await simulator.state()).users.filter(({ name }) => name === "anna");
  await perform(ben, "/me/im-sessions", { operationName: "InitiateIMSession", destination: { phoneNumber: anna.phone }, userData: { favColor: "blue" } });
  const [{ id }] = (await simulator.state()).imSessions;
  const path = `/me/im-sessions/${id}`;
  await perform(ben, path, { operationName: "SendMessage", text: "Hello! This is my first message.", destination: { phoneNumber: "5001" }, devicePath: device });
  await simulator.operation("anna", path, { operationName: "SendMessage", text: "And mine.", destination: { phoneNumber: "5002" }, devicePath: anna.devicePath });
  await perform(ben, path, { operationName: "AttachUserData", userData: { "User Data 1": "one", nested: { a: [1, null] } } });
  await perform(ben, path, { operationName: "UpdateUserData", userData: { favColor: "green" } });
  for (const key of ["favColor", "User Data 1", "nested"]) await perform(ben, path, { operationName: "DeleteUserData", key });
  await perform(ben, path, { operationName: "Complete" });
  return id;
}

/** The messageType listener of a notification comes before that of its notificationType. */
const inBothListeners = (messageType, notificationTypes) => notificationTypes.flatMap((type) => [messageType, type]);

scenario("every documented notification arrives typed and in order from a second agent's operations", async ({ simulator, agent }) => {
  const [anna, ben] = [await agent("anna"), await agent("ben")];
  await anna.create();
  await anna.connect();
  const id = await wholeConversation(simulator, ben);
  await anna.event("StatusChange", ({ imSession }) => imSession.state === "Completed");

  const record = (await anna.record()).filter(({ type }) => type !== "connection");
  const STATE_CHANGE = "IMSessionStateChangeMessage";
  assert.deepEqual(record.map(({ type }) => type), [
    ...inBothListeners(STATE_CHANGE, ["StatusChange"]),
    ...inBothListeners("IMLogUpdateMessage", ["NewMessage", "NewMessage"]),
    ...inBothListeners(STATE_CHANGE, Array(5).fill("AttachedDataChanged")),
    ...inBothListeners(STATE_CHANGE, ["StatusChange"]),
  ]);

  for (const { type, event, message } of record) {
    assert.equal(message.channel, IM_SESSIONS);
    assert.deepEqual(message.data, event, "the listener gets the server's own data");
    assert.ok([event.messageType, event.notificationType].includes(type), `${type} got ${event.messageType} / ${event.notificationType}`);
    assert.ok(event.metrics.eventProcessing, "members nobody documented stay");
  }

  const sessions = (await anna.events(STATE_CHANGE)).map(({ imSession }) => imSession);
  for (const session of sessions) {
    assert.equal(session.id, id);
    assert.equal(session.path, `/im-sessions/${id}`);
    assert.deepEqual(session.participants.map(({ phoneNumber }) => phoneNumber), ["5002"]);
    assert.ok(session.capabilities.includes("SendMessage"));
  }
  assert.deepEqual(sessions.map(({ state }) => state), [...Array(6).fill("Talking"), "Completed"], "trimmed");
  assert.deepEqual(sessions.map(({ userData }) => userData), [
    { favColor: "blue" },
    { favColor: "blue", "User Data 1": "one", nested: { a: [1, null] } },
    { favColor: "green", "User Data 1": "one", nested: { a: [1, null] } },
    { "User Data 1": "one", nested: { a: [1, null] } },
    { nested: { a: [1, null] } },
    {},
    {},
  ]);
  const texts = await anna.events("IMLogUpdateMessage");
  assert.deepEqual(texts.map(({ message }) => message), ["Hello! This is my first message.", "And mine."]);
  assert.ok(texts.every(({ imSessionPath }) => imSessionPath === `/im-sessions/${id}`));
});

scenario("both agents of a session are told, each with the other as participant", async ({ simulator, agent }) => {
  const [anna, ben] = [await agent("anna"), await agent("ben")];
  for (const each of [anna, ben]) await each.create();
  await Promise.all([anna.connect(), ben.connect()]);
  await wholeConversation(simulator, ben);
  for (const each of [anna, ben]) await each.event("StatusChange", ({ imSession }) => imSession.state === "Completed");

  const told = async (each) => (await each.record()).filter(({ type }) => type === "IMSessionStateChangeMessage" || type === "IMLogUpdateMessage");
  const [annas, bens] = [await told(anna), await told(ben)];
  assert.deepEqual(annas.map(({ event }) => event.notificationType), bens.map(({ event }) => event.notificationType));
  assert.equal(annas[0].event.imSession.participants[0].phoneNumber, "5002");
  assert.equal(bens[0].event.imSession.participants[0].phoneNumber, "5001");
});

scenario("listeners and a wildcard subscription see the very object the server sent, once each", async ({ simulator, agent }) => {
  const anna = await agent("anna");
  await anna.create();
  await anna.page.evaluate(async () => {
    e2e.wildcard = [];
    e2e.typed = [];
    e2e.client.on("NewMessage", (event, message) => e2e.typed.push({ event, message }));
    const subscribed = e2e.client.subscribe("/v2/me/*", (message) => e2e.wildcard.push(message));
    await e2e.client.connect();
    await subscribed;
  });
  await simulator.publish({ data: newMessage("once") });
  await simulator.publish({ topic: "/v2/me/calls", data: { messageType: "CallStateChangeMessage" } });
  await until("both messages came through the wildcard", async () => (await anna.page.evaluate(() => e2e.wildcard.length)) === 2);

  const seen = await anna.page.evaluate(() => ({
    channels: e2e.wildcard.map(({ channel }) => channel),
    typed: e2e.typed.length,
    sameMessage: e2e.typed[0].message === e2e.wildcard[0],
    sameData: e2e.typed[0].event === e2e.typed[0].message.data,
    unknown: e2e.eventsOf("unknown").length,
  }));
  assert.deepEqual(seen, { channels: [IM_SESSIONS, "/v2/me/calls"], typed: 1, sameMessage: true, sameData: true, unknown: 0 });
});

scenario("any other topic of the channel can be subscribed to, and left", async ({ simulator, agent }) => {
  const anna = await agent("anna");
  await anna.create();
  await anna.connect();
  await anna.page.evaluate(async () => {
    e2e.calls = [];
    e2e.unsubscribe = await e2e.client.subscribe("/v2/me/calls", (message) => e2e.calls.push(message.data.n));
  });
  await simulator.publish({ topic: "/v2/me/calls", data: { n: 1 } });
  await until("the first message came", async () => (await anna.page.evaluate(() => e2e.calls.length)) === 1);
  await anna.page.evaluate(() => {
    e2e.unsubscribe();
    e2e.unsubscribe();
  });
  await until("the server knows of it", async () => {
    const [session] = await simulator.sessionsOf("anna");
    return session && !session.subscriptions.includes("/v2/me/calls");
  });
  await simulator.publish({ topic: "/v2/me/calls", data: { n: 2 } });
  await simulator.publish({ data: newMessage("last") });
  await anna.textsOf(1);
  assert.deepEqual(await anna.page.evaluate(() => e2e.calls), [1]);
});

scenario("each agent receives only his own", async ({ simulator, agent }) => {
  const [anna, ben] = [await agent("anna"), await agent("ben")];
  for (const each of [anna, ben]) {
    await each.create();
    await each.connect();
  }
  await simulator.publish({ user: "ben", data: newMessage("for ben") });
  await simulator.publish({ data: newMessage("for both") });
  assert.deepEqual(await ben.textsOf(2), ["for ben", "for both"]);
  assert.deepEqual(await anna.textsOf(1), ["for both"]);
});

scenario("an undocumented notificationType is \"other\" with its own text beside it", async ({ simulator, agent }) => {
  const anna = await agent("anna");
  await anna.create();
  await anna.connect();
  const imSession = { path: "/im-sessions/7", state: "Talking", participants: ["5000"], extra: 1 };
  await simulator.publish({ data: { messageType: "IMSessionStateChangeMessage", notificationType: "ParticipantsUpdated", imSession } });
  const event = await anna.event("IMSessionStateChangeMessage");
  assert.equal(event.notificationType, "other");
  assert.equal(event.otherNotificationType, "ParticipantsUpdated");
  assert.equal(event.imSession.id, "7");
  assert.deepEqual(event.imSession.participants, [{ digits: "5000", phoneNumber: "5000" }]);
  assert.deepEqual([event.imSession.capabilities, event.imSession.userData, event.imSession.extra], [[], {}, 1]);
  assert.deepEqual(await anna.events("StatusChange"), []);
});
