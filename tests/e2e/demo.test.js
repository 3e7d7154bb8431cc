// The demo, as a person uses it: log in, chat with the robot and with each other, see the transcript; and what it shows when something breaks.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { DEMO, Person } from "./lib/demo-person.js";
import { scenarios } from "./lib/scenario.js";
import { until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000"], site: fileURLToPath(DEMO) });

test("the demo asks Genesys for nothing but through the package", () => {
  const files = readdirSync(DEMO, { recursive: true }).filter((name) => name.endsWith(".js"));
  const calling = files.filter((name) => /\b(fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon)\s*\(/.test(readFileSync(new URL(name, DEMO), "utf8")));
  assert.ok(files.length > 20, "the demo's files are found");
  assert.deepEqual(calling, ["simulator.js"], "who makes requests by other means");
});

scenario("log in, chat with the robot, see the transcript, end the chat, log out", async ({ simulator, agent }) => {
  const anna = await Person.logIn(agent);
  assert.match(await anna.find("connection-chip").textContent(), /connected/i);
  assert.equal(await anna.find("login-form").isVisible(), false);
  await anna.press("start-robot-chat");
  await anna.find("session-item", '[data-state="Talking"]').waitFor();
  await anna.say("Good morning");
  await anna.hears("Thank you for your message: Good morning");
  await anna.say("How are you?");
  await anna.hears("How well put: How are you?");
  const transcript = (await anna.transcript()).filter(([, text]) => !text.startsWith("Hello! I am a robot"));
  assert.deepEqual(transcript, [
    ["outgoing", "Good morning"],
    ["unknown", "Thank you for your message: Good morning"],
    ["outgoing", "How are you?"],
    ["unknown", "How well put: How are you?"],
  ]);
  assert.equal(await anna.find("transcript-entry", ':not([data-delivery="delivered"])').count(), 0);
  assert.equal(await anna.find("transcript").getAttribute("role"), "log");
  assert.equal(await anna.find("log-incomplete").isVisible(), false, "it began under our eyes");
  await anna.press("complete-button");
  await anna.seesSessions([["5003", "Completed"]]);
  await anna.press("logout-button");
  await anna.find("login-form").waitFor();
  await until("no session stays", async () => (await simulator.state()).cometdSessions.length === 0);
  assert.equal((await simulator.state()).users.find(({ name }) => name === "anna").loggedIn, false);
});

scenario("two agents chat side by side, and each sees what the other does", async ({ agent }) => {
  const [anna, ben] = await Promise.all([Person.logIn(agent, "anna"), Person.logIn(agent, "ben")]);
  await anna.startChat("5002");
  await ben.seesSessions([["5001", "Talking"]]);
  await anna.say("Hello Ben");
  await ben.hears("Hello Ben");
  await ben.say("<b>Hello</b> Anna");
  await anna.hears("<b>Hello</b> Anna");
  assert.deepEqual(await anna.transcript(), [["outgoing", "Hello Ben"], ["unknown", "<b>Hello</b> Anna"]]);
  await until("what ben sent has arrived", async () => (await ben.transcript()).length === 2);
  assert.deepEqual(await ben.transcript(), [["unknown", "Hello Ben"], ["outgoing", "<b>Hello</b> Anna"]]);
  assert.equal(await anna.find("transcript").locator("b", { hasText: "Hello" }).count(), 0, "markup is text");
  await ben.press("complete-button");
  await anna.seesSessions([["5002", "Completed"]]);
  await ben.seesSessions([["5001", "Completed"]]);
});

scenario("where Genesys demands its token against cross-site requests, all goes as ever", async ({ simulator, agent }) => {
  await simulator.options({ csrf: "enforce" });
  const anna = await Person.logIn(agent);
  await anna.press("start-robot-chat");
  await anna.find("session-item", '[data-state="Talking"]').waitFor();
  await anna.say("Good morning");
  await anna.hears("Thank you for your message: Good morning");
  await anna.press("complete-button");
  await anna.seesSessions([["5003", "Completed"]]);
  await anna.press("logout-button");
  await until("anna is logged out", async () => !(await simulator.state()).users.find(({ name }) => name === "anna").loggedIn);
});

scenario("a server that is down shows a reason, a countdown and a button that tries at once", async ({ simulator, agent }) => {
  const anna = await Person.logIn(agent);
  await simulator.atRestOn("websocket");
  await simulator.fault("cometd", { type: "answer", status: 503, headers: { "Retry-After": "60" }, body: "" });
  await simulator.cutConnections();
  await anna.seesChip("reconnecting");
  await anna.find("connection-strip").waitFor();
  assert.equal(await anna.find("connection-reason").getAttribute("data-code"), "http/503");
  await anna.find("connection-countdown").filter({ hasText: /\d/ }).waitFor();
  await anna.seesList("not-read");
  await anna.press("retry-button");
  await anna.seesChip("connected");
  await anna.find("connection-strip").waitFor({ state: "hidden" });
  await anna.seesList("synced");
});

scenario("a wrong password is said in the form", async ({ agent }) => {
  const { page } = await agent("anna", { login: false, path: "/" });
  const anna = new Person(page);
  await anna.find("password").fill("wrong");
  await anna.press("login-button");
  await anna.find("login-error").filter({ hasText: "does not know this user name and password" }).waitFor();
  assert.equal(await anna.find("login-form").isVisible(), true);
});

scenario("the log shows frames, events and calls, and nothing secret; what the fault buttons do leaves a desktop that works", async ({ simulator, agent }) => {
  const anna = await Person.logIn(agent);
  await anna.press("start-robot-chat");
  await anna.find("session-item", '[data-state="Talking"]').waitFor();
  for (const kind of ["frame", "event", "rest"]) await anna.find("log-row", `[data-kind="${kind}"]`).first().waitFor({ state: "attached" });
  for (const fault of ["expire", "cut", "unknown", "flood", "forget"]) {
    await anna.breaks(fault);
    await anna.seesChip("connected");
    if (fault === "unknown") await anna.find("log-row", '[data-kind="event"][data-name="unknown"]').waitFor({ state: "attached" });
  }
  await anna.hears("Text 1000 of 1,000");
  const log = await anna.find("frame-log").textContent();
  const secrets = [...(await anna.page.context().cookies()).map(({ value }) => value), Buffer.from("anna:anna").toString("base64"), (await simulator.atRest()).clientId];
  for (const secret of secrets) assert.ok(!log.includes(secret), "a secret in the log");
  await anna.say("Still there?");
  await anna.hears("Thank you for your message: Still there?");
});
