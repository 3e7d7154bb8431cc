// The channel that is a desktop's own cometd object, over the real npm package of each line and a scripted server behind its XMLHttpRequest: every order of events, to the message.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { afterEach, describe, it } from "node:test";

const require = createRequire(import.meta.url);
const TOPIC = "/v2/me/im-sessions";
const CALLS = "/v2/me/calls";
const LINES = ["cometd-3", "cometd-5", "cometd-8", "cometd-9"];

/** What the package needs of a page. Short waits are over at once, the deadlines of requests never come. */
globalThis.window = {
  console: { info() {}, warn() {}, debug() {} },
  setTimeout: (action, delay) => (delay < 10_000 ? setImmediate(action) : undefined),
  clearTimeout: (timer) => timer && clearImmediate(timer),
};

const { AttachedChannel } = await import("../../pkg-template/attached-channel.js");

async function load(line) {
  if (Number(line.split("-")[1].split(".")[0]) >= 8) return import(line);
  return { ...require(line), AckExtension: require(`${line}/AckExtension`) };
}

const loaded = new Map(await Promise.all(LINES.map(async (line) => [line, await load(line)])));

/** Resolves when the condition holds, looked at after everything that is due. */
async function until(what, condition) {
  for (let look = 0; look < 500; look += 1) {
    if (condition()) return;
    await new Promise(setImmediate);
  }
  throw new Error(`it never came to this: ${what}`);
}

const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
};

/** A Bayeux server that does what tests say; the held connect is in their hands. */
class Server {
  /** Every message that came. */
  seen = [];
  /** The request that waits. */
  held;
  sessions = 0;
  handshake = {};
  /** Answers to subscribe that are no success, in order: members of the reply, or an HTTP status. */
  refusals = [];
  holdsSubscribes = false;

  constructor() {
    const server = this;
    window.XMLHttpRequest = class {
      static UNSENT = 0;
      readyState = 1;
      status = 0;
      statusText = "";
      open() {}
      setRequestHeader() {}
      abort() {
        this.fail();
      }
      send(body) {
        setImmediate(() => server.#take(JSON.parse(body), this));
      }
      answer(...messages) {
        Object.assign(this, { readyState: 4, status: 200, responseText: JSON.stringify(messages) });
        this.onload();
      }
      fail(status = 0) {
        if (server.held?.request === this) server.held = undefined;
        Object.assign(this, { readyState: 4, status });
        if (status) this.onload();
        else this.onerror();
      }
    };
  }

  #take(messages, request) {
    this.seen.push(...messages);
    const answers = messages.map((message) => this.#reply(message, request));
    if (answers.includes(undefined)) return;
    const status = answers.find((answer) => typeof answer === "number");
    if (status !== undefined) request.fail(status);
    else request.answer(...answers);
  }

  #reply(message, request) {
    const { id, channel, subscription } = message;
    const done = { id, channel, successful: true };
    if (channel === "/meta/handshake") return this.#shakeHands(done);
    if (channel === "/meta/connect" && message.advice?.timeout !== 0) return void (this.held = { request, id });
    if (channel === "/meta/connect") return { ...done, ext: this.connectExt };
    if (channel === "/meta/subscribe" && this.holdsSubscribes) return void (this.heldSubscribe = () => request.answer({ ...done, subscription }));
    const refusal = channel === "/meta/subscribe" ? this.refusals.shift() : undefined;
    return typeof refusal === "number" ? refusal : { ...done, subscription, ...refusal };
  }

  #shakeHands(done) {
    this.sessions += 1;
    return { ...done, clientId: `session${this.sessions}`, version: "1.0", supportedConnectionTypes: ["long-polling"], ...this.handshake };
  }

  /** Ends the held connect with these messages, or with these members in its reply. */
  async deliver(messages = [], reply = {}) {
    await until("a connect is held", () => this.held);
    const { request, id } = this.held;
    this.held = undefined;
    request.answer(...messages, { id, channel: "/meta/connect", successful: true, ext: this.connectExt, ...reply });
  }

  async loseReply(status) {
    await until("a connect is held", () => this.held);
    this.held.request.fail(status);
  }

  forgetSession = () => this.deliver([], { successful: false, error: "402::Unknown client", advice: { reconnect: "handshake", interval: 0 } });

  count = (channel, subscription) => this.seen.filter((message) => message.channel === channel && (!subscription || message.subscription === subscription)).length;
}

const text = (n, channel = TOPIC) => ({ channel, data: { n } });

for (const line of LINES) {
  describe(`AttachedChannel on the npm package ${line}`, () => {
    const { CometD, AckExtension } = loaded.get(line);
    let server;
    let cometd;
    let told;
    let exceptions;
    let opened;

    /** A desktop's object that is configured and not yet connected. */
    const desktop = ({ ack = false } = {}) => {
      server = new Server();
      told = [];
      exceptions = [];
      opened = [];
      cometd = new CometD();
      cometd.configure({ url: "http://gws.example.com/cometd", logLevel: "warn" });
      cometd.onListenerException = (exception) => exceptions.push(exception);
      cometd.onCallbackException = (exception) => exceptions.push(exception);
      if (ack) cometd.registerExtension("ack", new AckExtension());
      if (ack) server.handshake = { ext: { ack: true } };
    };
    const connected = async (options) => {
      desktop(options);
      cometd.handshake();
      await until("a connect is held", () => server.held);
    };
    const record = (into = told) => ({
      message: ({ data }) => into.push(data.n),
      connection: ({ state, recovered }, reason) => into.push([state, ...(reason ? [reason.code] : []), ...(state === "connected" ? [recovered] : [])].join(" ")),
      gap: ({ cause, since, until }) => {
        assert.ok(since <= until);
        into.push(cause);
      },
      warning: ({ code, message }) => into.push(`warning ${code} ${message}`),
    });
    const attach = (events = record()) => {
      const channel = new AttachedChannel(cometd, events);
      opened.push(channel);
      return channel;
    };
    const attached = async (options) => {
      await connected(options);
      const channel = attach();
      await channel.start();
      return channel;
    };
    const forget = () => void (told.length = 0);
    const inState = (channel, state) => until(`state ${state}`, () => channel.status.state === state);

    afterEach(async () => {
      for (const channel of opened) channel.close();
      cometd.disconnect();
      await settled();
      assert.deepEqual(exceptions, [], "nothing was thrown into the host");
      assert.equal(server.count("/meta/publish"), 0);
    });

    it("subscribes on a connected host and hands on what comes", async () => {
      const channel = await attached();
      assert.deepEqual(channel.status, { state: "connected", transport: "attached", clientId: "session1", acknowledged: false, recovered: true });
      await server.deliver([text(1), text(2)]);
      assert.deepEqual(told, ["connecting", "connected true", 1, 2]);
      const sent = server.seen.find(({ channel }) => channel === "/meta/subscribe");
      assert.deepEqual(Object.keys(sent).sort(), ["channel", "clientId", "id", "subscription"]);
    });

    it("needs no answer where the host has the topic already", async () => {
      await connected();
      const own = [];
      cometd.subscribe(TOPIC, ({ data }) => own.push(data.n));
      await until("subscribed", () => server.count("/meta/subscribe") === 1);
      await settled();
      const channel = attach();
      await channel.start();
      assert.equal(channel.status.state, "connected");
      await server.deliver([text(1)]);
      channel.close();
      await server.deliver([text(2)]);
      assert.deepEqual([server.count("/meta/subscribe"), server.count("/meta/unsubscribe"), own], [1, 0, [1, 2]]);
      assert.deepEqual(told, ["connecting", "connected true", 1, "disconnected"]);
    });

    it("waits for the host's handshake", async () => {
      desktop();
      const channel = attach();
      const started = channel.start();
      await settled();
      assert.equal(channel.status.state, "connecting");
      cometd.handshake();
      await started;
      await inState(channel, "connected");
      assert.deepEqual(told, ["connecting", "connected true"]);
      assert.equal(server.count("/meta/subscribe"), 1);
    });

    for (const [where, begin] of [
      ["callback", (run) => cometd.handshake(run)],
      ["listener", (run) => {
        cometd.addListener("/meta/handshake", run);
        cometd.handshake();
      }],
    ]) {
      it(`can be started in the host's handshake ${where}, each message once`, async () => {
        desktop({ ack: true });
        let started;
        begin(() => (started ??= attach().start()));
        await until("started", () => started);
        await started;
        await inState(opened[0], "connected");
        await server.deliver([text(1)]);
        assert.deepEqual(told, ["connecting", "connected true", 1]);
      });
    }

    it("subscribes again after the host's next handshake, and tells the gap before what comes then", async () => {
      const channel = await attached();
      const calls = [];
      await channel.subscribe(CALLS, ({ data }) => calls.push(data.n));
      forget();
      await server.forgetSession();
      await until("subscribed again", () => server.count("/meta/subscribe", CALLS) === 2);
      await server.deliver([text(1), text(2, CALLS)]);
      assert.deepEqual(told, ["reconnecting server/402", "connected false", "new-session", 1]);
      assert.deepEqual([calls, channel.status.clientId], [[2], "session2"]);
    });

    it("tells the gap before a message that overtakes the confirmation", async () => {
      const channel = await attached();
      forget();
      server.holdsSubscribes = true;
      await server.forgetSession();
      await until("asked again", () => server.heldSubscribe);
      await server.deliver([text(1)]);
      assert.deepEqual([told, channel.status.state], [["reconnecting server/402", "new-session", 1], "reconnecting"]);
      server.heldSubscribe();
      assert.deepEqual(told.slice(3), ["connected false"]);
    });

    it("waits for the host's own subscribe where that came first after a handshake", async () => {
      await connected();
      cometd.addListener("/meta/handshake", () => cometd.subscribe(TOPIC, () => {}));
      const channel = attach();
      await channel.start();
      forget();
      server.holdsSubscribes = true;
      await server.forgetSession();
      await until("asked again", () => server.heldSubscribe);
      await server.deliver();
      await settled();
      assert.equal(channel.status.state, "reconnecting");
      server.heldSubscribe();
      assert.deepEqual(told, ["reconnecting server/402", "connected false", "new-session"]);
      assert.equal(server.count("/meta/subscribe"), 2);
    });

    it("a lost reply is a gap", async () => {
      const channel = await attached();
      forget();
      await server.loseReply();
      await inState(channel, "reconnecting");
      await inState(channel, "connected");
      assert.deepEqual(told, ["reconnecting network/failed", "connected false", "lost-reply"]);
      assert.equal(server.count("/meta/subscribe"), 1);
    });

    it("a lost reply is none where the server acknowledges", async () => {
      desktop({ ack: true });
      const channel = attach();
      const started = channel.start();
      cometd.handshake();
      await started;
      await inState(channel, "connected");
      assert.equal(channel.status.acknowledged, true);
      forget();
      await server.loseReply(503);
      await inState(channel, "reconnecting");
      await inState(channel, "connected");
      assert.deepEqual(told, ["reconnecting http/503", "connected true"]);
    });

    it("learns of the acknowledgement from the first connect where it came after the handshake", async () => {
      const channel = await attached({ ack: true });
      assert.equal(channel.status.acknowledged, false);
      server.connectExt = { ack: 1 };
      await server.deliver();
      assert.equal(channel.status.acknowledged, true);
      cometd.unregisterExtension("ack");
      assert.equal(channel.status.acknowledged, false);
    });

    it("another request of the host's that ends without its reply is a gap, told at the next contact", async () => {
      const channel = await attached();
      forget();
      server.refusals.push(500);
      cometd.subscribe(CALLS, () => {});
      await until("sent", () => server.count("/meta/subscribe", CALLS));
      await settled();
      assert.deepEqual(told, []);
      await server.deliver([text(1)]);
      assert.deepEqual([told, channel.status.state], [["lost-reply", 1], "connected"]);
    });

    it("a refusal rejects, and leaves nothing at the host", async () => {
      await connected();
      server.refusals.push({ successful: false, error: "403:denied_by_security_policy:subscribe_denied" });
      const channel = attach();
      await assert.rejects(channel.start(), ({ code, message }) => code === "server/403" && message.includes("403:denied_by_security_policy:subscribe_denied"));
      forget();
      await server.forgetSession();
      await server.deliver([text(1)]);
      assert.deepEqual([told, channel.status.state, server.count("/meta/subscribe"), server.count("/meta/unsubscribe")], [[], "disconnected", 1, 0]);
    });

    it("a refusal after a handshake disconnects, until the host's next one", async () => {
      const channel = await attached();
      forget();
      server.refusals.push({ successful: false, error: "403::denied" });
      await server.forgetSession();
      await inState(channel, "disconnected");
      await server.deliver();
      await server.forgetSession();
      await inState(channel, "connected");
      assert.deepEqual(told, ["reconnecting server/402", "disconnected server/403", "connecting", "connected false", "new-session"]);
    });

    it("another topic that is refused after a handshake is a warning", async () => {
      const channel = await attached();
      await channel.subscribe(CALLS, () => {});
      forget();
      server.refusals.push({}, { successful: false, error: "403::denied" });
      await server.forgetSession();
      await inState(channel, "connected");
      assert.deepEqual(told.filter((entry) => String(entry).startsWith("warning")), [`warning server/403 The server refused: ${CALLS}: 403::denied`]);
    });

    it("asks again at the next connect where a subscribe got no reply", async () => {
      await connected();
      server.refusals.push(500);
      const channel = attach();
      const started = channel.start();
      await until("asked", () => server.count("/meta/subscribe") === 1);
      await settled();
      await server.deliver();
      await started;
      await server.deliver([text(1)]);
      assert.deepEqual(told, ["connecting", "connecting http/500", "connected true", 1]);
    });

    it("two channels on one host are two listeners, and one's end is not the other's", async () => {
      const first = await attached();
      const heard = [];
      const second = attach(record(heard));
      await second.start();
      await server.deliver([text(1)]);
      first.close();
      first.close();
      await server.deliver([text(2)]);
      assert.deepEqual([told, heard], [["connecting", "connected true", 1, "disconnected"], ["connecting", "connected true", 1, 2]]);
      await server.forgetSession();
      await until("subscribed again", () => server.count("/meta/subscribe") === 2);
      await server.deliver([text(3)]);
      assert.deepEqual(heard.slice(4), ["reconnecting server/402", "connected false", "new-session", 3]);
      second.close();
      await until("unsubscribed", () => server.count("/meta/unsubscribe") === 1);
      assert.equal(cometd.getStatus(), "connected");
    });

    it("follows a host that disconnects and connects again", async () => {
      const channel = await attached();
      forget();
      cometd.disconnect();
      await inState(channel, "disconnected");
      await until("disconnected", () => cometd.getStatus() === "disconnected");
      assert.equal(channel.status.clientId, undefined);
      cometd.handshake();
      await inState(channel, "connected");
      await server.deliver([text(1)]);
      assert.deepEqual(told, ["disconnected", "connecting", "connected false", "new-session", 1]);
    });

    it("a server that ends the session disconnects", async () => {
      const channel = await attached();
      forget();
      await server.deliver([], { successful: false, error: "402::Unknown client", advice: { reconnect: "none" } });
      await inState(channel, "disconnected");
      assert.deepEqual(told, ["disconnected server/402"]);
    });

    it("so does a last connect that succeeds", async () => {
      const channel = await attached();
      forget();
      await server.deliver([text(1)], { advice: { reconnect: "none" } });
      await inState(channel, "disconnected");
      assert.deepEqual(told, [1, "disconnected server/ended"]);
    });

    it("closes on a host that is disconnected", async () => {
      const channel = await attached();
      cometd.disconnect();
      await until("disconnected", () => cometd.getStatus() === "disconnected");
      channel.close();
      cometd.handshake();
      await until("a connect is held", () => server.held);
      assert.equal(server.count("/meta/subscribe"), 1);
    });
  });
}
