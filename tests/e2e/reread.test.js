// After a gap the list is read again: what changed meanwhile is told as recovered, texts are shown as missing, and no failure of the read stops the channel.

import assert from "node:assert/strict";
import { scenarios } from "./lib/scenario.js";
import { attach, becomesSynced, changesOf, complete, forgetTold, initiate, isSynced, listOf, logOf, READING, readings, removeData, send, sessionOf, sessionsOf, syncedList, toldLine, toldTo } from "./lib/sessions.js";
import { throughout, until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000"] });
/** Longer than the wait before the list is asked for again, with the times below. */
const SILENCE_MS = 800;
const QUICK = { backoffIncrement: 300, maxBackoff: 600, backoffJitter: 0 };

/** Anna's session at the server is lost, and she has another one. */
async function throughGap(simulator, anna) {
  const { clientId } = await simulator.atRest();
  await simulator.expire({ user: "anna" });
  await anna.connectedAnew(clientId, { within: 8_000 });
}

/** Does `meanwhile` while anna's session at the server is lost and she can't make another one, and resolves when she has. */
async function throughNewSession(simulator, anna, meanwhile) {
  const before = await anna.clientId();
  await simulator.fault("handshake", { type: "drop" }, { user: "anna" });
  await simulator.expire({ user: "anna" });
  await meanwhile();
  await anna.connectedAnew(before, { within: 10_000 });
}

/** The same for a reply to a poll that is lost without acknowledgement, so that the session stays. */
async function throughLostReply(simulator, anna, meanwhile) {
  await simulator.atRest();
  await simulator.fault("connect", { type: "drop-reply" }, { user: "anna" });
  // The poll that waits was not met: the next one is.
  await simulator.publish({ user: "anna", data: {} });
  await anna.event("unknown");
  await simulator.atRest();
  await meanwhile();
  await toldLine(anna, /^gap /);
}

for (const transport of ["long-polling", "websocket"]) {
  scenario(`what changed while the session was lost is told as recovered, on ${transport}`, async ({ simulator, agent }) => {
    await simulator.options({ maxImSessions: 5, getUserData: true });
    const anna = await syncedList(agent, simulator, { transport });
    const [stays, ends, edited] = [await initiate(simulator), await initiate(simulator), await initiate(simulator, { userData: { a: "1", gone: "x" } })];
    await send(simulator, stays, "before");
    await logOf(anna, stays, 1);
    await forgetTold(anna);
    let began;
    await throughNewSession(simulator, anna, async () => {
      await send(simulator, stays, "missed");
      await complete(simulator, ends);
      await attach(simulator, edited, { a: "2" });
      await removeData(simulator, edited, "gone");
      began = await initiate(simulator, { userData: { b: "1" } });
      await send(simulator, began, "missed, too");
    });
    await becomesSynced(anna);

    const recovered = await anna.events("IMSessionStateChangeMessage");
    const told = Object.fromEntries(recovered.map(({ notificationType, recovered, imSession: { id, state, userData } }) => [`${notificationType} ${id}`, [recovered, state, userData]]));
    assert.deepEqual(told, {
      [`AttachedDataChanged ${edited}`]: [true, "Talking", { a: "2" }],
      [`StatusChange ${began}`]: [true, "Talking", { b: "1" }],
      [`StatusChange ${ends}`]: [true, "Completed", {}],
    });
    assert.equal(recovered.length, 3);
    const [gap, ...more] = await anna.events("gap");
    assert.deepEqual([gap.cause, gap.logsMayMiss.toSorted(), more], ["new-session", [stays, ends, edited].toSorted(), []]);
    assert.deepEqual((await sessionsOf(anna)).map(({ id, state, log, logComplete }) => [id, state, log, logComplete]), [
      [stays, "Talking", ["before", "gap"], false],
      [ends, "Completed", ["gap"], false],
      [edited, "Talking", ["gap"], false],
      [began, "Talking", ["gap"], false],
    ]);
    const lines = (await toldTo(anna)).filter((line) => /^(sessions|gap|connection connected)/.test(line));
    assert.deepEqual(lines, ["connection connected recovered false unsynced", "gap new-session unsynced", "sessions notification 3 unsynced", "sessions refresh 3 synced"]);
    assert.deepEqual((await changesOf(anna)).at(-1).changed.map(({ id }) => id).toSorted(), [ends, edited, began].toSorted());

    await send(simulator, stays, "after");
    assert.deepEqual(await logOf(anna, stays, 3), ["before", "gap", "after"]);
    await send(simulator, began, "heard");
    assert.deepEqual(await logOf(anna, began, 2), ["gap", "heard"]);
  });
}

scenario("user data that the read does not show is kept as it was known", async ({ simulator, agent }) => {
  const anna = await syncedList(agent, simulator);
  const id = await initiate(simulator, { userData: { favColor: "blue" } });
  await until("it is there", () => sessionOf(anna, id));
  await forgetTold(anna);
  await throughGap(simulator, anna);
  await becomesSynced(anna);
  assert.deepEqual((await sessionOf(anna, id)).userData, { favColor: "blue" });
  assert.deepEqual(await anna.events("IMSessionStateChangeMessage"), []);
  await attach(simulator, id, { b: "1" });
  await until("the change is there", async () => JSON.stringify((await sessionOf(anna, id)).userData) === JSON.stringify({ favColor: "blue", b: "1" }));
});

scenario("a server that restarts and has forgotten the sessions: the list is read as soon as the channel stands", async ({ simulator, agent }) => {
  await simulator.options({ maxImSessions: 5 });
  const anna = await syncedList(agent, simulator);
  const id = await initiate(simulator);
  await send(simulator, id, "before");
  await logOf(anna, id, 1);
  const before = await anna.clientId();
  await forgetTold(anna);
  await simulator.restart({ downMs: 700 });
  await anna.connectedAnew(before, { within: 10_000 });
  await becomesSynced(anna);
  assert.deepEqual((await sessionOf(anna, id)).log, ["before", "gap"]);
  assert.deepEqual((await anna.events("gap")).map(({ logsMayMiss }) => logsMayMiss), [[id]]);
  const told = await toldTo(anna);
  const end = told.indexOf("gap new-session unsynced");
  assert.ok(told.slice(0, end + 1).every((line) => line.endsWith(" unsynced")), told.join("\n"));
});

scenario("a lost reply without acknowledgement is a gap in the log, and what it carried for the list is recovered", async ({ simulator, agent }) => {
  await simulator.options({ maxImSessions: 5 });
  const anna = await syncedList(agent, simulator, { ack: false });
  const [stays, ends] = [await initiate(simulator), await initiate(simulator)];
  await send(simulator, stays, "before");
  await logOf(anna, stays, 1);
  await forgetTold(anna);
  const session = await anna.clientId();
  await throughLostReply(simulator, anna, () => complete(simulator, ends));
  await becomesSynced(anna);
  assert.deepEqual(await anna.events("IMSessionStateChangeMessage").then((events) => events.map(({ recovered, imSession: { id, state } }) => [recovered, id, state])), [[true, ends, "Completed"]]);
  assert.deepEqual((await anna.events("gap")).map(({ cause, logsMayMiss }) => [cause, logsMayMiss]), [["lost-reply", [stays, ends]]]);
  await send(simulator, stays, "after");
  assert.deepEqual(await logOf(anna, stays, 3), ["before", "gap", "after"]);
  assert.equal(await anna.clientId(), session);
});

scenario("with acknowledgement a lost reply is no gap: the log is whole, and nothing is read again", async ({ simulator, agent }) => {
  const anna = await syncedList(agent, simulator);
  const id = await initiate(simulator);
  await send(simulator, id, "a");
  await logOf(anna, id, 1);
  await simulator.atRest();
  await simulator.fault("connect", { type: "drop-reply" }, { user: "anna" });
  for (const text of ["b", "c", "d"]) await send(simulator, id, text);
  assert.deepEqual(await logOf(anna, id, 4), ["a", "b", "c", "d"]);
  await anna.inState("connected");
  await becomesSynced(anna);
  assert.deepEqual([(await sessionOf(anna, id)).logComplete, (await readings(simulator)).length, await anna.events("gap")], [true, 1, []]);
});

scenario("a text that comes with the first replies of the new session stands behind the gap, and before no other", async ({ simulator, agent }) => {
  const anna = await syncedList(agent, simulator);
  const id = await initiate(simulator);
  await send(simulator, id, "before");
  await logOf(anna, id, 1);
  const { clientId: before } = await simulator.atRest();
  await forgetTold(anna);
  // The subscription is there, but not confirmed yet: what the poll brings comes before the client is connected.
  await simulator.fault("subscribe", { type: "delay", ms: 1_000 }, { user: "anna" });
  await simulator.expire({ user: "anna" });
  await until("subscribed anew", async () => (await simulator.sessionsOf("anna")).some(({ clientId, subscriptions }) => clientId !== before && subscriptions.length > 0), { within: 8_000 });
  await send(simulator, id, "early");
  await anna.connectedAnew(before, { within: 8_000 });
  await becomesSynced(anna);
  await send(simulator, id, "later");
  await until("the last text is there", async () => (await sessionOf(anna, id)).log.includes("later"));
  assert.deepEqual((await sessionOf(anna, id)).log, ["before", "gap", "early", "later"]);
  assert.deepEqual((await anna.events("gap")).map(({ logsMayMiss }) => logsMayMiss), [[id]]);
  const told = await toldTo(anna);
  assert.ok(told.indexOf("NewMessage early unsynced") < told.indexOf("gap new-session unsynced"), told.join("\n"));
});

/** A client at rest that knows one session, in which "before" was said. */
async function withOneText(agent, simulator, options) {
  const anna = await syncedList(agent, simulator, options);
  const id = await initiate(simulator);
  await send(simulator, id, "before");
  await logOf(anna, id, 1);
  await forgetTold(anna);
  await simulator.atRest();
  return { anna, id };
}

scenario("a text that comes with the very reply that ends a break stands behind the gap", async ({ simulator, agent }) => {
  const { anna, id } = await withOneText(agent, simulator, { ack: false });
  await simulator.fault("connect", { type: "drop-reply" }, { user: "anna" });
  await simulator.fault("connect", { type: "drop" }, { user: "anna", times: 2 });
  await simulator.publish({ user: "anna", data: {} });
  await anna.event("unknown");
  await simulator.atRest();
  await send(simulator, id, "lost");
  await toldLine(anna, /^connection reconnecting/);
  await send(simulator, id, "early");
  await toldLine(anna, /^gap /);
  await logOf(anna, id, 3);
  const { log, logComplete } = await sessionOf(anna, id);
  assert.deepEqual([log.slice(0, 3), logComplete], [["before", "gap", "early"], false]);
});

scenario("a reply that is given up for a quicker one by reconnect() may have carried texts: without acknowledgement the gap stands before what comes next", async ({ simulator, agent }) => {
  const { anna, id } = await withOneText(agent, simulator, { ack: false });
  await simulator.fault("connect", { type: "delay", ms: 1_500 }, { user: "anna" });
  await simulator.publish({ user: "anna", data: {} });
  await anna.event("unknown");
  await simulator.atRest();
  await send(simulator, id, "given up");
  await until("the reply is on its way", async () => (await simulator.sessionsOf("anna")).every(({ held }) => !held));
  await send(simulator, id, "next");
  await anna.page.evaluate(() => e2e.client.reconnect());
  await toldLine(anna, /^gap /);
  await logOf(anna, id, 3);
  assert.deepEqual((await sessionOf(anna, id)).log.slice(0, 3), ["before", "gap", "next"]);
});

scenario("after disconnect() and connect() the list is read again, and what began and ended meanwhile is told", async ({ simulator, agent }) => {
  await simulator.options({ maxImSessions: 5 });
  const anna = await syncedList(agent, simulator);
  const ends = await initiate(simulator);
  await until("it is there", () => sessionOf(anna, ends));
  await anna.disconnect();
  assert.equal(await isSynced(anna), false);
  await complete(simulator, ends);
  const began = await initiate(simulator);
  await forgetTold(anna);
  await anna.connect();
  await becomesSynced(anna);
  const events = await anna.events("IMSessionStateChangeMessage");
  assert.deepEqual(events.map(({ recovered, imSession: { id, state } }) => [recovered, id, state]).toSorted(), [[true, ends, "Completed"], [true, began, "Talking"]].toSorted());
  assert.deepEqual((await anna.events("gap")).map(({ cause, logsMayMiss }) => [cause, logsMayMiss]), [["new-session", [ends]]]);
});

scenario("a notification that overtakes a slow read is newer than what the read says", async ({ simulator, agent }) => {
  await simulator.options({ maxImSessions: 5, getUserData: true });
  const anna = await listOf(agent);
  const [ends, edited] = [await initiate(simulator), await initiate(simulator, { userData: { a: "old" } })];
  await simulator.fault("rest", { type: "delay", ms: 900 }, { user: "anna", ...READING });
  await anna.connect();
  // The answer is made before these, and comes after them.
  await until("the read has been processed", async () => (await simulator.counters()).faultsApplied === 1);
  const began = await initiate(simulator);
  await complete(simulator, ends);
  await attach(simulator, edited, { a: "new" });
  await toldLine(anna, /^AttachedDataChanged/);
  assert.equal(await isSynced(anna), false);
  await becomesSynced(anna);
  const sessions = Object.fromEntries((await sessionsOf(anna)).map(({ id, state, userData }) => [id, [state, userData]]));
  assert.deepEqual(sessions, { [ends]: ["Completed", {}], [edited]: ["Talking", { a: "new" }], [began]: ["Talking", {}] });
  assert.ok((await toldTo(anna)).every((line) => !/recovered$/.test(line.replace(/ (un)?synced$/, ""))));
  assert.equal((await readings(simulator)).length, 1);
});

scenario("a second gap during a slow read asks for exactly one more", async ({ simulator, agent }) => {
  const anna = await syncedList(agent, simulator);
  const id = await initiate(simulator);
  await until("it is there", () => sessionOf(anna, id));
  const n = await simulator.now();
  await simulator.fault("rest", { type: "delay", ms: 2_500 }, { user: "anna", ...READING });
  for (let gaps = 1; gaps <= 3; gaps += 1) {
    await throughGap(simulator, anna);
    assert.equal((await readings(simulator, n)).length, 1, "one at a time");
  }
  assert.equal(await isSynced(anna), false);
  await becomesSynced(anna, { within: 8_000 });
  await throughout("no further read", SILENCE_MS, async () => (await readings(simulator, n)).length === 2);
  assert.equal((await anna.events("gap")).length, 3);
});

/** A client after a gap, its reads met by `action`, and texts that arrive all the same. */
async function failing({ simulator, agent, action, times = 1_000, options }) {
  const anna = await syncedList(agent, simulator, options);
  const id = await initiate(simulator);
  await until("it is there", () => sessionOf(anna, id));
  await forgetTold(anna);
  const n = await simulator.now();
  await simulator.fault("rest", action, { user: "anna", times, ...READING });
  await throughGap(simulator, anna);
  await until("the list was asked for", async () => (await readings(simulator, n)).length > 0);
  return { anna, id, n };
}

async function expectChannelDelivers({ simulator, anna, id }) {
  const { log } = await sessionOf(anna, id);
  await send(simulator, id, "delivered");
  assert.deepEqual(await logOf(anna, id, log.length + 1), [...log, "delivered"]);
  assert.deepEqual([await anna.state(), await isSynced(anna)], ["connected", false]);
}

for (const [name, action, options] of [
  ["500", { type: "answer", status: 500, body: "" }],
  ["an internal error of GWS", { type: "answer", status: 500, body: { statusCode: 4, statusMessage: "down" } }],
  ["an answer that is cut short", { type: "answer", status: 200, headers: { "Content-Type": "application/json" }, body: '{"statusCode":0,"imSe' }],
  ["a connection that closes", { type: "drop" }],
  ["no answer in time", { type: "hang" }, { requestTimeout: 300 }],
]) {
  scenario(`${name}: the channel goes on, the list is asked for again at a bounded rate, and read when it can be`, async ({ simulator, agent }) => {
    const { anna, id, n } = await failing({ simulator, agent, action, options: { ...QUICK, ...options } });
    await expectChannelDelivers({ simulator, anna, id });
    const began = performance.now();
    const asked = () => anna.requests.filter(({ method, path }) => method === READING.method && path === READING.path).length;
    const before = asked();
    await until("asked twice more", () => asked() >= before + 2, { within: 8_000 });
    const took = performance.now() - began;
    assert.ok(took > QUICK.backoffIncrement, `two reads within ${took} ms`);
    assert.equal(await isSynced(anna), false);
    await expectChannelDelivers({ simulator, anna, id });
    assert.deepEqual((await toldTo(anna)).filter((line) => line.startsWith("warning")), []);
    await complete(simulator, id);
    await simulator.clearFaults();
    await becomesSynced(anna);
    assert.equal((await sessionOf(anna, id)).state, "Completed");
    const last = (await readings(simulator, n)).length;
    await throughout("no further read", SILENCE_MS, async () => (await readings(simulator, n)).length === last);
  });
}

scenario("503 with Retry-After is obeyed", async ({ simulator, agent }) => {
  const { anna, id, n } = await failing({ simulator, agent, times: 1, action: { type: "answer", status: 503, headers: { "Retry-After": "2" }, body: "" }, options: QUICK });
  const began = performance.now();
  await expectChannelDelivers({ simulator, anna, id });
  await becomesSynced(anna);
  const took = performance.now() - began;
  assert.ok(took > 1_200, `asked again after ${took} ms`);
  assert.equal((await readings(simulator, n)).length, 2);
});

scenario("a Retry-After beyond all bounds does not become none", async ({ simulator, agent }) => {
  const { anna, n } = await failing({ simulator, agent, action: { type: "answer", status: 503, headers: { "Retry-After": "99999999999" }, body: "" }, options: QUICK });
  await throughout("not asked again", SILENCE_MS, async () => (await readings(simulator, n)).length === 1);
  assert.deepEqual([await anna.state(), await isSynced(anna)], ["connected", false]);
});

scenario("a page for people in place of the list, once or twice, may be a proxy's: the list is asked for again", async ({ simulator, agent }) => {
  const page = { type: "answer", status: 200, headers: { "Content-Type": "text/html" }, body: "<!doctype html><title>Please wait</title>" };
  const { anna, id } = await failing({ simulator, agent, times: 2, action: page, options: QUICK });
  await becomesSynced(anna);
  assert.deepEqual([await anna.state(), (await sessionOf(anna, id)).state], ["connected", "Talking"]);
});

for (const [name, action] of [
  ["404", { type: "answer", status: 404, body: "" }],
  ["statusCode 3", { type: "answer", status: 403, body: { statusCode: 3, statusMessage: "not supported" } }],
  ["statusCode 5", { type: "answer", status: 403, body: { statusCode: 5, statusMessage: "no permission" } }],
  ["statusCode 6", { type: "answer", status: 404, body: { statusCode: 6, statusMessage: "not found" } }],
  ["an answer without the list", { type: "answer", status: 200, body: { statusCode: 0 } }],
]) {
  scenario(`${name} is told once, and the list is not asked for again until the next session`, async ({ simulator, agent }) => {
    const { anna, id, n } = await failing({ simulator, agent, action, options: QUICK });
    await toldLine(anna, /^warning recovery\/unavailable/);
    await throughout("not asked again", SILENCE_MS, async () => (await readings(simulator, n)).length === 1);
    await expectChannelDelivers({ simulator, anna, id });
    await simulator.clearFaults();
    // A state that a notification brings counts, whatever the read does.
    await complete(simulator, id);
    await until("it is completed", async () => (await sessionOf(anna, id)).state === "Completed");
    assert.deepEqual((await toldTo(anna)).filter((line) => line.startsWith("warning")), ["warning recovery/unavailable unsynced"]);
    await throughGap(simulator, anna);
    await becomesSynced(anna);
    assert.equal((await readings(simulator, n)).length, 2);
  });
}

scenario("a list that the server does not give becomes synced when the caller's own refresh() gets it", async ({ simulator, agent }) => {
  const { anna } = await failing({ simulator, agent, times: 1, action: { type: "answer", status: 404, body: "" } });
  await toldLine(anna, /^warning recovery\/unavailable/);
  assert.equal(await isSynced(anna), false);
  await anna.page.evaluate(() => e2e.client.refresh());
  assert.equal(await isSynced(anna), true);
});

scenario("a read that hangs while the channel breaks and comes back is over in time", async ({ simulator, agent }) => {
  const { anna, id } = await failing({ simulator, agent, times: 1, action: { type: "hang" }, options: { ...QUICK, requestTimeout: 1_500 } });
  await simulator.cutConnections();
  await becomesSynced(anna, { within: 8_000 });
  assert.equal((await sessionOf(anna, id)).state, "Talking");
});

for (const transport of ["long-polling", "websocket"]) {
  scenario(`calls of refresh() at the same time share one read after the present one, on ${transport}`, async ({ simulator, agent }) => {
    const anna = await syncedList(agent, simulator, { transport });
    const n = await simulator.now();
    await simulator.fault("rest", { type: "delay", ms: 400 }, { user: "anna", ...READING });
    await anna.page.evaluate(() => void (e2e.first = e2e.client.refresh()));
    await until("the first is under way", async () => (await readings(simulator, n)).length === 1);
    const id = await initiate(simulator);
    const same = await anna.page.evaluate(async () => {
      const lists = await Promise.all([e2e.client.refresh(), e2e.client.refresh(), e2e.client.refresh()]);
      await e2e.first;
      return lists.map((list) => list === e2e.client.sessions);
    });
    assert.deepEqual(same, [true, true, true]);
    assert.equal((await readings(simulator, n)).length, 2);
    assert.deepEqual((await sessionsOf(anna)).map((session) => session.id), [id]);
    assert.deepEqual([await anna.state(), await anna.transport()], ["connected", transport]);
  });
}

scenario("a refresh() that fails rejects with the error, and leaves the list and what it is known to be", async ({ simulator, agent }) => {
  const anna = await syncedList(agent, simulator);
  const id = await initiate(simulator);
  await until("it is there", () => sessionOf(anna, id));
  await anna.page.evaluate(() => void (e2e.before = e2e.client.sessions));
  for (const [action, code, options] of [
    [{ type: "answer", status: 500, body: "" }, "http/500"],
    [{ type: "answer", status: 404, body: { statusCode: 6, statusMessage: "not found" } }, "gws/6"],
    [{ type: "answer", status: 200, body: { statusCode: 0, imSessions: {} } }, "protocol/no-sessions"],
    [{ type: "answer", status: 200, body: {} }, "protocol/no-status-code"],
    [{ type: "hang" }, "network/timeout", { timeout: 200 }],
    // The last: the same request soon afterwards would be taken for the browser's own repetition.
    [{ type: "drop" }, "network/failed"],
  ]) {
    const n = await simulator.now();
    await simulator.fault("rest", action, { user: "anna", ...READING });
    const { error } = await anna.page.evaluate((options) => e2e.outcome(() => e2e.client.refresh(options)), options);
    assert.deepEqual([error?.code, error?.isGwsImError], [code, true]);
    assert.ok(error.message.length > 20, error.message);
    assert.ok((await readings(simulator, n)).length >= 1);
    assert.equal(await anna.page.evaluate(() => e2e.client.sessions === e2e.before && e2e.client.synced), true);
  }
  assert.deepEqual((await toldTo(anna)).filter((line) => line.startsWith("warning")), []);
});

scenario("who gives up a refresh() gives up his own wait, and no one else's", async ({ simulator, agent }) => {
  const anna = await syncedList(agent, simulator);
  const n = await simulator.now();
  await simulator.fault("rest", { type: "delay", ms: 500 }, { user: "anna", ...READING });
  const outcomes = await anna.page.evaluate(async () => {
    const controller = new AbortController();
    const calls = [{ signal: controller.signal, timeout: 100 }, { timeout: 100 }, {}].map((options) => e2e.outcome(e2e.client.refresh(options)));
    setTimeout(() => controller.abort(), 50);
    return (await Promise.all(calls)).map(({ error }) => error?.code);
  });
  assert.deepEqual(outcomes, ["aborted", undefined, undefined]);
  assert.equal((await readings(simulator, n)).length, 1);

  await simulator.fault("rest", { type: "hang" }, { user: "anna", ...READING });
  const alone = await anna.page.evaluate(async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const { error } = await e2e.outcome(e2e.client.refresh({ signal: controller.signal }));
    return [error?.code, await e2e.outcome(e2e.client.refresh()).then(({ error }) => error?.code)];
  });
  assert.deepEqual(alone, ["aborted", undefined], "nobody waits for the one that was given up");
});
