// The frame of the scenarios of one line: a server and a browser for each way to acknowledge, a fresh profile and a reset server for each scenario.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Agent } from "../../e2e/lib/agent.js";
import { launchBrowser } from "../../e2e/lib/browser.js";
import { unpackedPackage } from "../../e2e/lib/package.js";
import { until, within } from "../../e2e/lib/wait.js";
import { Server } from "./server.js";

const PAGES = fileURLToPath(new URL("../../e2e/pages/", import.meta.url));
/** A scenario takes a few seconds; this one hangs. */
const LIMIT_MS = 60_000;
/** Short: where nothing is acknowledged, a move waits until a poll has returned. */
const HOLD_MS = 2_000;
const EVENTS_SHOWN = 20;
const MOST_TAKES = 3;

/**
 * Declares the scenarios for that line, with its acknowledge extension and without.
 *
 * A scenario gets { server, agent, ack }, where agent() opens a page; it fails also when the page complains of something.
 *
 * @param {import("./lines.js").Line} line
 * @param {(scenario: (name: string, run: (stage: object) => Promise<void>, options?: object) => void, ack: boolean) => void} declare
 */
export function interoperate(line, declare) {
  for (const ack of [true, false]) {
    describe(`${line.name}, acknowledge extension ${ack ? "on" : "off"}`, () => {
      let server;
      let browser;
      before(async () => {
        const options = ["--ack", `${ack}`, "--timeout", `${HOLD_MS}`, "--static", `/=${PAGES}`, "--static", `/gws-im-sdk/=${unpackedPackage()}`];
        [server, browser] = await Promise.all([Server.start(line, options), launchBrowser()]);
      });
      after(async () => {
        await browser?.close();
        await server?.stop();
      });
      declare((name, run, options = {}) => test(name, options, () => perform({ line, server, browser, ack, run })), ack);
    });
  }
}

/** Where the server's own defect came between, the scenario was another one, and is played again. */
async function perform(stage) {
  for (let take = 1; ; take++) {
    const { error, spoilt } = await play(stage);
    if (!error) return;
    if (!spoilt || take === MOST_TAKES) throw error;
  }
}

async function play({ line, server, browser, ack, run }) {
  const agents = [];
  const agent = async () => {
    const opened = await Agent.open(browser, server.address);
    agents.push(opened);
    await opened.logIn();
    return opened;
  };
  try {
    await within(LIMIT_MS, run({ server, ack, agent }));
    for (const { complaints } of agents) assert.deepEqual(complaints, [], "the page complained");
    return {};
  } catch (error) {
    // The stack is what reporters print; the message is already in it.
    error.stack += await evidence(server, agents);
    return { error, spoilt: line.closesBusySockets && (await anyClosedByDefect(agents)) };
  } finally {
    await Promise.all(agents.map((opened) => opened.close()));
    // A scenario that failed may have left it restarting.
    await until("the server is reset", () => server.reset().catch(() => undefined));
  }
}

async function anyClosedByDefect(agents) {
  const told = await Promise.all(agents.map((agent) => agent.events("connection").catch(() => [])));
  return told.flat().some(({ reason }) => reason?.message.includes("close code 1011"));
}

/** What one wants to see first when a scenario has failed. */
async function evidence(server, agents) {
  const parts = [];
  for (const agent of agents) {
    const record = await agent.record().catch((error) => [{ type: "gone", event: String(error) }]);
    const news = record.filter(({ type }) => ["connection", "gap", "warning", "gone"].includes(type)).slice(-EVENTS_SHOWN);
    parts.push("told by the client, at last:", ...news.map((entry) => `  ${JSON.stringify(entry)}`));
    parts.push(`  texts: ${record.filter(({ type }) => type === "NewMessage").map(({ event }) => event.message)}`);
    parts.push(...agent.complaints.map((complaint) => `  ${complaint}`));
  }
  const seen = await Promise.all([server.sessions(), server.counters()]).catch((error) => [String(error)]);
  parts.push("known to the server:", ...seen.map((part) => `  ${JSON.stringify(part)}`));
  return `\n${parts.join("\n")}`;
}
