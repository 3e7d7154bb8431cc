// The live list of IM sessions after gaps: what the server's own list makes of it, and how long completed sessions stay.

import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { SessionList } from "../../pkg-template/sessions.js";
import { ALL, path, participant, resource, without, ids, shown } from "./lib/im-sessions.js";

describe("SessionList, after gaps", () => {
  let list;
  const open = (options) => {
    list = new SessionList({ maxLogEntries: 1_000, maxCompletedSessions: 20, now: () => 1_000, ...options });
    list.isSynced = true;
  };
  const change = (id, members) => list.stateChanged(resource(id, members), "StatusChange");
  const log = (id) => shown(list.find(id).log);
  const reconcile = (resources, { mark = list.mark, tellNew = true, isWhole } = {}) => list.reconcile(resources, mark, tellNew, isWhole);
  const told = ({ recovered }) => recovered.map(({ notificationType, imSession: { id, state } }) => [notificationType, id, state]);
  beforeEach(() => open());

  describe("gap", () => {
    it("adds an entry to every live session, and tells which these are", () => {
      change("1");
      change("2", { state: "Completed" });
      change("3", { state: "Alerting" });
      const { change: changes, ids: live } = list.gap(77);
      assert.deepEqual([live, ids(changes.changed)], [["1", "3"], ["1", "3"]]);
      assert.deepEqual(list.find("1").log, [{ gap: true, at: 77 }]);
      assert.deepEqual(list.sessions.map(({ logComplete }) => logComplete), [false, true, false]);
    });

    it("changes nothing where the last entry is one", () => {
      change("1");
      list.gap(1);
      const { sessions } = list;
      assert.deepEqual(list.gap(2), { change: undefined, ids: ["1"] });
      assert.equal(list.sessions, sessions);
    });
  });

  describe("completed sessions", () => {
    it("stay, the newest of them, by when they were completed", () => {
      open({ maxCompletedSessions: 2 });
      for (const id of ["1", "2", "3", "4"]) change(id);
      for (const id of ["3", "1", "4"]) change(id, { state: "Completed" });
      assert.deepEqual(ids(list.sessions), ["1", "2", "4"]);
      assert.equal(list.find(path("3")), undefined);
    });

    it("leave nothing of their log behind", () => {
      open({ maxCompletedSessions: 1 });
      change("1", { path: "/im-sessions/11" });
      list.textArrived("/im-sessions/11", "old");
      for (const id of ["1", "2"]) change(id, { state: "Completed" });
      assert.equal(list.textArrived("/im-sessions/11", "new"), undefined);
      change("1", { path: "/im-sessions/11" });
      assert.deepEqual(log("1"), ["gap", "new"]);
    });

    for (const state of ["Talking", "Alerting"]) {
      it(`have a gap, and no complete log, when heard of again ${state} after they have left the list`, () => {
        open({ maxCompletedSessions: 1 });
        for (const id of ["1", "2"]) change(id, { state: "Completed" });
        change("1", { state });
        change("3", { state });
        assert.deepEqual(["1", "3"].map((id) => [list.find(id).logComplete, list.find(id).log]), [[false, [{ gap: true, at: 1_000 }]], [true, []]]);
      });
    }

    it("have it, too, where the first to be heard of again is a text, by id or by a path of another name", () => {
      open({ maxCompletedSessions: 1 });
      change("2", { path: "/im-sessions/22", state: "Completed" });
      for (const id of ["1", "3"]) change(id, { state: "Completed" });
      list.textArrived(path("1"), "new");
      list.textArrived("/im-sessions/22", "new");
      change("1");
      reconcile([resource("1"), resource("2", { path: "/im-sessions/22" })]);
      assert.deepEqual(["1", "2"].map((id) => [log(id), list.find(id).logComplete]), [[["gap", "new"], false], [["gap", "new"], false]]);
    });

    it("have the gap of that text's time", () => {
      let clock = 1_000;
      open({ maxCompletedSessions: 0, now: () => clock });
      change("1", { state: "Completed" });
      list.textArrived(path("1"), "new");
      clock = 2_000;
      change("1");
      assert.deepEqual(list.find("1").log.map(({ at, receivedAt }) => at ?? receivedAt), [1_000, 1_000]);
    });

    it("none: the change tells that one was completed, and the list no longer has it", () => {
      open({ maxCompletedSessions: 0 });
      change("1");
      const { changed, sessions } = change("1", { state: "Completed" });
      assert.deepEqual([changed.map(({ id, state }) => [id, state]), sessions], [[["1", "Completed"]], []]);
      const before = list.sessions;
      assert.equal(change("1", { state: "Completed" }), undefined);
      assert.equal(list.sessions, before);
    });

    it("are live again when they come back to life", () => {
      open({ maxCompletedSessions: 1 });
      change("1", { state: "Completed" });
      change("1", { state: "Talking" });
      change("2", { state: "Completed" });
      assert.deepEqual([ids(list.sessions), list.gap(1).ids], [["1", "2"], ["1"]]);
    });
  });

  describe("reconcile", () => {
    it("tells of a difference as the notification would have", () => {
      change("1");
      const { recovered, change: changes } = reconcile([resource("1", { state: "Alerting", uri: "http://gws/1" })]);
      assert.deepEqual(recovered, [
        { messageType: "IMSessionStateChangeMessage", notificationType: "StatusChange", imSession: resource("1", { state: "Alerting", uri: "http://gws/1" }), recovered: true },
      ]);
      assert.deepEqual(ids(changes.changed), ["1"]);
    });

    for (const [what, members, expected] of [
      ["state", { state: "Alerting" }, ["StatusChange"]],
      ["participants", { participants: [] }, ["StatusChange"]],
      ["capabilities", { capabilities: ["Complete"] }, ["StatusChange"]],
      ["userData", { userData: { favColor: "red" } }, ["AttachedDataChanged"]],
      ["state and userData", { userData: {}, state: "Alerting" }, ["StatusChange", "AttachedDataChanged"]],
      ["nothing", {}, []],
      ["the order of capabilities", { capabilities: [...ALL].reverse() }, []],
      ["a capability named twice", { capabilities: [...ALL, ALL[0]] }, []],
      ["userData that is absent", { userData: undefined }, []],
    ]) {
      it(`gives ${expected.join(" and ") || "no notification"} where ${what} differs`, () => {
        change("1");
        const before = list.find("1");
        const { recovered, change: changes } = reconcile([resource("1", members)]);
        assert.deepEqual(recovered.map(({ notificationType }) => notificationType), expected);
        assert.equal(list.find("1") === before, expected.length === 0);
        assert.equal(changes === undefined, expected.length === 0);
      });
    }

    it("hands out resources that listeners may alter", () => {
      change("1");
      const { recovered } = reconcile([resource("1", { state: "Alerting", userData: { nested: {} } })]);
      const [first, second] = recovered.map(({ imSession }) => imSession);
      first.userData.nested.a = 1;
      first.participants[0].digits = "";
      first.capabilities.push("x");
      assert.deepEqual([second.userData, list.find("1").userData, list.find("1").participants, list.find("1").capabilities], [{ nested: {} }, { nested: {} }, [participant("3002")], ALL]);
    });

    it("alters neither the resources nor the user data they lack", () => {
      const bare = Object.freeze(without("userData", resource("1")));
      reconcile([bare]);
      assert.deepEqual(list.find("1").userData, {});
    });

    it("tells of sessions first seen, unless this is the first read", () => {
      assert.deepEqual(told(reconcile([resource("1")], { tellNew: false })), []);
      assert.deepEqual(told(reconcile([resource("1"), resource("2")])), [["StatusChange", "2", "Talking"]]);
      assert.deepEqual(ids(list.sessions), ["1", "2"]);
    });

    it("completes a live session that is gone, and leaves a completed one alone", () => {
      change("1", { uri: "http://gws/1" });
      list.textArrived(path("1"), "kept");
      change("2", { state: "Completed" });
      const { recovered } = reconcile([], { tellNew: false });
      assert.deepEqual(recovered.map(({ imSession }) => imSession), [resource("1", { uri: "http://gws/1", state: "Completed" })]);
      assert.deepEqual([log("1"), list.find("1").state], [["kept", "gap"], "Completed"]);
      assert.deepEqual(told(reconcile([])), []);
    });

    for (const [what, resources] of [["has gone from it", []], ["is completed in it", [resource("1", { state: "Completed" })]]]) {
      it(`shows no complete log of a session whose end it alone tells: one that ${what}`, () => {
        for (const id of ["1", "2"]) change(id);
        list.textArrived(path("1"), "kept");
        change("2", { state: "Completed" });
        const { sessions } = reconcile([...resources, resource("2", { state: "Completed" })]).change;
        assert.deepEqual(sessions.map(({ log, logComplete }) => [shown(log), logComplete]), [[["kept", "gap"], false], [[], true]]);
        list.gap(5);
        assert.deepEqual(log("1"), ["kept", "gap"]);
      });
    }

    it("updates a completed session that is listed", () => {
      change("1", { state: "Completed" });
      assert.deepEqual(told(reconcile([resource("1")])), [["StatusChange", "1", "Talking"]]);
    });

    it("takes nothing for a session heard of since the list was asked for", () => {
      for (const id of ["1", "2", "3"]) change(id);
      const { mark } = list;
      change("1");
      change("2", { state: "Completed" });
      const result = reconcile([resource("1", { userData: { old: true } }), resource("2"), resource("3", { state: "Alerting" })], { mark });
      assert.deepEqual(told(result), [["StatusChange", "3", "Alerting"]]);
      assert.deepEqual(list.sessions.map(({ state }) => state), ["Talking", "Completed", "Alerting"]);
    });

    it("does not miss a session heard of since, in a list that has none", () => {
      const { mark } = list;
      change("1");
      assert.deepEqual(told(reconcile([], { mark })), []);
      assert.equal(list.find("1").state, "Talking");
    });

    it("does not bring back what was completed since, even where that is no longer kept", () => {
      open({ maxCompletedSessions: 0 });
      change("1");
      const { mark } = list;
      change("1", { state: "Completed" });
      change("2", { state: "Completed" });
      assert.deepEqual(told(reconcile([resource("1"), resource("2")], { mark })), []);
      assert.deepEqual(list.sessions, []);
      assert.deepEqual(told(reconcile([resource("1")])), [["StatusChange", "1", "Talking"]], "it came back to life");
    });

    it("takes the first of two with the same id", () => {
      assert.deepEqual(told(reconcile([resource("1", { state: "Alerting" }), resource("1", { state: "Completed" })])), [["StatusChange", "1", "Alerting"]]);
      assert.deepEqual(list.sessions.map(({ state }) => state), ["Alerting"]);
    });

    it("prunes the sessions that a server never ended, however many there are", () => {
      for (let id = 0; id < 3_000; id += 1) change(`forgotten${id}`);
      change("1");
      assert.equal(reconcile([resource("1")]).recovered.length, 3_000);
      assert.deepEqual([list.sessions.length, list.find("1").state, list.find("forgotten0")], [21, "Talking", undefined]);
    });

    it("comes to rest where the server goes on listing more completed sessions than are kept", () => {
      open({ maxCompletedSessions: 2 });
      const resources = ["1", "2", "3", "4"].map((id) => resource(id, { state: "Completed" }));
      reconcile(resources);
      const { sessions } = list;
      assert.deepEqual(ids(sessions), ["1", "2"]);
      assert.deepEqual(reconcile(resources), { recovered: [], change: undefined });
      assert.equal(list.sessions, sessions);
    });

    for (const state of ["Completed", "Talking", "Alerting"]) {
      it(`shows no complete log of a completed session that found no place, when it is heard of again ${state}`, () => {
        open({ maxCompletedSessions: 1 });
        reconcile(["1", "2"].map((id) => resource(id, { state: "Completed" })));
        change("2", { state });
        assert.deepEqual([list.find("2").logComplete, log("2")], [false, ["gap"]]);
      });
    }

    it("shows none either where a text is what is heard of it", () => {
      open({ maxCompletedSessions: 0 });
      reconcile([resource("1", { state: "Completed" })]);
      list.textArrived(path("1"), "new");
      change("1");
      assert.deepEqual([list.find("1").logComplete, log("1")], [false, ["gap", "new"]]);
    });

    it("does not bring back what was completed since, and not kept, where the list has it completed and later live", () => {
      open({ maxCompletedSessions: 0 });
      change("1");
      const { mark } = list;
      change("1", { state: "Completed" });
      reconcile([resource("1", { state: "Completed" })], { mark });
      assert.deepEqual(told(reconcile([resource("1")], { mark })), []);
      assert.deepEqual(list.sessions, []);
    });

    it("brings back what found no place once the list has it live", () => {
      open({ maxCompletedSessions: 0 });
      reconcile([resource("1", { state: "Completed" })], { mark: 0 });
      assert.deepEqual(told(reconcile([resource("1")], { mark: 0 })), [["StatusChange", "1", "Talking"]]);
    });
  });

  describe("reconcile, with a list of which an entry could not be read", () => {
    it("completes no session that is absent, and takes over the others", () => {
      for (const id of ["1", "2"]) change(id);
      assert.deepEqual(told(reconcile([resource("2", { state: "Alerting" }), resource("3")], { isWhole: false })), [["StatusChange", "2", "Alerting"], ["StatusChange", "3", "Talking"]]);
      assert.deepEqual(list.sessions.map(({ id, state }) => [id, state]), [["1", "Talking"], ["2", "Alerting"], ["3", "Talking"]]);
    });

    it("completes it once a whole list lacks it", () => {
      change("1");
      assert.deepEqual(reconcile([], { isWhole: false }), { recovered: [], change: undefined });
      assert.deepEqual(told(reconcile([])), [["StatusChange", "1", "Completed"]]);
    });

    it("shows no complete log of a session first heard of later, which may be that entry's, until a whole list was read", () => {
      reconcile([], { isWhole: false });
      list.textArrived(path("2"), "text");
      for (const id of ["1", "2"]) change(id);
      reconcile(["1", "2"].map((id) => resource(id)));
      list.textArrived(path("4"), "text");
      for (const id of ["3", "4"]) change(id);
      assert.deepEqual(list.sessions.map(({ logComplete }) => logComplete), [false, false, true, true]);
      assert.deepEqual(["1", "2", "3", "4"].map(log), [["gap"], ["gap", "text"], [], ["text"]]);
    });

    it("shows a complete one of a session that has had no text yet", () => {
      reconcile([], { isWhole: false });
      change("1", { state: "Alerting" });
      assert.deepEqual([list.find("1").logComplete, log("1")], [true, []]);
    });
  });
});
