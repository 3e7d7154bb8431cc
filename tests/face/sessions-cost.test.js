// What one notification costs the live list: counted in elements that built-ins touch, which must not grow with sessions or logs.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { Sequence } from "../../pkg-template/sequence.js";
import { SessionList } from "../../pkg-template/sessions.js";
import { path } from "./lib/im-sessions.js";

const MANY = 3_000;
/** Levels a sequence of MANY has; each costs a copy of at most 32 slots. */
const LEVELS = 3;
const CONSTANT_TIME = new Set(["constructor", "at", "push", "pop", "entries", "keys", "values"]);

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");

const resource = (id, members) => ({ id, path: path(id), state: "Talking", capabilities: ["SendMessage"], participants: [{ digits: id }], userData: { favColor: "blue" }, ...members });
const idOf = (index) => `id${index}`;

/** Replaces a method while `body` runs. */
function replacing(restores, owner, name, wrap) {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, { ...descriptor, value: wrap(descriptor.value) });
  restores.push(() => Object.defineProperty(owner, name, descriptor));
}

/** The elements that array methods, iterators of arrays, maps and sets, and deep walks over objects touch while `body` runs. Loops over elements
 *  go through these. */
function touched(body) {
  let count = 0;
  const restores = [];
  for (const name of Object.getOwnPropertyNames(Array.prototype)) {
    if (CONSTANT_TIME.has(name) || typeof Array.prototype[name] !== "function") continue;
    replacing(restores, Array.prototype, name, (method) => function (...parameters) {
      const result = Reflect.apply(method, this, parameters);
      count += Math.max(name === "slice" || name === "splice" ? 0 : this.length, Array.isArray(result) ? result.length : 0);
      return result;
    });
  }
  for (const prototype of [Object.getPrototypeOf([][Symbol.iterator]()), Object.getPrototypeOf(new Map().values()), Object.getPrototypeOf(new Set().values())]) {
    replacing(restores, prototype, "next", (next) => function () {
      count += 1;
      return Reflect.apply(next, this, []);
    });
  }
  for (const name of ["keys", "values", "entries", "assign"]) {
    replacing(restores, Object, name, (method) => (...parameters) => {
      const result = method(...parameters);
      count += Array.isArray(result) ? result.length : 0;
      return result;
    });
  }
  try {
    count = 0;
    body();
    return count;
  } finally {
    for (const restore of restores) restore();
  }
}

/** The snapshots of sessions that are built while `body` runs: each is frozen once. */
function built(body) {
  let count = 0;
  const restores = [];
  replacing(restores, Object, "freeze", (freeze) => (value) => {
    if (Object.hasOwn(value, "logComplete")) count += 1;
    return freeze(value);
  });
  try {
    body();
    return count;
  } finally {
    for (const restore of restores) restore();
  }
}

function filled(sessions, texts, options) {
  const list = new SessionList({ maxLogEntries: MANY, maxCompletedSessions: 20, ...options });
  list.isSynced = true;
  for (let index = 0; index < sessions; index += 1) list.stateChanged(resource(idOf(index)), "StatusChange");
  for (let text = 0; text < texts; text += 1) list.textArrived(path(idOf(0)), String(text));
  return list;
}

/** So many sessions begin and are completed. */
function comeAndGo(list, count) {
  for (let index = 0; index < count; index += 1) {
    list.stateChanged(resource(`guest${index}`), "StatusChange");
    list.stateChanged(resource(`guest${index}`, { state: "Completed" }), "StatusChange");
  }
}

const NOTIFICATIONS = {
  "a text": (list) => list.textArrived(path(idOf(0)), "Hello!"),
  "a state": (list) => list.stateChanged(resource(idOf(0), { state: "Completed" }), "StatusChange"),
  "user data": (list) => list.stateChanged(resource(idOf(0), { userData: {} }), "AttachedDataChanged"),
  "a repeated state": (list) => list.stateChanged(resource(idOf(0)), "StatusChange"),
  "a new session": (list) => list.stateChanged(resource("new"), "StatusChange"),
};

describe("The cost of a notification", () => {
  it("is counted: reading a list of many touches every session, and reading a log every text", () => {
    const list = filled(1_000, 1_000);
    assert.ok(touched(() => list.sessions) >= 1_000);
    assert.ok(touched(() => list.sessions[0].log) >= 1_000);
    assert.equal(touched(() => list.sessions[0].log), 0, "read before");
    assert.ok(touched(() => list.gap(1)) >= 1_000);
  });

  for (const [what, notify] of Object.entries(NOTIFICATIONS)) {
    const reads = { "nobody reads": notify, "a listener reads `changed`": (list) => notify(list)?.changed.forEach(({ id, state, userData }) => [id, state, userData]) };
    for (const [how, call] of Object.entries(reads)) {
      it(`does not grow with sessions and texts: ${what}, ${how}`, () => {
        const one = filled(1, 1);
        const many = filled(MANY, MANY);
        many.sessions.map(({ log }) => log); // what was read before must not be read again
        const few = touched(() => call(one));
        const lot = touched(() => call(many));
        assert.ok(few > 0 && lot <= few + LEVELS * 32, `${few} with one, ${lot} with ${MANY}`);
      });
    }
  }

  for (const [what, notify] of Object.entries(NOTIFICATIONS)) {
    it(`has no snapshot in it that nobody reads: ${what}`, () => {
      const list = filled(1, 1);
      let change;
      assert.equal(built(() => (change = notify(list))), 0);
      const snapshots = change ? 1 : 0;
      assert.equal(built(() => change?.changed), snapshots);
      assert.equal(built(() => [change?.changed, list.find(idOf(0)), list.sessions]), list.sessions.length - snapshots, "read before");
    });
  }

  it("stays the same on average where the oldest texts are dropped", () => {
    const costs = [10, MANY].map((maxLogEntries) => {
      const list = filled(1, maxLogEntries, { maxLogEntries });
      return touched(() => {
        for (let text = 0; text < 2 * MANY; text += 1) NOTIFICATIONS["a text"](list);
      }) / (2 * MANY);
    });
    assert.ok(costs[1] <= costs[0] + 2, `${costs}`);
  });

  it("stays the same on average where the oldest completed sessions are dropped", () => {
    const costs = [1, 1_000].map((live) => {
      const list = filled(live, 0, { maxCompletedSessions: 0 });
      const cost = touched(() => comeAndGo(list, 3_000));
      assert.equal(list.sessions.length, live);
      return cost / 3_000;
    });
    assert.ok(costs[1] <= 2 * costs[0] + LEVELS * 32 * 4, `${costs}`);
  });
});

describe("What is dropped", () => {
  const isCollected = async (reference) => {
    for (let turn = 0; turn < 20 && reference.deref(); turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      collectGarbage();
    }
    return reference.deref() === undefined;
  };

  it("does not make the list longer to read", () => {
    const list = filled(1, 0, { maxCompletedSessions: 0 });
    comeAndGo(list, 1_000);
    assert.ok(touched(() => list.sessions) < 100);
  });

  it("leaves memory: a text", async () => {
    const list = filled(1, 1, { maxLogEntries: 1 });
    const first = new WeakRef(list.find(idOf(0)).log[0]);
    for (let text = 0; text < 100; text += 1) NOTIFICATIONS["a text"](list);
    assert.equal(await isCollected(first), true);
    assert.equal(list.sessions.length, 1);
  });

  it("leaves memory: a completed session", async () => {
    const list = filled(1, 0, { maxCompletedSessions: 0 });
    const first = new WeakRef(list.find(idOf(0)));
    list.stateChanged(resource(idOf(0), { path: "/im-sessions/other", state: "Completed" }), "StatusChange");
    assert.equal(await isCollected(first), true);
    assert.equal(list.sessions.length, 0);
  });
});

describe("Sequence", () => {
  const numbers = (length) => Array.from({ length }, (_, index) => index);
  const grown = (length) => numbers(length).reduce((sequence, number) => sequence.with(number, number), new Sequence());

  for (const length of [0, 1, 31, 32, 33, 1_023, 1_024, 1_025, 32_768, 32_769]) {
    it(`holds ${length} values in order, and one more`, () => {
      const sequence = grown(length);
      assert.deepEqual(sequence.values, numbers(length));
      assert.deepEqual(sequence.with(length, length).values, numbers(length + 1));
      assert.equal(sequence.length, length);
    });
  }

  it("shows each value that it has when it is read, and never again", () => {
    const shown = [];
    const sequence = numbers(40).reduce((grown, number) => grown.with(number, number), new Sequence((number) => shown.push(number))).with(3, undefined);
    assert.equal(shown.length, 0);
    assert.deepEqual(sequence.values, numbers(40).slice(1));
    assert.equal(sequence.values, sequence.values);
    assert.deepEqual(shown, numbers(40).filter((number) => number !== 3));
  });

  it("is never altered by a change, and vacates places", () => {
    const sequence = grown(2_000);
    const changed = sequence.with(1_500, "changed").with(3, undefined);
    assert.deepEqual(sequence.values, numbers(2_000));
    assert.deepEqual(changed.values, numbers(2_000).map((number) => (number === 1_500 ? "changed" : number)).filter((number) => number !== 3));
    assert.deepEqual([changed.length, changed.values], [2_000, changed.values]);
    assert.equal(changed.values, changed.values);
  });
});
