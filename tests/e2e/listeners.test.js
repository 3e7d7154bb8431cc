// How listeners are called: in order, never inside the caller's own call, one that throws disturbs nobody, and anything may be done from inside.

import assert from "node:assert/strict";
import { scenarios } from "./lib/scenario.js";
import { newMessage } from "./lib/texts.js";
import { until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000"] });

async function connected(agent, simulator) {
  const anna = await agent();
  await anna.create();
  await anna.connect();
  await simulator.atRest();
  await anna.page.evaluate(() => void (e2e.calls = []));
  return anna;
}

/** Publishes numbered texts in one answer and resolves with what `e2e.calls` holds when the last has come. */
async function callsFor(simulator, anna, count = 1) {
  await anna.forget();
  await simulator.publish({ data: newMessage("{{n}}"), count });
  await anna.textsOf(count);
  return anna.page.evaluate(() => e2e.calls.splice(0));
}

scenario("a listener that throws is reported as an error event, and all others are still called, in order", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator);
  await anna.page.evaluate(() => {
    addEventListener("error", (event) => {
      e2e.calls.push(`error event: ${event.error.message}`);
      event.preventDefault();
    });
    e2e.client.on("NewMessage", () => e2e.calls.push("first"));
    e2e.client.on("NewMessage", () => {
      throw new Error("of a listener");
    });
    e2e.client.on("NewMessage", () => e2e.calls.push("last"));
    e2e.client.subscribe("/v2/me/im-sessions", () => {
      throw new Error("of a topic's listener");
    });
  });
  await until("the topic is subscribed", async () => (await simulator.sessionsOf("anna"))[0].subscriptions.length === 1);
  const calls = await callsFor(simulator, anna, 2);
  const once = ["first", "error event: of a listener", "last", "error event: of a topic's listener"];
  assert.deepEqual(calls, [...once, ...once]);
  assert.deepEqual([await anna.state(), await anna.events("warning")], ["connected", []]);
});

scenario("a listener that throws something that is no error, or rejects, disturbs nobody", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator);
  await anna.page.evaluate(() => {
    addEventListener("error", (event) => {
      e2e.calls.push(`error event: ${event.error}`);
      event.preventDefault();
    });
    addEventListener("unhandledrejection", (event) => event.preventDefault());
    for (const thrown of [undefined, null, "text"]) {
      e2e.client.on("NewMessage", () => {
        throw thrown;
      });
    }
    e2e.client.on("NewMessage", () => Promise.reject(new Error("later")));
    e2e.client.on("NewMessage", () => e2e.calls.push("last"));
  });
  assert.deepEqual(await callsFor(simulator, anna), ["error event: undefined", "error event: null", "error event: text", "last"]);
});

scenario("listeners of connection and gap that throw change nothing about the channel", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  const errors = await anna.page.evaluate(async () => {
    let errors = 0;
    addEventListener("error", (event) => {
      errors += 1;
      event.preventDefault();
    });
    for (const type of ["connection", "gap", "warning", "frame"]) {
      e2e.client.on(type, () => {
        throw new Error(type);
      });
    }
    await e2e.client.connect();
    await e2e.client.disconnect();
    await e2e.client.connect();
    return errors;
  });
  assert.ok(errors >= 8, `${errors} errors reported`);
  await simulator.publish({ data: newMessage("all the same") });
  assert.deepEqual(await anna.textsOf(1), ["all the same"]);
});

scenario("one removed by another during a delivery is not called any more; one added waits for the next", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator);
  await anna.page.evaluate(() => {
    const { client, calls } = e2e;
    const removed = () => calls.push("removed");
    const added = () => calls.push("added");
    client.on("NewMessage", ({ message }) => {
      calls.push(message);
      client.off("NewMessage", removed);
      if (message === "1") client.on("NewMessage", added);
    });
    client.on("NewMessage", removed);
    client.on("NewMessage", () => calls.push("last"));
  });
  assert.deepEqual(await callsFor(simulator, anna, 2), ["1", "last", "2", "last", "added"]);
});

scenario("the same function added twice is called twice and removed once at a time", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator);
  await anna.page.evaluate(() => {
    e2e.same = () => e2e.calls.push("same");
    e2e.client.on("NewMessage", e2e.same);
    e2e.client.on("NewMessage", e2e.same);
  });
  assert.deepEqual(await callsFor(simulator, anna), ["same", "same"]);
  await anna.page.evaluate(() => e2e.client.off("NewMessage", e2e.same));
  assert.deepEqual(await callsFor(simulator, anna), ["same"]);
});

scenario("once, signals and Unsubscribe end a listener, each as often as one likes", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator);
  await anna.page.evaluate(() => {
    const { client, calls } = e2e;
    e2e.controller = new AbortController();
    const add = (name, options) => client.on("NewMessage", ({ message }) => calls.push(`${name} ${message}`), options);
    add("once", { once: true });
    add("signal", { signal: e2e.controller.signal });
    add("never", { signal: AbortSignal.abort() });
    add("once never", { once: true, signal: AbortSignal.abort() });
    e2e.unsubscribe = add("unsubscribe");
    e2e.promise = client.once("NewMessage").then(({ message }) => calls.push(`promise ${message}`));
  });
  assert.deepEqual(await callsFor(simulator, anna, 2), ["once 1", "signal 1", "unsubscribe 1", "signal 2", "unsubscribe 2", "promise 1"]);
  await anna.page.evaluate(() => {
    e2e.controller.abort();
    e2e.unsubscribe();
    e2e.unsubscribe();
  });
  assert.deepEqual(await callsFor(simulator, anna), []);
  const disposable = await anna.page.evaluate(() => {
    const unsubscribe = e2e.client.on("NewMessage", () => e2e.calls.push("disposed"));
    if (!Symbol.dispose) return "the platform has none";
    unsubscribe[Symbol.dispose]();
    return "disposed";
  });
  assert.deepEqual([await callsFor(simulator, anna), disposable], [[], "disposed"]);
});

scenario("once() rejects when its signal aborts, and leaves no listener", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator);
  const code = await anna.page.evaluate(async () => {
    const controller = new AbortController();
    const waiting = e2e.outcome(e2e.client.once("NewMessage", { signal: controller.signal }));
    controller.abort();
    return (await waiting).error?.code;
  });
  assert.equal(code, "aborted");
  assert.deepEqual(await callsFor(simulator, anna), []);
});

scenario("subscribe() knows once and signals; the last listener gone, the server is told", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator);
  await anna.page.evaluate(async () => {
    e2e.controller = new AbortController();
    const listen = (name, options) => e2e.client.subscribe("/v2/me/calls", (message) => e2e.calls.push(`${name} ${message.data.n}`), options);
    await Promise.all([listen("once", { once: true }), listen("signal", { signal: e2e.controller.signal }), listen("plain")]).then(([, , plain]) => (e2e.unsubscribe = plain));
  });
  assert.equal((await simulator.counters()).requests.subscribe, 2, "three listeners of a topic are one subscription");
  await simulator.publish({ topic: "/v2/me/calls", data: { n: "{{n}}" }, count: 2 });
  await until("both came", () => anna.page.evaluate(() => e2e.calls.length >= 5));
  assert.deepEqual(await anna.page.evaluate(() => e2e.calls.splice(0)), ["once 1", "signal 1", "plain 1", "signal 2", "plain 2"]);
  await anna.page.evaluate(() => e2e.controller.abort());
  await simulator.publish({ topic: "/v2/me/calls", data: { n: 3 } });
  await until("it came", () => anna.page.evaluate(() => e2e.calls.length >= 1));
  assert.deepEqual(await anna.page.evaluate(() => e2e.calls.splice(0)), ["plain 3"]);
  await anna.page.evaluate(() => e2e.unsubscribe());
  await until("unsubscribed", async () => !(await simulator.sessionsOf("anna"))[0].subscriptions.includes("/v2/me/calls"));
  assert.equal((await simulator.counters()).requests.unsubscribe, 1);
});

scenario("no listener runs inside the caller's own call", async ({ agent }) => {
  const anna = await agent();
  const inside = await anna.page.evaluate(async () => {
    const client = await e2e.create({ frames: true });
    const calls = {
      connect: () => client.connect(),
      subscribe: () => client.subscribe("/v2/me/calls", () => {}),
      reconnect: () => client.reconnect(),
      disconnect: () => client.disconnect(),
      "connect again": () => client.connect(),
      dispose: () => client.dispose(),
    };
    const inside = [];
    for (const [name, call] of Object.entries(calls)) {
      const known = e2e.record.length;
      const result = call();
      if (e2e.record.length > known) inside.push(name);
      await result;
    }
    return { inside, recorded: e2e.record.length > 0 };
  });
  assert.deepEqual(inside, { inside: [], recorded: true });
});

scenario("a listener may call anything of its client, dispose included", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator);
  const seen = await anna.page.evaluate(async () => {
    const { client, calls } = e2e;
    const done = new Promise((resolve) => {
      client.on("NewMessage", async ({ message }) => {
        calls.push(message, client.state);
        if (message !== "1") return;
        client.reconnect();
        void client.subscribe("/v2/me/calls", () => {}).catch(() => {});
        void client.connect();
        void client.ready();
        client.once("gap").catch(() => {});
        await client.disconnect();
        calls.push(client.state);
        await client.connect();
        calls.push(client.state);
        await client.dispose();
        calls.push(client.state);
        resolve();
      });
    });
    await fetch("/simulator/publish", { method: "POST", body: JSON.stringify({
      topic: "/v2/me/im-sessions", count: 1, data: { messageType: "IMLogUpdateMessage", notificationType: "NewMessage", imSessionPath: "/im-sessions/1", message: "{{n}}" },
    }) });
    await done;
    return calls;
  });
  assert.deepEqual(seen, ["1", "connected", "disconnected", "connected", "disconnected"]);
  assert.deepEqual((await simulator.state()).cometdSessions, []);
});

scenario("disconnect() from a connection listener at each step ends where it says", async ({ simulator, agent }) => {
  const anna = await agent();
  const ends = await anna.page.evaluate(async () => {
    const ends = {};
    for (const step of ["connecting", "connected"]) {
      const client = await e2e.create();
      client.on("connection", ({ state }) => state === step && client.disconnect());
      const { error } = await e2e.outcome(client.connect());
      await e2e.until("disconnected", () => client.state === "disconnected");
      ends[step] = error?.code ?? "resolved";
    }
    return ends;
  });
  assert.equal(ends.connecting, "aborted");
  await until("the server has no session", async () => (await simulator.state()).cometdSessions.length === 0);
});

scenario("notifications() gives each in order, from the call on, to each of its readers", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator);
  await anna.page.evaluate(() => {
    e2e.readers = [e2e.client.notifications(), e2e.client.notifications()];
  });
  await callsFor(simulator, anna, 3);
  await simulator.publish({ data: { messageType: "ErrorMessage" } });
  await simulator.publish({ data: { messageType: "IMSessionStateChangeMessage", notificationType: "StatusChange", imSession: { id: "1", state: " Talking" } } });
  const read = await anna.page.evaluate(async () => {
    const read = [];
    for (const reader of e2e.readers) {
      const texts = [];
      for await (const notification of reader) {
        texts.push(notification.message ?? notification.imSession.state);
        if (texts.length === 4) break;
      }
      read.push(texts, await reader.next());
    }
    return read;
  });
  const expected = ["1", "2", "3", "Talking"];
  const ended = { value: undefined, done: true };
  assert.deepEqual(read, [expected, ended, expected, ended]);
});

scenario("notifications() drops the oldest beyond its bound, and a warning says so", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator);
  await anna.page.evaluate(() => void (e2e.reader = e2e.client.notifications({ highWaterMark: 3 })));
  await callsFor(simulator, anna, 10);
  const read = await anna.page.evaluate(async () => {
    const texts = [];
    for (let count = 0; count < 3; count++) texts.push((await e2e.reader.next()).value.message);
    return texts;
  });
  assert.deepEqual(read, ["8", "9", "10"]);
  const warnings = await anna.events("warning");
  assert.ok(warnings.length >= 1 && warnings.every(({ code, isGwsImError }) => code === "usage/slow-iterator" && isGwsImError), JSON.stringify(warnings));
  assert.equal(await anna.state(), "connected");
});

scenario("notifications() ends on its signal, and what has come can still be read", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator);
  await anna.page.evaluate(() => {
    e2e.controller = new AbortController();
    e2e.reader = e2e.client.notifications({ signal: e2e.controller.signal });
    e2e.endedAtOnce = e2e.client.notifications({ signal: AbortSignal.abort() });
  });
  await callsFor(simulator, anna, 1);
  const read = await anna.page.evaluate(async () => {
    e2e.controller.abort();
    return [(await e2e.reader.next()).value?.message, (await e2e.reader.next()).done, (await e2e.endedAtOnce.next()).done];
  });
  assert.deepEqual(read, ["1", true, true]);
});
