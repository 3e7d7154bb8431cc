// What the shell calls, under the tests' control: a face that records what it is told, and a server that answers as scripted. The server
// is here and not behind `fetch` of the browser, so that a test decides what is answered, when, and with which headers.

const real = { setTimeout: globalThis.setTimeout.bind(globalThis), parse: JSON.parse, reportError: globalThis.reportError };
const CALLBACKS = ["notification", "unknown", "delivery", "connection", "gap", "warning", "subscriptionLost", "completed", "frame"];

/** One request of the channel. */
class Exchange {
  /** Also of a request that was aborted before it left. */
  get isAborted() {
    return this.request.signal.aborted;
  }

  isAnswered = false;

  constructor(host, request, keepalive) {
    Object.assign(this, { host, request, keepalive, url: request.url, method: request.method });
    this.response = new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));
    const abort = () => {
      if (!host.deaf) this.reject(request.signal.reason);
    };
    if (this.isAborted) abort();
    else request.signal.addEventListener("abort", abort);
  }

  async read() {
    this.text = await this.request.text();
    this.messages = this.text ? real.parse(this.text) : [];
  }

  get channel() {
    return this.messages[0]?.channel;
  }

  answer(body, status = 200, headers = {}) {
    this.isAnswered = true;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    this.resolve(new Response(text, { status, headers }));
  }

  redirect() {
    this.isAnswered = true;
    // What `fetch` gives for `redirect: "manual"`; no constructor makes one.
    this.resolve(Object.defineProperty(Response.error(), "type", { value: "opaqueredirect" }));
  }

  fail() {
    this.isAnswered = true;
    this.reject(new TypeError("Failed to fetch"));
  }
}

const HANDLERS = ["onopen", "onmessage", "onerror", "onclose"];

/** A socket as a page has it, with its other end under the test's control. */
class Line {
  #waiting = 0;
  #stuck;
  /** What was sent, parsed, frame by frame. */
  frames = [];
  /** The code it was closed with from this end, and how often. */
  closedWith = undefined;
  closes = 0;
  /** Every handler there ever was, as an event under way may still have it. */
  #handlers = {};

  constructor(host, url) {
    Object.assign(this, { host, url });
    for (const name of HANDLERS) {
      let handler = null;
      Object.defineProperty(this, name, {
        get: () => handler,
        set: (value) => {
          handler = value;
          if (value) this.#handlers[name] = value;
        },
      });
    }
  }

  /** What was sent in this task, or what a test says. */
  get bufferedAmount() {
    return this.#stuck ? this.#stuck.at : this.#waiting;
  }

  set bufferedAmount(at) {
    this.#stuck = { at };
  }

  /** Whether anything can still be heard of it. */
  get isHeard() {
    return HANDLERS.some((name) => this[name] !== null);
  }

  get isClosed() {
    return this.closes > 0;
  }

  #tell(name, members = {}) {
    this[name]?.(Object.assign(new Event(name.slice(2)), members));
  }

  open() {
    this.#tell("onopen");
  }

  say(data) {
    this.#tell("onmessage", { data });
  }

  sayBinary() {
    this.say(new Blob(["[]"]));
  }

  fail() {
    this.#tell("onerror");
  }

  end(code) {
    this.#tell("onclose", { code });
  }

  /** Calls what was once listening. Gives what that threw. */
  late(messages) {
    const events = { onopen: {}, onmessage: { data: JSON.stringify(messages) }, onerror: {}, onclose: { code: 1001 } };
    return Object.entries(events).flatMap(([name, members]) => {
      try {
        this.#handlers[name](Object.assign(new Event(name.slice(2)), members));
        return [];
      } catch (error) {
        return [String(error)];
      }
    });
  }

  send(text) {
    if (this.host.sendThrows) throw new DOMException("not open", "InvalidStateError");
    const messages = real.parse(text);
    this.frames.push(messages);
    this.longest = Math.max(this.longest ?? 0, text.length);
    this.#waiting += text.length;
    real.setTimeout(() => (this.#waiting -= text.length), 0);
    if (this.host.automatic) real.setTimeout(() => this.answer(messages), 0);
  }

  /** Answers like a server that has nothing to say: the connects that do not ask for an answer at once are held. */
  answer(messages) {
    const now = messages.filter(({ channel, advice }) => channel !== "/meta/connect" || advice?.timeout === 0);
    const replies = this.host.replies({ messages: now });
    if (replies.length > 0) this.say(JSON.stringify(replies));
  }

  /** Whether a connect waits for its answer. */
  get isHeld() {
    return this.frames.at(-1)?.[0].channel === "/meta/connect" && this.frames.at(-1)[0].advice?.timeout !== 0;
  }

  /** JSON of what was sent. */
  sent() {
    return JSON.stringify(this.frames);
  }

  close(code) {
    this.closes += 1;
    this.closedWith ??= code;
    if (this.host.closeThrows) throw new DOMException("no", "InvalidAccessError");
  }
}

export class ScriptedHost {
  calls = [];
  exchanges = [];
  /** Each socket that was made. */
  lines = [];
  /** What the server offers at the handshake. */
  offered = ["long-polling"];
  /** No socket can be made. */
  socketThrows = false;
  /** Sockets take nothing. */
  sendThrows = false;
  /** Sockets can't be closed. */
  closeThrows = false;
  /** Answers like a server that has nothing to say. */
  automatic = true;
  /** An aborted request is answered all the same. */
  deaf = false;
  /** Headers of every answer. */
  answerHeaders = {};
  /** The name of the callback that throws. */
  throwing = undefined;
  /** Called with the name of each callback while it runs. */
  during = undefined;
  loginAnswer = false;
  pauseFails = false;
  connects = 0;
  clients = 0;
  lastAnswer = undefined;
  givenHeaders = {};
  /** The topic whose subscription is refused. */
  refused = undefined;

  #record(name, args) {
    this.calls.push({ name, args });
    this.during?.(name);
    if (this.throwing === name) throw new Error(`${name} throws`);
  }

  static {
    for (const name of CALLBACKS) {
      this.prototype[name] = function (...args) {
        this.#record(name, args);
      };
    }
  }

  headers(method, url) {
    this.calls.push({ name: "headers", args: [method, url] });
    if (this.throwing === "headers") throw new Error("headers throws");
    return new Headers(this.givenHeaders);
  }

  error(code, text, status, retryable) {
    if (this.throwing === "error") throw new Error("error throws");
    return { code, text, status, retryable };
  }

  logIn(attempt, status, body, url) {
    this.#record("logIn", [attempt, status, body, url]);
    return Promise.resolve(this.loginAnswer);
  }

  pause() {
    this.#record("pause", []);
    const { port1, port2 } = new MessageChannel();
    return new Promise((resolve, reject) => {
      port1.onmessage = () => {
        port1.close();
        if (this.pauseFails) reject(new Error("pause fails"));
        else resolve();
      };
      port2.postMessage(undefined);
    });
  }

  fetch(request, keepalive) {
    this.calls.push({ name: "fetch", args: [request.url] });
    const exchange = new Exchange(this, request, keepalive);
    void exchange.read().then(() => {
      this.exchanges.push(exchange);
      if (this.automatic) this.#serve(exchange);
    });
    return exchange.response;
  }

  #serve(exchange) {
    const replies = this.replies(exchange);
    const isConnect = exchange.channel === "/meta/connect";
    // The first connect of a session and one that asks for it are answered at once, any other is held.
    if (!isConnect || (this.connects += 1) === 1 || exchange.messages[0].advice?.timeout === 0) exchange.answer(replies, 200, this.answerHeaders);
  }

  /** Answers from now on, and what waits. */
  serveAgain() {
    this.automatic = true;
    for (const exchange of this.exchanges) if (!exchange.isAnswered && !exchange.isAborted) this.#serve(exchange);
  }

  /** What a server says to the messages of a request. */
  replies({ messages }) {
    return messages.map(({ channel, id, subscription }) => {
      const reply = { channel, id, successful: true };
      if (channel === "/meta/handshake") {
        this.clients += 1;
        this.connects = 0;
        return { ...reply, version: "1.0", clientId: `client-${this.clients}`, supportedConnectionTypes: this.offered };
      }
      if (channel === "/meta/connect") return { ...reply, advice: { reconnect: "retry", interval: 0, timeout: 30_000 } };
      if (subscription !== undefined && subscription === this.refused) return { ...reply, successful: false, subscription, error: `403:${subscription}:denied` };
      if (subscription) return { ...reply, subscription };
      return reply;
    });
  }

  socket(url) {
    this.calls.push({ name: "socket", args: [url] });
    if (this.socketThrows) throw new DOMException("no sockets here", "SecurityError");
    const line = new Line(this, url);
    this.lines.push(line);
    this.during?.("socket");
    return line;
  }

  /** How many sockets are not closed from this end. */
  get openLines() {
    return this.lines.filter(({ isClosed }) => !isClosed).length;
  }

  /** The socket that was made last. */
  get line() {
    return this.lines.at(-1);
  }

  /** The connect that waits at the server. */
  get held() {
    return this.exchanges.findLast((exchange) => exchange.channel === "/meta/connect" && !exchange.isAnswered && !exchange.isAborted);
  }

  /** Answers the held connect with `messages` before its reply. */
  push(messages) {
    this.lastAnswer = JSON.stringify([...messages, ...this.replies(this.held)]);
    this.held.answer(this.lastAnswer, 200, this.answerHeaders);
  }

  /** Answers the held connect with `text` in front of its reply. */
  pushText(text) {
    this.held.answer(`[${text}${text && ","}${JSON.stringify(this.replies(this.held)).slice(1)}`, 200, this.answerHeaders);
  }

  count(name) {
    return this.calls.filter((call) => call.name === name).length;
  }

  /** JSON of the arguments of the calls of `name`. */
  told(name) {
    return JSON.stringify(this.calls.filter((call) => call.name === name).map((call) => call.args));
  }

  /** JSON of what was sent. */
  sent() {
    return JSON.stringify(this.exchanges.map(({ url, method, keepalive, messages, isAborted, request }) => ({
      url, method, keepalive, messages, isAborted, headers: Object.fromEntries(request.headers), credentials: request.credentials, redirect: request.redirect,
    })));
  }

  /** The last request whose first message is on `channel` (or that has none, for ""), which need not wait. */
  last(channel) {
    return this.exchanges.findLast((exchange) => (exchange.channel ?? "") === channel);
  }

  /** Calls every export of `channel` from inside each callback named `name`, `times` times at most. */
  reenter(channel, name, times) {
    const failures = [];
    this.during = (called) => {
      if (called !== name || times === 0) return;
      times -= 1;
      const exports = [
        () => channel.status(), () => channel.counters(), () => channel.hurry(), () => channel.online(), () => channel.offline(),
        () => channel.online(), () => channel.resume(), () => channel.subscribe("/reentry"), () => channel.unsubscribe("/reentry"), () => channel.withdraw(channel.subscribe("/reentry")),
        () => channel.deliver({}), () => channel.forgetToken(), () => channel.normaliseSession({}),
        () => channel.listen("/reentry", true), () => channel.listen("/reentry", false), () => channel.showFrames(true),
        () => channel.close(), () => channel.open(),
      ];
      for (const call of exports) {
        try {
          call();
        } catch (error) {
          failures.push(`${call}: ${error}`);
        }
      }
    };
    this.reentries = failures;
    this.reentriesLeft = () => times;
  }
}

/** A host whose requests leave for a real server, with the login of the user `name`. */
export class LiveHost extends ScriptedHost {
  constructor(name) {
    super();
    this.givenHeaders = { Authorization: `Basic ${btoa(`${name}:${name}`)}` };
  }

  fetch(request, keepalive) {
    return globalThis.fetch(request, keepalive ? { keepalive } : undefined);
  }

  socket(url) {
    this.calls.push({ name: "socket", args: [url] });
    this.live = new WebSocket(url);
    return this.live;
  }

  /** Ends the socket behind the channel's back. */
  dropSocket() {
    this.live.close();
  }
}

/** Logs the user in, by cookie; resolves with the answer's text. */
export async function login(base, name) {
  const headers = { Authorization: `Basic ${btoa(`${name}:${name}`)}` };
  const response = await fetch(`${base}/api/v2/me`, { credentials: "include", headers });
  return response.text();
}

/** Asks the simulator, by POST if there is a body; resolves with JSON. */
export async function control(url, body) {
  const response = await fetch(url, body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return text;
}

/** Resolves after `millis`, by a timer that no counter sees. */
export function pause(millis) {
  return new Promise((resolve) => real.setTimeout(resolve, millis));
}

/** Runs `callback` in a task of its own, after those that wait. */
export function postTask(callback) {
  real.setTimeout(callback, 0);
}

/** Whether notification number `index` was handed over as the objects that the parser made: no copy of message or data. */
export function isUntouched(host, page, index) {
  const [, , data, message] = host.calls.filter((call) => call.name === "notification")[index].args;
  return page.parsed.some((answer) => Array.isArray(answer) && answer.includes(message)) && message.data === data;
}
