// The live list of IM sessions against a model of plain arrays that copies everything at once: thousands of random calls, each compared.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { SessionList } from "../../pkg-template/sessions.js";

const SEEDS = 12;
const CALLS = 400;
const PARTS = ["capabilities", "participants", "userData", "log"];
const IDS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "__proto__", "constructor"];

/** mulberry32: the same numbers for the same seed everywhere. */
function randomOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const clone = (value) => JSON.parse(JSON.stringify(value));

/** A form in which the order of members does not matter, and objects are no arrays. */
function sorted(value) {
  if (Array.isArray(value)) return { array: value.map(sorted) };
  return value && typeof value === "object" ? Object.entries(value).map(([name, member]) => [name, sorted(member)]).sort() : value;
}

const equal = (a, b) => a === b || JSON.stringify(a) === JSON.stringify(b) || JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
const equalSets = (a, b) => equal([...new Set(a)].sort(), [...new Set(b)].sort());
const keyOf = (path) => path.split("/").filter(Boolean).at(-1) ?? "";
/** Most often the texts are equal already, which is much faster to tell. */
const assertEqual = (actual, expected) => JSON.stringify(actual) === JSON.stringify(expected) || assert.deepEqual(clone(actual), clone(expected));
const sum = (orphans) => orphans.reduce((total, { characters }) => total + characters, 0);
const isLive = (session) => session.state !== "Completed";

/** What the list should be. Sessions carry, beside what is shown, when they were first seen, last heard of and completed. */
class Model {
  sessions = [];
  orphans = [];
  sent = [];
  requests = [];
  dropped = [];
  isSynced = false;
  isListening = false;
  heardSince = 0;
  isWhole = true;
  steps = 0;
  changed = [];

  constructor(options) {
    this.options = options;
  }

  find(name) {
    return this.sessions.find(({ shown }) => shown.id === name) ?? this.at(name);
  }

  at(path) {
    const key = keyOf(path);
    const byPath = this.sessions.filter(({ shown }) => keyOf(shown.path) === key);
    return byPath.find(({ shown }) => shown.id === key) ?? byPath[0] ?? this.sessions.find(({ shown }) => shown.id === key);
  }

  log(isComplete) {
    return isComplete ? { logComplete: true, log: [] } : { logComplete: false, log: [{ gap: true, at: this.options.now() }] };
  }

  wasDropped(...names) {
    return this.dropped.some(({ id }) => names.includes(id));
  }

  drop(id, stamp = this.stampOf(id)) {
    this.dropped.unshift({ id, stamp });
  }

  stampOf(id) {
    return this.dropped.find((dropped) => dropped.id === id)?.stamp ?? 0;
  }

  withFirstGap(session) {
    if (!this.sessions.includes(session) || !session.shown.logComplete) return;
    session.shown = { ...session.shown, logComplete: false, log: [...this.log(false).log, ...session.shown.log] };
    this.touch(session);
  }

  endRequest(request) {
    this.requests = this.requests.filter((other) => other !== request);
    if (request.session) this.withFirstGap(request.session);
  }

  isRequested({ state, participants }, isComplete) {
    this.requests = this.requests.filter(({ at }) => this.options.now() - at <= 30_000);
    const fitting = this.requests.filter(({ number }) => participants.some((participant) => participant && Object.values(participant).includes(number)));
    const request = fitting.find(({ session }) => !session) ?? fitting[0];
    if (!request || state === "Completed") return undefined;
    if (!request.session && !isComplete) return request;
    this.endRequest(request);
    return undefined;
  }

  begin(resource, isSeenBegin, doubt = 0) {
    const { id, path } = resource;
    const request = this.isRequested(resource, isSeenBegin);
    const isComplete = isSeenBegin || request !== undefined;
    const orphan = this.orphans.find(({ key }) => key === keyOf(path)) ?? this.orphans.find(({ key }) => key === id);
    this.orphans = this.orphans.filter((other) => other !== orphan);
    const known = orphan?.shown ?? this.log(isComplete);
    const isLacking = this.wasDropped(id, keyOf(path)) && !known.log[0]?.gap;
    const session = { born: (this.steps += 1), stamp: 0, shown: { id, ...(isLacking ? { logComplete: false, log: [...this.log(false).log, ...known.log] } : known) } };
    session.doubt = orphan || isLacking || this.wasDropped(id, keyOf(path)) ? 0 : doubt;
    if (request) request.session = session;
    this.sessions.push(session);
    return session;
  }

  update(session, resource, areSame) {
    const { shown } = session;
    const isNew = shown.state === undefined;
    const { log, logComplete } = shown;
    const next = { id: resource.id, path: resource.path };
    const uri = resource.uri ?? shown.uri;
    if (uri) next.uri = uri;
    next.state = resource.state;
    next.capabilities = !isNew && areSame(shown.capabilities, resource.capabilities) ? shown.capabilities : clone(resource.capabilities);
    next.participants = clone(resource.participants);
    next.userData = resource.userData ? clone(resource.userData) : (shown.userData ?? {});
    next.logComplete = logComplete;
    next.log = log;
    if (!isNew && equal({ ...shown, log: [] }, { ...next, log: [] })) return false;
    if (!isNew && equal(shown.userData, next.userData)) next.userData = shown.userData;
    session.shown = next;
    if (isLive(next)) session.completed = undefined;
    else session.completed ??= this.steps += 1;
    this.touch(session);
    return true;
  }

  touch({ shown }) {
    const index = this.changed.findIndex(({ id }) => id === shown.id);
    this.changed.splice(index < 0 ? this.changed.length : index, 1, clone(shown));
    const completed = this.sessions.filter((session) => session.completed).sort((a, b) => a.completed - b.completed);
    if (completed.length <= this.options.maxCompletedSessions) return;
    this.sessions = this.sessions.filter((session) => session !== completed[0]);
    this.drop(completed[0].shown.id, completed[0].stamp);
  }

  stateChanged(resource, notificationType, stamp) {
    const known = this.sessions.find(({ shown }) => shown.id === resource.id);
    const userData = resource.userData ?? (known && notificationType !== "AttachedDataChanged" ? known.shown.userData : {});
    if (!known && !isLive(resource) && this.options.maxCompletedSessions === 0) {
      this.drop(resource.id, stamp);
      return userData;
    }
    const session = known ?? this.begin(resource, (this.isSynced && this.isWhole) || ["Initiating", "Alerting"].includes(resource.state), notificationType === "StatusChange" ? stamp : 0);
    session.stamp = stamp;
    this.update(session, { ...resource, userData }, equal);
    return userData;
  }

  addText(shown, entry) {
    const log = [...shown.log, entry];
    if (log.filter(({ gap }) => !gap).length > this.options.maxLogEntries) log.splice(log.findIndex(({ gap }) => !gap), 1);
    return { ...shown, log: log.filter(({ gap }, index) => !(gap && log[index - 1]?.gap)) };
  }

  textArrived(path, text) {
    const now = this.options.now();
    const session = this.at(path);
    const id = session?.shown.id ?? keyOf(path);
    this.forgetSent();
    const fitting = this.sent.filter((sent) => sent.id === id && sent.text === text);
    const sent = fitting.find(({ isLogged }) => !isLogged) ?? fitting[0];
    this.sent = this.sent.filter((other) => other !== sent);
    if (sent?.isLogged) return;
    const entry = { text, receivedAt: now, direction: sent ? "probably-outgoing" : "unknown" };
    if (session) {
      session.shown = this.addText(session.shown, entry);
      this.touch(session);
      return;
    }
    const known = this.orphans.find(({ key }) => key === id);
    const orphan = known ?? { key: id, shown: this.log(this.isSynced && this.isWhole && !this.wasDropped(id)), characters: path.length };
    this.orphans = [...this.orphans.filter((other) => other !== known), { key: id, shown: this.addText(orphan.shown, entry), characters: orphan.characters + text.length }];
    while (this.orphans.length > this.options.maxOrphans || sum(this.orphans) > this.options.maxOrphanCharacters) this.drop(this.orphans.shift().key);
  }

  forgetSent() {
    const isOver = ({ since, isLogged }) => since !== undefined && (this.isListening || isLogged) && this.options.now() - since > 10_000;
    this.sent = this.sent.filter((sent) => !isOver(sent));
  }

  logSent(session, sent) {
    Object.assign(sent, { isLogged: true, since: this.options.now() });
    session.shown = this.addText(session.shown, { text: sent.text, receivedAt: sent.acceptedAt, direction: "probably-outgoing" });
  }

  gapIn(session, at) {
    session.doubt = 0;
    const { log } = session.shown;
    session.shown = { ...session.shown, logComplete: false, log: log.at(-1)?.gap ? log : [...log, { gap: true, at }] };
    this.forgetSent();
    for (const sent of this.sent) if (sent.id === session.shown.id && sent.acceptedAt !== undefined && !sent.isLogged) this.logSent(session, sent);
  }

  gap(at, stamp) {
    this.heardSince = stamp;
    this.requests = [];
    for (const sent of this.sent) sent.isBeforeGap = true;
    const live = this.sessions.filter(({ shown }) => isLive(shown));
    for (const session of live) {
      const before = session.shown;
      this.gapIn(session, at);
      if (!equal(before, session.shown)) this.touch(session);
    }
    for (const orphan of this.orphans) orphan.shown = { ...orphan.shown, logComplete: false, log: orphan.shown.log.at(-1)?.gap ? orphan.shown.log : [...orphan.shown.log, { gap: true, at }] };
    return live.map(({ shown }) => shown.id);
  }

  listening(isListening, stamp) {
    this.forgetSent();
    if (isListening && !this.isListening) {
      this.heardSince = stamp;
      for (const sent of this.sent) if (sent.since !== undefined && !sent.isLogged) sent.since = this.options.now();
    }
    this.isListening = isListening;
  }

  accepted(sent) {
    sent.since = sent.acceptedAt = this.options.now();
    const session = this.find(sent.id);
    if (!this.sent.includes(sent) || !sent.isBeforeGap || !session || session.shown.logComplete) return;
    this.logSent(session, sent);
    this.touch(session);
  }

  reconcile(resources, mark, tellNew, isWhole) {
    this.isWhole = isWhole;
    const recovered = [];
    for (const session of isWhole && this.heardSince <= mark ? this.sessions : []) {
      if (!isLive(session.shown) || session.doubt <= mark || resources.some(({ id }) => id === session.shown.id)) continue;
      this.requests = this.requests.filter((request) => request.session !== session);
      if (session.shown.logComplete) continue;
      session.shown = { ...session.shown, logComplete: true, log: session.shown.log.slice(1) };
      this.touch(session);
    }
    const take = (session, resource, isTold) => {
      if (session.shown.state && isLive(session.shown) && !isLive(resource)) this.gapIn(session, this.options.now());
      const before = session.shown;
      if (!this.update(session, resource, equalSets) || !isTold) return;
      const { log, logComplete, ...imSession } = clone(session.shown);
      const isOther = (name) => !equal(before[name], imSession[name]);
      const tell = (notificationType) => recovered.push({ messageType: "IMSessionStateChangeMessage", notificationType, imSession, recovered: true });
      if (["state", "participants", "capabilities"].some(isOther)) tell("StatusChange");
      if (before.state && isOther("userData")) tell("AttachedDataChanged");
    };
    resources.forEach((resource, index) => {
      if (resources.findIndex(({ id }) => id === resource.id) < index) return;
      const known = this.sessions.find(({ shown }) => shown.id === resource.id);
      const completed = this.sessions.filter(({ shown }) => !isLive(shown)).length;
      if (!known && !isLive(resource) && completed >= this.options.maxCompletedSessions) {
        this.drop(resource.id);
        return;
      }
      if ((known?.stamp ?? this.stampOf(resource.id)) > mark) return;
      take(known ?? this.begin(resource, false), resource, known || tellNew);
    });
    for (const session of isWhole ? [...this.sessions] : []) {
      if (session.stamp > mark || !isLive(session.shown) || resources.some(({ id }) => id === session.shown.id)) continue;
      take(session, { ...session.shown, state: "Completed" }, true);
    }
    return recovered;
  }
}

/** Random calls to both, and everything that can be seen of the list after each. */
class Run {
  clock = 1_000_000;
  mark = 0;
  stamp = 0;
  kept = [];
  pending = [];
  /** All texts that ever came, by the last segment of their path. */
  arrived = new Map();
  before;

  constructor(seed) {
    this.random = randomOf(seed);
    const options = { maxLogEntries: this.pick([1, 2, 5, 12]), maxCompletedSessions: this.pick([0, 1, 3, 20]), now: () => this.clock };
    Object.assign(options, { maxOrphans: this.pick([1, 2, 100]), maxOrphanCharacters: this.pick([10, 60, 100, 1_000]) });
    this.list = new SessionList(options);
    this.model = new Model(options);
  }

  pick(values) {
    return values[Math.floor(this.random() * values.length)];
  }

  chance(probability) {
    return this.random() < probability;
  }

  /** One id in seven may stand beside a path that ends in another, and each such path belongs to one id. */
  path() {
    const id = this.pick(IDS);
    return [id, `${this.pick(["/im-sessions/", "/api/v2/me/im-sessions/"])}${this.chance(0.3) && (id === "3" || id === "4") ? (id === "3" ? "4" : "stray") : id}${this.pick(["", "", "/"])}`];
  }

  resource() {
    const [id, path] = this.path();
    const resource = { id, path, state: this.pick(["Initiating", "Alerting", "Talking", "Talking", "Completed", "Odd"]) };
    resource.capabilities = this.pick([[], ["SendMessage", "Complete"], ["Complete", "SendMessage"]]);
    resource.participants = this.pick([[], [{ digits: "1", phoneNumber: "1" }], [{ phoneNumber: "1", digits: "1" }], [{ phoneNumber: "2" }, null]]);
    if (this.chance(0.2)) resource.uri = `http://gws/${id}`;
    const userData = this.pick(['{"a":1,"b":{"c":[2]}}', '{"b":{"c":[2]},"a":1}', '{"__proto__":{"x":1}}', "{}", undefined, undefined]);
    if (userData) resource.userData = JSON.parse(userData);
    return resource;
  }

  step() {
    this.clock += this.pick([1, 1, 1, 4_000]);
    this.model.changed = [];
    const call = this.pick(["state", "state", "state", "text", "text", "text", "text", "gap", "reconcile", "markNow", "synced", "listening", "sending", "sending", "answered", "answered", "initiating"]);
    let own;
    this.list.changedByOwn = (change) => (own = change);
    const { change = own } = this[call]() ?? {};
    assert.equal(change === undefined, this.model.changed.length === 0, `${call} changes something`);
    if (change) this.keep(change);
    this.compare();
  }

  state() {
    const resource = this.resource();
    const notificationType = this.pick(["StatusChange", "AttachedDataChanged", "other"]);
    const expected = this.model.stateChanged(clone(resource), notificationType, (this.stamp += 1));
    const change = this.list.stateChanged(resource, notificationType);
    assert.deepEqual(sorted(resource.userData), sorted(expected));
    if (resource.userData.b) resource.userData.b.c.push("a listener's");
    resource.capabilities = resource.participants = "a listener's";
    return { change };
  }

  text() {
    const [, path] = this.path();
    const text = this.pick(["one", "two", "three"]);
    this.arrived.set(keyOf(path), [...(this.arrived.get(keyOf(path)) ?? []), text]);
    this.model.textArrived(path, text);
    return { change: this.list.textArrived(path, text) };
  }

  gap() {
    const { change, ids } = this.list.gap(this.clock);
    assert.deepEqual(ids, this.model.gap(this.clock, (this.stamp += 1)));
    return { change };
  }

  reconcile() {
    const known = this.model.sessions.filter(() => this.chance(0.8)).map(({ shown: { log, logComplete, ...resource } }) => clone(resource));
    const resources = [...known, ...Array.from({ length: this.pick([0, 1, 4]) }, () => this.resource())];
    const tellNew = this.chance(0.7);
    const isWhole = this.chance(0.8);
    const expected = this.model.reconcile(clone(resources), this.mark, tellNew, isWhole);
    const { recovered, change } = this.list.reconcile(resources, this.mark, tellNew, isWhole);
    assert.deepEqual(sorted(recovered), sorted(expected));
    this.markNow();
    return { change };
  }

  markNow() {
    this.mark = this.list.mark;
    assert.equal(this.mark, this.stamp);
  }

  synced() {
    this.list.isSynced = this.model.isSynced = this.chance(0.6);
  }

  sending() {
    const [, path] = this.path();
    const name = this.chance(0.5) ? path : this.pick(IDS);
    const text = this.pick(["one", "two", "three"]);
    const sent = { id: this.model.find(name)?.shown.id ?? keyOf(name), text };
    this.model.sent.push(sent);
    const { accepted, unanswered, takeBack } = this.list.sending(name, text);
    const isOver = () => (this.model.sent = this.model.sent.filter((other) => other !== sent));
    this.pending.push(this.pick([
      () => [this.model.accepted(sent), accepted()],
      () => [this.model.accepted(sent), accepted()],
      () => [(sent.since = this.clock), unanswered()],
      () => [isOver(), takeBack()],
    ]));
  }

  initiating() {
    const number = this.pick(["1", "2", "3"]);
    const request = { number, at: this.clock };
    if (this.model.isListening) this.model.requests.push(request);
    const { takeBack } = this.list.initiating(number);
    if (this.chance(0.4)) this.pending.push(() => [this.model.endRequest(request), takeBack()]);
  }

  answered() {
    const index = Math.floor(this.random() * this.pending.length);
    this.pending.splice(index, 1)[0]?.();
  }

  listening() {
    const isListening = this.chance(0.7);
    if (isListening && !this.model.isListening) this.stamp += 1;
    this.model.listening(isListening, this.stamp);
    this.list.isListening = isListening;
  }

  /** Some changes are read at once, most much later. */
  keep(change) {
    const expected = { sessions: clone(this.model.sessions.map(({ shown }) => shown)), changed: this.model.changed };
    const read = () => {
      assertEqual(change.sessions, expected.sessions);
      assertEqual(change.changed, expected.changed);
    };
    if (this.chance(0.2)) read();
    this.kept.push(read);
    if (this.chance(0.1)) this.kept.splice(Math.floor(this.random() * this.kept.length), 1)[0]();
  }

  compare() {
    // What nobody reads must not matter to what is read next.
    if (this.chance(0.3)) {
      this.before = undefined;
      return;
    }
    const { sessions } = this.list;
    assertEqual(sessions, this.model.sessions.map(({ shown }) => shown));
    for (const id of this.chance(0.2) ? [...IDS, "stray"] : []) {
      for (const name of [id, `/im-sessions/${id}/`]) assert.equal(this.list.find(name)?.id, this.model.find(name)?.shown.id, name);
    }
    for (const session of sessions) this.assertTrue(session);
    const born = new Map(this.model.sessions.map((session) => [session.shown.id, session.born]));
    for (const session of sessions) assert.equal(this.list.find(session.id), session);
    if (this.before) assertSharedLists(this.before, { sessions, born });
    this.before = { sessions, born };
  }

  /** However it comes about: a log that is called complete has the newest texts that ever came. Where ids and paths differ, texts belong now to one, now to another. */
  assertTrue({ id, log, logComplete }) {
    if (!logComplete || id === "3" || id === "4") return;
    assert.deepEqual(log.map(({ text }) => text), (this.arrived.get(id) ?? []).slice(-this.model.options.maxLogEntries), `the log of ${id} is complete`);
  }

  finish() {
    for (const read of this.kept) read();
    return this.kept.length;
  }
}

/** One that left the list and was first seen again is another. */
function assertSharedLists(before, { sessions, born }) {
  for (const session of sessions) {
    const earlier = before.sessions.find(({ id }) => id === session.id);
    if (earlier && before.born.get(session.id) === born.get(session.id)) assertShared(earlier, session);
  }
  assert.equal(sessions === before.sessions, JSON.stringify(sessions) === JSON.stringify(before.sessions) && equal([...born], [...before.born]), "the same list, the same array");
}

function assertShared(earlier, session) {
  assert.equal(session === earlier, JSON.stringify(session) === JSON.stringify(earlier), "the same session, the same object");
  for (const part of PARTS) {
    if (JSON.stringify(session[part]) === JSON.stringify(earlier[part])) assert.equal(session[part], earlier[part], part);
  }
}

describe("SessionList, with random calls", () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    it(`is what the model is: seed ${seed}`, () => {
      const run = new Run(seed);
      for (let call = 0; call < CALLS; call += 1) run.step();
      assert.ok(run.finish() > CALLS / 10);
    });
  }
});
