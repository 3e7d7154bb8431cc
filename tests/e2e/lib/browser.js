// Chromium without a screen, and what its pages say when something goes wrong.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

/** What keeps a browser under test from doing anything of its own. */
export const ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];

export function launchBrowser() {
  return chromium.launch({ executablePath: chromiumPath(), args: ARGUMENTS });
}

export const chromiumPath = () => onPath(process.env.CHROMIUM ?? "chromium");

function onPath(command) {
  if (command.includes("/")) return command;
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const file = join(folder, command);
    if (isExecutable(file)) return file;
  }
  throw new Error(`there is no ${command} on PATH; CHROMIUM names another browser`);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The browser's own words about an answer that is no success or never came, and about a socket that broke; tests cause them on purpose. */
const NETWORK_NOISE = /^(Failed to load resource:|WebSocket connection to '[^']*' failed:)/;

/** Collects what nobody caught on a page, and what is written to its console as an error or a warning. */
export class Complaints {
  #heard = [];
  #expected = [];

  /** @param {import("playwright-core").Page} page */
  constructor(page) {
    page.on("pageerror", (error) => this.#heard.push(`uncaught: ${error.stack ?? error}`));
    page.on("crash", () => this.#heard.push("the page crashed"));
    page.on("console", (message) => {
      if (!["error", "warning"].includes(message.type()) || NETWORK_NOISE.test(message.text())) return;
      this.#heard.push(`console ${message.type()}: ${message.text()}`);
    });
  }

  /** The test causes this on purpose. */
  expect(pattern) {
    this.#expected.push(pattern);
  }

  get unexpected() {
    return this.#heard.filter((text) => !this.#expected.some((pattern) => pattern.test(text)));
  }
}
