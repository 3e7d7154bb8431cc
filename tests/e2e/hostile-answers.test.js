// Answers that are none: HTTP errors, pages, broken bodies. Each is a failure with its own reason, after which everything goes on, and nothing is lost.

import assert from "node:assert/strict";
import { scenarios } from "./lib/scenario.js";
import { newMessage } from "./lib/texts.js";
import { until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000"] });

const STATUSES = [400, 404, 500, 502, 503];

/** Bodies of HTTP 200, and the reason each gives. */
const BODIES = {
  "an empty body": ["", "protocol/not-json"],
  "no messages": ["[]", "protocol/no-reply"],
  "an HTML page": ["<!doctype html><title>Bad gateway</title><script>throw 1</script>", "protocol/not-json"],
  "truncated JSON": ['[{"channel":"/meta/connect","successful":true,', "protocol/not-json"],
  "an object that is no message": ["{}", "protocol/no-reply"],
  "a number": ["42", "protocol/no-reply"],
  "a string": ['"connect"', "protocol/no-reply"],
  "null": ["null", "protocol/no-reply"],
  "5 MB of noise": ["x".repeat(5_000_000), "protocol/not-json"],
  "5 MB of an HTML page": [`<html>${"<p>sorry</p>".repeat(420_000)}</html>`, "protocol/not-json"],
  "100,000 nested arrays": [`${"[".repeat(100_000)}${"]".repeat(100_000)}`, "protocol/n"],
};

const html = (body) => (body.startsWith("<") ? { "Content-Type": "text/html" } : {});
const answers = [
  ...STATUSES.map((status) => [`HTTP ${status}`, { status, body: "" }, `http/${status}`]),
  ...Object.entries(BODIES).map(([name, [body, code]]) => [name, { status: 200, headers: html(body), body }, code]),
];

/** The reason of the change that follows the first `known` ones. */
async function nextReason(anna, known) {
  return until("a reason is told", async () => (await anna.events("connection")).slice(known).find(({ reason }) => reason)?.reason);
}

scenario("in place of the handshake's answer", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create({ backoffIncrement: 50 });
  for (const [name, answer, code] of answers) {
    const known = (await anna.events("connection")).length;
    await simulator.fault("handshake", { type: "answer", ...answer });
    const connecting = anna.connect();
    const reason = await nextReason(anna, known);
    await anna.page.evaluate(() => e2e.client.reconnect());
    await connecting;
    assert.ok(reason.code.startsWith(code), `${name}: ${reason.code}, not ${code}`);
    assert.equal(reason.status, answer.status === 200 ? undefined : answer.status);
    await anna.disconnect();
  }
  assert.deepEqual((await simulator.state()).cometdSessions, []);
});

scenario("in place of the subscription's answer", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create({ backoffIncrement: 50 });
  for (const [name, answer, code] of answers) {
    const known = (await anna.events("connection")).length;
    await simulator.fault("subscribe", { type: "answer", ...answer });
    const connecting = anna.connect();
    const reason = await nextReason(anna, known);
    await anna.page.evaluate(() => e2e.client.reconnect());
    await connecting;
    assert.ok(reason.code.startsWith(code), `${name}: ${reason.code}, not ${code}`);
    await anna.disconnect();
  }
});

scenario("in place of a poll's answer: the session lives on and nothing is lost or doubled", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create({ backoffIncrement: 50 });
  await anna.connect();
  const session = await simulator.atRest();
  const expected = [];
  const publish = async (text) => {
    expected.push(text);
    await simulator.publish({ data: newMessage(text) });
  };
  for (const [name, answer, code] of answers) {
    const known = (await anna.events("connection")).length;
    await simulator.fault("connect", { type: "answer", ...answer });
    await publish(`before ${name}`);
    const reason = await nextReason(anna, known);
    assert.ok(reason.code.startsWith(code), `${name}: ${reason.code}, not ${code}`);
    await publish(`after ${name}`);
    await anna.inState("connected");
    await anna.textsOf(expected.length);
    await simulator.atRest();
  }
  assert.deepEqual(await anna.texts(), expected);
  assert.equal(await anna.clientId(), session.clientId);
  assert.deepEqual(await anna.events("gap"), []);
});

scenario("in place of the goodbye's answer: disconnect() resolves all the same", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create({ maxNetworkDelay: 1000 });
  for (const [name, answer] of answers.filter(([name]) => !name.startsWith("5 MB"))) {
    await anna.connect();
    await simulator.atRest();
    await simulator.fault("disconnect", { type: "answer", ...answer });
    await anna.disconnect();
    assert.equal(await anna.state(), "disconnected", name);
    await simulator.expire();
  }
});

for (const status of [401, 403]) {
  scenario(`HTTP ${status} for a poll that belongs to a living session and login`, async ({ simulator, agent }) => {
    const anna = await agent();
    await anna.page.evaluate(() => e2e.create({ reauthenticate: () => e2e.logIn("anna") }));
    await anna.connect();
    await simulator.atRest();
    await simulator.fault("connect", { type: "answer", status, body: "" });
    await simulator.publish({ data: newMessage("before") });
    const { reason } = await anna.event("connection", ({ reason }) => reason);
    assert.deepEqual([reason.code, reason.status], [status === 401 ? "auth/required" : "http/403", status]);
    await anna.inState("connected");
    await simulator.publish({ data: newMessage("after") });
    assert.deepEqual(await anna.textsOf(2), ["before", "after"]);
  });
}

scenario("a single message instead of an array is a message", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  await simulator.fault("handshake", {
    type: "answer",
    status: 200,
    body: { id: "1", channel: "/meta/handshake", successful: false, error: "500::not yet", advice: { reconnect: "handshake", interval: 0 } },
  });
  await anna.connect();
  const reasons = (await anna.events("connection")).filter(({ reason }) => reason).map(({ reason }) => reason.code);
  assert.equal(reasons[0], "server/500");
});
