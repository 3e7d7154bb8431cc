// The live list of IM sessions: its snapshots, what they share and how they are found.

import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { DEEPEST } from "../../pkg-template/session-values.js";
import { SessionList } from "../../pkg-template/sessions.js";
import { path, resource, without, ids, shown } from "./lib/im-sessions.js";

/** JSON as deep as JSON.parse takes and no recursion does. */
const deep = (levels) => JSON.parse(`${'{"a":['.repeat(levels)}1${"]}".repeat(levels)}`);

describe("SessionList", () => {
  let list;
  const change = (id, members, notificationType = "StatusChange") => list.stateChanged(resource(id, members), notificationType);
  const log = (id) => shown(list.find(id).log);
  const reconcile = (resources, { mark = list.mark, tellNew = true } = {}) => list.reconcile(resources, mark, tellNew);
  beforeEach(() => {
    list = new SessionList({ maxLogEntries: 1_000, maxCompletedSessions: 20, now: () => 1_000 });
    list.isSynced = true;
  });

  describe("a snapshot", () => {
    it("has the documented members of the resource, the log, and nothing else", () => {
      change("7", { uri: "http://gws/api/v2/im-sessions/other", metrics: { secret: 1 } });
      const expected = { ...resource("7", { uri: "http://gws/api/v2/im-sessions/other" }), logComplete: true, log: [] };
      assert.deepEqual({ ...list.find("7") }, expected);
      assert.deepEqual(JSON.parse(JSON.stringify(list.sessions)), [expected]);
    });

    it("has a uri only where the server gave a string, and keeps it where a later resource has none", () => {
      change("7", { uri: 5 });
      assert.equal("uri" in list.find("7"), false);
      change("7", { uri: "http://gws/7" });
      assert.equal(change("7"), undefined);
      assert.equal(list.find("7").uri, "http://gws/7");
    });

    it("shows its log when spread and as JSON", () => {
      change("7");
      list.textArrived(path("7"), "Hello!");
      const entry = { text: "Hello!", receivedAt: 1_000, direction: "unknown" };
      assert.deepEqual({ ...list.find("7") }.log, [entry]);
      assert.deepEqual(JSON.parse(JSON.stringify(list.find("7"))).log, [entry]);
    });

    it("is frozen to the bottom", () => {
      change("7", { userData: { nested: [{ a: 1 }] } });
      list.textArrived(path("7"), "Hello!");
      list.gap(1);
      const session = list.find("7");
      const parts = [list.sessions, session, session.capabilities, session.participants, session.participants[0], session.userData, session.userData.nested, session.userData.nested[0], session.log, ...session.log];
      assert.deepEqual(parts.filter((part) => !Object.isFrozen(part)), []);
    });

    it("is frozen to the bottom also where it was first read after a later one, with which it shares parts", () => {
      const { changed } = change("7", { userData: { nested: [{ a: 1 }] } });
      change("7", { userData: { nested: [{ a: 1 }] }, state: "Completed" });
      const [{ userData }] = list.sessions;
      assert.deepEqual([userData, userData.nested, userData.nested[0], changed, changed[0]].filter((part) => !Object.isFrozen(part)), []);
      assert.equal(changed[0].userData, userData);
      assert.equal(changed[0].state, "Talking");
    });

    it("is the list's own: what a listener writes into the notification does not reach it", () => {
      const event = resource("7", { userData: { nested: { a: 1 } } });
      list.stateChanged(event, "StatusChange");
      event.userData.nested.a = 2;
      event.capabilities.length = 0;
      event.participants[0].digits = "666";
      assert.deepEqual({ ...list.find("7") }, { ...resource("7", { userData: { nested: { a: 1 } } }), logComplete: true, log: [] });
    });

    it("can do what is listed, and nothing once it is completed", () => {
      change("7", { capabilities: ["SendMessage"] });
      assert.deepEqual(["SendMessage", "Complete"].map((capability) => list.find("7").can(capability)), [true, false]);
      change("7", { state: "Completed" });
      assert.equal(list.find("7").can("SendMessage"), false);
      assert.equal(Object.hasOwn(list.find("7"), "can"), false);
    });

    it("stays as it was when the session changes", () => {
      change("7");
      list.textArrived(path("7"), "one");
      const before = list.find("7");
      list.textArrived(path("7"), "two");
      list.gap(1);
      change("7", { state: "Completed" });
      assert.deepEqual([before.state, before.logComplete, shown(before.log)], ["Talking", true, ["one"]]);
    });
  });

  describe("structural sharing", () => {
    it("gives the same array and objects while nothing changed", () => {
      change("7");
      const { sessions } = list;
      assert.equal(list.sessions, sessions);
      assert.equal(list.find("7"), sessions[0]);
      assert.equal(list.find("7").log, sessions[0].log);
    });

    it("keeps an unchanged session, and the unchanged parts of a changed one", () => {
      change("1");
      change("2");
      list.textArrived(path("2"), "Hello!");
      const [first, second] = list.sessions;
      change("2", { state: "Completed" });
      assert.equal(list.sessions[0], first);
      assert.notEqual(list.sessions[1], second);
      for (const part of ["capabilities", "participants", "userData", "log"]) assert.equal(list.sessions[1][part], second[part], part);
    });

    it("takes a repeated notification for no change", () => {
      change("7", { userData: { a: { b: [1, null], c: 2 }, d: 3 } });
      const { sessions } = list;
      assert.equal(change("7", { userData: { d: 3, a: { c: 2, b: [1, null] } } }), undefined);
      assert.equal(list.sessions, sessions);
    });

    for (const [what, userData] of [["another value", { a: [1, 3] }], ["a shorter array", { a: [1] }], ["an object for an array", { a: { 0: 1, 1: 2 } }], ["null", { a: null }], ["one member more", { a: [1, 2], b: undefined }], ["another member", { b: [1, 2] }]]) {
      it(`sees ${what} in user data`, () => {
        change("7", { userData: { a: [1, 2] } });
        assert.deepEqual(ids(change("7", { userData }).changed), ["7"]);
        assert.deepEqual(list.find("7").userData, userData);
      });
    }
  });

  describe("a change", () => {
    it("shows list and session as they were right after it, also when read much later", () => {
      const first = change("1");
      const second = change("2");
      const text = list.textArrived(path("1"), "one");
      list.textArrived(path("1"), "two");
      change("3");
      change("2", { state: "Completed" });
      assert.deepEqual([first, second, text].map(({ sessions }) => ids(sessions)), [["1"], ["1", "2"], ["1", "2"]]);
      assert.deepEqual([first, second, text].map(({ changed }) => ids(changed)), [["1"], ["2"], ["1"]]);
      assert.deepEqual([shown(text.changed[0].log), text.sessions[1].state], [["one"], "Talking"]);
      assert.equal(text.sessions[0], text.changed[0]);
    });

    it("gives the same array of what changed, which has the list's own session while nothing came after", () => {
      const event = change("7");
      assert.equal(event.changed, event.changed);
      assert.equal(event.changed[0], list.find("7"));
      assert.throws(() => event.changed.push("a listener's"), TypeError);
    });

    it("gives the list's own array while nothing came after", () => {
      const { sessions } = change("7");
      assert.equal(list.sessions, sessions);
    });
  });

  describe("user data that a notification lacks", () => {
    const event = (notificationType) => {
      const bare = without("userData", resource("7"));
      list.stateChanged(bare, notificationType);
      return bare.userData;
    };

    it("is what was known, copied for the event", () => {
      change("7", { userData: { nested: { a: 1 } } });
      const userData = event("StatusChange");
      assert.deepEqual(userData, { nested: { a: 1 } });
      userData.nested.a = 2;
      assert.deepEqual(list.find("7").userData, { nested: { a: 1 } });
    });

    it("is empty in AttachedDataChanged", () => {
      change("7");
      assert.deepEqual(event("AttachedDataChanged"), {});
      assert.deepEqual(list.find("7").userData, {});
    });

    it("is empty for an unknown session", () => {
      assert.deepEqual(event("StatusChange"), {});
      assert.deepEqual(list.find("7").userData, {});
    });

    it("is lacking, too, where it is no object", () => {
      change("7");
      for (const userData of [null, "text", [1]]) {
        const odd = resource("7", { userData });
        assert.equal(list.stateChanged(odd, "StatusChange"), undefined);
        assert.deepEqual(odd.userData, { favColor: "blue" });
      }
    });
  });

  describe("find", () => {
    it("takes an id and a path, whatever stands before it and however many slashes end it", () => {
      change("7");
      for (const name of ["7", "/im-sessions/7", "/im-sessions/7//", "/api/v2/me/im-sessions/7", "im-sessions/7"]) assert.equal(list.find(name)?.id, "7", name);
      for (const name of ["8", "/im-sessions/8", "/7/im-sessions", "", "/", "//", undefined, null, 7]) assert.equal(list.find(name), undefined, String(name));
    });

    it("never takes the uri", () => {
      change("7", { uri: "http://gws/api/v2/im-sessions/8" });
      assert.equal(list.find("http://gws/api/v2/im-sessions/8"), undefined);
    });

    it("takes the session's own path where that ends in another id", () => {
      change("7", { path: "/im-sessions/8/" });
      for (const name of ["7", "/im-sessions/7", "/im-sessions/8"]) assert.equal(list.find(name)?.id, "7", name);
      list.textArrived("/im-sessions/8", "Hello!");
      assert.deepEqual(log("7"), ["Hello!"]);
    });

    it("prefers a session's own path to one that only has such an id, and one where both agree to all", () => {
      change("8", { path: "/im-sessions/9" });
      change("7", { path: "/im-sessions/8" });
      assert.deepEqual(["8", "/im-sessions/8", "/im-sessions/9"].map((name) => list.find(name).id), ["8", "7", "8"]);
      change("8");
      assert.deepEqual(["/im-sessions/8", "/im-sessions/7", "/im-sessions/9"].map((name) => list.find(name)?.id), ["8", "7", undefined]);
    });

    it("forgets a path that a session no longer has", () => {
      change("7", { path: "/im-sessions/8" });
      change("7", { path: "/im-sessions/9" });
      assert.deepEqual(["/im-sessions/8", "/im-sessions/9"].map((name) => list.find(name)?.id), [undefined, "7"]);
    });

    it("takes hostile ids for ids", () => {
      for (const id of ["__proto__", "constructor", "toString", "a/b", " "]) {
        assert.equal(list.find(id), undefined);
        change(id);
        list.textArrived(path(id), id);
        assert.deepEqual([list.find(id).id, log(id)], [id, [id]]);
      }
    });

    it("does not stumble over a path of nothing but slashes", () => {
      const slashes = "/".repeat(1_000_000);
      change("7", { path: slashes });
      assert.equal(list.find(`${slashes}7`).id, "7");
    });
  });

  describe("hostile user data", () => {
    it("nested deeper than a stack goes is kept down to a depth, and null below", () => {
      change("1", { userData: deep(20_000) });
      const { userData } = list.find("1");
      let depth = 0;
      for (let value = userData; value !== null; value = Array.isArray(value) ? value[0] : value.a) depth += 1;
      assert.equal(depth, DEEPEST);
    });

    it("nested so is no change when repeated, and one where it differs above that depth", () => {
      change("1", { userData: deep(20_000) });
      assert.equal(change("1", { userData: deep(20_000) }), undefined);
      assert.deepEqual(reconcile([resource("1", { userData: deep(20_000) })]), { recovered: [], change: undefined });
      assert.notEqual(change("1", { userData: deep(40) }), undefined);
    });

    it("is a change where the first level that is not kept comes or goes", () => {
      change("1", { userData: deep(DEEPEST / 2) });
      for (const levels of [1, 0]) {
        const userData = deep(DEEPEST / 2 + levels);
        assert.notEqual(change("1", { userData }), undefined);
        assert.equal(change("1", { userData: deep(DEEPEST / 2 + levels) }), undefined);
      }
    });

    it("is handed out as deep as it is kept", () => {
      const { recovered } = reconcile([resource("1", { userData: deep(20_000) })]);
      assert.deepEqual(recovered[0].imSession.userData, list.find("1").userData);
    });

    it("of very many members is kept and compared", () => {
      const wide = () => Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`key${index}`, [index]]));
      change("1", { userData: wide() });
      assert.equal(change("1", { userData: wide() }), undefined);
      assert.notEqual(change("1", { userData: { ...wide(), key49999: [0] } }), undefined);
      assert.equal(Object.keys(list.find("1").userData).length, 50_000);
    });

    it("with a member called __proto__ pollutes nothing", () => {
      const userData = JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}');
      change("1", { userData });
      const kept = list.find("1").userData;
      assert.equal(JSON.stringify(kept), JSON.stringify(userData));
      assert.deepEqual([kept.polluted, {}.polluted, Object.getPrototypeOf(kept)], [undefined, undefined, Object.prototype]);
      assert.equal(change("1", { userData: JSON.parse(JSON.stringify(userData)) }), undefined);
      change("1", { userData: { x: 1 } });
      assert.notEqual(change("1", { userData: JSON.parse('{"__proto__":{}}') }), undefined);
    });
  });
});
