// A person at the demo page, who sees what it shows and presses what it offers.

import { until } from "./wait.js";

export class Person {
  constructor(page) {
    this.page = page;
  }

  /** Opens the page and logs in. */
  static async logIn(agent, name = "anna", { viewport } = {}) {
    const { page } = await agent(name, { login: false, path: "/" });
    if (viewport) await page.setViewportSize(viewport);
    const person = new Person(page);
    await person.find("username").fill(name);
    await person.find("password").fill(name);
    await person.press("login-button");
    await person.seesChip("connected");
    await person.seesList("synced");
    return person;
  }

  find = (testId, more = "") => this.page.locator(`[data-testid="${testId}"]${more}`);
  press = (testId) => this.find(testId).click();

  seesChip = (state) => this.find("connection-chip", `[data-state="${state}"]`).waitFor({ timeout: 10_000 });

  /** @param {"synced" | "reading" | "not-read"} state what is said of the list of sessions */
  seesList = (state) => this.find("list-state", `[data-state="${state}"]`).waitFor({ timeout: 10_000 });

  /** The sessions as [the other's number, state], in the order of the list. */
  sessions = () => this.find("session-item").evaluateAll((items) => items.map((item) => [item.querySelector(".session-name").textContent, item.dataset.state]));

  seesSessions = (wanted) => until(`the list shows ${JSON.stringify(wanted)}`, async () => JSON.stringify(await this.sessions()) === JSON.stringify(wanted));

  /** The number of the robot, or another agent's. */
  async startChat(phone) {
    await this.find("chat-number").fill(phone);
    await this.press("start-chat");
    await this.find("session-item", '[data-state="Talking"]').waitFor();
  }

  async say(text) {
    await this.find("composer-input").fill(text);
    await this.find("composer-input").press("Enter");
  }

  /** The transcript as [direction, text]. */
  transcript = () => this.find("transcript-entry").evaluateAll((entries) =>
    entries.map((entry) => [entry.dataset.direction, entry.querySelector("[data-testid=entry-text]").textContent]));

  texts = async () => (await this.transcript()).map(([, text]) => text);

  hears = (text) => until(`the transcript has "${text.slice(0, 80)}"`, async () => (await this.texts()).includes(text));

  /** The entry with that text, in that state. */
  entry = (text, delivery) => this.find("transcript-entry", `[data-delivery="${delivery}"]`).filter({ hasText: text });

  /** Presses a button of the drawer of faults. */
  async breaks(fault) {
    await this.press("faults-toggle");
    await this.press(`fault-${fault}`);
    await this.press("faults-toggle");
  }

  async saveUserData(key, value) {
    await this.find("userdata-key").fill(key);
    await this.find("userdata-new-value").fill(value);
    await this.press("userdata-save");
  }

  /** User data as the table shows it, in its order. */
  userData = () => this.find("userdata-row").evaluateAll((rows) => rows.map((row) => [row.dataset.key, row.querySelector("[data-testid=userdata-value]").textContent]));

  seesUserData = (wanted) => until(`user data ${JSON.stringify(wanted)}`, async () => JSON.stringify(await this.userData()) === JSON.stringify(wanted));
}

/** Where the demo lies. */
export const DEMO = new URL("../../../www-demo/", import.meta.url);
