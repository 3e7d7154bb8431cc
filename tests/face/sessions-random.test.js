// The live list of IM sessions against a model of plain arrays that copies everything at once: thousands of random calls, each compared.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { SessionList } from "../../pkg-template/sessions.js";
import { clone, equal, keyOf, Model, sorted } from "./lib/session-model.js";

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

/** Most often the texts are equal already, which is much faster to tell. */
const assertEqual = (actual, expected) => JSON.stringify(actual) === JSON.stringify(expected) || assert.deepEqual(clone(actual), clone(expected));

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
