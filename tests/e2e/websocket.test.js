// The channel on a WebSocket, against the CometD 3.1.5 of the simulator: moved to when it has proved to work, and all that a channel does, done there.

import assert from "node:assert/strict";
import { BOTH, connected, onSocket, scenarios } from "./lib/scenario.js";
import { longestTask } from "./lib/tasks.js";
import { newMessage } from "./lib/texts.js";
import { throughout, until } from "./lib/wait.js";

const scenario = scenarios();
const SILENCE_MS = 500;
const COMETD = ["handshake", "connect", "subscribe", "unsubscribe", "disconnect"];

/** The CometD requests that came over HTTP so far. */
async function overHttp(simulator) {
  const { requests } = await simulator.counters();
  return Object.fromEntries(COMETD.map((kind) => [kind, requests[kind]]));
}

/** Does `action` and asserts that it made no CometD request over HTTP and opened no socket. */
async function onTheOneSocket(simulator, action) {
  const before = [await overHttp(simulator), (await simulator.counters()).sockets.opened];
  await action();
  assert.deepEqual([await overHttp(simulator), (await simulator.counters()).sockets.opened], before);
}

const noSession = (simulator) => until("the server has no session", async () => (await simulator.state()).cometdSessions.length === 0, { within: 3_000 });
const noSocket = (simulator) => until("the server has no socket", async () => (await simulator.counters()).sockets.open === 0, { within: 3_000 });

async function expectSilence(simulator) {
  const seen = async () => {
    const { requests, frames, sockets } = await simulator.counters();
    return JSON.stringify([requests, frames, sockets]);
  };
  const before = await seen();
  await throughout("nothing is sent", SILENCE_MS, async () => (await seen()) === before);
}

scenario("the session moves to a socket: one handshake, one subscription, one socket, and the caller sees nothing but the transport", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator, BOTH);
  const before = await anna.clientId();
  const session = await simulator.atRestOn("websocket");
  await anna.onTransport("websocket");
  assert.deepEqual([session.clientId, await anna.clientId()], [before, before]);
  assert.deepEqual([await anna.path(), await anna.transports()], [["connecting", "connected"], ["long-polling", "websocket"]]);
  const { requests, frames, sockets } = await simulator.counters();
  assert.deepEqual([requests.handshake, requests.subscribe, requests.upgrade, sockets.opened, frames.connect], [1, 1, 1, 1, 2]);
  assert.ok(requests.connect <= 2, `${requests.connect} polls`);
  assert.deepEqual([await anna.events("gap"), await anna.events("warning")], [[], []]);
});

for (const ack of [true, false]) {
  scenario(`notifications come over the socket once and in order, acknowledged: ${ack}`, async ({ simulator, agent }) => {
    await simulator.options({ timeout: 400 });
    const anna = await onSocket(agent, simulator, { ack });
    await onTheOneSocket(simulator, async () => {
      for (let index = 1; index <= 5; index++) await simulator.publish({ data: newMessage(`single ${index}`) });
      await simulator.publish({ data: newMessage("batch {{n}}"), count: 20 });
      await anna.textsOf(25);
    });
    assert.deepEqual(await anna.texts(), [1, 2, 3, 4, 5].map((n) => `single ${n}`).concat(Array.from({ length: 20 }, (_, index) => `batch ${index + 1}`)));
    assert.deepEqual([await anna.path(), await anna.events("gap")], [["connecting", "connected"], []]);
    assert.equal((await anna.diagnostics()).acknowledged, ack);
  });
}

scenario("an idle session asks again on the same socket each time the server has held its connect", async ({ simulator, agent }) => {
  await simulator.options({ timeout: 200 });
  const anna = await onSocket(agent, simulator);
  const { frames: before } = await simulator.counters();
  const told = (await anna.record()).length;
  await onTheOneSocket(simulator, () => until("five more connects", async () => (await simulator.counters()).frames.connect >= before.connect + 5));
  assert.equal((await anna.record()).length, told, "nothing has changed for the caller");
});

scenario("subscriptions come and go on the one socket, however many there are", async ({ simulator, agent }) => {
  const anna = await onSocket(agent, simulator);
  await onTheOneSocket(simulator, async () => {
    await anna.page.evaluate(async () => {
      e2e.heard = [];
      const topics = Array.from({ length: 600 }, (_, index) => `/v2/me/${"long-name".repeat(12)}/${index}`);
      const removes = await Promise.all(topics.map((topic) => e2e.client.subscribe(topic, ({ channel }) => e2e.heard.push(channel))));
      e2e.topics = topics;
      for (const remove of removes.slice(1)) remove();
    });
    await until("one of them and the main one are left", async () => (await simulator.sessionsOf("anna"))[0].subscriptions.length === 2);
    const first = await anna.page.evaluate(() => e2e.topics[0]);
    await simulator.publish({ topic: first, data: {} });
    await until("it is heard", () => anna.page.evaluate(() => e2e.heard.length));
    assert.deepEqual(await anna.page.evaluate(() => e2e.heard), [first]);
  });
  const { frames } = await simulator.counters();
  assert.deepEqual([frames.subscribe, frames.unsubscribe], [600, 599]);
});

scenario("what the wire carries is shown with its transport", async ({ simulator, agent }) => {
  const anna = await onSocket(agent, simulator, { frames: true });
  await simulator.publish({ data: newMessage("hello") });
  await anna.textsOf(1);
  const frames = await anna.events("frame");
  const delivery = frames.find(({ messages }) => messages.some(({ data }) => data?.message === "hello"));
  assert.deepEqual([delivery.direction, delivery.transport], ["in", "websocket"]);
  const onWire = frames.filter(({ direction, transport }) => direction === "out" && transport === "websocket");
  assert.ok(onWire.length >= 2 && onWire.every(({ messages }) => messages.length === 1 && messages[0].channel === "/meta/connect"), JSON.stringify(onWire));
});

scenario("disconnect() on the socket leaves no session, no socket, and silence", async ({ simulator, agent }) => {
  const anna = await onSocket(agent, simulator);
  await anna.disconnect();
  assert.deepEqual(await simulator.sessionsOf("anna"), [], "at the moment disconnect() resolves");
  await noSocket(simulator);
  assert.deepEqual(await anna.path(), ["connecting", "connected", "disconnecting", "disconnected"]);
  assert.deepEqual([await anna.transport(), await anna.clientId(), await anna.reason()], [undefined, undefined, undefined]);
  await expectSilence(simulator);
});

scenario("connect() after disconnect() moves to a socket again", async ({ simulator, agent }) => {
  const anna = await onSocket(agent, simulator);
  const before = await anna.clientId();
  await anna.disconnect();
  await anna.connect();
  await simulator.atRestOn("websocket");
  assert.notEqual(await anna.clientId(), before);
  const { requests, sockets } = await simulator.counters();
  assert.deepEqual([requests.handshake, sockets.opened, sockets.open], [2, 2, 1]);
  assert.equal((await anna.sockets()).most, 1);
});

scenario("a page that goes while on the socket leaves no session", async ({ simulator, agent }) => {
  const anna = await onSocket(agent, simulator);
  await anna.page.goto(`${simulator.address}/gws-im-sdk/package.json`);
  await until("the session is gone long before it expires", async () => (await simulator.sessionsOf("anna")).length === 0, { within: 4_000 });
  await noSocket(simulator);
});

scenario("a page reloaded five times while on the socket leaves one session and one socket", async ({ simulator, agent }) => {
  const anna = await onSocket(agent, simulator);
  for (let reload = 0; reload < 5; reload++) {
    await anna.page.reload();
    await anna.page.waitForFunction(() => globalThis.e2e);
    await anna.create(BOTH);
    await anna.connect();
    await anna.onTransport("websocket");
  }
  await until("one session", async () => (await simulator.sessionsOf("anna")).length === 1, { within: 4_000 });
  await until("one socket", async () => (await simulator.counters()).sockets.open === 1, { within: 4_000 });
  assert.deepEqual(await anna.events("warning"), []);
});

scenario("dispose() on the socket leaves nothing behind", async ({ simulator, agent }) => {
  const anna = await onSocket(agent, simulator);
  await anna.dispose();
  assert.equal(await anna.state(), "disconnected");
  await noSession(simulator);
  await noSocket(simulator);
  const told = (await anna.record()).length;
  await expectSilence(simulator);
  assert.equal((await anna.record()).length, told);
});

scenario("a listener may disconnect on a message from the socket", async ({ simulator, agent }) => {
  const anna = await onSocket(agent, simulator);
  await anna.page.evaluate(() => {
    const { client } = e2e;
    client.on("NewMessage", ({ message }) => message === "2" && client.disconnect().then(() => (e2e.gone = true)));
  });
  await simulator.publish({ data: newMessage("{{n}}"), count: 50 });
  await until("disconnected", () => anna.page.evaluate(() => e2e.gone));
  await noSession(simulator);
  await noSocket(simulator);
  const texts = await anna.texts();
  assert.deepEqual(texts, texts.map((_, index) => `${index + 1}`), "a beginning of what was sent");
  assert.deepEqual(await anna.path(), ["connecting", "connected", "disconnecting", "disconnected"]);
  await expectSilence(simulator);
});

scenario("two clients of one page have a socket and a session each, and all that is published", async ({ simulator, agent }) => {
  await simulator.options({ maxSessionsPerBrowser: -1 });
  const anna = await onSocket(agent, simulator);
  await anna.page.evaluate(async (transports) => {
    e2e.other = await e2e.sdk.GwsImClient.create({ baseUrl: location.origin, transports });
    e2e.others = [];
    e2e.other.on("NewMessage", ({ message }) => e2e.others.push(message));
    await e2e.other.connect();
  }, BOTH.transports);
  await until("both are on sockets", async () => (await simulator.sessionsOf("anna")).filter(({ held, transport }) => held && transport === "websocket").length === 2);
  await simulator.publish({ data: newMessage("{{n}}"), count: 10 });
  const expected = Array.from({ length: 10 }, (_, index) => `${index + 1}`);
  assert.deepEqual(await anna.textsOf(10), expected);
  await until("the other one has them, too", () => anna.page.evaluate(() => e2e.others.length >= 10));
  assert.deepEqual(await anna.page.evaluate(() => e2e.others), expected);
  await anna.page.evaluate(() => e2e.other.dispose());
  await until("one is left", async () => (await simulator.counters()).sockets.open === 1);
  await simulator.publish({ data: newMessage("for one") });
  assert.equal((await anna.textsOf(11)).at(-1), "for one");
  assert.deepEqual(await anna.events("warning"), []);
});

scenario("5,000 notifications in a burst come over the socket in order, and the page can do other things meanwhile", async ({ simulator, browser, agent }) => {
  const anna = await onSocket(agent, simulator);
  await anna.page.evaluate(() => {
    e2e.record.length = 0;
    e2e.seen = [];
    e2e.client.on("NewMessage", ({ message }) => e2e.seen.push(Number(message)));
  });
  const longest = await longestTask(browser, anna.page, async () => {
    await simulator.publish({ data: newMessage("{{n}}"), count: 5_000 });
    await until("all have come", () => anna.page.evaluate(() => e2e.seen.length >= 5_000), { within: 15_000 });
  });
  assert.deepEqual(await anna.page.evaluate(() => e2e.seen.every((n, index) => n === index + 1) && e2e.seen.length), 5_000);
  assert.ok(longest < 200, `the page was busy for ${longest} ms at a stretch`);
  const session = await simulator.atRestOn("websocket");
  assert.deepEqual([session.clientId, await anna.path()], [await anna.clientId(), []]);
});

scenario("the login is kept alive by GET /me while the socket carries everything, and only then", async ({ simulator, agent }) => {
  const anna = await connected(agent, simulator, { httpKeepAlive: 150 });
  const asked = () => anna.requests.filter(({ path }) => path === "/api/v2/me");
  const before = asked().length;
  await throughout("no GET /me on long-polling", SILENCE_MS, () => asked().length === before);
  await anna.dispose();
  await anna.create({ ...BOTH, httpKeepAlive: 1_000 });
  await anna.connect();
  await anna.onTransport("websocket");
  await until("two of them", () => asked().length >= before + 2, { within: 8_000 });
  const times = asked().slice(before).map(({ at }) => at);
  const waits = times.slice(1).map((at, index) => at - times[index]);
  assert.ok(waits.every((wait) => wait > 600 && wait < 3_000), `waits of ${waits} ms`);
  await anna.disconnect();
  const atTheEnd = asked().length;
  await throughout("none after the end", 1_100, () => asked().length === atTheEnd);
});

scenario("a login that has ended is noticed by the GET that keeps it alive, and renewed", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.page.evaluate(async ({ transports }) => {
    e2e.logins = [];
    await e2e.create({
      transports,
      httpKeepAlive: 1_000,
      reauthenticate: async ({ status }) => {
        e2e.logins.push(status);
        await e2e.logIn();
      },
    });
  }, BOTH);
  await anna.connect();
  await anna.onTransport("websocket");
  const before = await anna.clientId();
  await simulator.fault("rest", { type: "answer", status: 401, body: { statusCode: 20, statusMessage: "Access denied" } }, { path: "/api/v2/me" });
  await anna.connectedAnew(before, { within: 8_000 });
  assert.deepEqual(await anna.page.evaluate(() => e2e.logins), [401]);
  assert.equal((await anna.event("connection", ({ state }) => state === "reconnecting")).reason.code, "auth/required");
  assert.equal((await anna.event("gap")).cause, "new-session");
  await simulator.atRestOn("websocket");
});

scenario("the subprotocol is asked for, and a server that does not know it is asked on long-polling", async ({ simulator, agent }) => {
  const anna = await agent();
  const cdp = await anna.page.context().newCDPSession(anna.page);
  await cdp.send("Network.enable");
  const asked = new Promise((resolve) => cdp.on("Network.webSocketWillSendHandshakeRequest", ({ request }) => resolve(request.headers["Sec-WebSocket-Protocol"])));
  const ended = new Promise((resolve) => cdp.on("Network.webSocketClosed", resolve));
  await anna.create({ ...BOTH, protocol: "gws.v2" });
  await anna.connect();
  assert.equal(await asked, "gws.v2");
  await ended;
  await simulator.publish({ data: newMessage("hello") });
  assert.deepEqual(await anna.textsOf(1), ["hello"]);
  assert.deepEqual([await anna.path(), await anna.transports(), (await anna.sockets()).made], [["connecting", "connected"], ["long-polling"], 1]);
});
