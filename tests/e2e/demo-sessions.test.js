// The demo's sessions: several in turn, their user data, and what is shown of one that is over or that began before the page.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { DEMO, Person } from "./lib/demo-person.js";
import { scenarios } from "./lib/scenario.js";
import { until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000"], site: fileURLToPath(DEMO) });

scenario("chats with the robot, with the second agent and with a robot that calls, in turn: the live one first, the others kept with their texts", async ({ agent }) => {
  const [anna, ben] = await Promise.all([Person.logIn(agent, "anna"), Person.logIn(agent, "ben")]);
  await anna.press("start-robot-chat");
  await anna.seesSessions([["5003", "Talking"]]);
  await anna.say("First");
  await anna.hears("Thank you for your message: First");
  assert.equal(await anna.find("start-robot-chat").isDisabled(), true, "Genesys gives one at a time");
  await anna.press("complete-button");
  await anna.seesSessions([["5003", "Completed"]]);

  await ben.startChat("5001");
  await anna.seesSessions([["5002", "Talking"], ["5003", "Completed"]]);
  await ben.say("Second");
  await anna.hears("Second");
  await ben.press("complete-button");
  await anna.seesSessions([["5002", "Completed"], ["5003", "Completed"]]);

  await anna.press("robot-calls-me");
  await anna.seesSessions([["5003", "Talking"], ["5002", "Completed"], ["5003", "Completed"]]);
  await anna.find("session-item").nth(2).locator("button").click();
  await until("the first chat is shown", async () => (await anna.texts()).includes("First"));
  assert.ok((await anna.texts()).includes("Thank you for your message: First"));
  assert.equal(await anna.find("composer-input").getAttribute("placeholder"), "This session is completed");
  assert.equal(await anna.find("complete-button").isVisible(), false);
  assert.equal(await anna.find("userdata-save").isVisible(), false, "nothing can be attached any more");
  await anna.find("session-item").nth(1).locator("button").click();
  await until("the second chat is shown", async () => JSON.stringify(await anna.texts()) === '["Second"]');
});

scenario("each chat keeps its draft, and what comes elsewhere is unread", async ({ simulator, agent }) => {
  await simulator.options({ maxImSessions: 2 });
  const anna = await Person.logIn(agent);
  await simulator.operation("ben", "/me/im-sessions", { operationName: "InitiateIMSession", destination: { phoneNumber: "5001" } });
  await anna.seesSessions([["5002", "Talking"]]);
  await anna.find("composer-input").fill("A draft");
  await simulator.startRobot("5001");
  await anna.seesSessions([["5003", "Talking"], ["5002", "Talking"]]);
  await anna.find("session-item").first().locator(".unread").waitFor();
  assert.match(await anna.page.title(), /^\(\d\)/);
  await anna.find("session-item").first().locator("button").click();
  await anna.find("session-item").first().locator(".unread").waitFor({ state: "detached" });
  assert.equal(await anna.find("composer-input").inputValue(), "");
  await anna.find("session-item").nth(1).locator("button").click();
  await until("the draft is back", async () => (await anna.find("composer-input").inputValue()) === "A draft");
});

scenario("user data that one attaches, changes and deletes both see", async ({ agent }) => {
  const [anna, ben] = await Promise.all([Person.logIn(agent, "anna"), Person.logIn(agent, "ben")]);
  await anna.startChat("5002");
  await ben.seesSessions([["5001", "Talking"]]);
  const bothSee = (wanted) => Promise.all([anna.seesUserData(wanted), ben.seesUserData(wanted)]);

  await anna.saveUserData("favColor", "blue");
  await bothSee([["favColor", "blue"]]);
  await until("the form is empty again", async () => (await anna.find("userdata-key").inputValue()) === "");
  await ben.saveUserData("User Data 1", "1");
  await bothSee([["favColor", "blue"], ["User Data 1", "1"]]);
  await ben.find("userdata-row", '[data-key="favColor"]').locator('[data-testid="userdata-edit"]').click();
  assert.equal(await ben.find("userdata-new-value").inputValue(), "blue");
  assert.equal(await ben.find("userdata-save").textContent(), "Change");
  await ben.find("userdata-new-value").fill("green");
  await ben.press("userdata-save");
  await bothSee([["favColor", "green"], ["User Data 1", "1"]]);
  await anna.find("userdata-row", '[data-key="favColor"]').locator('[data-testid="userdata-delete"]').click();
  await bothSee([["User Data 1", "1"]]);
});

scenario("each operation goes to Genesys as what it is", async ({ simulator, agent }) => {
  const anna = await Person.logIn(agent);
  await anna.press("start-robot-chat");
  await anna.find("session-item", '[data-state="Talking"]').waitFor();
  await anna.saveUserData("a", "1");
  await anna.seesUserData([["a", "1"]]);
  await anna.saveUserData("a", "2");
  await anna.seesUserData([["a", "2"]]);
  await anna.press("userdata-delete");
  await anna.seesUserData([]);
  await anna.press("complete-button");
  await anna.seesSessions([["5003", "Completed"]]);
  const bodies = (await simulator.requests()).filter(({ kind, method }) => kind === "rest" && method === "POST").map(({ body }) => JSON.parse(body));
  assert.deepEqual(bodies.map(({ operationName }) => operationName), ["InitiateIMSession", "AttachUserData", "UpdateUserData", "DeleteUserData", "Complete"]);
});

scenario("only what a session allows is offered", async ({ simulator, agent }) => {
  const anna = await Person.logIn(agent);
  await anna.press("start-robot-chat");
  await anna.find("session-item", '[data-state="Talking"]').waitFor();
  await anna.saveUserData("known", "1");
  await anna.seesUserData([["known", "1"]]);
  const [{ id, path, participants }] = (await simulator.state()).imSessions;
  const allow = (...capabilities) => simulator.publish({ user: "anna", data: { messageType: "IMSessionStateChangeMessage", notificationType: "StatusChange", imSession: { id, path, state: "Talking", participants, capabilities } } });
  const isShown = (testId) => anna.find(testId).isVisible();

  await allow("AttachUserData");
  await until("only attaching is left", async () => !(await isShown("complete-button")));
  assert.deepEqual(await Promise.all(["userdata-edit", "userdata-delete", "userdata-save"].map(isShown)), [false, false, true]);
  await anna.find("userdata-key").fill("known");
  assert.equal(await anna.find("userdata-save").isDisabled(), true, "changing is not allowed");
  await anna.find("userdata-key").fill("new");
  assert.equal(await anna.find("userdata-save").isDisabled(), false);
  assert.equal(await anna.find("send-button").isDisabled(), true);

  await allow("SendMessage", "UpdateUserData", "DeleteUserData", "Complete");
  await anna.find("complete-button").waitFor();
  assert.deepEqual(await Promise.all(["userdata-edit", "userdata-delete"].map(isShown)), [true, true]);
  assert.equal(await anna.find("userdata-save").isDisabled(), true, "attaching is not allowed");
  assert.equal(await anna.find("send-button").isDisabled(), false);
});

scenario("a chat that was there before the page is shown with what may be missing", async ({ agent }) => {
  const anna = await Person.logIn(agent);
  await anna.press("start-robot-chat");
  await anna.find("session-item", '[data-state="Talking"]').waitFor();
  await anna.say("Before");
  await anna.hears("Thank you for your message: Before");
  await anna.page.reload();
  await anna.seesSessions([["5003", "Talking"]]);
  await anna.find("transcript-gap").filter({ hasText: "Texts may be missing here" }).waitFor();
  await anna.find("log-incomplete").waitFor();
  assert.match(await anna.find("log-complete").textContent(), /^Incomplete/);
  assert.deepEqual(await anna.texts(), [], "Genesys keeps no texts");
  await anna.say("After");
  await anna.hears("How well put: After");
});

scenario("a chat can be had by keyboard alone, and is told to who listens", async ({ agent }) => {
  const anna = await Person.logIn(agent);
  const { keyboard } = anna.page;
  const focused = () => anna.page.evaluate(() => document.activeElement.dataset.testid ?? document.activeElement.id);
  const focusGoesTo = (wanted) => until(`the focus goes to ${wanted}`, async () => (await focused()) === wanted);
  await anna.find("start-robot-chat").focus();
  await keyboard.press("Enter");
  await focusGoesTo("composer-input");
  assert.match(await anna.page.locator("#announcer").textContent(), /New session with 5003/);
  await keyboard.type("By keyboard");
  await keyboard.press("Enter");
  await anna.hears("Thank you for your message: By keyboard");
  assert.equal(await focused(), "composer-input");
  await anna.breaks("refuse");
  await anna.say("Refused");
  await anna.page.locator("#alarm").filter({ hasText: "Genesys refused" }).waitFor({ state: "attached" });
  await anna.find("entry-discard").focus();
  await keyboard.press("Enter");
  await focusGoesTo("transcript");
  await anna.find("complete-button").focus();
  await keyboard.press("Enter");
  await focusGoesTo("conversation-title");
  await anna.press("start-robot-chat");
  await anna.seesSessions([["5003", "Talking"], ["5003", "Completed"]]);
  await anna.find("session-item").first().locator("button").focus();
  await keyboard.press("ArrowDown");
  await keyboard.press("Enter");
  await until("the first chat is shown", async () => (await anna.texts()).includes("By keyboard"));
});
