// The demo, as a person uses it: log in, chat with the robot, see the transcript; and what it shows when something breaks.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { scenarios } from "./lib/scenario.js";
import { until } from "./lib/wait.js";

const SITE = fileURLToPath(new URL("../../www-demo/", import.meta.url));
const scenario = scenarios({ simulator: ["--timeout", "10000"], site: SITE });

/** A person at the demo page. */
class Person {
  constructor(page) {
    this.page = page;
  }

  find = (testId, more = "") => this.page.locator(`[data-testid="${testId}"]${more}`);
  press = (testId) => this.find(testId).click();

  async logIn(name = "anna") {
    await this.find("username").fill(name);
    await this.find("password").fill(name);
    await this.press("login-button");
    await this.chip("connected");
  }

  chip = (state) => this.find("connection-chip", `[data-state="${state}"]`).waitFor({ timeout: 10_000 });

  async say(text) {
    await this.find("composer-input").fill(text);
    await this.find("composer-input").press("Enter");
  }

  /** The transcript as [direction, text]. */
  transcript = () => this.find("transcript-entry").evaluateAll((entries) =>
    entries.map((entry) => [entry.dataset.direction, entry.querySelector("[data-testid=entry-text]").textContent]));

  hears = (text) => until(`the transcript has "${text}"`, async () => (await this.transcript()).some(([, said]) => said === text));
}

async function person(agent, name = "anna") {
  const someone = new Person((await agent(name, { login: false, path: "/" })).page);
  await someone.logIn(name);
  return someone;
}

scenario("log in, chat with the robot, see the transcript, end the chat, log out", async ({ simulator, agent }) => {
  const anna = await person(agent);
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
  await anna.find("transcript-entry", '[data-delivery="delivered"]').first().waitFor();
  assert.equal(await anna.find("transcript").getAttribute("role"), "log");
  await anna.press("complete-button");
  await anna.find("session-item", '[data-state="Completed"]').waitFor();
  await anna.press("logout-button");
  await anna.find("login-form").waitFor();
  await until("no session stays", async () => (await simulator.state()).cometdSessions.length === 0);
});

scenario("the robot calls, and two agents chat side by side", async ({ agent }) => {
  const [anna, ben] = [await person(agent, "anna"), await person(agent, "ben")];
  await anna.find("chat-number").fill("5002");
  await anna.press("start-chat");
  for (const each of [anna, ben]) await each.find("session-item", '[data-state="Talking"]').waitFor();
  await anna.say("Hello Ben");
  await ben.hears("Hello Ben");
  await ben.say("<b>Hello</b> Anna");
  await anna.hears("<b>Hello</b> Anna");
  assert.deepEqual((await ben.transcript()).map(([direction]) => direction), ["unknown", "outgoing"]);
  assert.equal(await anna.find("transcript").locator("b", { hasText: "Hello" }).count(), 0, "markup is text");
  await ben.press("complete-button");
  for (const each of [anna, ben]) await each.find("session-item", '[data-state="Completed"]').waitFor();
  await anna.press("robot-calls-me");
  await anna.find("session-item", '[data-state="Talking"]').waitFor();
});

scenario("user data that one attaches both see, and it can be changed and deleted", async ({ agent }) => {
  const [anna, ben] = [await person(agent, "anna"), await person(agent, "ben")];
  await anna.find("chat-number").fill("5002");
  await anna.press("start-chat");
  await ben.find("session-item", '[data-state="Talking"]').waitFor();
  const value = (someone) => someone.find("userdata-row", '[data-key="favColor"]').locator('[data-testid="userdata-value"]');
  for (const colour of ["blue", "green"]) {
    await anna.find("userdata-key").fill("favColor");
    await anna.find("userdata-new-value").fill(colour);
    await anna.press("userdata-save");
    for (const each of [anna, ben]) await value(each).filter({ hasText: colour }).waitFor();
  }
  await ben.find("userdata-row", '[data-key="favColor"]').locator('[data-testid="userdata-delete"]').click();
  for (const each of [anna, ben]) await value(each).waitFor({ state: "detached" });
});

scenario("a session that expires shows on the chip, and the chat goes on", async ({ simulator, agent }) => {
  const anna = await person(agent);
  await anna.press("start-robot-chat");
  await anna.find("session-item", '[data-state="Talking"]').waitFor();
  await simulator.atRest();
  await anna.page.evaluate(() => {
    window.shown = [];
    const chip = document.querySelector('[data-testid="connection-chip"]');
    new MutationObserver(() => window.shown.push(chip.dataset.state)).observe(chip, { attributes: true, attributeFilter: ["data-state"] });
  });
  await simulator.expire({ user: "anna" });
  await until("it was reconnecting and is connected", async () => {
    const shown = await anna.page.evaluate(() => window.shown);
    return shown.includes("reconnecting") && shown.at(-1) === "connected";
  });
  await anna.find("transcript-gap").first().waitFor();
  await anna.say("Are you still there?");
  await anna.hears("Thank you for your message: Are you still there?");
});

scenario("a server that is down shows a reason, a countdown and a button that tries at once", async ({ simulator, agent }) => {
  const anna = await person(agent);
  await simulator.atRest();
  await simulator.fault("cometd", { type: "answer", status: 503, headers: { "Retry-After": "60" }, body: "" });
  await simulator.cutConnections();
  await anna.chip("reconnecting");
  await anna.find("connection-strip").waitFor();
  assert.equal(await anna.find("connection-reason").getAttribute("data-code"), "http/503");
  await anna.find("connection-countdown").filter({ hasText: /\d/ }).waitFor();
  await anna.press("retry-button");
  await anna.chip("connected");
  await anna.find("connection-strip").waitFor({ state: "hidden" });
});

scenario("a login that ends is asked for again, and the desktop goes on where it was", async ({ simulator, agent }) => {
  const anna = await person(agent);
  await simulator.atRest();
  await simulator.logout("anna");
  await simulator.cutConnections();
  await anna.find("relogin-form").waitFor();
  await anna.find("relogin-password").fill("anna");
  await anna.press("relogin-button");
  await anna.chip("connected");
  await anna.find("relogin-form").waitFor({ state: "hidden" });
});

scenario("a wrong password is said in the form", async ({ agent }) => {
  const { page } = await agent("anna", { login: false, path: "/" });
  const anna = new Person(page);
  await anna.find("password").fill("wrong");
  await anna.press("login-button");
  await anna.find("login-error").filter({ hasText: /./ }).waitFor();
  assert.equal(await anna.find("login-form").isVisible(), true);
});

scenario("the log shows frames, events and calls, and nothing secret; what the fault buttons do leaves a desktop that works", async ({ simulator, agent }) => {
  const anna = await person(agent);
  await anna.press("start-robot-chat");
  await anna.find("session-item", '[data-state="Talking"]').waitFor();
  for (const kind of ["frame", "event", "rest"]) await anna.find("log-row", `[data-kind="${kind}"]`).first().waitFor({ state: "attached" });
  for (const fault of ["expire", "cut", "unknown", "hostile", "flood", "forget"]) {
    await anna.press("faults-toggle");
    await anna.find(`fault-${fault}`).click();
    await anna.press("faults-toggle");
    await anna.chip("connected");
    if (fault === "unknown") await anna.find("log-row", '[data-kind="event"][data-name="unknown"]').waitFor({ state: "attached" });
  }
  await anna.hears("Text 1000 of 1,000");
  assert.equal(await anna.find("transcript").locator("img, script").count(), 0, "markup is text");
  const log = await anna.find("frame-log").textContent();
  for (const { value } of await anna.page.context().cookies()) assert.ok(!log.includes(value), "a cookie in the log");
  const { clientId } = await simulator.atRest();
  assert.ok(!log.includes(clientId), "a client id in the log");
  await anna.say("Still there?");
  await anna.hears("Thank you for your message: Still there?");
});
