// What the live list of IM sessions keeps of sessions that are not in it: only so much, whatever a server sends.

import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { BoundedMap } from "../../pkg-template/bounded-map.js";
import { SessionList } from "../../pkg-template/sessions.js";
import { path } from "./lib/im-sessions.js";

const resource = (id, members) => ({ id, path: path(id), state: "Talking", capabilities: [], participants: [], userData: {}, ...members });

describe("BoundedMap", () => {
  const filled = (mostMembers, mostWeight) => {
    const map = new BoundedMap(mostMembers, mostWeight);
    for (const key of ["a", "b", "c"]) assert.deepEqual(map.set(key, key.toUpperCase(), 2), []);
    return map;
  };

  it("has what was set, until it is deleted", () => {
    const map = filled(3, 6);
    map.delete("b");
    map.delete("b");
    assert.deepEqual([map.values, map.get("a"), map.get("b"), map.has("a"), map.has("b")], [["A", "C"], "A", undefined, true, false]);
  });

  it("holds so many members, and tells which had to go", () => {
    const map = filled(3, 100);
    assert.deepEqual([map.set("d", "D", 2), map.values], [["a"], ["B", "C", "D"]]);
  });

  it("holds so much weight, and tells which had to go, as many as it takes", () => {
    const map = filled(100, 6);
    assert.deepEqual([map.set("d", "D", 3), map.values], [["a", "b"], ["C", "D"]]);
  });

  it("does not keep what is too heavy alone, and holds as much as ever afterwards", () => {
    const map = filled(100, 6);
    assert.deepEqual([map.set("d", "D", 7), map.values], [["a", "b", "c", "d"], []]);
    assert.deepEqual([map.set("e", "E", 6), map.values], [[], ["E"]]);
  });

  it("counts a member that is set again once, as the newest, with its new weight", () => {
    const map = filled(3, 8);
    assert.deepEqual([map.set("a", "again", 4), map.values], [[], ["B", "C", "again"]]);
    assert.deepEqual(map.set("d", "D", 2), ["b"]);
  });

  it("has room again for what was deleted", () => {
    const map = filled(3, 6);
    map.delete("a");
    assert.deepEqual(map.set("d", "D", 2), []);
  });
});

describe("SessionList, its bounds", () => {
  let list;
  const change = (id, members) => list.stateChanged(resource(id, members), "StatusChange");
  const isComplete = (id) => list.find(id).logComplete;
  beforeEach(() => {
    list = new SessionList({ maxLogEntries: 1_000, maxCompletedSessions: 0 });
    list.isSynced = true;
  });

  for (const [what, more, expected] of [["to the last character", 0, true], ["not one character more", 1, false]]) {
    it(`keeps texts without a session, and their paths, of four million characters together, ${what}`, () => {
      for (const [id, text] of [["1", "x"], ["2", "x".repeat(4_000_000 - 1 - 2 * path("1").length + more)]]) list.textArrived(path(id), text);
      for (const id of ["1", "2"]) change(id);
      assert.deepEqual([isComplete("1"), isComplete("2")], [expected, true]);
    });
  }

  it("remembers of ten thousand sessions that they or their texts were dropped", () => {
    for (let id = 0; id <= 10_000; id += 1) change(String(id), { state: "Completed" });
    for (const id of ["0", "1"]) change(id);
    assert.deepEqual([isComplete("0"), isComplete("1")], [true, false]);
  });

  it("remembers of them a million characters of names", () => {
    for (const id of ["1", "2", "x".repeat(999_999)]) change(id, { state: "Completed" });
    for (const id of ["1", "2"]) change(id);
    assert.deepEqual([isComplete("1"), isComplete("2")], [true, false]);
  });
});
