// Chromium as people have it, driven by its own protocol. Playwright keeps every page visible and its timers fast, and the back/forward cache off;
// here pages are hidden, throttled, frozen and cached as the browser does it.

import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent } from "./agent.js";
import { ARGUMENTS, Complaints, chromiumPath } from "./browser.js";

/** How long a page may take to load. */
const LOAD_LIMIT_MS = 15_000;
/** How long the browser may take for what it is asked. */
const ANSWER_LIMIT_MS = 10_000;

/** The DevTools protocol over a pair of pipes: JSON messages, each ended by a zero byte. */
class Connection extends EventEmitter {
  #output;
  #last = 0;
  #waiting = new Map();

  constructor(output, input) {
    super();
    this.setMaxListeners(0);
    this.#output = output;
    let pending = "";
    input.setEncoding("utf8");
    input.on("data", (chunk) => {
      const messages = (pending + chunk).split("\0");
      pending = messages.pop();
      for (const message of messages) this.#take(JSON.parse(message));
    });
    input.on("close", () => this.#fail("the browser has ended"));
    output.on("error", () => this.#fail("the browser has ended"));
  }

  /** Rejects when there is no answer within the bound: a crashed page gives none. */
  send(method, params = {}, sessionId = undefined) {
    const id = (this.#last += 1);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(id, { error: { message: `no answer within ${ANSWER_LIMIT_MS} ms` } }), ANSWER_LIMIT_MS);
      this.#waiting.set(id, { method, sessionId, resolve, reject, timer });
      this.#output.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  #take({ id, method, params, sessionId, ...answer }) {
    if (id !== undefined) {
      this.#settle(id, answer);
      return;
    }
    if (method === "Target.detachedFromTarget") this.#fail("the page is closed", params.sessionId);
    this.emit(`${sessionId ?? ""}:${method}`, params);
  }

  #settle(id, { result, error }) {
    const asked = this.#waiting.get(id);
    if (!asked) return;
    this.#waiting.delete(id);
    clearTimeout(asked.timer);
    if (error) asked.reject(new Error(`${asked.method}: ${error.message}`));
    else asked.resolve(result);
  }

  /** What was asked of that page, or of any, is not answered any more. */
  #fail(message, session = undefined) {
    for (const [id, { sessionId }] of [...this.#waiting]) {
      if (session === undefined || sessionId === session) this.#settle(id, { error: { message } });
    }
  }
}

class PlainBrowser {
  #process;
  #profile = mkdtempSync(join(tmpdir(), "gws-im-sdk-e2e-"));
  connection;

  constructor(extra) {
    const options = ["--headless", "--remote-debugging-pipe", `--user-data-dir=${this.#profile}`, ...ARGUMENTS, ...extra, "about:blank"];
    this.#process = spawn(chromiumPath(), options, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    this.connection = new Connection(this.#process.stdio[3], this.#process.stdio[4]);
  }

  async close() {
    const exit = once(this.#process, "exit");
    this.connection.send("Browser.close").catch(() => {});
    await exit;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A browser with further arguments of its command line. */
export const launchPlainBrowser = async (extra = []) => new PlainBrowser(extra);

/** One tab. What it complains of and how it ends is told by the events of Playwright's pages that {@link Complaints} listens to. */
class PlainPage extends EventEmitter {
  #connection;
  #session;
  #target;

  static async open(connection, browserContextId) {
    const page = new PlainPage();
    page.#connection = connection;
    ({ targetId: page.#target } = await connection.send("Target.createTarget", { url: "about:blank", browserContextId }));
    ({ sessionId: page.#session } = await connection.send("Target.attachToTarget", { targetId: page.#target, flatten: true }));
    page.listen("Runtime.exceptionThrown", ({ exceptionDetails: { text, exception } }) => page.emit("pageerror", exception?.description ?? text));
    page.listen("Runtime.consoleAPICalled", ({ type, args }) => page.#say(type, args.map(({ value, description }) => value ?? description).join(" ")));
    page.listen("Log.entryAdded", ({ entry: { level, text } }) => page.#say(level, text));
    await Promise.all(["Page.enable", "Runtime.enable", "Log.enable"].map((method) => page.send(method)));
    return page;
  }

  #say = (type, text) => this.emit("console", { type: () => type, text: () => text });

  send = (method, params) => this.#connection.send(method, params, this.#session);
  listen = (event, listener) => this.#connection.on(`${this.#session}:${event}`, listener);

  /** The next event of that name, which must come within the bound. */
  async next(event) {
    const [params] = await once(this.#connection, `${this.#session}:${event}`, { signal: AbortSignal.timeout(LOAD_LIMIT_MS) });
    return params;
  }

  /** Calls a function in the page, with an argument that is data, and gives what it gives. */
  async evaluate(call, argument) {
    const expression = `(${call})(${JSON.stringify(argument) ?? ""})`;
    const { result, exceptionDetails: failure } = await this.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (failure) throw new Error(failure.exception?.description ?? failure.text);
    return result.value;
  }

  async goto(url) {
    const [, { errorText }] = await Promise.all([this.next("Page.loadEventFired"), this.send("Page.navigate", { url })]);
    if (errorText) throw new Error(`${url}: ${errorText}`);
  }

  /** Runs a function in every document of this tab before anything of the document itself. */
  addInitScript = (call, argument) => this.send("Page.addScriptToEvaluateOnNewDocument", { source: `(${call})(${JSON.stringify(argument) ?? ""})` });

  async reload() {
    await Promise.all([this.next("Page.loadEventFired"), this.send("Page.reload")]);
  }

  /** Closes the tab as its user does. The tab may be gone before it answers. */
  async close() {
    await this.send("Page.close").catch(() => {});
  }

  /** Crashes the renderer, which answers nothing any more. */
  async crash() {
    const crashed = this.next("Inspector.targetCrashed");
    this.send("Page.crash").catch(() => {});
    await crashed;
  }

  /** Goes back one page. Gives whether it came out of the back/forward cache. */
  async back() {
    const { currentIndex, entries } = await this.send("Page.getNavigationHistory");
    const navigated = this.next("Page.frameNavigated");
    await this.send("Page.navigateToHistoryEntry", { entryId: entries[currentIndex - 1].id });
    return (await navigated).type === "BackForwardCacheRestore";
  }

  /** Brings this tab to the front of its window, which hides the others. */
  bringToFront = () => this.#connection.send("Target.activateTarget", { targetId: this.#target });
}

/** An agent in a profile of his own of a plain browser. */
export class PlainAgent extends Agent {
  #connection;
  #browserContextId;
  #complaints;

  static async open({ connection }, address, { path = "/index.html" } = {}) {
    const agent = new PlainAgent();
    agent.#connection = connection;
    ({ browserContextId: agent.#browserContextId } = await connection.send("Target.createBrowserContext"));
    agent.page = await agent.openTab();
    agent.#complaints = new Complaints(agent.page);
    await agent.page.goto(address + path);
    return agent;
  }

  /** Another tab of the same profile, in front of those there are. */
  openTab = () => PlainPage.open(this.#connection, this.#browserContextId);

  get complaints() {
    return this.#complaints.unexpected;
  }

  close = () => this.#connection.send("Target.disposeBrowserContext", { browserContextId: this.#browserContextId });
}
