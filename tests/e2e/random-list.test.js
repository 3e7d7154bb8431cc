// Agents do at random what agents do, while everything that can go wrong does: at every quiet moment the list says what the server knows, or that it may lack it.

import assert from "node:assert/strict";
import { Chance } from "./lib/chance.js";
import { scenarios } from "./lib/scenario.js";
import { attach, complete, DEVICE, initiate, READING, removeData, send, sessionsOf } from "./lib/sessions.js";
import { mistakes } from "./lib/truth.js";
import { until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "3000"] });
/** GWS_LIST_SEEDS=50 runs so many seeds, GWS_LIST_SEED=7 begins with that one. */
const FIRST_SEED = Number(process.env.GWS_LIST_SEED ?? 1);
const SEEDS = Number(process.env.GWS_LIST_SEEDS ?? 1);
/** How long one scenario goes on with further rounds. */
const ROUNDS_MS = 12_000;
/** How long it may take until all is right after a round: the longest wait of the client, and some reads. */
const QUIET_LIMIT_MS = 10_000;
const AGENTS = ["ben", "robbie"];
const MOST_COMPLETED = 4;
const TIMES = { backoffIncrement: 200, maxBackoff: 800, requestTimeout: 1_500, maxNetworkDelay: 2_000, connectTimeout: 2_000 };

const CHANNELS = [["long-polling"], ["websocket", "long-polling"]].flatMap((transports) => [{ transports, ack: true }, { transports, ack: false }]);

const PAGE = { type: "answer", status: 200, headers: { "Content-Type": "text/html" }, body: "<!doctype html><title>Please wait</title>" };
const FAILING_READS = [
  { type: "answer", status: 500, body: "" },
  { type: "answer", status: 503, headers: { "Retry-After": "1" }, body: "" },
  { type: "answer", status: 500, body: { statusCode: 4, statusMessage: "down" } },
  { type: "answer", status: 200, headers: { "Content-Type": "application/json" }, body: '{"statusCode":0,"imSess' },
  PAGE,
  { type: "drop" },
  { type: "drop-reply" },
  { type: "truncate", bytes: 60 },
  { type: "hang" },
];

/** One run: what is done at random, and what was done since the list was right. */
class Run {
  steps = [];
  #simulator;
  #anna;
  #chance;
  #ack;
  #seen = new Set();
  #texts = 0;
  #isOffline = false;

  /** @param {boolean} ack whether the session acknowledges */
  constructor(simulator, anna, chance, ack) {
    this.#ack = ack;
    this.#simulator = simulator;
    this.#anna = anna;
    this.#chance = chance;
  }

  async step() {
    const [name, act] = this.#chance.weighed([[12, this.#operations()], [5, this.#disturbances()], [3, this.#calls()]]);
    this.steps.push(name);
    await act();
  }

  /** What the other agents do. Genesys refuses some of it, as what does not fit the state. */
  #operations() {
    const chance = this.#chance;
    const user = chance.oneOf(AGENTS);
    const withSession = (act) => async () => {
      const sessions = (await this.#simulator.state()).imSessions.filter(({ users }) => users.includes("anna"));
      if (sessions.length > 0) await refusable(() => act(chance.oneOf(sessions)));
    };
    const other = ({ users }) => users.find((name) => name !== "anna");
    const key = chance.oneOf(["a", "b", "c"]);
    return chance.weighed([
      [3, ["begin", () => refusable(() => initiate(this.#simulator, { from: user, userData: chance.is(0.5) ? { a: this.#text() } : undefined }))]],
      [8, ["text", withSession((session) => send(this.#simulator, session.id, this.#text(), { from: other(session) }))]],
      [2, ["texts", withSession(async (session) => {
        for (let count = 0; count < 5; count += 1) await send(this.#simulator, session.id, this.#text(), { from: other(session) });
      })]],
      [2, ["attach", withSession((session) => attach(this.#simulator, session.id, { [key]: this.#text() }, other(session)))]],
      [1, ["remove", withSession((session) => removeData(this.#simulator, session.id, key, other(session)))]],
      [2, ["complete", withSession((session) => complete(this.#simulator, session.id, other(session)))]],
    ]);
  }

  /** What the page itself asks for. How that ends is nobody's concern here. */
  #calls() {
    const call = (method, ...args) => () => this.#anna.page.evaluate(([method, args, index]) => {
      const { sessions } = e2e.client;
      const session = sessions[index % (sessions.length || 1)];
      if (!session && args.includes("session")) return;
      e2e.pending = (e2e.pending ?? 0) + 1;
      void e2e.outcome(() => e2e.client[method](...args.map((arg) => (arg === "session" ? session : arg)))).finally(() => (e2e.pending -= 1));
    }, [method, args, this.#chance.between(0, 100)]);
    return this.#chance.weighed([
      [5, ["own text", call("sendMessage", "session", this.#text())]],
      [2, ["own begin", call("initiateSession", { destination: this.#chance.oneOf(["5002", "5003"]) })]],
      [2, ["own attach", call("attachUserData", "session", { own: this.#text() })]],
      [1, ["own complete", call("complete", "session")]],
      [2, ["refresh", call("refresh")]],
      [3, ["slow refresh", async () => {
        await this.#slowRead();
        await call("refresh")();
      }]],
      [1, ["reconnect", async () => this.#anna.page.evaluate(() => e2e.client.reconnect())]],
      [1, ["close and open", () => this.#anna.page.evaluate(() => {
        void e2e.client.disconnect();
        void e2e.outcome(() => e2e.client.connect());
      })]],
    ]);
  }

  #disturbances() {
    const chance = this.#chance;
    const simulator = this.#simulator;
    const fault = (kind, action, which) => () => simulator.fault(kind, action, { user: "anna", times: chance.between(1, 2), ...which });
    const slow = { type: "delay", ms: chance.between(100, 900) };
    // A browser repeats by itself what breaks before the first byte of the answer. Without acknowledgement the reply that is lost with it is gone, and no page can know.
    const hidden = this.#ack ? [{ type: "drop" }, { type: "drop-reply" }] : [];
    const lost = chance.oneOf([...hidden, { type: "truncate", bytes: 90 }, slow]);
    return chance.weighed([
      [2, ["expire", () => simulator.expire({ user: "anna", advice: chance.is(0.5) })]],
      [3, ["expire and slow read", async () => {
        await this.#slowRead();
        await simulator.expire({ user: "anna" });
      }]],
      [1, ["logout", () => simulator.logout("anna")]],
      [1, ["restart", async () => {
        await simulator.restart({ downMs: chance.between(200, 500) });
        await until("the port is closed", () => simulator.state().then(() => false, ({ code }) => code === "ECONNREFUSED"));
        await until("the server is back", () => simulator.state().then(() => true, () => false));
      }]],
      [this.#ack ? 2 : 0, ["cut", () => simulator.cutConnections()]],
      [2, ["kill sockets", () => simulator.disturbSockets({ type: "kill" })]],
      [3, [`lost connect ${lost.type}`, fault("connect", lost)]],
      [1, [`lost handshake ${lost.type}`, fault("handshake", lost)]],
      [1, [`lost subscribe ${lost.type}`, fault("subscribe", lost)]],
      [3, ["failing read", fault("rest", chance.oneOf(FAILING_READS), READING)]],
      [2, ["network", () => this.#network()]],
    ]);
  }

  /** The next answer is made in time and comes late: what is told meanwhile is newer. */
  #slowRead = () => this.#simulator.fault("rest", { type: "delay", ms: this.#chance.between(200, 1_200) }, { user: "anna", ...READING });

  async #network() {
    this.#isOffline = !this.#isOffline;
    await this.#anna.page.context().setOffline(this.#isOffline);
  }

  #text() {
    this.#texts += 1;
    return `text ${this.#texts}`;
  }

  /** Nothing is in the way any more, and nothing is under way: the list is right. */
  async settle(showsUserData, maxCompletedSessions) {
    if (this.#isOffline) await this.#network();
    await this.#simulator.clearFaults();
    await this.#simulator.clearSocketFaults();
    let wrong = [];
    const isRight = async () => {
      const { state, synced, pending } = await this.#anna.page.evaluate(() => ({ state: e2e.client.state, synced: e2e.client.synced, pending: e2e.pending ?? 0 }));
      wrong = [`the client is ${state}, synced: ${synced}, calls under way: ${pending}`];
      if (state !== "connected" || !synced || pending > 0) return false;
      const list = await sessionsOf(this.#anna);
      wrong = mistakes(await this.#simulator.state(), list, { user: "anna", showsUserData, seen: this.#seen });
      if (wrong.length > 0) return false;
      // A session that has been completed leaves only when there is no room for it.
      if (maxCompletedSessions > MOST_COMPLETED) this.#seen = new Set(list.map(({ id }) => id));
      return list.filter(({ state }) => state === "Completed").length <= maxCompletedSessions;
    };
    await until("the list says what the server knows", isRight, { within: QUIET_LIMIT_MS }).catch((error) => {
      throw new Error(`${error.message}\n${wrong.join("\n")}`, { cause: error });
    });
    assert.deepEqual(await this.#anna.page.evaluate(() => e2e.broken), []);
    this.steps = [];
  }
}

/** What Genesys refuses, as when somebody else was faster, changes nothing. */
async function refusable(act) {
  try {
    await act();
  } catch (error) {
    if (!/was answered (400|404|409)/.test(error.message)) throw error;
  }
}

/** An agent whose client logs in again whenever it must. */
async function openList(agent, options) {
  const anna = await agent("anna", { path: "/list.html" });
  await anna.page.evaluate(async (options) => {
    // Without a network there is no login, as long as there is none.
    const reauthenticate = async ({ signal }) => {
      while (!signal.aborted && (await e2e.outcome(() => e2e.logIn("anna"))).error) await new Promise((resolve) => setTimeout(resolve, 100));
    };
    await e2e.createList({ ...options, reauthenticate });
    // A login that is lost again before it was of use is not asked for once more: then it is up to the person.
    e2e.client.on("connection", ({ state, reason }) => {
      if (state === "disconnected" && reason?.code === "auth/required") void e2e.outcome(() => e2e.client.connect());
    });
    e2e.holdToPromises();
  }, { devicePath: DEVICE, ...TIMES, ...options });
  await anna.connect();
  return anna;
}

async function perform({ simulator, agent }, seed, { transports, ack }) {
  const chance = new Chance(seed);
  const showsUserData = chance.is(0.5);
  const maxCompletedSessions = chance.oneOf([MOST_COMPLETED, 1_000]);
  await simulator.options({ maxImSessions: 3, getUserData: showsUserData });
  if (chance.is(0.5)) await initiate(simulator);
  const run = new Run(simulator, await openList(agent, { transports, ack, maxCompletedSessions }), chance, ack);
  const end = performance.now() + ROUNDS_MS;
  try {
    while (performance.now() < end) {
      for (let step = chance.between(3, 12); step > 0; step -= 1) await run.step();
      await run.settle(showsUserData, maxCompletedSessions);
    }
  } catch (error) {
    error.stack = `steps since the list was right: ${run.steps.join(", ")}\n${error.stack}`;
    throw error;
  }
}

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
  for (const [index, how] of CHANNELS.entries()) {
    scenario(`the list is right at every quiet moment, on ${how.transports[0]}, acknowledged: ${how.ack}, seed ${seed}`, (given) => perform(given, seed * CHANNELS.length + index, how));
  }
}
