// One agent: a browser profile of his own with a page that has the package, and what the tests ask of it.

import { Complaints } from "./browser.js";
import { until } from "./wait.js";

/** How long something on a page may take to appear. */
const LOCATOR_LIMIT_MS = 8_000;

export class Agent {
  /** The page, for what has no method here. */
  page;
  #context;
  #complaints;
  #requests = [];

  /**
   * @param {import("playwright-core").Browser} browser
   * @param {string} address of the simulator
   * @param {{ path?: string }} [options] of the page to open
   */
  static async open(browser, address, { path = "/index.html" } = {}) {
    const agent = new Agent();
    agent.#context = await browser.newContext();
    agent.page = await agent.#context.newPage();
    agent.page.setDefaultTimeout(LOCATOR_LIMIT_MS);
    agent.#complaints = new Complaints(agent.page);
    agent.page.on("request", (request) => {
      const { origin, pathname } = new URL(request.url());
      agent.#requests.push({ method: request.method(), origin, path: pathname, at: performance.now() });
    });
    await agent.page.goto(address + path);
    return agent;
  }

  /** What the page complained of although no test asked for it. */
  get complaints() {
    return this.#complaints.unexpected;
  }

  /** What matches is caused on purpose. */
  expectComplaint(pattern) {
    this.#complaints.expect(pattern);
  }

  /** The requests the page has made so far, each once, whatever the browser repeated by itself. */
  get requests() {
    return [...this.#requests];
  }

  /** Requests to the CometD address with this ending, e.g. "connect". */
  cometdRequests(ending) {
    return this.#requests.filter(({ path }) => path.startsWith("/api/v2/notifications") && path.endsWith(ending));
  }

  logIn = (user = "anna") => this.page.evaluate((user) => e2e.logIn(user), user);

  /** Makes a client with these options; functions can't be among them. Everything it tells is recorded. */
  create = (options = {}) => this.page.evaluate(async (options) => void (await e2e.create(options)), options);

  connect = () => this.page.evaluate(() => e2e.client.connect());
  disconnect = () => this.page.evaluate(() => e2e.client.disconnect());
  dispose = () => this.page.evaluate(() => e2e.client.dispose());

  /** How connect() ends: { value } or { error }. */
  connectOutcome = () => this.page.evaluate(() => e2e.outcome(() => e2e.client.connect()));

  /** How a call of the client ends: { value } or { error }. Functions and signals can't be among the arguments. */
  call = (method, ...args) => this.page.evaluate(([method, args]) => e2e.outcome(() => e2e.client[method](...args)), [method, args]);

  state = () => this.page.evaluate(() => e2e.client.state);
  reason = () => this.page.evaluate(() => e2e.plainError(e2e.client.reason));
  clientId = () => this.page.evaluate(() => e2e.client.clientId);
  transport = () => this.page.evaluate(() => e2e.client.transport);
  diagnostics = () => this.page.evaluate(() => ({ ...e2e.client.diagnostics }));

  /** Everything the client told, oldest first: { type, event, message }. */
  record = () => this.page.evaluate(() => e2e.record);

  /** The events of one type, oldest first. */
  events = (type) => this.page.evaluate((type) => e2e.eventsOf(type), type);

  /** The `message` of each NewMessage, oldest first. */
  texts = async () => (await this.events("NewMessage")).map(({ message }) => message);

  /** The changes of state, e.g. ["connecting", "connected"]: repeated news within one state count once. */
  async path() {
    const states = (await this.events("connection")).map(({ state }) => state);
    return states.filter((state, index) => state !== states[index - 1]);
  }

  /** The changes of the transport that was told, e.g. ["long-polling", "websocket"]. */
  async transports() {
    const transports = (await this.events("connection")).map(({ transport }) => transport).filter(Boolean);
    return transports.filter((transport, index) => transport !== transports[index - 1]);
  }

  /** Forgets what was recorded. */
  forget = () => this.page.evaluate(() => void (e2e.record.length = 0));

  /** Resolves with the first event of the type that fits, as soon as there is one. */
  event = (type, fits = () => true, options) => until(`${type} event`, async () => (await this.events(type)).find(fits), options);

  /** Resolves when `count` texts have come. */
  textsOf = (count, options) => until(`${count} texts`, async () => {
    const texts = await this.texts();
    return texts.length >= count ? texts : undefined;
  }, options);

  /** Resolves when the client is connected in another session than `before`, and gives that one's id. */
  connectedAnew = (before, options) => until("connected in another session", () => this.page.evaluate((before) => {
    const { state, clientId } = e2e.client;
    return state === "connected" && clientId !== before ? clientId : undefined;
  }, before), options);

  /** Resolves when the client is in that state. */
  inState = (state, options) => until(`state "${state}"`, async () => (await this.state()) === state, options);

  /** Resolves when the client's list of sessions is complete. */
  synced = () => until("the list is complete", () => this.page.evaluate(() => e2e.client.synced));

  /** Resolves when the client says that it is on that transport. */
  onTransport = (wanted, options) => until(`transport "${wanted}"`, async () => (await this.transport()) === wanted, options);

  /** What the page's WebSockets have been: how many, and how many of them not closed at a time. */
  sockets = () => this.page.evaluate(() => ({ ...e2e.sockets }));

  close = () => this.#context.close();
}
