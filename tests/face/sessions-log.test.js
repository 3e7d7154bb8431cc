// The logs of the live list of IM sessions: which texts they hold, where some may be missing, which are our own.

import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { SessionList } from "../../pkg-template/sessions.js";
import { path, shown } from "./lib/im-sessions.js";

const resource = (id, members) => ({ id, path: path(id), state: "Talking", capabilities: ["SendMessage"], participants: [], userData: {}, ...members });

describe("SessionList, its logs", () => {
  let list;
  let clock;
  const open = (options) => {
    clock = 1_000;
    list = new SessionList({ maxLogEntries: 1_000, maxCompletedSessions: 20, now: () => clock, ...options });
    list.isSynced = true;
  };
  const change = (id, members) => list.stateChanged(resource(id, members), "StatusChange");
  const log = (id) => shown(list.find(id).log);
  const reconcile = (resources) => list.reconcile(resources, list.mark, true);
  beforeEach(() => open());

  describe("the log", () => {
    it("is complete for a session that begins while the list is synced", () => {
      change("7", { state: "Talking" });
      assert.deepEqual([list.find("7").logComplete, log("7")], [true, []]);
    });

    for (const state of ["Initiating", "Alerting"]) {
      it(`is complete for a session first seen ${state}, synced or not`, () => {
        list.isSynced = false;
        change("7", { state });
        assert.deepEqual([list.find("7").logComplete, log("7")], [true, []]);
      });
    }

    it("begins with a gap for a session that may have been there before", () => {
      list.isSynced = false;
      change("7", { state: "Talking" });
      list.isSynced = true;
      reconcile([resource("7"), resource("8")]);
      for (const id of ["7", "8"]) assert.deepEqual([list.find(id).logComplete, list.find(id).log], [false, [{ gap: true, at: 1_000 }]], id);
    });

    it("keeps the newest texts, and the log is as complete as it was", () => {
      open({ maxLogEntries: 3 });
      change("7");
      for (let text = 1; text <= 1_000; text += 1) list.textArrived(path("7"), String(text));
      assert.deepEqual([list.find("7").logComplete, log("7")], [true, ["998", "999", "1000"]]);
    });

    it("is read as it was, however many texts were dropped since", () => {
      open({ maxLogEntries: 3 });
      change("7");
      const changes = [];
      for (let text = 1; text <= 200; text += 1) changes.push(list.textArrived(path("7"), text));
      const expected = changes.map((_, index) => [index - 1, index, index + 1].filter((text) => text > 0));
      assert.deepEqual(changes.map(({ changed: [session] }) => shown(session.log)), expected);
    });

    it("counts no gaps, and coalesces those between which no text is left into the first", () => {
      open({ maxLogEntries: 2 });
      change("7");
      list.textArrived(path("7"), "one");
      for (const at of [1, 2]) list.gap(at);
      list.textArrived(path("7"), "two");
      list.gap(3);
      list.gap(4);
      assert.deepEqual(list.find("7").log.map(({ text, at }) => text ?? at), ["one", 1, "two", 3]);
      list.textArrived(path("7"), "three");
      assert.deepEqual(list.find("7").log.map(({ text, at }) => text ?? at), [1, "two", 3, "three"]);
      list.textArrived(path("7"), "four");
      assert.deepEqual(list.find("7").log.map(({ text, at }) => text ?? at), [1, "three", "four"]);
    });

    it("takes texts of a completed session", () => {
      change("7", { state: "Completed" });
      assert.deepEqual(shown(list.textArrived(path("7"), "late").changed[0].log), ["late"]);
    });
  });

  describe("a text that comes before its session", () => {
    it("changes nothing, and is adopted by the first state", () => {
      assert.equal(list.textArrived(path("7"), "one"), undefined);
      clock = 2_000;
      list.textArrived(`${path("7")}/`, "two");
      assert.deepEqual([list.sessions, list.find("7")], [[], undefined]);
      change("7");
      assert.deepEqual(list.find("7").log.map(({ text, receivedAt }) => [text, receivedAt]), [["one", 1_000], ["two", 2_000]]);
      assert.equal(list.find("7").logComplete, true);
    });

    it("is adopted by the session whose own path it names", () => {
      list.textArrived("/im-sessions/8", "eight");
      list.textArrived("/im-sessions/7", "seven");
      change("7", { path: "/im-sessions/8" });
      assert.deepEqual(log("7"), ["eight"]);
    });

    it("is adopted by id where the path is another", () => {
      list.textArrived("/im-sessions/7", "seven");
      change("7", { path: "/im-sessions/8" });
      assert.deepEqual(log("7"), ["seven"]);
    });

    it("is adopted by the server's list, which then adds no gap", () => {
      list.textArrived(path("7"), "one");
      reconcile([resource("7")]);
      assert.deepEqual([log("7"), list.find("7").logComplete], [["one"], true]);
    });

    it("comes after a gap unless the list was synced then", () => {
      list.isSynced = false;
      list.textArrived(path("7"), "one");
      list.isSynced = true;
      list.gap(5);
      list.textArrived(path("7"), "two");
      change("7", { state: "Alerting" });
      assert.deepEqual([log("7"), list.find("7").logComplete], [["gap", "one", "gap", "two"], false]);
    });

    it("is kept for a hundred sessions", () => {
      for (let id = 0; id <= 100; id += 1) list.textArrived(path(String(id)), "text");
      for (const id of ["0", "1", "100"]) change(id);
      assert.deepEqual(["0", "1", "100"].map((id) => [log(id), list.find(id).logComplete]), [[["gap"], false], [["text"], true], [["text"], true]]);
    });

    it("is missed, and the log begins with a gap, also where more texts come after the first are gone", () => {
      for (let id = 0; id <= 100; id += 1) list.textArrived(path(String(id)), "gone");
      list.textArrived(path("0"), "kept");
      change("0", { state: "Alerting" });
      assert.deepEqual([log("0"), list.find("0").logComplete], [["gap", "kept"], false]);
    });

    it("is missed by a session whose path ends in another id than its own, and by one that the server's list has", () => {
      for (const id of ["22", "33"]) list.textArrived(path(id), "gone");
      for (let id = 100; id < 200; id += 1) list.textArrived(path(String(id)), "text");
      change("2", { path: path("22") });
      reconcile([resource("3", { path: path("33") })]);
      assert.deepEqual(["2", "3"].map((id) => [log(id), list.find(id).logComplete]), [[["gap"], false], [["gap"], false]]);
    });

    it("is missed where a log comes after very many that were never adopted", () => {
      for (let id = 0; id < 5_000; id += 1) list.textArrived(path(String(id)), "gone");
      change("0");
      assert.deepEqual([log("0"), list.find("0").logComplete], [["gap"], false]);
    });

    it("goes before those of the sessions last heard of", () => {
      for (let id = 0; id < 100; id += 1) list.textArrived(path(String(id)), "one");
      for (const id of ["0", "100"]) list.textArrived(path(id), "two");
      for (const id of ["0", "1", "100"]) change(id);
      assert.deepEqual(["0", "1", "100"].map(log), [["one", "two"], ["gap"], ["two"]]);
    });

    it("makes room when it is adopted", () => {
      list.textArrived(path("1"), "text");
      for (let id = 100; id < 1_000; id += 1) {
        list.textArrived(path(String(id)), "x".repeat(500_000));
        change(String(id));
      }
      change("1");
      assert.deepEqual([log("1"), list.find("1").logComplete], [["text"], true]);
    });

    for (const [what, texts, lastPath] of [["texts", ["x".repeat(3_000_000), "y".repeat(1_000_000)], path("2")], ["paths", ["x", "y"], `${"/".repeat(4_000_000)}2`]]) {
      it(`is kept only so far as all together have four million characters, those of their ${what} included`, () => {
        list.textArrived(path("1"), texts[0]);
        list.textArrived(path("3"), "small");
        list.textArrived(lastPath, texts[1]);
        for (const id of ["1", "2", "3"]) change(id);
        const expected = { texts: [["gap"], [texts[1]], ["small"]], paths: [["gap"], ["gap"], ["gap"]] }[what];
        assert.deepEqual(["1", "2", "3"].map(log), expected);
        assert.deepEqual(["1", "2", "3"].map((id) => list.find(id).logComplete), expected.map(([first]) => first !== "gap"));
      });
    }

    it("counts though newer ones have taken its place in the log", () => {
      open({ maxLogEntries: 1 });
      for (let text = 0; text < 5; text += 1) list.textArrived(path("1"), "x".repeat(1_000_000));
      list.textArrived(path("1"), "last");
      change("1");
      assert.deepEqual([log("1"), list.find("1").logComplete], [["gap", "last"], false]);
    });
  });

  describe("the direction of a text", () => {
    const directions = (id) => list.find(id).log.map(({ direction }) => direction === "probably-outgoing");
    beforeEach(() => {
      list.isListening = true;
      change("7");
    });

    it("is probably outgoing for one that was sent, once for each", () => {
      list.sending("7", "Hello!");
      list.sending("7", "Hello!");
      for (const text of ["Hi", "Hello!", "Hello!", "Hello!"]) list.textArrived(path("7"), text);
      assert.deepEqual(directions("7"), [false, true, true, false]);
    });

    it("is unknown in another session", () => {
      change("8");
      list.sending("7", "Hello!");
      list.textArrived(path("8"), "Hello!");
      assert.deepEqual(directions("8"), [false]);
    });

    for (const answer of ["accepted", "unanswered"]) {
      it(`is unknown more than ten seconds after it was ${answer}`, () => {
        for (const text of ["at ten", "after ten"]) list.sending("7", text)[answer]();
        clock += 10_000;
        list.textArrived(path("7"), "at ten");
        clock += 1;
        list.textArrived(path("7"), "after ten");
        assert.deepEqual(directions("7"), [true, false]);
      });
    }

    it("is probably outgoing as long as the answer is out", () => {
      const { accepted } = list.sending("7", "slow");
      clock += 60_000;
      list.textArrived(path("7"), "slow");
      accepted();
      list.textArrived(path("7"), "slow");
      assert.deepEqual(directions("7"), [true, false]);
    });

    it("is known of the last thousand texts that wait, and of four million characters", () => {
      for (let text = 0; text <= 1_000; text += 1) list.sending("7", String(text));
      for (const text of ["0", "1"]) list.textArrived(path("7"), text);
      for (const text of ["first", "x".repeat(3_999_999)]) list.sending("7", text);
      for (const text of ["first", "x".repeat(3_999_999)]) list.textArrived(path("7"), text);
      assert.deepEqual(directions("7"), [false, true, false, true]);
    });

    it("is unknown when sending failed", () => {
      const { takeBack } = list.sending("7", "Hello!");
      list.sending("7", "Hello!");
      takeBack();
      takeBack();
      for (const text of ["Hello!", "Hello!"]) list.textArrived(path("7"), text);
      assert.deepEqual(directions("7"), [true, false]);
    });

    it("takes no harm from a clock that is set back", () => {
      list.sending("7", "before").accepted();
      clock -= 3_600_000;
      list.sending("7", "after").accepted();
      for (const text of ["before", "after"]) list.textArrived(path("7"), text);
      assert.deepEqual(directions("7"), [false, true]);
    });

    it("is known by id and by path, of known and of unknown sessions", () => {
      list.sending(path("7"), "path");
      list.textArrived(path("7"), "path");
      list.sending(path("8"), "path");
      list.sending("8", "id");
      for (const text of ["path", "id"]) list.textArrived(path("8"), text);
      change("8");
      change("9", { path: "/im-sessions/10" });
      list.sending("9", "id");
      list.sending("/im-sessions/10", "own path");
      for (const text of ["id", "own path"]) list.textArrived("/im-sessions/10", text);
      assert.deepEqual(["7", "8", "9"].map(directions), [[true], [true, true], [true, true]]);
    });
  });

  describe("an own text whose echo can't come any more", () => {
    const entries = (id) => list.find(id).log.map(({ text, at, receivedAt }) => [text ?? "gap", at ?? receivedAt]);
    let told;
    beforeEach(() => {
      told = [];
      list.changedByOwn = ({ changed }) => told.push(...changed);
      list.isListening = true;
      for (const id of ["7", "8"]) change(id);
      list.textArrived(path("7"), "before");
    });
    const accepted = (text, id = "7") => list.sending(id, text).accepted();

    it("stands right behind the gap, as accepted when it was, and is told with the gap", () => {
      accepted("one");
      clock = 2_000;
      accepted("two");
      clock = 3_000;
      const { changed } = list.gap(3_000).change;
      assert.deepEqual(entries("7"), [["before", 1_000], ["gap", 3_000], ["one", 1_000], ["two", 2_000]]);
      assert.deepEqual(list.find("7").log.slice(2).map(({ direction }) => direction), Array(2).fill("probably-outgoing"));
      assert.deepEqual([changed.map((session) => session === list.find(session.id)), log("8")], [[true, true], ["gap"]]);
    });

    it("stands behind the gap that is there already, which is a change", () => {
      list.gap(5);
      list.isListening = false;
      accepted("sent");
      assert.deepEqual([list.gap(6).change.changed.map(({ id }) => id), log("7")], [["7"], ["before", "gap", "sent"]]);
    });

    it("is not logged when it has arrived, nor a second time by the next gap", () => {
      accepted("heard");
      accepted("lost");
      list.textArrived(path("7"), "heard");
      for (const at of [5, 6]) list.gap(at);
      assert.deepEqual(log("7"), ["before", "heard", "gap", "lost", "gap"]);
    });

    for (const [what, send] of Object.entries({
      "whose outcome is unknown": () => list.sending("7", "sent").unanswered(),
      "whose answer is out": () => list.sending("7", "sent"),
      "that was refused": () => list.sending("7", "sent").takeBack(),
      "that was accepted more than ten seconds ago, and the channel stood": () => {
        accepted("sent");
        clock += 10_001;
      },
      "of a session that is completed": () => {
        accepted("sent");
        change("7", { state: "Completed" });
      },
      "of a session that nobody knows": () => accepted("sent", "9"),
    })) {
      it(`is none ${what}`, () => {
        send();
        list.gap(5);
        assert.deepEqual(log("7").filter((text) => text === "sent"), []);
      });
    }

    it("is held however long the channel does not stand, also one that was sent just before", () => {
      accepted("just before");
      list.isListening = false;
      clock += 3_600_000;
      accepted("in the break");
      clock += 3_600_000;
      list.isListening = true;
      list.gap(5);
      assert.deepEqual(log("7"), ["before", "gap", "just before", "in the break"]);
    });

    it("is none that was past before the channel broke", () => {
      accepted("past");
      clock += 10_001;
      list.isListening = false;
      list.gap(5);
      assert.deepEqual(log("7"), ["before", "gap"]);
    });

    it("is none after a break in which nothing was missed: it has ten seconds again, and the echo is known", () => {
      list.isListening = false;
      for (const text of ["in time", "late"]) accepted(text);
      list.sending("7", "unknown").unanswered();
      clock += 3_600_000;
      list.isListening = true;
      clock += 10_000;
      for (const text of ["in time", "unknown"]) list.textArrived(path("7"), text);
      clock += 1;
      list.textArrived(path("7"), "late");
      list.gap(5);
      assert.deepEqual(log("7"), ["before", "in time", "unknown", "late", "gap"]);
      assert.deepEqual(list.find("7").log.map(({ direction }) => direction), ["unknown", "probably-outgoing", "probably-outgoing", "unknown", undefined]);
    });

    describe("and comes all the same", () => {
      it("counts once, within ten seconds", () => {
        accepted("again");
        list.gap(5);
        const before = list.sessions;
        clock += 10_000;
        assert.equal(list.textArrived(path("7"), "again"), undefined);
        assert.equal(list.sessions, before);
        list.textArrived(path("7"), "again");
        assert.deepEqual(log("7"), ["before", "gap", "again", "again"]);
      });

      it("is another text later, whether the channel stood or not", () => {
        for (const isListening of [true, false]) {
          accepted("again");
          list.gap(clock);
          list.isListening = isListening;
          clock += 10_001;
          list.isListening = true;
          list.textArrived(path("7"), "again");
        }
        assert.deepEqual(log("7"), ["before", "gap", "again", "again", "gap", "again", "again"]);
      });

      it("counts for a later text of the same words first", () => {
        accepted("ok");
        list.gap(5);
        accepted("ok");
        for (const _ of ["the second", "the first, late"]) list.textArrived(path("7"), "ok");
        assert.deepEqual([log("7"), list.find("7").log.at(-1).direction], [["before", "gap", "ok", "ok"], "probably-outgoing"]);
      });
    });

    describe("and the answer to which comes after the gap", () => {
      it("is logged then, and told, and its echo counts once", () => {
        const { accepted } = list.sending("7", "sent");
        list.gap(5);
        clock = 2_000;
        accepted();
        assert.deepEqual([entries("7").slice(1), told], [[["gap", 5], ["sent", 2_000]], [list.find("7")]]);
        assert.equal(list.textArrived(path("7"), "sent"), undefined);
        list.gap(6);
        assert.deepEqual(log("7"), ["before", "gap", "sent", "gap"]);
      });

      it("is not logged again when it has arrived", () => {
        const { accepted } = list.sending("7", "sent");
        list.gap(5);
        list.textArrived(path("7"), "sent");
        accepted();
        assert.deepEqual([log("7"), told], [["before", "gap", "sent"], []]);
      });

      it("is waited for when it left after the gap", () => {
        list.gap(5);
        accepted("sent");
        assert.deepEqual([log("7"), told], [["before", "gap"], []]);
      });

      it("is waited for in a session that began since, and in one that nobody knows", () => {
        open();
        list.isListening = true;
        const texts = ["8", "9"].map((id) => list.sending(path(id), "sent"));
        list.gap(5);
        change("8");
        for (const { accepted } of texts) accepted();
        assert.deepEqual(log("8"), []);
        list.textArrived(path("8"), "sent");
        assert.deepEqual([log("8"), list.find("8").log[0].direction], [["sent"], "probably-outgoing"]);
      });
    });

    it("stands behind the gap of an end that only the server's list tells", () => {
      accepted("sent");
      reconcile([resource("8")]);
      assert.deepEqual([log("7"), list.find("7").state, log("8")], [["before", "gap", "sent"], "Completed", []]);
    });
  });
});
