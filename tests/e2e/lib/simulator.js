// A simulator of Genesys Web Services in a process of its own, and its control calls (tests/gws-simulator/README.md describes them).

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { send } from "./http.js";
import { until } from "./wait.js";

const JAR = process.env.GWS_SIMULATOR_JAR ?? fileURLToPath(new URL("../../gws-simulator/target/gws-simulator.jar", import.meta.url));
const JAVA = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, "bin/java") : "java";
/** Fast to start rather than fast after an hour. */
const JVM = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"];
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5_000;

/** The topic of IM sessions. */
export const IM_SESSIONS = "/v2/me/im-sessions";

export class Simulator {
  #options;
  #process;
  /** e.g. "http://127.0.0.1:34567" */
  address;

  /** @param {string[]} options of its command line, without --port and --stop-with-stdin */
  static async start(options) {
    const simulator = new Simulator();
    simulator.#options = options;
    await simulator.#launch(0);
    return simulator;
  }

  async #launch(port) {
    if (!existsSync(JAR)) throw new Error(`there is no simulator at ${JAR}; \`make test-e2e\` builds it, GWS_SIMULATOR_JAR names another`);
    // Its standard input ends with this process, and it ends with its standard input.
    const child = spawn(JAVA, [...JVM, "-jar", JAR, "--port", String(port), "--stop-with-stdin", ...this.#options], { stdio: ["pipe", "pipe", "inherit"] });
    this.#process = child;
    this.address = await listeningAddress(child);
  }

  /** Ends the process at once, without any goodbye to anybody: the node has crashed. */
  async crash() {
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exit;
  }

  /** Starts it again on the port it had. Nothing of before is known to it. */
  async startAgain() {
    await this.#launch(Number(new URL(this.address).port));
  }

  async stop() {
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.stdin.end();
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
    await exit;
    clearTimeout(timer);
  }

  async #call(method, path, body) {
    const answer = await send(method, `${this.address}/simulator/${path}`, body);
    if (answer.status !== 200) throw new Error(`${method} /simulator/${path} was answered ${answer.status}: ${answer.text}`);
    return answer.json();
  }

  reset = () => this.#call("POST", "reset");
  state = () => this.#call("GET", "state");
  options = (changes) => this.#call("POST", "options", changes);
  startRobot = (destination) => this.#call("POST", "robot/start", { destination });
  expire = (which = {}) => this.#call("POST", "cometd/expire", which);
  restart = (how = {}) => this.#call("POST", "cometd/restart", how);
  logout = (user) => this.#call("POST", "users/logout", { user });
  /** Gives the agent's login another CSRF token. */
  rotateCsrf = (user) => this.#call("POST", "users/rotate-csrf", { user });
  /** Lets the bearer tokens that the agent has used so far run out. */
  expireTokens = (user) => this.#call("POST", "users/expire-tokens", { user });
  cutConnections = () => this.#call("POST", "connections/cut");
  /** Whether CometD's browser cookie fails to come back, as where third-party cookies are blocked. */
  forgetBrowser = (on = true) => this.#call("POST", "cometd/forget-browser", { on });
  counters = () => this.#call("GET", "counters");
  clearFaults = () => this.#call("DELETE", "faults");
  clearSocketFaults = () => this.#call("DELETE", "sockets");

  /** @param {{ data: unknown, topic?: string, user?: string, count?: number }} message */
  publish = (message) => this.#call("POST", "publish", { topic: IM_SESSIONS, ...message });

  /** @param {string} kind of the requests that get the action @param {object} action @param {{ times?: number, skip?: number, user?: string, method?: string, path?: string, operation?: string }} [which] */
  fault = (kind, action, which = {}) => this.#call("POST", "faults", { kind, action, ...which });

  /**
   * Does something to the WebSockets that are open, or to the `next` ones; `afterFrames` messages later, counted either way.
   *
   * @param {object} action @param {{ next?: number, afterFrames?: number, user?: string }} [which]
   */
  disturbSockets = (action, which = {}) => this.#call("POST", "sockets", { action, ...which });

  /** The requests after number `since`. */
  requests = async (since = 0) => (await this.#call("GET", `requests?since=${since}`)).requests;

  /** The number after which the next requests come, for `requests`. */
  now = async () => (await this.#call("GET", "requests?since=0")).next;

  /** A GWS operation in the name of `user`. */
  async operation(user, path, body) {
    const { status, body: answer } = await this.#call("POST", "operation", { user, path, body });
    if (status !== 200) throw new Error(`${body.operationName} of ${user} was answered ${status}: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** The CometD sessions of an agent. */
  sessionsOf = async (user) => (await this.state()).cometdSessions.filter((session) => session.user === user);

  /** Resolves with the agent's session as soon as a /meta/connect of it waits at the server: everything before has been answered. */
  atRest = (user = "anna") =>
    until(`a /meta/connect of ${user} waits at the server`, async () => (await this.sessionsOf(user)).find(({ held }) => held), { within: 8_000 });

  /** The same, on that transport. */
  atRestOn = (wanted, user = "anna", options = { within: 8_000 }) =>
    until(`a /meta/connect of ${user} waits at the server on ${wanted}`, async () => (await this.sessionsOf(user)).find(({ held, transport }) => held && transport === wanted), options);
}

function listeningAddress(child) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`the simulator did not listen within ${START_LIMIT_MS / 1000} s`));
    }, START_LIMIT_MS);
    const settle = (action) => {
      clearTimeout(timer);
      action();
    };
    child.once("error", (error) => settle(() => reject(error)));
    child.once("exit", (code, signal) => settle(() => reject(new Error(`the simulator ended (${signal ?? `exit code ${code}`}) before it listened`))));
    createInterface({ input: child.stdout }).once("line", (line) => settle(() => resolve(JSON.parse(line).listening)));
  });
}
