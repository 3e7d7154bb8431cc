// Whatever comes, the demo shows it as text, and keeps its shape on narrow and wide screens.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { DEMO, Person } from "./lib/demo-person.js";
import { scenarios } from "./lib/scenario.js";
import { until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000"], site: fileURLToPath(DEMO) });

const TEXTS = [
  `<img src="x" onerror="document.body.textContent='owned'">`,
  "<script>document.body.textContent = 'owned'</script>",
  "<svg onload=alert(1)><a href='javascript:alert(1)'>a link</a>",
  "\u202Egnp.exe\u202C \u2066\u2067\u200F\u061C unbalanced \u202E\u202E\u202E",
  "👩🏽‍🚀🏳️‍🌈🇪🇺 👨‍👩‍👧‍👦",
  `Z${"\u0351\u036B\u0343\u0334\u0319".repeat(60)}algo`,
  `no${"break".repeat(200)}`,
  `${"line\n".repeat(50)}end`,
  "\u0000\u0007\u2028\u2029\uFEFF\uD800 odd",
  "Dear colleague, ".repeat(6_400),
];
const KEYS = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`key ${index}`, `value ${index}`]));
const USER_DATA = {
  "<img src=x onerror=alert(1)>": "<b>bold</b>",
  ["__proto__"]: "polluted",
  constructor: { prototype: { polluted: true } },
  "\u202Eyek": "\u202Eeulav",
  [`Z${"\u0351\u036B\u0343".repeat(60)}`]: "zalgo",
  ["k".repeat(2_000)]: "v".repeat(100_000),
  "": null,
  ...KEYS,
};
const HOSTILE = "<i>5002</i>\u202E".repeat(500);

/** Elements that only markup in a text could have made. */
const MADE = "img, script:not([src]):not([type=importmap]), i, a:not(.skip-link), iframe, svg[onload]";

for (const width of [320, 1280]) {
  scenario(`hostile texts, user data and members stay text at ${width} px`, async ({ simulator, agent }) => {
    const anna = await Person.logIn(agent, "anna", { viewport: { width, height: 800 } });
    const show = (pane) => (width < 700 ? anna.page.locator(`.pane-tabs [data-pane=${pane}]`).click() : undefined);
    await simulator.operation("ben", "/me/im-sessions", { operationName: "InitiateIMSession", destination: { phoneNumber: "5001" } });
    await anna.find("session-item", '[data-state="Talking"]').waitFor();
    const [{ id, path, participants, capabilities }] = (await simulator.state()).imSessions;
    const [{ devicePath }] = (await simulator.state()).users;
    for (const text of TEXTS) await simulator.operation("ben", `/me/im-sessions/${id}`, { operationName: "SendMessage", text, destination: { phoneNumber: "5001" }, devicePath });
    const tell = (imSession) => simulator.publish({ user: "anna", data: { messageType: "IMSessionStateChangeMessage", notificationType: "AttachedDataChanged", imSession: { id, path, ...imSession } } });
    await tell({ state: "Talking", participants, capabilities, userData: USER_DATA });

    await show("conversation");
    await until("all texts have come", async () => (await anna.find("transcript-entry").count()) === TEXTS.length);
    for (const more of await anna.find("entry-more").all()) await more.click();
    const sent = (await simulator.state()).imSessions[0].texts.map(({ text }) => text);
    assert.deepEqual(sent.slice(0, 8), TEXTS.slice(0, 8));
    assert.deepEqual(await anna.texts(), sent, "the texts are shown as the server has them");
    await staysInShape(anna, "the conversation");

    await show("details");
    await anna.press("userdata-more");
    const keys = Object.keys(USER_DATA);
    await until("all user data is shown", async () => (await anna.find("userdata-row").count()) === keys.length);
    const shown = new Map(await anna.userData());
    assert.deepEqual(new Set(shown.keys()), new Set(keys));
    assert.equal(shown.get("<img src=x onerror=alert(1)>"), "<b>bold</b>");
    assert.equal(shown.get("__proto__"), "polluted");
    assert.equal(shown.get("\u202Eyek"), "\u202Eeulav");
    assert.equal(shown.get("key 999"), "value 999");
    await staysInShape(anna, "the details");

    await show("sessions");
    await staysInShape(anna, "the list");
    await show("inspector");
    for (const row of [0, 1, 2]) await anna.page.locator(".log-row:visible summary").nth(-1 - row).click();
    await staysInShape(anna, "the log");

    await tell({ state: HOSTILE, participants: [{ phoneNumber: HOSTILE, digits: 7 }, HOSTILE, null, 5], capabilities: [HOSTILE, ...capabilities, ...Object.keys(KEYS)], userData: {} });
    await until("the name of the other has changed", async () => (await anna.sessions())[0][0].startsWith("<i>5002</i>"));
    for (const pane of ["sessions", "conversation", "details"]) {
      await show(pane);
      await staysInShape(anna, `${pane}, with a hostile name`);
    }
    await show("conversation");
    await anna.say("Still there");
    const failed = anna.entry("Still there", "failed");
    await failed.waitFor();
    assert.equal(await failed.getByTestId("entry-code").textContent(), "usage/destination", "to whom is not clear any more");
    assert.equal(await anna.page.evaluate(() => ({}).polluted), undefined);
  });
}

scenario("what the demo's own buttons send stays text, and the page stays quick", async ({ agent }) => {
  const anna = await Person.logIn(agent);
  await anna.press("start-robot-chat");
  await anna.find("session-item", '[data-state="Talking"]').waitFor();
  await anna.breaks("hostile");
  await anna.find("entry-more").filter({ hasText: "102,600" }).waitFor();
  await anna.find("userdata-more").filter({ hasText: "1,004" }).waitFor();
  await staysInShape(anna, "the desktop");
  await anna.say("Good morning");
  await anna.hears("Thank you for your message: Good morning");
});

async function staysInShape(person, where) {
  const { made, body, wide, width } = await person.page.evaluate((made) => ({
    made: [...document.querySelectorAll(made)].map((element) => element.outerHTML),
    body: document.body.textContent,
    width: innerWidth,
    wide: [document.documentElement, ...document.querySelectorAll(".app-bar, .pane, .pane-head, .transcript, .details-body, .session-list, .log-scroll, .composer, .notices, .strip")]
      .filter((element) => element.getClientRects().length > 0)
      .filter((element) => element.scrollWidth > element.clientWidth + 1 || element.getBoundingClientRect().right > innerWidth + 1)
      .map((element) => `${element.className || element.tagName}: ${element.scrollWidth} in ${element.clientWidth}`),
  }), MADE);
  assert.deepEqual(made, [], `${where}: no element comes of a text`);
  assert.notEqual(body, "owned");
  assert.deepEqual(wide, [], `${where}: nothing is wider than its place at ${width} px`);
}
