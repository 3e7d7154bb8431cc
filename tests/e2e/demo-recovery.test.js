// What the demo shows when something is lost: a gap, a list that is not read, an operation that fails, a login that ends.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { DEMO, Person } from "./lib/demo-person.js";
import { scenarios } from "./lib/scenario.js";
import { until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000"], site: fileURLToPath(DEMO) });
const LIST = { method: "GET", path: "/api/v2/me/im-sessions", user: "anna" };

/** anna in a chat with the robot. */
async function withRobot(agent) {
  const anna = await Person.logIn(agent);
  await anna.press("start-robot-chat");
  await anna.find("session-item", '[data-state="Talking"]').waitFor();
  return anna;
}

scenario("a text that falls into a gap is shown as missing, to the one who missed it", async ({ simulator, agent }) => {
  const [anna, ben] = await Promise.all([Person.logIn(agent, "anna"), Person.logIn(agent, "ben")]);
  await anna.startChat("5002");
  await anna.say("Before");
  await ben.hears("Before");
  await until("it has arrived", async () => (await anna.entry("Before", "delivered").count()) === 1);
  await simulator.atRestOn("websocket");
  await anna.breaks("gap");
  await ben.hears("This text falls into the gap.");
  await anna.find("transcript-gap").filter({ hasText: "Texts may be missing here" }).waitFor();
  await anna.find("log-incomplete").waitFor();
  await anna.seesList("synced");
  await ben.say("After");
  await anna.hears("After");
  const shown = await anna.page.locator('[data-testid="transcript-entry"], [data-testid="transcript-gap"]').evaluateAll((entries) =>
    entries.map((entry) => entry.querySelector("[data-testid=entry-text]")?.textContent ?? "gap"));
  assert.deepEqual(shown, ["Before", "gap", "After"]);
  assert.equal(await ben.find("transcript-gap").count(), 0);
  assert.equal(await ben.find("log-incomplete").isVisible(), false);
});

scenario("a session that expires shows on the chip, and the chat goes on", async ({ simulator, agent }) => {
  const anna = await withRobot(agent);
  await simulator.atRestOn("websocket");
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

scenario("what happened in a gap is in the list as soon as it has been read, and until then the list says that it has not", async ({ simulator, agent }) => {
  const anna = await Person.logIn(agent);
  await anna.startChat("5002");
  await simulator.atRestOn("websocket");
  await simulator.fault("handshake", { type: "delay", ms: 500 }, { user: "anna" });
  await simulator.fault("rest", { type: "answer", status: 500, body: "" }, { ...LIST, times: 2 });
  await simulator.expire({ user: "anna" });
  const [{ id }] = (await simulator.state()).imSessions;
  await simulator.operation("ben", `/me/im-sessions/${id}`, { operationName: "Complete" });
  await anna.seesChip("connected");
  await anna.seesList("reading");
  await anna.seesSessions([["5002", "Completed"]]);
  await anna.seesList("synced");
});

scenario("a list that Genesys does not give is said not to be read, until it is asked for again", async ({ simulator, agent }) => {
  const anna = await withRobot(agent);
  await simulator.atRestOn("websocket");
  await anna.breaks("list");
  await anna.seesList("not-read");
  const notice = anna.find("notice", '[data-look="bad"]');
  await notice.filter({ hasText: "recovery/unavailable" }).waitFor();
  assert.equal(await anna.find("start-robot-chat").isDisabled(), false, "the chat may be over for all the page knows");
  await anna.seesChip("connected");
  await anna.press("refresh-button");
  await anna.seesList("synced");
  await notice.waitFor({ state: "detached" });
});

scenario("a refresh that fails says why, and the list stays", async ({ simulator, agent }) => {
  const anna = await withRobot(agent);
  await simulator.fault("rest", { type: "answer", status: 503, body: "" }, LIST);
  await anna.press("refresh-button");
  await anna.find("notice").filter({ hasText: "http/503" }).waitFor();
  await anna.seesSessions([["5003", "Talking"]]);
  await anna.seesList("synced");
});

scenario("a text that is refused says so where it stands, with the code, and can be sent again", async ({ agent }) => {
  const anna = await withRobot(agent);
  await anna.breaks("refuse");
  await anna.say("Once more");
  const failed = anna.entry("Once more", "failed");
  await failed.waitFor();
  assert.equal(await failed.getByTestId("entry-code").textContent(), "gws/4");
  assert.match(await failed.textContent(), /Device '5001' is not registered\./);
  await failed.getByTestId("entry-send-again").click();
  await anna.hears("Thank you for your message: Once more");
  assert.deepEqual((await anna.texts()).filter((text) => text === "Once more"), ["Once more"], "the failed one is gone");
});

scenario("a text of which nobody knows whether it got through says so, and is settled by its arrival", async ({ simulator, agent }) => {
  const anna = await withRobot(agent);
  await anna.breaks("outcome");
  await anna.say("Did it?");
  const unknown = anna.entry("Did it?", "unknown");
  await unknown.waitFor();
  assert.equal(await unknown.getByTestId("entry-code").textContent(), "network/outcome-unknown");
  assert.match(await unknown.textContent(), /Outcome unknown/);
  await unknown.getByTestId("entry-discard").click();
  await unknown.waitFor({ state: "detached" });

  await simulator.fault("rest", { type: "drop-reply" }, { user: "anna", operation: "SendMessage" });
  await anna.say("It did");
  await anna.hears("Thank you for your message: It did");
  await anna.entry("It did", "delivered").first().waitFor();
  assert.equal(await anna.find("transcript-entry", ':not([data-delivery="delivered"])').count(), 0);
});

scenario("an operation that fails says what, why, the code and what to do", async ({ simulator, agent }) => {
  const anna = await Person.logIn(agent);
  await anna.find("chat-number").fill("9999");
  await anna.press("start-chat");
  const notice = anna.find("notice").filter({ hasText: "The chat was not started" });
  await notice.waitFor();
  assert.equal(await notice.getByTestId("notice-code").textContent(), "gws/4");
  assert.match(await notice.textContent(), /Device '9999' is not registered\. Check the number/);
  await simulator.operation("ben", "/me/im-sessions", { operationName: "InitiateIMSession", destination: { phoneNumber: "5003" } });
  await anna.find("chat-number").fill("5002");
  await anna.press("start-chat");
  await anna.find("notice").filter({ hasText: "gws/2" }).waitFor();
});

scenario("a login that ends on the server is asked for again, and everything comes back: channel, list, and the text that waited", async ({ simulator, agent }) => {
  const [anna, ben] = await Promise.all([Person.logIn(agent, "anna"), Person.logIn(agent, "ben")]);
  await anna.startChat("5002");
  await anna.say("Before");
  await ben.hears("Before");
  await anna.find("composer-input").fill("Half a sent");
  await simulator.atRestOn("websocket");
  await anna.page.evaluate(() => { window.isSamePage = true; });
  await simulator.logout("anna");
  await simulator.cutConnections();
  await anna.find("relogin-form").waitFor();
  await anna.seesList("not-read");
  assert.equal(await anna.page.evaluate(() => document.activeElement.dataset.testid), "composer-input", "the focus stays");
  assert.equal(await anna.find("composer-input").inputValue(), "Half a sent");
  await anna.say("While logged out");
  await anna.entry("While logged out", "sending").waitFor();

  await anna.find("relogin-password").fill("wrong");
  await anna.press("relogin-button");
  await anna.find("relogin-form").filter({ hasText: "That password was not accepted." }).waitFor();
  await anna.find("relogin-password").fill("anna");
  await anna.press("relogin-button");
  await anna.find("relogin-form").waitFor({ state: "hidden" });
  await anna.seesChip("connected");
  await anna.seesList("synced");
  await ben.hears("While logged out");
  assert.equal((await ben.texts()).filter((text) => text === "While logged out").length, 1, "it is sent once");
  await anna.seesSessions([["5002", "Talking"]]);
  await ben.say("Welcome back");
  await anna.hears("Welcome back");
  assert.ok((await anna.texts()).includes("Before"));
  assert.equal(await anna.page.evaluate(() => window.isSamePage), true);
});

scenario("it is asked for again each time it ends, also when only an operation notices", async ({ simulator, agent }) => {
  const anna = await withRobot(agent);
  for (const text of ["Once", "Twice"]) {
    await simulator.atRest();
    await simulator.logout("anna");
    await anna.say(text);
    await anna.find("relogin-form").waitFor();
    await anna.find("relogin-password").fill("anna");
    await anna.press("relogin-button");
    await anna.find("relogin-form").waitFor({ state: "hidden" });
    await anna.seesChip("connected");
    await anna.seesList("synced");
    await until(`"${text}" is at the server`, async () => (await simulator.state()).imSessions[0].texts.some((sent) => sent.text === text));
  }
});

scenario("who logs out after the login has ended is not asked for the password", async ({ simulator, agent }) => {
  const anna = await withRobot(agent);
  await simulator.atRestOn("websocket");
  await simulator.logout("anna");
  await anna.press("logout-button");
  await anna.find("login-form").waitFor();
  assert.equal(await anna.find("relogin-form").isVisible(), false);
  assert.equal(await anna.find("notice").count(), 0);
  await anna.find("password").fill("anna");
  await anna.press("login-button");
  await anna.seesSessions([["5003", "Talking"]]);
});
