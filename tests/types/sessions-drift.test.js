// What the types say of IM sessions, of operations on them, and of the desktop's own channel, against what runs.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import ts from "typescript";

import { Inbox } from "../../pkg-template/inbox.js";
import { Listeners } from "../../pkg-template/listeners.js";
import { SessionList } from "../../pkg-template/sessions.js";
import { collect, declaration, member, memberNames, membersOf, method, parsed, patternNames, source, strings, stringsOfConstant } from "./declarations.js";

const RESOURCE = { id: "1", path: "/im-sessions/1", uri: "https://gws.example.com/api/v2/im-sessions/2", state: "Alerting", capabilities: ["Complete"], participants: [{ digits: "3002" }], userData: { key: "value" } };
const sorted = (names) => [...names].sort();
const needed = (name) => sorted(membersOf(declaration(name)).filter(({ isOptional }) => !isOptional).map((one) => one.name));

/** A list with one session that has had a text, a gap, and another text. */
function listed() {
  const list = new SessionList({ maxLogEntries: 10, maxCompletedSessions: 1 });
  const { changed } = list.stateChanged(structuredClone(RESOURCE), "StatusChange");
  assert.equal(changed[0].logComplete, true);
  list.textArrived("/im-sessions/1", "Hello");
  list.gap(1);
  return list;
}

describe("the types of IM sessions and what runs", () => {
  it("an ImSession has the declared members", () => {
    const [session] = listed().sessions;
    assert.deepEqual(sorted(Object.keys(session)), sorted([...memberNames("ImSessionResource"), "log", "logComplete"]));
    assert.deepEqual(sorted([...Object.keys(session), "can"]), sorted([...memberNames("ImSessionResource"), ...memberNames("ImSession")]));
    assert.equal(session.can("Complete"), true);
    assert.equal(Object.isFrozen(session), true);
  });

  it("an entry of the log, and a gap in it, have the declared members", () => {
    const [text, gap] = listed().sessions[0].log;
    assert.deepEqual(sorted(Object.keys(text)), needed("ImLogEntry"));
    assert.deepEqual(sorted(Object.keys(gap)), needed("ImLogGap"));
  });

  it("an entry of the log has a declared direction", () => {
    const list = listed();
    list.sending("1", "mine");
    list.textArrived("/im-sessions/1", "mine");
    const directions = list.sessions[0].log.flatMap(({ direction }) => direction ?? []);
    assert.deepEqual(sorted(new Set(directions)), strings(member("ImLogEntry", "direction").type));
  });

  it("a recovered notification has the declared members", () => {
    const list = listed();
    const { recovered } = list.reconcile([{ ...structuredClone(RESOURCE), state: "Talking", userData: {} }], list.mark, true);
    assert.deepEqual(recovered.map(({ notificationType }) => notificationType), ["StatusChange", "AttachedDataChanged"]);
    for (const one of recovered) {
      const declared = [...memberNames("ImStateChangeBase").filter((name) => name !== "metrics"), "notificationType"];
      assert.deepEqual(sorted(Object.keys(one)), sorted(declared));
      assert.deepEqual(sorted(Object.keys(one.imSession)), memberNames("ImSessionResource"));
    }
  });

  it("a SessionsChange has the declared members and causes", () => {
    const listeners = new Listeners();
    const changes = [];
    listeners.add("sessions", (change) => changes.push(change));
    const inbox = new Inbox(listeners, listed(), () => ({ isSynced: true }));
    inbox.reconciled({ recovered: [], change: undefined });
    assert.deepEqual(sorted(Object.keys(changes[0])), memberNames("SessionsChange"));
    const causes = [...source("pkg-template/inbox.js").matchAll(/this\.#sessionsChanged\([^\n]*"(\w+)"\)/g)].map(([, cause]) => cause);
    assert.deepEqual(sorted(new Set(causes)), strings(member("SessionsChange", "cause").type));
  });
});

describe("the types of operations and what runs", () => {
  const read = (name) => patternNames(method(name, "operations.js")).find((names) => names.includes("devicePath"));

  it("an InitiateRequest has the members that are read", () => {
    assert.deepEqual(read("initiateSession"), memberNames("InitiateRequest"));
  });

  it("SendOptions have the members that are read", () => {
    assert.deepEqual(read("sendMessage"), memberNames("SendOptions"));
  });

  it("RequestOptions have the members that are read", () => {
    const [limits] = collect(parsed("pkg-template/operations.js"), (node) => (ts.isFunctionDeclaration(node) && node.name.text === "readLimits" ? patternNames(node) : undefined));
    assert.deepEqual(limits, [memberNames("RequestOptions")]);
  });

  it("request() takes the declared methods", () => {
    assert.deepEqual(sorted(stringsOfConstant("METHODS", "operations.js")), strings(declaration("RequestMethod").type));
  });
});

describe("the type of the desktop's own channel and what runs", () => {
  const CHANNEL = "attached-channel.js";
  const called = collect(parsed(`pkg-template/${CHANNEL}`), (node) => (ts.isPropertyAccessExpression(node) && node.expression.getText() === "this.#host" ? node.name.text : undefined));

  it("has what is called, and no more", () => {
    assert.deepEqual(sorted(new Set(called)), memberNames("CometDLike"));
  });

  it("needs what attach() checks for", () => {
    assert.deepEqual(sorted(stringsOfConstant("NEEDED", CHANNEL)), needed("CometDLike"));
  });
});
