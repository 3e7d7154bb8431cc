// The channel on a desktop's own cometd object, rule by rule, over an object that does what tests say.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe } from "node:test";

import { AttachedChannel } from "../../pkg-template/attached-channel.js";
import { GwsImError } from "../../pkg-template/errors.js";
import { CALLS, TOPIC, outcome, present, refused, rule, turn } from "./lib/scripted-cometd.js";

describe("AttachedChannel", () => {
  describe("what it is made of", () => {
    for (const name of ["subscribe", "unsubscribe", "addListener", "removeListener", "getStatus", "batch"]) {
      rule(`refuses an object without ${name}`, ({ host, create }) => {
        host[name] = undefined;
        assert.throws(create, (error) => GwsImError.is(error) && error.code === "usage/cometd" && error.message.includes(name));
      });
    }

    for (const nothing of [undefined, null, "cometd", {}]) {
      rule(`refuses ${JSON.stringify(nothing)}`, ({ events }) => assert.throws(() => new AttachedChannel(nothing, events), { code: "usage/cometd" }));
    }

    rule("does nothing to the host before start()", ({ host, create }) => {
      assert.deepEqual(create().status, { state: "disconnected", transport: "attached", clientId: "session1", acknowledged: false, recovered: false });
      assert.equal(host.table.size, 0);
    });

    rule("needs neither getClientId nor getExtension", async ({ host, started }) => {
      Object.assign(host, { getClientId: undefined, getExtension: undefined });
      const channel = await started();
      assert.deepEqual([channel.status.state, channel.status.clientId, channel.status.acknowledged], ["connected", undefined, false]);
      host.handshake({ ext: { ack: true } });
      host.answer();
      host.connect();
      assert.deepEqual([channel.status.state, channel.status.acknowledged], ["connected", false]);
      channel.close();
      assert.deepEqual([host.wire, host.table.size], [[`+${TOPIC}`, `+${TOPIC}`, `-${TOPIC}`], 0]);
    });
  });

  describe("start()", () => {
    for (const status of ["connected", "connecting", "handshaken"]) {
      rule(`subscribes at once on a host that is ${status}, and resolves with the confirmation`, async ({ host, told, create }) => {
        host.status = status;
        const start = create().start();
        assert.deepEqual([host.wire, await present(start)], [[`+${TOPIC}`], "waiting"]);
        host.answer();
        assert.equal(await present(start), "done");
        assert.deepEqual(told, ["connecting", "connected"]);
      });
    }

    for (const [status, clientId] of [["disconnected", null], ["disconnecting", "session1"], ["handshaking", null]]) {
      rule(`waits for the handshake of a host that is ${status}`, async ({ host, told, create }) => {
        Object.assign(host, { status, clientId });
        const start = create().start();
        assert.deepEqual([host.wire, await present(start)], [[], "waiting"]);
        host.handshake();
        assert.deepEqual([host.wire, await present(start)], [[`+${TOPIC}`], "waiting"]);
        host.answer();
        assert.deepEqual([await present(start), told], ["done", ["connecting"]]);
        host.connect();
        assert.deepEqual(told, ["connecting", "connected"]);
      });
    }

    rule("takes a topic that the host has for confirmed", async ({ host, create }) => {
      host.subscribe(TOPIC, () => {}, {});
      assert.equal(await present(create().start()), "done");
    });

    rule("does not where the host has asked for it since its handshake", async ({ host, create }) => {
      host.status = "handshaking";
      host.subscribe(TOPIC, () => {}, {});
      const start = create().start();
      assert.equal(await present(start), "waiting");
      host.answer();
      assert.equal(await present(start), "done");
    });

    for (const [reply, code] of [
      [refused("403"), "server/403"],
      [{ successful: false, error: "no" }, "server/subscribe"],
      [{ successful: false }, "server/subscribe"],
      [{ successful: false, error: { toString: 1 } }, "server/subscribe"],
    ]) {
      rule(`rejects ${code} for ${JSON.stringify(reply)}`, async ({ host, told, create }) => {
        const start = create().start();
        host.answer(TOPIC, reply);
        const error = await start.catch((error) => error);
        assert.deepEqual([error.code, error.retryable], [code, false]);
        if (typeof reply.error === "string") assert.match(error.message, new RegExp(reply.error));
        assert.deepEqual([told, host.table.size, host.wire], [["connecting", `disconnected ${code}`], 0, [`+${TOPIC}`]]);
      });
    }

    rule("asks again with the next connect, and once only, where no reply came or the server does not know the session", async ({ host, told, create }) => {
      const start = create().start();
      host.answer(TOPIC, { successful: false, failure: { httpCode: 503 } });
      host.connect();
      host.answer(TOPIC, refused("402"));
      host.connect();
      host.connect();
      assert.deepEqual([host.wire.length, await present(start)], [3, "waiting"]);
      host.answer();
      assert.equal(await present(start), "done");
      assert.deepEqual(told, ["connecting", "connecting http/503", "connecting server/402", "connected"]);
    });

    rule("ends with its signal and leaves nothing", async ({ host, create }) => {
      const gone = AbortSignal.abort();
      assert.equal(await present(create().start(gone)), "aborted");
      assert.equal(host.table.size, 0);
      const controller = new AbortController();
      const start = create().start(controller.signal);
      controller.abort("enough");
      const error = await start.catch((error) => error);
      assert.deepEqual([error.code, error.cause, host.table.size, host.wire], ["aborted", "enough", 0, [`+${TOPIC}`, `-${TOPIC}`]]);
    });

    rule("is not ended by its signal any more when it has resolved", async ({ host, create }) => {
      const controller = new AbortController();
      const channel = create();
      const start = channel.start(controller.signal);
      host.answer();
      await start;
      assert.deepEqual(getEventListeners(controller.signal, "abort"), []);
      controller.abort();
      assert.equal(channel.status.state, "connected");
    });

    rule("twice is once", async ({ host, create }) => {
      const channel = create();
      const both = [channel.start(), channel.start()];
      assert.equal(host.table.size, 6);
      host.answer();
      assert.deepEqual([await present(both[0]), await present(both[1]), host.wire], ["done", "done", [`+${TOPIC}`]]);
    });

    rule("rejects what the host throws, and leaves nothing", async ({ host, create }) => {
      host.batch = () => {
        throw new RangeError("of the host");
      };
      await assert.rejects(create().start(), RangeError);
      assert.equal(host.table.size, 0);
    });

    rule("ends with close()", async ({ create }) => {
      const channel = create();
      const start = channel.start();
      channel.close();
      assert.equal(await present(start), "aborted");
    });

    rule("is possible again after close(), which is a gap", async ({ host, told, started, now }) => {
      const channel = await started();
      now(5);
      channel.close();
      now(7);
      const start = channel.start();
      host.answer();
      await start;
      assert.deepEqual(told, ["disconnected", "connecting", "connected", "new-session 0 7"]);
    });
  });

  describe("states", () => {
    rule("in the answer to a handshake it waits for the first connect", async ({ host, create }) => {
      host.status = "handshaking";
      const channel = create();
      const start = channel.start();
      host.answer();
      await start;
      assert.equal(channel.status.state, "connecting");
      host.connect();
      assert.equal(channel.status.state, "connected");
    });

    rule("knows nothing of an end before it was closed", async ({ host, started }) => {
      const channel = await started();
      host.disconnect();
      channel.close();
      host.handshake();
      const start = channel.start();
      host.answer();
      await start;
      assert.equal(channel.status.state, "connected");
    });

    rule("is disconnected where the host disconnects while its handshake is told", async ({ host, told, started }) => {
      const channel = await started();
      for (const entry of host.table.values()) {
        if (entry.channel !== "/meta/handshake") continue;
        const { callback } = entry;
        entry.callback = (message) => {
          host.status = "disconnecting";
          callback(message);
        };
      }
      host.handshake();
      assert.deepEqual([told, channel.status.state, host.wire.length], [["disconnected"], "disconnected", 1]);
    });

    rule("is confirmed by an answer to its own subscribe only", async ({ host, started }) => {
      const channel = await started();
      host.answer(TOPIC, { successful: false, failure: { httpCode: 0 } });
      host.subscribe(TOPIC, () => {}, {});
      host.answer();
      assert.equal(channel.status.state, "reconnecting");
      host.connect();
      assert.equal(channel.status.state, "connected");
    });

    rule("takes an answer for several topics", async ({ host, create }) => {
      const start = create().start();
      host.tell("/meta/subscribe", { successful: true, subscription: [CALLS, TOPIC] });
      assert.equal(await present(start), "done");
    });

    rule("waits for both the confirmation and a connect after a handshake", async ({ host, started }) => {
      const channel = await started();
      host.handshake();
      host.connect();
      assert.equal(channel.status.state, "reconnecting");
      host.answer();
      assert.equal(channel.status.state, "connected");
      host.handshake();
      host.answer();
      assert.equal(channel.status.state, "reconnecting");
      host.connect();
      assert.equal(channel.status.state, "connected");
    });

    for (const [failure, code] of [
      [{ httpCode: 0 }, "network/failed"],
      [{ httpCode: -1, reason: "Previous request failed" }, "network/failed"],
      [{ exception: new Error("broken") }, "network/failed"],
      [{ httpCode: 503 }, "http/503"],
      [{ httpCode: 200, exception: new SyntaxError("<html>") }, "protocol/not-json"],
      [{ websocketCode: 1006 }, "network/socket-closed"],
    ]) {
      rule(`tells ${code} for ${JSON.stringify(failure)}`, async ({ host, told, started }) => {
        await started();
        host.breaks(failure);
        await turn();
        assert.deepEqual(told, [`reconnecting ${code}`]);
      });
    }

    rule("tells the same reason once, another one again", async ({ host, told, started }) => {
      await started();
      for (const httpCode of [503, 503, 0]) {
        host.breaks({ httpCode });
        await turn();
      }
      assert.deepEqual(told, ["reconnecting http/503", "reconnecting network/failed"]);
    });

    rule("tells only the end where the host gives up", async ({ host, told, started }) => {
      const channel = await started();
      host.breaks({ httpCode: 503 });
      host.status = "disconnected";
      await turn();
      assert.deepEqual([told, channel.status.state], [["disconnected http/503"], "disconnected"]);
    });

    rule("is disconnected by the host's disconnect, and what comes late of it changes nothing", async ({ host, told, started }) => {
      await started();
      host.status = "disconnecting";
      host.connect({ advice: { reconnect: "none" } });
      assert.deepEqual(told, ["disconnected"]);
      host.disconnect();
      host.breaks();
      await turn();
      assert.deepEqual(told, ["disconnected"]);
    });

    rule("is disconnected by the server with a reason", async ({ host, told, started }) => {
      await started();
      host.disconnect({ successful: true });
      assert.deepEqual(told, ["disconnected server/ended"]);
    });

    rule("tries with a host whose next handshake fails first", async ({ host, told, started }) => {
      await started();
      host.disconnect();
      Object.assign(host, { status: "handshaking" });
      host.tell("/meta/handshake", { successful: false, error: "403::denied" });
      await turn();
      host.handshake();
      host.answer();
      host.connect();
      assert.deepEqual(told.slice(0, 3), ["disconnected", "connecting", "connected"]);
    });

    rule("is disconnected by a refusal until the host's next handshake", async ({ host, told, started }) => {
      const channel = await started();
      host.handshake();
      host.answer(TOPIC, refused("403"));
      host.connect();
      host.breaks();
      await turn();
      assert.deepEqual(told, ["reconnecting", "disconnected server/403"]);
      assert.equal(host.wire.length, 2);
      host.handshake();
      host.connect();
      host.answer();
      assert.equal(channel.status.state, "connected");
    });

    rule("notices when somebody else's refused subscribe has cost it the topic", async ({ host, told, started }) => {
      await started();
      host.answer(TOPIC, refused("403"));
      assert.deepEqual(told, ["disconnected server/403"]);
    });
  });

  describe("close()", () => {
    rule("takes back everything, once, and rejects what waits", async ({ host, told, started }) => {
      const channel = await started();
      const waiting = channel.subscribe(CALLS, () => {});
      channel.close();
      channel.close();
      assert.deepEqual([await outcome(waiting), host.table.size, told], ["aborted", 0, ["disconnected"]]);
      assert.deepEqual(host.wire, [`+${TOPIC}`, `+${CALLS}`, `-${TOPIC}`, `-${CALLS}`]);
    });

    rule("sends nothing where the session is over", async ({ host, started }) => {
      const channel = await started();
      Object.assign(host, { status: "handshaking", clientId: null });
      channel.close();
      assert.deepEqual([host.table.size, host.wire], [0, [`+${TOPIC}`]]);
    });

    rule("what comes all the same is told to nobody", async ({ host, told, create, started }) => {
      await started();
      const channel = create();
      const start = channel.start();
      const { callback } = [...host.table.values()].at(-1);
      host.answer();
      await start;
      host.breaks();
      await turn();
      channel.close();
      told.length = 0;
      callback({ channel: TOPIC, data: "late" });
      assert.deepEqual(told, []);
    });

    rule("from within an event leaves nothing to be told", async ({ host, told, events, started }) => {
      const channel = await started();
      events.gap = () => channel.close();
      host.breaks();
      host.tell(TOPIC, { data: "next" });
      await turn();
      assert.deepEqual([told, host.table.size], [["disconnected"], 0]);
    });
  });

  rule("reports what goes wrong while the host tells it something", async ({ host, reported, started }) => {
    await started();
    host.getStatus = () => {
      throw new Error("of the host");
    };
    host.connect();
    assert.deepEqual(reported.map(({ message }) => message), ["of the host"]);
    reported.length = 0;
  });

  rule("reports what its listeners throw, and the host does not notice", async ({ host, reported }) => {
    const failing = Object.fromEntries(["message", "connection", "gap", "warning"].map((name) => [name, () => {
      throw new Error(name);
    }]));
    const channel = new AttachedChannel(host, failing);
    const start = channel.start();
    host.answer();
    await start;
    host.breaks();
    host.connect();
    host.tell(TOPIC, { data: 1 });
    assert.equal(channel.status.state, "connected");
    assert.deepEqual(reported.map(({ message }) => message), ["connection", "connection", "gap", "message"]);
    reported.length = 0;
  });
});
