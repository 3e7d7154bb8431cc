// The list of sessions as a desktop sees it: from the first read on, through all that two agents do, as snapshots that are the same while nothing changes.

import assert from "node:assert/strict";
import { scenarios } from "./lib/scenario.js";
import { attach, becomesSynced, changesOf, complete, DEVICE, forgetTold, initiate, isSynced, listOf, logOf, PHONES, READING, removeData, send, sessionOf, sessionsOf, syncedList, toldLine, toldTo } from "./lib/sessions.js";
import { IM_SESSIONS } from "./lib/simulator.js";
import { until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000"] });
const participant = (phone) => ({ digits: phone, e164Number: phone, formattedPhoneNumber: phone, phoneNumber: phone });
const WITHOUT_USER_DATA = ["SendMessage", "AttachUserData", "Complete"];
const WITH_USER_DATA = ["Complete", "AttachUserData", "DeleteUserData", "UpdateUserData", "SendMessage"];

for (const transport of ["long-polling", "websocket"]) {
  scenario(`a session that is older than the client stands in the list as soon as that is read, on ${transport}`, async ({ simulator, agent }) => {
    const id = await initiate(simulator);
    await send(simulator, id, "before anna came");
    const anna = await listOf(agent, "anna", { transports: transport === "websocket" ? ["websocket", "long-polling"] : ["long-polling"] });
    assert.deepEqual([await isSynced(anna), await sessionsOf(anna)], [false, []]);
    await anna.connect();
    await becomesSynced(anna);
    const [session, ...more] = await sessionsOf(anna);
    const { uri, ...known } = session;
    assert.deepEqual(more, []);
    assert.ok(uri.startsWith(simulator.address), uri);
    assert.deepEqual(known, {
      id,
      path: `/im-sessions/${id}`,
      state: "Talking",
      participants: [participant(PHONES.ben)],
      capabilities: WITHOUT_USER_DATA,
      userData: {},
      logComplete: false,
      log: ["gap"],
      directions: [],
    });
    assert.deepEqual(await toldTo(anna), ["connection connecting unsynced", "connection connected unsynced", "sessions refresh 1 synced"]);
    const [change] = await changesOf(anna);
    assert.deepEqual([change.synced, change.changed, change.sessions], [true, [session], [session]]);
    assert.deepEqual(await anna.events("IMSessionStateChangeMessage"), []);
    assert.equal((await anna.diagnostics()).refreshes, 1);
  });
}

scenario("an empty list is told, too: the page learns that it is complete", async ({ simulator, agent }) => {
  const anna = await syncedList(agent, simulator);
  assert.deepEqual(await toldTo(anna), ["connection connecting unsynced", "connection connected unsynced", "sessions refresh 0 synced"]);
  assert.deepEqual(await sessionsOf(anna), []);
});

scenario("the client says that its list is not complete as long as it is being read", async ({ simulator, agent }) => {
  await simulator.fault("rest", { type: "delay", ms: 700 }, READING);
  const anna = await listOf(agent);
  await anna.connect();
  assert.equal(await isSynced(anna), false);
  assert.deepEqual(await toldTo(anna), ["connection connecting unsynced", "connection connected unsynced"]);
  const id = await initiate(simulator);
  await toldLine(anna, /^sessions notification 1 unsynced$/);
  assert.equal((await sessionOf(anna, id)).logComplete, false, "it may have begun before");
  await becomesSynced(anna);
  assert.deepEqual(await sessionsOf(anna).then((sessions) => sessions.map((session) => session.id)), [id]);
});

scenario("both agents see a session from its beginning to its end, each text once and in order", async ({ simulator, agent }) => {
  const anna = await syncedList(agent, simulator);
  const ben = await syncedList(agent, simulator, { user: "ben" });
  await anna.page.evaluate((phone) => e2e.client.initiateSession({ destination: phone, userData: { favColor: "blue" } }), PHONES.ben);
  const { id } = await until("a session of anna's", async () => (await sessionsOf(anna))[0]);
  for (const opened of [anna, ben]) await until("it is there", () => sessionOf(opened, id));
  await anna.page.evaluate((id) => e2e.client.sendMessage(id, "from anna"), id);
  await logOf(anna, id, 1);
  await ben.page.evaluate((id) => e2e.client.sendMessage(id, "from ben"), id);
  await logOf(anna, id, 2);
  // The same words by the other agent are not one's own.
  await ben.page.evaluate((id) => e2e.client.sendMessage(id, "from anna"), id);
  const expected = ["from anna", "from ben", "from anna"];
  assert.deepEqual(await logOf(anna, id, 3), expected);
  assert.deepEqual(await logOf(ben, id, 3), expected);
  const seenByAnna = await sessionOf(anna, id);
  const seenByBen = await sessionOf(ben, id);
  assert.deepEqual(seenByAnna.directions, ["probably-outgoing", "unknown", "unknown"]);
  assert.deepEqual(seenByBen.directions, ["unknown", "probably-outgoing", "probably-outgoing"]);
  for (const [session, other] of [[seenByAnna, "ben"], [seenByBen, "anna"]]) {
    assert.deepEqual([session.logComplete, session.state, session.userData], [true, "Talking", { favColor: "blue" }]);
    assert.deepEqual([session.participants, session.capabilities], [[participant(PHONES[other])], WITH_USER_DATA]);
  }
  await ben.page.evaluate((id) => e2e.client.complete(id), id);
  for (const opened of [anna, ben]) {
    await until("it is completed", async () => (await sessionOf(opened, id)).state === "Completed");
    const { log, logComplete, userData } = await sessionOf(opened, id);
    assert.deepEqual([log, logComplete, userData], [expected, true, { favColor: "blue" }]);
    assert.equal(await opened.page.evaluate((id) => e2e.client.session(id).can("SendMessage"), id), false);
  }
});

scenario("user data that is added, changed and taken away stands in the list, and nothing else changes", async ({ simulator, agent }) => {
  const anna = await syncedList(agent, simulator);
  const id = await initiate(simulator);
  await toldLine(anna, /^StatusChange Talking/);
  const shown = async (expected) => {
    await until(`user data ${JSON.stringify(expected)}`, async () => JSON.stringify((await sessionOf(anna, id)).userData) === JSON.stringify(expected));
    const { capabilities } = await sessionOf(anna, id);
    assert.deepEqual(capabilities, Object.keys(expected).length > 0 ? WITH_USER_DATA : WITHOUT_USER_DATA);
  };
  await attach(simulator, id, { a: "1" });
  await shown({ a: "1" });
  await attach(simulator, id, { a: "2", b: { c: [1] } });
  await shown({ a: "2", b: { c: [1] } });
  await removeData(simulator, id, "a");
  await shown({ b: { c: [1] } });
  await removeData(simulator, id, "b");
  await shown({});
  await send(simulator, id, "last");
  assert.deepEqual(await logOf(anna, id, 1), ["last"]);
});

scenario("a text that comes before the first state of its session stands in its log", async ({ simulator, agent }) => {
  const anna = await syncedList(agent, simulator);
  const text = (message) => ({ messageType: "IMLogUpdateMessage", notificationType: "NewMessage", imSessionPath: "/im-sessions/0099", message });
  await simulator.publish({ data: text("first{{n}}"), count: 2 });
  await anna.textsOf(2);
  assert.deepEqual(await sessionsOf(anna), []);
  const imSession = { state: " Talking", id: "0099", path: "/im-sessions/0099", participants: [], capabilities: [] };
  await simulator.publish({ data: { messageType: "IMSessionStateChangeMessage", notificationType: "StatusChange", imSession } });
  assert.deepEqual(await logOf(anna, "0099", 2), ["first1", "first2"]);
  assert.equal((await sessionOf(anna, "0099")).logComplete, true);
});

scenario("an identical notification is delivered again, and the list stays the very same", async ({ simulator, agent }) => {
  const anna = await syncedList(agent, simulator);
  const id = await initiate(simulator, { userData: { a: "1" } });
  const [{ messageType, notificationType, imSession }] = await until("a notification", async () => {
    const events = await anna.events("StatusChange");
    return events.length > 0 ? events : undefined;
  });
  await anna.page.evaluate(() => void (e2e.before = e2e.client.sessions));
  await forgetTold(anna);
  await simulator.publish({ data: { messageType, notificationType, imSession: { ...imSession, state: " Talking" } }, count: 3 });
  await until("it came three times", async () => (await anna.events("StatusChange")).length === 3);
  assert.deepEqual(await toldTo(anna), Array(3).fill("StatusChange Talking synced"));
  assert.deepEqual(await anna.page.evaluate((id) => [e2e.client.sessions === e2e.before, e2e.client.session(id) === e2e.before[0]], id), [true, true]);
});

scenario("snapshots are the same while nothing changed, shared where it did not, and fit a store that is read twice", async ({ simulator, agent }) => {
  await simulator.options({ maxImSessions: 5 });
  const anna = await syncedList(agent, simulator);
  // As React's useSyncExternalStore does it: read twice, compare with what was read last, at every news.
  await anna.page.evaluate(() => {
    const { client } = e2e;
    e2e.store = { last: client.sessions, renders: 0, unequal: 0 };
    client.on("sessions", () => {
      const [first, second] = [client.sessions, client.sessions];
      if (first !== second) e2e.store.unequal += 1;
      if (first !== e2e.store.last) e2e.store.renders += 1;
      e2e.store.last = first;
    });
  });
  const ids = [await initiate(simulator), await initiate(simulator), await initiate(simulator)];
  await until("three sessions", async () => (await sessionsOf(anna)).length === 3);
  await anna.page.evaluate(() => void (e2e.before = e2e.client.sessions));
  await send(simulator, ids[1], "only here");
  await logOf(anna, ids[1], 1);
  const compared = await anna.page.evaluate(() => {
    const { client, before } = e2e;
    return {
      array: client.sessions === before,
      same: client.sessions.map((session, index) => session === before[index]),
      logOfBefore: before[1].log.length,
      participants: client.sessions[1].participants === before[1].participants,
      found: client.sessions.map((session) => client.session(session.id) === session && client.session(session.path) === session),
      frozen: Object.isFrozen(client.sessions) && client.sessions.every(Object.isFrozen),
    };
  });
  assert.deepEqual(compared, { array: false, same: [true, false, true], logOfBefore: 0, participants: true, found: [true, true, true], frozen: true });
  assert.deepEqual(await anna.page.evaluate(() => ({ ...e2e.store, last: e2e.store.last === e2e.client.sessions })), { last: true, renders: 4, unequal: 0 });

  // A read that finds nothing new changes nothing either.
  await anna.page.evaluate(() => void (e2e.before = e2e.client.sessions));
  assert.equal(await anna.page.evaluate(async () => (await e2e.client.refresh()) === e2e.before && e2e.client.sessions === e2e.before), true);
});

scenario("completed sessions stay as long as the option says, and a new one after the other comes into the list", async ({ simulator, agent }) => {
  const anna = await syncedList(agent, simulator, { maxCompletedSessions: 2 });
  const ids = [];
  for (let round = 0; round < 4; round += 1) {
    const id = await initiate(simulator);
    ids.push(id);
    await send(simulator, id, `text ${round}`);
    await complete(simulator, id);
    await until("it is completed", async () => (await sessionOf(anna, id))?.state === "Completed");
  }
  const sessions = await sessionsOf(anna);
  assert.deepEqual(sessions.map(({ id, log, logComplete }) => [id, log, logComplete]), [[ids[2], ["text 2"], true], [ids[3], ["text 3"], true]]);
  // Those that have left are not brought back by a read that left before they were completed, nor by any other.
  await anna.page.evaluate(() => e2e.client.refresh());
  assert.deepEqual((await sessionsOf(anna)).map(({ id }) => id), [ids[2], ids[3]]);
});

scenario("what is malformed on the topic goes to unknown and leaves the list alone", async ({ simulator, agent }) => {
  const anna = await syncedList(agent, simulator);
  const id = await initiate(simulator);
  await toldLine(anna, /^StatusChange Talking/);
  const before = await sessionsOf(anna);
  for (const imSession of [null, [], "x", {}, { id }, { id: 5, state: "Talking" }, { state: "Talking", path: "/im-sessions/" }]) {
    await simulator.publish({ topic: IM_SESSIONS, data: { messageType: "IMSessionStateChangeMessage", notificationType: "StatusChange", imSession } });
  }
  await until("all came", async () => (await anna.diagnostics()).unknown === 7);
  assert.deepEqual(await sessionsOf(anna), before);
});

// ---- one's own texts whose echo is lost

/** Anna with a list, who logs in again by herself, in a session with ben that has one text. */
async function talking(agent, simulator, options = {}) {
  const anna = await agent("anna", { path: "/list.html" });
  await anna.page.evaluate((options) => e2e.createList({ ...options, reauthenticate: () => e2e.logIn("anna") }), { devicePath: DEVICE, ...options });
  await anna.connect();
  await simulator.atRest();
  await becomesSynced(anna);
  const id = await initiate(simulator);
  await send(simulator, id, "before");
  await logOf(anna, id, 1);
  await forgetTold(anna);
  return { anna, id, before: (await simulator.atRest()).clientId };
}

const say = async (anna, id, text) => assert.deepEqual(await anna.call("sendMessage", id, text), { value: undefined });
const newTexts = async (anna) => (await anna.events("NewMessage")).map(({ message }) => message);

/** The log has the own text once, right behind the gap, although nobody heard it. */
async function standsBehindGap(simulator, anna, id) {
  await becomesSynced(anna);
  await send(simulator, id, "after");
  await until("the last text is there", async () => (await sessionOf(anna, id)).log.includes("after"));
  const { log, directions, logComplete } = await sessionOf(anna, id);
  assert.deepEqual([log, directions, logComplete], [["before", "gap", "sent", "after"], ["unknown", "probably-outgoing", "unknown"], false]);
  assert.deepEqual(await newTexts(anna), ["after"]);
}

scenario("a text that is accepted in a new login before the channel stands in it is in the log, behind the gap", async ({ simulator, agent }) => {
  const { anna, id, before } = await talking(agent, simulator);
  await simulator.fault("handshake", { type: "delay", ms: 700 }, { user: "anna" });
  await simulator.logout("anna");
  await say(anna, id, "sent");
  assert.notEqual(await anna.state(), "connected");
  await anna.connectedAnew(before, { within: 8_000 });
  await standsBehindGap(simulator, anna, id);
});

scenario("a text that is accepted while the channel reconnects is in the log, behind the gap", async ({ simulator, agent }) => {
  const { anna, id, before } = await talking(agent, simulator);
  await simulator.fault("handshake", { type: "drop" }, { user: "anna" });
  await simulator.expire({ user: "anna" });
  await toldLine(anna, /^connection reconnecting/);
  await say(anna, id, "sent");
  assert.equal(await anna.state(), "reconnecting");
  await anna.connectedAnew(before, { within: 8_000 });
  await standsBehindGap(simulator, anna, id);
});

scenario("a text whose echo is lost with a reply is in the log, behind the gap", async ({ simulator, agent }) => {
  const { anna, id } = await talking(agent, simulator, { ack: false });
  await simulator.fault("connect", { type: "drop-reply" }, { user: "anna" });
  // The poll that waits was not met: the next one is.
  await simulator.publish({ user: "anna", data: {} });
  await anna.event("unknown");
  await simulator.atRest();
  await say(anna, id, "sent");
  await toldLine(anna, /^gap /);
  await standsBehindGap(simulator, anna, id);
});

scenario("a text the answer to which comes after the gap is in the log when it comes", async ({ simulator, agent }) => {
  const { anna, id, before } = await talking(agent, simulator);
  await simulator.fault("handshake", { type: "drop" }, { user: "anna" });
  await simulator.expire({ user: "anna" });
  await toldLine(anna, /^connection reconnecting/);
  await simulator.fault("rest", { type: "delay", ms: 4_000 }, { operation: "SendMessage" });
  const said = say(anna, id, "sent");
  await anna.connectedAnew(before, { within: 8_000 });
  await toldLine(anna, /^gap /);
  assert.deepEqual((await sessionOf(anna, id)).log, ["before", "gap"]);
  await said;
  await standsBehindGap(simulator, anna, id);
});

scenario("a text that is accepted in a break in which nothing is lost is in the log once, when it is heard", async ({ simulator, agent }) => {
  const { anna, id } = await talking(agent, simulator);
  await simulator.fault("connect", { type: "drop-reply" }, { user: "anna" });
  await simulator.publish({ user: "anna", data: {} });
  await anna.event("unknown");
  await simulator.atRest();
  await say(anna, id, "sent");
  await send(simulator, id, "after");
  await logOf(anna, id, 3);
  const { log, directions, logComplete } = await sessionOf(anna, id);
  assert.deepEqual([log, directions, logComplete], [["before", "sent", "after"], ["unknown", "probably-outgoing", "unknown"], true]);
  assert.deepEqual(await anna.events("gap"), []);
});

// ---- sessions that begin while the list is read

/** A new client that connects and begins a session with ben, as the quick start does it. */
async function quickStart(anna, phoneNumber = PHONES.ben) {
  await anna.page.evaluate(async ({ devicePath, phoneNumber }) => {
    await e2e.client?.dispose();
    await e2e.createList({ devicePath });
    await e2e.client.connect();
    await e2e.client.initiateSession({ destination: phoneNumber });
  }, { devicePath: DEVICE, phoneNumber });
  await becomesSynced(anna);
}

scenario("a client that begins a session as soon as it is connected has its whole log, ten times in a row", async ({ simulator, agent }) => {
  const anna = await agent("anna", { path: "/list.html" });
  for (let round = 0; round < 10; round += 1) {
    await quickStart(anna);
    const { id } = (await simulator.state()).imSessions.at(-1);
    await until("the session is there", () => sessionOf(anna, id));
    await say(anna, id, `text ${round}`);
    await logOf(anna, id, 1);
    const { state, log, logComplete } = await sessionOf(anna, id);
    assert.deepEqual([state, log, logComplete], ["Talking", [`text ${round}`], true]);
    await complete(simulator, id);
  }
});

for (const [what, delay] of [["slow", { ms: 600 }], ["quick", undefined]]) {
  scenario(`an older session with the same number is not taken for the one that was asked for, by a ${what} read`, async ({ simulator, agent }) => {
    await simulator.options({ maxImSessions: 5 });
    const older = await initiate(simulator);
    const anna = await agent("anna", { path: "/list.html" });
    if (delay) await simulator.fault("rest", { type: "delay", ...delay }, { user: "anna", ...READING });
    await quickStart(anna);
    const { id } = (await simulator.state()).imSessions.at(-1);
    await until("both are there", async () => (await sessionsOf(anna)).length === 2);
    assert.notEqual(id, older);
    assert.deepEqual([(await sessionOf(anna, older)).log, (await sessionOf(anna, older)).logComplete], [["gap"], false]);
  });
}

scenario("a session that could not be begun leaves no log complete of the older one", async ({ simulator, agent }) => {
  const older = await initiate(simulator);
  const anna = await agent("anna", { path: "/list.html" });
  await simulator.fault("rest", { type: "delay", ms: 500 }, { operation: "InitiateIMSession" });
  await assert.rejects(quickStart(anna), /gws\/2|GwsImError|state/i);
  await becomesSynced(anna);
  assert.deepEqual([(await sessionOf(anna, older)).log, (await sessionOf(anna, older)).logComplete], [["gap"], false]);
});

scenario("a session that begins while the list is read, and that the list lacks, has its whole log", async ({ simulator, agent }) => {
  const anna = await listOf(agent);
  await simulator.fault("rest", { type: "delay", ms: 900 }, { user: "anna", ...READING });
  await anna.connect();
  // The answer is made before this, and comes after it.
  await until("the read has been processed", async () => (await simulator.counters()).faultsApplied === 1);
  const id = await initiate(simulator);
  await send(simulator, id, "first");
  await logOf(anna, id, 1);
  await becomesSynced(anna);
  const { log, logComplete } = await sessionOf(anna, id);
  assert.deepEqual([log, logComplete], [["first"], true]);
});
