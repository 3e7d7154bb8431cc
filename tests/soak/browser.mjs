// The packed package in Chromium against the real CometD server of the simulator, for as long as one likes, under seeded random faults.
//
//   node tests/soak/browser.mjs [--minutes N] [--seed S]     (`make soak-browser` builds what it needs)
//
// Notifications are numbered and published all the time. Each stage ends with healed surroundings and a reckoning: while the session lives, each
// comes once and in order; where it was ended on purpose, what is missing must be told as a gap. It ends with 1 where that does not hold, when a
// page complains, or when memory grows.

import { parseArgs } from "node:util";
import { Agent } from "../e2e/lib/agent.js";
import { launchBrowser } from "../e2e/lib/browser.js";
import { unpackedPackage } from "../e2e/lib/package.js";
import { IM_SESSIONS, Simulator } from "../e2e/lib/simulator.js";
import { until } from "../e2e/lib/wait.js";
import { fileURLToPath } from "node:url";

const PAGES = fileURLToPath(new URL("../e2e/pages/", import.meta.url));
/** How long the weather of a stage lasts, ms. */
const STAGE_MS = 20_000;
/** From healed surroundings to connected with everything received: a poll's deadline, a wait and some. */
const CALM_MS = 120_000;
/** How much more the page may hold at the end than after its first stages, bytes. */
const GROWTH = 4 * 1024 * 1024;

const { values } = parseArgs({ options: { minutes: { type: "string", default: "10" }, seed: { type: "string", default: String(Date.now() % 1e9) } } });
const minutes = positive("minutes", values.minutes);
const random = generator(positive("seed", values.seed));

function positive(name, text) {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  console.error(`--${name} must be a number above 0, got ${text}`);
  process.exit(2);
}

/** Mulberry32: the same seed gives the same faults. */
function generator(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { within: (low, high) => low + Math.floor(next() * (high - low + 1)), oneOf: (list) => list[Math.floor(next() * list.length)] };
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What can go wrong. `ends` says that it ends the session. */
const FAULTS = [
  { name: "kill sockets", run: ({ simulator }) => simulator.disturbSockets({ type: "kill" }) },
  { name: "close sockets", run: ({ simulator }) => simulator.disturbSockets({ type: "close", code: random.oneOf([1000, 1001, 1009, 1011, 1013]) }) },
  { name: "half-close sockets", run: ({ simulator }) => simulator.disturbSockets({ type: "half-close" }) },
  { name: "stall sockets", run: ({ simulator }) => simulator.disturbSockets({ type: "stall", direction: random.oneOf(["both", "to-client", "from-client"]) }) },
  { name: "stall the next socket", run: ({ simulator }) => simulator.disturbSockets({ type: "stall" }, { next: 1, afterFrames: random.within(1, 6) }) },
  { name: "rubbish on sockets", run: ({ simulator }) => simulator.disturbSockets({ type: "send", text: random.oneOf(["rubbish", "[", "7", "[null]", "{}"]) }) },
  { name: "a binary frame", run: ({ simulator }) => simulator.disturbSockets({ type: "send", binary: "AAEC" }) },
  { name: "swallow connect replies on sockets", run: ({ simulator }) => simulator.disturbSockets({ type: "swallow", kind: "connect", times: 2 }) },
  { name: "double connect replies on sockets", run: ({ simulator }) => simulator.disturbSockets({ type: "double", kind: "connect", times: 2 }) },
  { name: "slow sockets", run: ({ simulator }) => simulator.disturbSockets({ type: "delay", ms: random.within(50, 1_500) }) },
  { name: "refuse upgrades", run: ({ simulator }) => simulator.fault("upgrade", { type: "answer", status: 503, headers: {}, body: "" }, { times: 2 }) },
  { name: "strip an upgrade", run: ({ simulator }) => simulator.fault("upgrade", { type: "strip-upgrade" }) },
  { name: "cut all connections", run: ({ simulator }) => simulator.cutConnections() },
  { name: "lose replies", run: ({ simulator }) => simulator.fault("connect", { type: "drop-reply" }, { times: random.within(1, 3) }) },
  { name: "drop requests", run: ({ simulator }) => simulator.fault("cometd", { type: "drop" }, { times: random.within(1, 3) }) },
  { name: "break answers off", run: ({ simulator }) => simulator.fault("connect", { type: "truncate", bytes: random.within(1, 60) }) },
  { name: "hang", run: ({ simulator }) => simulator.fault("connect", { type: "hang" }) },
  { name: "drip", run: ({ simulator }) => simulator.fault("connect", { type: "drip", bytes: 8, ms: 40 }) },
  { name: "answer 503", run: ({ simulator }) => simulator.fault("connect", { type: "answer", status: 503, headers: { "Retry-After": "1" }, body: "" }, { times: 2 }) },
  { name: "answer 500", run: ({ simulator }) => simulator.fault("cometd", { type: "answer", status: 500, headers: {}, body: "<html>" }, { times: 2 }) },
  { name: "ask for the next attempt", run: ({ page }) => page.evaluate(() => e2e.client.reconnect()) },
  { name: "offline, online", run: ({ page }) => page.evaluate(() => ["offline", "online"].forEach((type) => dispatchEvent(new Event(type)))) },
  { name: "expire the session", ends: true, run: ({ simulator }) => simulator.expire() },
  { name: "restart the server", ends: true, run: ({ simulator }) => simulator.restart({ downMs: 700 }) },
];

const tally = { published: 0, received: 0, lost: 0, lostInGaps: 0, doubled: 0, outOfOrder: 0, gaps: 0, faults: 0, stages: 0, onSocket: 0 };
const memory = [];
/** Faults that could not be given. Where the server restarts some can't. */
const complaints = [];

/** Publishes one number after another until `over` says so. */
async function publishUntil(simulator, over) {
  while (!over()) {
    const data = { messageType: "IMLogUpdateMessage", notificationType: "NewMessage", imSessionPath: "/im-sessions/1", message: String(tally.published) };
    // The server may be down: then there is nobody to publish to, and the number is tried again.
    const { sessions } = await simulator.publish({ topic: IM_SESSIONS, data }).catch(() => ({ sessions: 0 }));
    if (sessions > 0) tally.published += 1;
    await pause(random.within(0, 30));
  }
}

async function stage({ simulator, anna }) {
  const first = tally.published;
  let over = false;
  const publishing = publishUntil(simulator, () => over);
  const end = Date.now() + STAGE_MS;
  let ended = false;
  // A session that is ended on purpose shares its stage with nothing else, so that all other stages must be without loss.
  const candidates = random.within(1, 6) === 1 ? FAULTS.filter((fault) => fault.ends) : FAULTS.filter((fault) => !fault.ends);
  while (Date.now() < end) {
    const fault = random.oneOf(candidates);
    ended ||= Boolean(fault.ends);
    // A server that has just been told to restart can't be asked.
    await fault.run({ simulator, page: anna.page }).then(() => (tally.faults += 1), (error) => complaints.push(`${fault.name}: ${error.message}`));
    await pause(random.within(100, 4_000));
    if (await anna.page.evaluate(() => e2e.client.transport === "websocket")) tally.onSocket += 1;
  }
  over = true;
  await publishing;
  await calm(simulator, anna);
  await reckon(anna, first, ended);
}

/** Nothing is disturbed any more, and everything has come. */
async function calm(simulator, anna) {
  await until("a server that answers", () => simulator.state().then(() => true, () => false), { within: CALM_MS });
  await simulator.clearFaults();
  await simulator.clearSocketFaults();
  await anna.page.evaluate(() => dispatchEvent(new Event("online")));
  await anna.inState("connected", { within: CALM_MS });
  await until("a connect that waits", () => simulator.atRest(), { within: CALM_MS });
}

async function reckon(anna, first, ended) {
  const { numbers, gaps } = await anna.page.evaluate(() => globalThis.takeReceived());
  const count = tally.published - first;
  const seen = new Array(count).fill(0);
  for (const number of numbers) {
    if (seen[number - first] === undefined) tally.doubled += 1;
    else seen[number - first] += 1;
  }
  const missing = seen.filter((times) => times === 0).length;
  tally.received += numbers.length;
  tally.doubled += seen.filter((times) => times > 1).length;
  tally.outOfOrder += numbers.filter((number, index) => index > 0 && number < numbers[index - 1]).length;
  tally.gaps += gaps;
  if (ended && gaps > 0) tally.lostInGaps += missing;
  else tally.lost += missing;
  // A gap without a reason, or a reason without a gap.
  if (!ended && gaps > 0) tally.lost += 1;
  tally.stages += 1;
  memory.push(await heldBytes(anna));
}

async function heldBytes(anna) {
  const session = await anna.page.context().newCDPSession(anna.page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize + (await anna.diagnostics()).wasmBytes;
}

async function main() {
  const options = ["--max-interval", "3600000", "--timeout", "5000"];
  const simulator = await Simulator.start(["--static", `/=${PAGES}`, "--static", `/gws-im-sdk/=${unpackedPackage()}`, ...options]);
  const browser = await launchBrowser();
  const anna = await Agent.open(browser, simulator.address);
  await anna.logIn("anna");
  await anna.page.evaluate(async () => {
    let [numbers, gaps] = [[], 0];
    e2e.client = await e2e.sdk.GwsImClient.create({ baseUrl: location.origin, maxNetworkDelay: 4_000 });
    e2e.client.on("NewMessage", ({ message }) => numbers.push(Number(message)));
    e2e.client.on("gap", () => (gaps += 1));
    globalThis.takeReceived = () => {
      const taken = { numbers, gaps };
      [numbers, gaps] = [[], 0];
      return taken;
    };
    await e2e.client.connect();
  });
  const end = Date.now() + minutes * 60_000;
  while (Date.now() < end) await stage({ simulator, anna });
  const diagnostics = await anna.diagnostics();
  const counters = await simulator.counters();
  await anna.disconnect();
  const left = (await simulator.sessionsOf("anna")).length;
  const pageComplaints = anna.complaints;
  await browser.close();
  await simulator.stop();
  return report({ diagnostics, counters, left, pageComplaints });
}

function report({ diagnostics, counters, left, pageComplaints }) {
  const bothWires = tally.onSocket > 0 && counters.requests.connect > 0;
  const given = complaints.length <= tally.faults / 10;
  const growth = memory.at(-1) - memory[Math.min(2, memory.length - 1)];
  console.log(`soak in the browser: ${minutes} minutes, seed ${values.seed}, ${tally.stages} stages, ${tally.faults} faults`);
  console.log(`published ${tally.published}, received ${tally.received}: ${tally.lost} lost, ${tally.doubled} doubled, ${tally.outOfOrder} out of order`);
  console.log(`sessions ended on purpose: ${tally.lostInGaps} missing, told by ${tally.gaps} gaps`);
  console.log(`${diagnostics.handshakes} handshakes, ${diagnostics.reconnects} reconnects, ${diagnostics.duplicates} repetitions dropped, ${diagnostics.violations} violations`);
  console.log(`${counters.sockets.opened} sockets and ${counters.requests.connect} polls at the server; on a socket at ${tally.onSocket} of ${tally.faults} looks`);
  console.log(`memory: ${Math.round(memory[0] / 1024)} KB after the first stage, ${Math.round(memory.at(-1) / 1024)} KB at the end`);
  if (complaints.length > 0) console.log(`${complaints.length} faults could not be given, e.g. ${complaints[0]}`);
  for (const complaint of pageComplaints) console.log(`the page complained: ${complaint}`);
  const held = tally.lost + tally.doubled + tally.outOfOrder + left + pageComplaints.length === 0 && tally.received > 0 && growth <= GROWTH && bothWires && given;
  console.log(`soak in the browser: ${held ? "held" : "BROKEN"}${left ? `, ${left} sessions left at the server` : ""}`);
  return held;
}

process.exitCode = (await main()) ? 0 : 1;
