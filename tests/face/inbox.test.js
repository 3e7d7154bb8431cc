// What comes on the topic: the order in which it is told, and where the logs say that texts may be missing.

import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { Inbox } from "../../pkg-template/inbox.js";
import { Listeners } from "../../pkg-template/listeners.js";
import { SessionList } from "../../pkg-template/sessions.js";

const STATE = 0;
const TEXT = 1;
const STATUS_CHANGE = 0;
const NEW_MESSAGE = 2;
const TYPES = ["IMSessionStateChangeMessage", "IMLogUpdateMessage", "StatusChange", "AttachedDataChanged", "NewMessage", "sessions", "gap", "unknown"];

describe("Inbox", () => {
  let list;
  let listeners;
  let inbox;
  /** The channel as it is, which may be further on than what it has told. */
  let channel;
  let told;

  const resource = (id, members) => ({ id, path: `/im-sessions/${id}`, state: "Talking", capabilities: [], participants: [], userData: {}, ...members });
  const state = (id, members, [number, name] = [STATUS_CHANGE, "StatusChange"]) =>
    inbox.notified(STATE, number, { messageType: "IMSessionStateChangeMessage", notificationType: name, imSession: resource(id, members) }, { channel: "/v2/me/im-sessions" });
  const text = (id, message) =>
    inbox.notified(TEXT, NEW_MESSAGE, { messageType: "IMLogUpdateMessage", notificationType: "NewMessage", imSessionPath: `/im-sessions/${id}`, message }, {});
  const become = (state, status) => {
    Object.assign(channel, { state }, status);
    inbox.connectionChanged({ ...channel });
  };
  const gap = (until = 9) => inbox.gap({ since: 1, until, cause: "new-session" });
  const log = (id) => list.find(id).log.map(({ gap, text }) => (gap ? "gap" : text));
  const connected = (status) => become("connected", { clientId: "A", acknowledged: true, ...status });

  beforeEach(() => {
    list = new SessionList({ maxLogEntries: 1_000, maxCompletedSessions: 20, now: () => 1_000 });
    list.isSynced = true;
    listeners = new Listeners();
    channel = { state: "disconnected", clientId: undefined, acknowledged: false };
    inbox = new Inbox(listeners, list, () => ({ ...channel, isSynced: list.isSynced }));
    told = [];
    for (const type of TYPES) listeners.add(type, (event, message) => told.push([type, event, message]));
  });

  describe("tells", () => {
    beforeEach(() => connected());

    it("a notification when the list is up to date: by its messageType, its notificationType, then what changed", () => {
      const listed = [];
      for (const type of TYPES) listeners.add(type, () => listed.push(list.sessions.length));
      state("1");
      assert.deepEqual(told.map(([type]) => type), ["IMSessionStateChangeMessage", "StatusChange", "sessions"]);
      assert.deepEqual(listed, [1, 1, 1]);
      assert.deepEqual([told[0][1], told[0][2]], [told[1][1], told[1][2]]);
      assert.equal(told[0][2].channel, "/v2/me/im-sessions");
      const { sessions, changed, cause, synced } = told[2][1];
      assert.deepEqual([sessions === list.sessions, changed, cause, synced], [true, [list.find("1")], "notification", true]);
    });

    it("a text", () => {
      state("1");
      told.length = 0;
      text("1", "hello");
      assert.deepEqual(told.map(([type]) => type), ["IMLogUpdateMessage", "NewMessage", "sessions"]);
      assert.deepEqual(told[2][1].changed.map(({ log: [{ text }] }) => text), ["hello"]);
    });

    it("one of a type that nobody has documented by its messageType only", () => {
      state("1", {}, [undefined, "other"]);
      assert.deepEqual(told.map(([type]) => type), ["IMSessionStateChangeMessage", "sessions"]);
    });

    it("one that changes nothing, and no change", () => {
      state("1");
      const { sessions } = list;
      told.length = 0;
      state("1");
      assert.deepEqual(told.map(([type]) => type), ["IMSessionStateChangeMessage", "StatusChange"]);
      assert.equal(list.sessions, sessions);
    });

    it("the user data that a notification lacks as it was known", () => {
      state("1", { userData: { a: 1 } });
      told.length = 0;
      state("1", { userData: undefined });
      assert.deepEqual(told[0][1].imSession.userData, { a: 1 });
    });

    it("what is none as unknown, and counts it", () => {
      const message = { channel: "/v2/me/im-sessions", data: 5 };
      inbox.unknownCame(message);
      assert.deepEqual([told, inbox.unknown], [[["unknown", message, undefined]], 1]);
    });

    it("a change without putting anything together that nobody reads", () => {
      const sessions = told.length;
      state("1");
      const event = told.find(([type]) => type === "sessions")[1];
      assert.ok(["sessions", "changed"].every((name) => Object.getOwnPropertyDescriptor(event, name).get), "members are read when they are asked for");
      state("2");
      assert.deepEqual([event.sessions.map(({ id }) => id), sessions], [["1"], 0], "as it was when it was told");
    });

    it("nothing of the list when nobody listens for it", () => {
      let reads = 0;
      inbox = new Inbox(listeners, list, () => {
        reads += 1;
        return channel;
      });
      connected();
      listeners.clear("sessions");
      state("1");
      assert.equal(reads, 0);
    });

    it("a read of the list as the notifications that were missed, then as one change, also when there is none", () => {
      const notification = { messageType: "IMSessionStateChangeMessage", notificationType: "AttachedDataChanged", imSession: resource("1"), recovered: true };
      const change = { sessions: ["the list"], changed: ["the session"] };
      inbox.reconciled({ recovered: [notification], change });
      assert.deepEqual(told.map(([type, event]) => [type, event.recovered]), [["IMSessionStateChangeMessage", true], ["AttachedDataChanged", true], ["sessions", undefined]]);
      const { sessions, changed, cause, synced } = told[2][1];
      assert.deepEqual([sessions, changed, cause, synced], [["the list"], ["the session"], "refresh", true]);
      told.length = 0;
      inbox.reconciled({ recovered: [], change: undefined });
      assert.deepEqual(told.map(([type, { sessions, changed }]) => [type, sessions === list.sessions, changed]), [["sessions", true, []]]);
    });

    it("a gap with the sessions whose logs may lack texts, then what that changed", () => {
      state("1");
      state("2", { state: "Completed" });
      told.length = 0;
      list.isSynced = false;
      gap(77);
      assert.deepEqual(told.map(([type]) => type), ["gap", "sessions"]);
      assert.deepEqual(told[0][1], { since: 1, until: 77, cause: "new-session", logsMayMiss: ["1"] });
      assert.deepEqual([told[1][1].changed.map(({ id }) => id), told[1][1].synced], [["1"], false]);
      assert.deepEqual(list.find("1").log, [{ gap: true, at: 77 }]);
    });
  });

  describe("marks in the logs where texts may be missing", () => {
    beforeEach(() => {
      connected();
      state("1");
      text("1", "a");
      told.length = 0;
    });

    it("nowhere in the first session, whatever its state", () => {
      inbox = new Inbox(listeners, list, () => channel);
      become("connecting", { clientId: "A", acknowledged: false });
      text("1", "b");
      assert.deepEqual(log("1"), ["a", "b"]);
    });

    it("nowhere while the session is there and acknowledges", () => {
      become("reconnecting");
      text("1", "b");
      connected();
      text("1", "c");
      assert.deepEqual(log("1"), ["a", "b", "c"]);
    });

    it("before the first text of a new session, and there only", () => {
      become("reconnecting", { clientId: undefined, acknowledged: false });
      Object.assign(channel, { clientId: "B", acknowledged: true });
      text("1", "b");
      text("1", "c");
      connected({ clientId: "B" });
      gap();
      text("1", "d");
      assert.deepEqual(log("1"), ["a", "gap", "b", "c", "d"]);
      assert.deepEqual(told.find(([type]) => type === "gap")[1].logsMayMiss, ["1"]);
    });

    it("and tells it as a change before the text that comes behind it", () => {
      become("reconnecting", { clientId: "B" });
      text("1", "b");
      assert.deepEqual(told.map(([type]) => type), ["sessions", "IMLogUpdateMessage", "NewMessage", "sessions"]);
    });

    it("when a text is told that came with the reply that ended the break, although the channel is connected already", () => {
      become("reconnecting", { clientId: undefined, acknowledged: false });
      Object.assign(channel, { state: "connected", clientId: "B", acknowledged: true });
      text("1", "b");
      connected({ clientId: "B" });
      gap();
      assert.deepEqual(log("1"), ["a", "gap", "b"]);
    });

    it("with the gap itself when nothing came before it", () => {
      become("reconnecting", { clientId: "B" });
      connected({ clientId: "B" });
      gap();
      text("1", "b");
      assert.deepEqual(log("1"), ["a", "gap", "b"]);
    });

    it("once more for each further session that is lost on the way", () => {
      become("reconnecting", { clientId: "B" });
      text("1", "b");
      become("reconnecting", { clientId: "C" });
      text("1", "c");
      connected({ clientId: "C" });
      gap();
      assert.deepEqual(log("1"), ["a", "gap", "b", "gap", "c"]);
    });

    it("also after a text of a session that was lost before it was connected", () => {
      become("reconnecting", { clientId: "B" });
      text("1", "b");
      connected({ clientId: "C" });
      gap();
      assert.deepEqual(log("1"), ["a", "gap", "b", "gap"]);
    });

    describe("without acknowledgement", () => {
      beforeEach(() => connected({ acknowledged: false }));

      it("in the same session, too", () => {
        become("reconnecting");
        text("1", "b");
        connected({ acknowledged: false });
        assert.deepEqual(log("1"), ["a", "gap", "b"]);
      });

      it("again when more may have been lost since", () => {
        become("reconnecting");
        text("1", "b");
        become("reconnecting");
        text("1", "c");
        assert.deepEqual(log("1"), ["a", "gap", "b", "gap", "c"]);
      });

      it("behind what came before the gap was told, too", () => {
        become("reconnecting");
        text("1", "b");
        connected({ acknowledged: false });
        gap();
        assert.deepEqual(log("1"), ["a", "gap", "b", "gap"]);
      });
    });

    it("after the caller has disconnected and connected again", () => {
      become("disconnected", { clientId: undefined, acknowledged: false });
      become("connecting", { clientId: "B", acknowledged: true });
      text("1", "b");
      connected({ clientId: "B" });
      gap();
      assert.deepEqual(log("1"), ["a", "gap", "b"]);
    });

    it("not before what still comes while the caller disconnects", () => {
      become("disconnecting", { clientId: undefined, acknowledged: false });
      text("1", "b");
      become("disconnected");
      become("connecting", { clientId: "B", acknowledged: true });
      text("1", "c");
      connected({ clientId: "B" });
      gap();
      assert.deepEqual(log("1"), ["a", "b", "gap", "c"]);
    });

    it("before what comes while the caller disconnects a session that has not been connected yet", () => {
      become("reconnecting", { clientId: undefined, acknowledged: false });
      become("disconnecting");
      text("1", "b");
      become("disconnected");
      become("connecting", { clientId: "C", acknowledged: true });
      text("1", "c");
      connected({ clientId: "C" });
      gap();
      assert.deepEqual(log("1"), ["a", "gap", "b", "gap", "c"]);
    });

    it("afresh in the next break", () => {
      for (const [clientId, message] of [["B", "b"], ["C", "c"]]) {
        become("reconnecting", { clientId });
        text("1", message);
        connected({ clientId });
        gap();
      }
      assert.deepEqual(log("1"), ["a", "gap", "b", "gap", "c"]);
    });

    it("not for a state, which begins a session under our eyes or not as the list knows", () => {
      become("reconnecting", { clientId: "B" });
      list.isSynced = false;
      state("2");
      assert.deepEqual([log("1"), log("2")], [["a", "gap"], ["gap"]]);
    });
  });

  describe("tells the list whether the channel stands", () => {
    for (const state of ["connecting", "reconnecting", "disconnecting", "disconnected"]) {
      it(`not ${state}`, () => {
        assert.equal(list.isListening, false);
        connected();
        assert.equal(list.isListening, true);
        become(state);
        assert.equal(list.isListening, false);
      });
    }
  });

  describe("with texts of one's own", () => {
    beforeEach(() => {
      connected();
      state("1");
      text("1", "a");
      become("reconnecting", { clientId: undefined, acknowledged: false });
      told.length = 0;
    });

    it("that were accepted in the break: they stand behind the gap, and before what comes with the new session", () => {
      list.sending("1", "sent").accepted();
      Object.assign(channel, { clientId: "B", acknowledged: true });
      text("1", "b");
      connected({ clientId: "B" });
      gap();
      assert.deepEqual(log("1"), ["a", "gap", "sent", "b"]);
    });

    it("whose echo comes before the gap is told: it is told, and no other change of the list than the gap", () => {
      list.sending("1", "sent").accepted();
      Object.assign(channel, { clientId: "B", acknowledged: true });
      text("1", "sent");
      assert.deepEqual(told.map(([type]) => type), ["sessions", "IMLogUpdateMessage", "NewMessage"]);
      connected({ clientId: "B" });
      gap();
      assert.deepEqual(log("1"), ["a", "gap", "sent"]);
    });

    it("whose answer comes after the gap: that is told as a change", () => {
      const { accepted } = list.sending("1", "sent");
      connected({ clientId: "B" });
      gap();
      told.length = 0;
      accepted();
      assert.deepEqual(told.map(([type, { cause, changed }]) => [type, cause, changed]), [["sessions", "notification", [list.find("1")]]]);
      assert.deepEqual(log("1"), ["a", "gap", "sent"]);
    });
  });
});
