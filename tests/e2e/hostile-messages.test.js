// Messages that a careful server would not send, among others that count: nothing breaks, nothing is lost, what is unknown is handed on untouched.

import assert from "node:assert/strict";
import { connected, scenarios } from "./lib/scenario.js";
import { IM_SESSIONS } from "./lib/simulator.js";
import { longestTask } from "./lib/tasks.js";
import { newMessage } from "./lib/texts.js";
import { until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000"] });
/** A page that does not answer for longer feels stuck. */
const LONGEST_TASK_MS = 50;
/** A collection of garbage may fall into any one round; what the delivery itself takes shows in all. */
const ROUNDS = 3;

/** A client without acknowledgement: what the server never sent then takes the place of nothing it did send. */
const withoutAcknowledgement = (agent, simulator) => connected(agent, simulator, { ack: false, frames: true });

/** Makes the next poll be answered with this JSON text, in which ID stands for the poll's own id. */
async function answerNextPoll(simulator, anna, json) {
  const frames = await anna.events("frame");
  const polls = frames.filter(({ direction }) => direction === "out").flatMap(({ messages }) => messages).filter(({ channel }) => channel === "/meta/connect");
  const next = Number(polls.at(-1).id) + 1;
  await simulator.fault("connect", { type: "answer", status: 200, headers: { "Content-Type": "application/json" }, body: json.replaceAll("ID", String(next)) });
  await simulator.publish({ data: newMessage("ends the poll") });
}

const OK = '{"channel":"/meta/connect","id":"ID","successful":true}';
const delivery = (data) => `{"channel":"${IM_SESSIONS}","data":${data}}`;
const text = (json) => delivery(`{"messageType":"IMLogUpdateMessage","notificationType":"NewMessage","imSessionPath":"/im-sessions/1","message":${json}}`);

scenario("null, numbers, strings and arrays among the messages: each is reported and ignored, all others count", async ({ simulator, agent }) => {
  const anna = await withoutAcknowledgement(agent, simulator);
  await answerNextPoll(simulator, anna, `[null, 5, "x", true, [${text('"hidden"')}], ${text('"seen"')}, {}, {"channel":7}, {"channel":"/meta/unheard-of"}, {"channel":"/nobody/asked","data":1}, ${OK}]`);
  assert.deepEqual(await anna.textsOf(2), ["ends the poll", "seen"]);
  await simulator.atRest();
  const codes = (await anna.events("warning")).map(({ code }) => code);
  const count = (code) => codes.filter((known) => known === code).length;
  assert.deepEqual([count("protocol/not-a-message"), count("protocol/no-channel"), count("protocol/unknown-meta-channel")], [5, 2, 1], codes.join());
  assert.equal(await anna.state(), "connected");
  assert.equal((await anna.diagnostics()).violations, codes.length);
  assert.deepEqual(await anna.path(), ["connecting", "connected"]);
});

scenario("__proto__, constructor and prototype as members pollute nothing and stay what they are", async ({ simulator, agent }) => {
  const anna = await withoutAcknowledgement(agent, simulator);
  const evil = '"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":null';
  await answerNextPoll(simulator, anna, `[{${evil},"channel":"${IM_SESSIONS}","data":{${evil},"messageType":"IMSessionStateChangeMessage","notificationType":"StatusChange",`
    + `"imSession":{${evil},"id":"1","state":"Talking","userData":{${evil}},"participants":[{${evil}}]}}},`
    + `${delivery(`{${evil},"messageType":"__proto__","notificationType":"constructor"}`)},${delivery('{"messageType":"IMLogUpdateMessage","notificationType":"__proto__","imSessionPath":"/im-sessions/__proto__","message":"x"}')},`
    + `{"channel":"__proto__","data":1},{${evil},"channel":"/meta/connect","id":"ID","successful":true,"advice":{${evil}},"ext":{${evil}}}]`);
  await anna.event("IMLogUpdateMessage", ({ message }) => message === "x");
  await simulator.atRest();
  const seen = await anna.page.evaluate(() => {
    const [change] = e2e.eventsOf("StatusChange");
    const own = (object) => Object.hasOwn(object, "__proto__") && Object.hasOwn(object, "constructor");
    return {
      polluted: ({}).polluted ?? [].polluted ?? (() => {}).polluted ?? "no",
      kept: own(change) && own(change.imSession) && own(change.imSession.userData),
      prototype: Object.getPrototypeOf(change.imSession) === Object.prototype,
      unknown: e2e.eventsOf("unknown").map(({ data }) => data.messageType),
      other: e2e.eventsOf("IMLogUpdateMessage").at(-1).otherNotificationType,
      state: e2e.client.state,
    };
  });
  assert.deepEqual(seen, { polluted: "no", kept: true, prototype: true, unknown: ["__proto__"], other: "__proto__", state: "connected" });
});

scenario("texts arrive as they were sent: lone surrogates, controls, markup, and 5 MB in one", async ({ simulator, agent }) => {
  const anna = await withoutAcknowledgement(agent, simulator);
  await answerNextPoll(simulator, anna, `[${text('"\\ud800 alone \\udc00"')},${text('"\\u0000\\u2028\\uffff"')},${OK}]`);
  const hostile = ["<img src=x onerror=alert(1)>", "'; DROP TABLE texts; --", "👩‍👩‍👧‍👦 \u202eright to left", "", " ", "%s %n ${x} {{y}}", "\r\n\t\\\"", "a".repeat(5_000_000)];
  for (const message of hostile) await simulator.publish({ data: newMessage(message) });
  await anna.textsOf(3 + hostile.length, { within: 15_000 });
  // Compared on the page: what leaves it loses lone surrogates.
  const same = await anna.page.evaluate((hostile) => {
    const texts = e2e.eventsOf("NewMessage").map(({ message }) => message).slice(1);
    const expected = ["\ud800 alone \udc00", "\u0000\u2028\uffff", ...hostile];
    return expected.map((message, index) => texts[index] === message);
  }, hostile);
  assert.deepEqual(same, Array(2 + hostile.length).fill(true));
});

scenario("an unknown messageType, malformed data and foreign channels go to unknown or nowhere, untouched", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator);
  const unknown = [
    { messageType: "ErrorMessage", metrics: { a: 1 }, devicePath: "/devices/6f0c" },
    { messageType: " ErrorMessage " },
    { messageType: 7 },
    { notificationType: "StatusChange", imSession: { id: "1", state: "Talking" } },
    { messageType: "IMSessionStateChangeMessage", notificationType: "StatusChange" },
    { messageType: "IMSessionStateChangeMessage", notificationType: "StatusChange", imSession: { state: " Talking" } },
    { messageType: "IMSessionStateChangeMessage", notificationType: "StatusChange", imSession: "text" },
    { messageType: "IMLogUpdateMessage", notificationType: "NewMessage", imSessionPath: "/im-sessions/1" },
    { messageType: "IMLogUpdateMessage", notificationType: "NewMessage", imSessionPath: 1, message: "x" },
    {},
    [1, { a: " b " }],
    "text",
    5,
    false,
  ];
  for (const data of unknown) await simulator.publish({ data });
  await simulator.publish({ topic: "/v2/me/calls", data: { messageType: "CallStateChangeMessage" } });
  await simulator.publish({ data: newMessage("last") });
  await anna.textsOf(1);
  const events = await anna.events("unknown");
  assert.deepEqual(events.map(({ data }) => data), unknown);
  assert.ok(events.every(({ channel }) => channel === IM_SESSIONS));
  assert.equal((await anna.diagnostics()).unknown, unknown.length);
  const others = (await anna.record()).filter(({ type }) => !["unknown", "connection", "IMLogUpdateMessage", "NewMessage"].includes(type));
  assert.deepEqual(others, []);
});

scenario("wrong types in every member of a poll's answer are survived", async ({ simulator, agent }) => {
  const anna = await withoutAcknowledgement(agent, simulator);
  const values = ["null", "5", '"x"', "[]"];
  for (const member of ["successful", "advice", "ext", "error", "clientId", "id", "channel", "timestamp"]) {
    for (const value of values) {
      await simulator.clearFaults();
      await answerNextPoll(simulator, anna, `[{"channel":"/meta/connect","id":"ID","successful":true,"${member}":${value}}]`);
      await anna.page.evaluate(() => e2e.client.reconnect());
      await until(`connected after ${member}: ${value}`, async () => (await anna.state()) === "connected", { within: 8_000 });
      await simulator.atRest();
    }
  }
  await anna.forget();
  await simulator.publish({ data: newMessage("afterwards") });
  assert.deepEqual(await anna.textsOf(1), ["afterwards"]);
});

scenario("10,000 messages in one answer arrive in order and leave the page responsive", async ({ simulator, browser, agent }) => {
  const anna = await connected(agent, simulator);
  await anna.page.evaluate(() => {
    e2e.numbers = [];
    e2e.client.on("NewMessage", ({ message }) => e2e.numbers.push(Number(message)));
  });
  const longest = [];
  for (let round = 0; round < ROUNDS; round++) {
    await anna.page.evaluate(() => void (e2e.numbers.length = 0));
    longest.push(await longestTask(browser, anna.page, async () => {
      await simulator.publish({ data: newMessage("{{n}}"), count: 10_000 });
      await until("all came", () => anna.page.evaluate(() => e2e.numbers.length >= 10_000), { within: 20_000 });
    }));
    assert.ok(await anna.page.evaluate(() => e2e.numbers.length === 10_000 && e2e.numbers.every((number, index) => number === index + 1)));
  }
  const usual = longest.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)];
  assert.ok(usual < LONGEST_TASK_MS, `the page was busy for ${longest.map(Math.round)} ms at a stretch`);
  await simulator.publish({ data: newMessage("10001") });
  await until("the next came", () => anna.page.evaluate(() => e2e.numbers.at(-1) === 10_001));
  assert.equal((await anna.diagnostics()).duplicates, 0);
});

scenario("a refused topic rejects its subscription only, with the server's code and the topic", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator);
  const [refused, accepted] = await anna.page.evaluate(() => Promise.all([
    e2e.outcome(e2e.client.subscribe("/private/secrets", () => {})),
    e2e.outcome(e2e.client.subscribe("/v2/me/calls", () => {}).then(() => "subscribed")),
  ]));
  assert.equal(refused.error?.code, "server/403");
  assert.match(refused.error.message, /\/private\/secrets/);
  assert.deepEqual(accepted, { value: "subscribed" });
  assert.equal(await anna.state(), "connected");
  await simulator.publish({ data: newMessage("the next") });
  assert.deepEqual(await anna.textsOf(1), ["the next"]);
});

scenario("the refused main topic ends the channel with the server's code", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  await simulator.fault("subscribe", {
    type: "answer",
    status: 200,
    body: [{ id: "2", channel: "/meta/subscribe", subscription: IM_SESSIONS, successful: false, error: "403:/v2/me/im-sessions:no such feature" }],
  });
  const { error } = await anna.connectOutcome();
  assert.equal(error?.code, "server/403");
  await anna.inState("disconnected");
  assert.equal((await anna.reason()).code, "server/403");
  assert.deepEqual((await simulator.state()).cometdSessions, []);
});
