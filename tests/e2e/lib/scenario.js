// The frame of every test file: one simulator and one browser for the file, fresh profiles and a reset simulator for each scenario.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Agent } from "./agent.js";
import { launchBrowser } from "./browser.js";
import { unpackedPackage } from "./package.js";
import { Simulator } from "./simulator.js";
import { until, within } from "./wait.js";

const PAGES = fileURLToPath(new URL("../pages/", import.meta.url));
/** A scenario takes a few seconds; this one hangs. */
const LIMIT_MS = 30_000;
/** How long the connections of closed pages are waited for before they are cut. */
const CLOSE_LIMIT_MS = 5_000;
const EVENTS_SHOWN = 20;
const REQUESTS_SHOWN = 40;

/**
 * Gives the function that declares a scenario of this file. A scenario gets { simulator, browser, agent }, where agent(name) opens a page and logs it in;
 * it fails also when a page complains of something the scenario did not announce.
 *
 * @param {object} [options]
 * @param {string[]} [options.simulator] options of its command line
 * @param {string} [options.site] the folder it serves at /
 * @param {() => Promise<{ close(): Promise<void> }>} [options.launch] starts another browser than Playwright's
 * @param {{ open(browser: unknown, address: string, options: object): Promise<Agent> }} [options.agents] opens agents in that browser
 */
export function scenarios({ simulator: options = [], site = PAGES, launch = launchBrowser, agents: kind = Agent } = {}) {
  let simulator;
  let browser;

  before(async () => {
    const folders = ["--static", `/=${site}`, "--static", `/gws-im-sdk/=${unpackedPackage()}`];
    [simulator, browser] = await Promise.all([Simulator.start([...folders, ...options]), launch()]);
  });

  after(async () => {
    await browser?.close();
    await simulator?.stop();
  });

  return (name, run) => test(name, () => perform({ simulator, browser, kind, run }));
}

/** An agent whose client is connected, with its poll held by the server. */
export async function connected(agent, simulator, options) {
  const anna = await agent();
  await anna.create(options);
  await anna.connect();
  await simulator.atRest();
  return anna;
}

/** Both transports are allowed, as they are unless somebody says otherwise. */
export const BOTH = { transports: ["websocket", "long-polling"] };

/** An agent whose client is connected and has moved to a WebSocket, with its connect held by the server there. */
export async function onSocket(agent, simulator, options) {
  const anna = await agent();
  await anna.create({ ...BOTH, ...options });
  await anna.connect();
  await simulator.atRestOn("websocket");
  await anna.onTransport("websocket");
  return anna;
}

async function perform({ simulator, browser, kind, run }) {
  const agents = [];
  const agent = async (user = "anna", { login = true, ...options } = {}) => {
    const opened = await kind.open(browser, simulator.address, options);
    agents.push(opened);
    if (login) await opened.logIn(user);
    return opened;
  };
  try {
    await within(LIMIT_MS, run({ simulator, browser, agent }));
    for (const { complaints } of agents) assert.deepEqual(complaints, [], "the page complained");
  } catch (error) {
    // The stack is what reporters print; the message is already in it.
    error.stack += await evidence(simulator, agents);
    // What goes wrong from here on must not hide it.
    await closeAll(simulator, agents).catch(() => {});
    throw error;
  }
  await closeAll(simulator, agents);
}

/**
 * Closed pages say goodbye, and what of that comes after the reset would count in the next scenario: all has come when the last connection of their profiles is
 * closed. What stalls or is held would keep the server from seeing that.
 */
async function closeAll(simulator, agents) {
  await simulator.disturbSockets({ type: "kill" });
  await simulator.clearSocketFaults();
  await Promise.all(agents.map((opened) => opened.close()));
  await simulator.reset();
  const closed = until("the connections of closed pages are closed", async () => {
    const { connections, sockets } = await simulator.counters();
    return connections.open === 0 && sockets.open === 0;
  }, { within: CLOSE_LIMIT_MS });
  await closed.catch(() => simulator.cutConnections());
  await simulator.reset();
}

/** What one wants to see first when a scenario has failed. */
async function evidence(simulator, agents) {
  const parts = [];
  for (const agent of agents) {
    const record = await agent.record().catch((error) => [String(error)]);
    parts.push("told by the client, at last:", ...record.slice(-EVENTS_SHOWN).map((entry) => `  ${shortened(entry)}`));
    parts.push(...agent.complaints.map((complaint) => `  ${complaint}`));
  }
  const requests = await simulator.requests().catch(() => []);
  const shown = requests.slice(-REQUESTS_SHOWN);
  parts.push("seen by the server, at last:", ...shown.map(({ n, time, method, path, kind, user, status }) => `  ${n} ${time} ${method} ${path} ${kind} ${user} ${status}`));
  return `\n${parts.join("\n")}`;
}

function shortened(entry) {
  const text = JSON.stringify(entry) ?? String(entry);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
