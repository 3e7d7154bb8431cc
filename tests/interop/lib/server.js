// A server of one line in a process of its own, and the control calls that all lines have.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { send } from "../../e2e/lib/http.js";
import { until } from "../../e2e/lib/wait.js";

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5_000;
/** A connect is answered, and a transport has settled, well within this. */
const SETTLE_LIMIT_MS = 10_000;

/** The topic of IM sessions. */
export const IM_SESSIONS = "/v2/me/im-sessions";

export class Server {
  #process;
  /** e.g. "http://127.0.0.1:34567" */
  address;

  /** @param {import("./lines.js").Line} line @param {string[]} options that every line has */
  static async start(line, options) {
    const [program, ...args] = line.command();
    const server = new Server();
    // Its standard input ends with this process, and it ends with its standard input.
    server.#process = spawn(program, [...args, ...options], { stdio: ["pipe", "pipe", "inherit"] });
    server.address = await listeningAddress(server.#process, line.name);
    return server;
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
  counters = () => this.#call("GET", "counters");
  expire = (which = {}) => this.#call("POST", "cometd/expire", which);
  /** On a busy machine the answer may go down with the server. */
  restart = (how = {}) =>
    this.#call("POST", "cometd/restart", how).catch((error) => {
      if (error.code !== "ECONNRESET") throw error;
    });
  killSockets = () => this.#call("POST", "sockets", { action: { type: "kill" } });

  /** The CometD sessions. */
  sessions = async () => (await this.#call("GET", "state")).cometdSessions;

  /** @param {{ data: unknown, topic?: string, count?: number }} message */
  publish = (message) => this.#call("POST", "publish", { topic: IM_SESSIONS, ...message });

  /** Resolves with the session as soon as a /meta/connect of it waits on that transport. */
  atRestOn = (wanted) =>
    until(`a /meta/connect waits on ${wanted}`, async () => (await this.sessions()).find(({ held, transport }) => held && transport === wanted), { within: SETTLE_LIMIT_MS });

  /** Resolves when there is neither a session nor a socket. */
  empty = () => until("the server has no session and no socket", async () => (await this.sessions()).length === 0 && (await this.counters()).sockets.open === 0);
}

function listeningAddress(child, name) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${name} did not listen within ${START_LIMIT_MS / 1000} s`));
    }, START_LIMIT_MS);
    const settle = (action) => {
      clearTimeout(timer);
      action();
    };
    child.once("error", (error) => settle(() => reject(error)));
    child.once("exit", (code, signal) => settle(() => reject(new Error(`${name} ended (${signal ?? `exit code ${code}`}) before it listened`))));
    createInterface({ input: child.stdout }).once("line", (line) => settle(() => resolve(JSON.parse(line).listening)));
  });
}
