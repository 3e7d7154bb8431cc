// The live list of IM sessions: which sessions that are first seen before it is complete are known to have begun under our eyes.

import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { SessionList } from "../../pkg-template/sessions.js";
import { path, participant, ids, shown } from "./lib/im-sessions.js";

const resource = (id, members) => ({ id, path: path(id), state: "Talking", capabilities: ["SendMessage"], participants: [participant("3002")], userData: {}, ...members });

describe("SessionList, while it is not complete", () => {
  let list;
  let clock;
  let mark;
  const open = (options) => {
    clock = 1_000;
    list = new SessionList({ maxLogEntries: 1_000, maxCompletedSessions: 20, now: () => clock, ...options });
    list.isListening = true;
    ({ mark } = list);
  };
  const change = (id, members) => list.stateChanged(resource(id, members), "StatusChange");
  const log = (id) => shown(list.find(id).log);
  const complete = (...names) => names.map((id) => list.find(id).logComplete);
  const reconcile = (resources, { mark = list.mark, isWhole } = {}) => list.reconcile(resources, mark, true, isWhole);
  beforeEach(() => open());

  describe("a session first heard of by a change of its state while the list is read", () => {
    const heard = (id, type = "StatusChange") => list.stateChanged(resource(id), type);

    it("began since when the list lacks it: its log is complete", () => {
      heard("1");
      list.textArrived(path("1"), "text");
      assert.deepEqual([log("1"), ...complete("1")], [["gap", "text"], false]);
      const { recovered, change: changes } = reconcile([], { mark });
      assert.deepEqual([recovered, ids(changes.changed), log("1"), ...complete("1")], [[], ["1"], ["text"], true]);
    });

    it("may have begun before when the list has it", () => {
      heard("1");
      reconcile([resource("1")], { mark });
      assert.deepEqual([log("1"), ...complete("1")], [["gap"], false]);
      reconcile([], { mark });
      assert.deepEqual(complete("1"), [true], "an older list that lacks it");
    });

    const may = {
      "it was heard of before the list was asked for": () => {
        heard("1");
        ({ mark } = list);
        heard("1");
      },
      "texts may have been missed since": () => {
        list.gap(5);
        heard("1");
      },
      "texts may have been missed after it": () => {
        heard("1");
        list.gap(5);
      },
      "the channel has not stood all the time since": () => {
        list.isListening = false;
        list.isListening = true;
        heard("1");
      },
      "its user data is what was heard of": () => heard("1", "AttachedDataChanged"),
      "a text came before it": () => {
        list.textArrived(path("1"), "text");
        heard("1");
      },
      "it has left the list before": () => {
        open({ maxCompletedSessions: 0 });
        change("1", { state: "Completed" });
        ({ mark } = list);
        heard("1");
      },
      "it has ended, too": () => {
        heard("1");
        change("1", { state: "Completed" });
      },
    };
    for (const [why, happens] of Object.entries(may)) {
      it(`may have begun before when ${why}`, () => {
        happens();
        reconcile([], { mark });
        assert.deepEqual(complete("1"), [false]);
      });
    }

    it("may have begun before when an entry of the list could not be read", () => {
      heard("1");
      reconcile([], { mark, isWhole: false });
      assert.deepEqual(complete("1"), [false]);
    });
  });

  describe("a session that this client asked for", () => {
    const initiating = () => list.initiating("3002");

    for (const [how, first] of [["a notification", () => change("1")], ["the server's list", () => reconcile([resource("1")])]]) {
      it(`began under our eyes, first seen by ${how}`, () => {
        initiating();
        first();
        assert.deepEqual([complete("1"), log("1")], [[true], []]);
      });

      it(`not so by ${how} half a minute later`, () => {
        initiating();
        clock += 30_001;
        first();
        assert.deepEqual(complete("1"), [false]);
      });

      it(`is not one with another number, first seen by ${how}`, () => {
        list.initiating("3003");
        first();
        assert.deepEqual(complete("1"), [false]);
      });
    }

    it("is known by any form of the number, to the last moment", () => {
      initiating();
      clock += 30_000;
      change("1", { participants: [null, "x", participant("1"), { digits: "", e164Number: "3002" }] });
      assert.deepEqual(complete("1"), [true]);
    });

    it("is one for each time it was asked for", () => {
      initiating();
      initiating();
      for (const id of ["1", "2"]) change(id);
      assert.deepEqual(complete("1", "2"), [true, true]);
    });

    it("is known of a request beside one that the list has settled", () => {
      initiating();
      initiating();
      const { mark } = list;
      change("1");
      assert.equal(reconcile([], { mark }).change, undefined);
      change("2");
      assert.deepEqual(complete("1", "2"), [true, true]);
    });

    it("takes no harm from a clock that is set back, nor from participants that are none", () => {
      initiating();
      change("1", { participants: "3002 or so" });
      clock -= 3_600_000;
      change("2");
      assert.deepEqual(complete("1", "2"), [false, false]);
    });

    it("is not one that is completed when first seen", () => {
      initiating();
      reconcile([resource("1", { state: "Completed" }), resource("2")]);
      assert.deepEqual(complete("1", "2"), [false, true]);
    });

    const unsure = {
      "the channel does not stand": () => {
        list.isListening = false;
        initiating();
      },
      "texts may have been missed since": () => {
        initiating();
        list.gap(5);
      },
      "the request was refused": () => initiating().takeBack(),
      "one was seen to begin already": () => {
        initiating();
        change("0", { state: "Alerting" });
      },
    };
    for (const [why, happens] of Object.entries(unsure)) {
      it(`is not known when ${why}`, () => {
        happens();
        change("1");
        assert.deepEqual(complete("1"), [false]);
      });
    }

    it("is not known of two that fit: either may be the older one", () => {
      initiating();
      const { change: changes } = reconcile([resource("1"), resource("2")]);
      assert.deepEqual([complete("1", "2"), ids(changes.changed), changes.changed[0] === list.find("1")], [[false, false], ["1", "2"], true]);
      change("3");
      assert.deepEqual(complete("3"), [false]);
    });

    it("is the second that fits when that is seen to begin: the first was there before, and the change tells it", () => {
      initiating();
      reconcile([resource("1")]);
      list.isSynced = true;
      const { changed } = change("2");
      assert.deepEqual([ids(changed).sort(), complete("1", "2")], [["1", "2"], [false, true]]);
      change("3");
      assert.deepEqual(complete("1", "2", "3"), [false, true, true]);
    });

    it("is the one that the list lacks where another fits, too", () => {
      const { mark } = list;
      initiating();
      change("2");
      reconcile([resource("1")], { mark });
      assert.deepEqual([complete("2", "1"), log("2")], [[true, false], []]);
    });

    it("is not one that was seen before the request was refused, which is told", () => {
      const told = [];
      list.changedByOwn = (change) => told.push(...change.changed);
      const { takeBack } = initiating();
      reconcile([resource("1")]);
      takeBack();
      takeBack();
      assert.deepEqual([complete("1"), told], [[false], [list.find("1")]]);
    });

    it("may be gone from the list when it turns out that it was none", () => {
      open({ maxCompletedSessions: 0 });
      const { takeBack } = initiating();
      change("1");
      change("1", { state: "Completed" });
      takeBack();
      assert.deepEqual(list.sessions, []);
    });
  });
});
