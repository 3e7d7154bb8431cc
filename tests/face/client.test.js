// The client over a scripted channel: what it makes of the channel's states, and what the page's going does to calls that wait.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";

import { GwsImClient, GwsImError, channels } from "./lib/face.js";

const outcome = (promise) => promise.then(() => "done", ({ code }) => code);
/** Whether it is settled, and how. */
const present = (promise) => Promise.race([outcome(promise), new Promise((resolve) => setImmediate(resolve, "waiting"))]);

describe("GwsImClient", () => {
  let originals;
  let page;
  let client;
  let clients;

  const create = (options) => {
    client = new GwsImClient({ baseUrl: "https://gws.example.com", ...options });
    clients.push(client);
    return client;
  };
  const channel = () => channels.at(-1);
  const goes = () => page.dispatchEvent(Object.assign(new Event("pagehide"), { persisted: true }));
  const returns = () => page.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  /** What a channel tells of a close. */
  const closed = (...cutShort) => {
    channel().become("disconnecting");
    for (const number of cutShort) channel().host.completed(number, new GwsImError("aborted"));
    channel().become("disconnected");
  };
  const connected = async () => {
    const connecting = create().connect();
    channel().become("connecting");
    channel().become("connected");
    channel().host.completed(1, undefined);
    await connecting;
  };

  beforeEach(() => {
    page = new EventTarget();
    clients = [];
    originals = ["addEventListener", "WebSocket"].map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
    Object.defineProperty(globalThis, "addEventListener", { value: page.addEventListener.bind(page), configurable: true });
  });

  afterEach(async () => {
    for (const one of clients) {
      const disposed = one.dispose();
      // The last command is the goodbye.
      channels.forEach((each) => each.host.completed(each.commands.filter(([name]) => name !== "withdraw").length, undefined));
      await disposed;
    }
    for (const [name, descriptor] of originals) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else delete globalThis[name];
    }
    channels.length = 0;
  });

  describe("whose page goes into the back/forward cache and returns", () => {
    it("is closed first and told that the page goes then", async () => {
      await connected();
      goes();
      assert.equal(channel().hiddenAfter, "close");
      closed();
    });

    it("is told nothing of a page that goes while it is not open", async () => {
      await connected();
      closed();
      goes();
      assert.equal(channel().hiddenAfter, undefined);
    });

    it("goes on with a connect() that waited", async () => {
      const connecting = create().connect();
      channel().become("connecting");
      goes();
      closed(1);
      assert.equal(await present(connecting), "waiting");
      returns();
      assert.ok(channel().count("open") > 1);
      channel().become("connecting");
      channel().become("connected");
      for (let number = 3; number <= 4; number += 1) channel().host.completed(number, undefined);
      assert.equal(await present(connecting), "done");
    });

    it("goes on with a ready() that waited, whenever the goodbye is answered", async () => {
      for (const steps of [[closed, returns], [returns, closed]]) {
        create().connect().catch(() => {});
        channel().become("connecting");
        const ready = client.ready();
        goes();
        for (const step of steps) step();
        assert.equal(await present(ready), "waiting");
        channel().become("connecting");
        channel().become("connected");
        assert.equal(await present(ready), "done");
      }
    });

    it("ends a ready() that waited when there is no way on", async () => {
      create().connect().catch(() => {});
      channel().become("connecting");
      const ready = client.ready();
      goes();
      closed();
      returns();
      channel().become("connecting");
      channel().become("disconnected", {}, new GwsImError("auth/required"));
      assert.equal(await present(ready), "auth/required");
    });

    it("asks again for a subscription that waited, once, and takes it back by its new number", async () => {
      await connected();
      const controller = new AbortController();
      const subscribing = client.subscribe("/v2/me/calls", () => {}, { signal: controller.signal });
      goes();
      closed(2);
      assert.equal(await present(subscribing), "waiting");
      returns();
      assert.equal(channel().count("subscribe"), 2);
      const number = channel().commands.findLastIndex(([name]) => name === "subscribe") + 1;
      controller.abort();
      assert.equal(await present(subscribing), "aborted");
      assert.deepEqual(channel().commands.at(-1), ["withdraw", number]);
    });

    it("does not ask again for a subscription that was taken back meanwhile, nor takes back another's", async () => {
      await connected();
      const controller = new AbortController();
      const subscribing = outcome(client.subscribe("/v2/me/calls", () => {}, { signal: controller.signal }));
      goes();
      closed(2);
      controller.abort();
      assert.equal(await subscribing, "aborted");
      returns();
      assert.deepEqual([channel().count("subscribe"), channel().count("unsubscribe")], [1, 0]);
    });

    it("stays closed, and ends what waited, when the caller disconnects meanwhile", async () => {
      const connecting = create().connect();
      channel().become("connecting");
      const ready = client.ready();
      goes();
      closed(1);
      void client.disconnect();
      assert.deepEqual([await present(connecting), await present(ready)], ["aborted", "aborted"]);
      returns();
      assert.equal(channel().count("open"), 1);
    });

    it("stays closed when it was", async () => {
      await connected();
      void client.disconnect();
      closed();
      goes();
      returns();
      assert.deepEqual([channel().count("open"), channel().count("close")], [1, 1]);
    });

    it("says goodbye and comes back each time", async () => {
      await connected();
      for (let time = 1; time <= 3; time += 1) {
        goes();
        closed();
        returns();
        channel().become("connected");
        assert.deepEqual([channel().count("open"), channel().count("close")], [1 + time, time]);
      }
    });
  });

  describe("event connection", () => {
    it("tells a move to another transport, which is no return from a break", async () => {
      const changes = [];
      await connected();
      client.on("connection", (change) => changes.push(change));
      channel().become("connected", { transport: "websocket", recovered: true, acknowledged: true });
      assert.deepEqual(changes, [{ state: "connected", previous: "connected", transport: "websocket", acknowledged: true }]);
    });

    it("says whether something may be missed on a return from a break only", async () => {
      const changes = [];
      create().on("connection", (change) => changes.push([change.state, change.previous, change.recovered]));
      client.connect().catch(() => {});
      for (const [state, recovered] of [["connecting", false], ["connected", true], ["reconnecting", false], ["connected", true], ["reconnecting", false], ["connected", false]]) {
        channel().become(state, { recovered });
      }
      assert.deepEqual(changes, [
        ["connecting", "disconnected", undefined],
        ["connected", "connecting", undefined],
        ["reconnecting", "connected", undefined],
        ["connected", "reconnecting", true],
        ["reconnecting", "connected", undefined],
        ["connected", "reconnecting", false],
      ]);
    });
  });

  describe("socket", () => {
    const made = [];
    class Scripted {
      constructor(...given) {
        made.push(given);
      }
    }

    it("is made by the constructor that was given, without a subprotocol unless there is one", () => {
      for (const options of [{ WebSocket: Scripted }, { WebSocket: Scripted, protocol: "bayeux" }]) {
        create(options).connect().catch(() => {});
        assert.ok(channel().host.socket("wss://gws.example.com/") instanceof Scripted);
      }
      assert.deepEqual(made.splice(0), [["wss://gws.example.com/"], ["wss://gws.example.com/", "bayeux"]]);
    });

    it("is made by the page's own constructor at that time otherwise", () => {
      create().connect().catch(() => {});
      Object.defineProperty(globalThis, "WebSocket", { value: Scripted, configurable: true });
      assert.ok(channel().host.socket("wss://gws.example.com/") instanceof Scripted);
      made.length = 0;
    });
  });

  it("hands the options of transports to the channel", () => {
    create({ transports: ["websocket"], connectTimeout: 5, httpKeepAlive: 7 }).connect().catch(() => {});
    const { transports, connectTimeout, httpKeepAlive } = channel().options;
    assert.deepEqual([transports, connectTimeout, httpKeepAlive], [["websocket"], 5, 7]);
  });

  it("shows frames to a listener that came after a call", async () => {
    const shown = [];
    create().request("GET", "/me").catch(() => {});
    await new Promise(setImmediate);
    channel().showFrames = (wanted) => shown.push(wanted);
    const stop = client.on("frame", () => {});
    stop();
    assert.deepEqual(shown, [true, false]);
  });

  it("tells by what a frame travelled", () => {
    const frames = [];
    create().on("frame", (frame) => frames.push(frame));
    client.connect().catch(() => {});
    channel().host.frame(true, "websocket", [{ channel: "/meta/connect" }]);
    assert.deepEqual(frames, [{ direction: "out", transport: "websocket", messages: [{ channel: "/meta/connect" }] }]);
  });
});
