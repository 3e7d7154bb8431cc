// The calls of the GWS API: what is sent for each, byte by byte, and what is refused before anything is sent.

import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { GwsImError } from "../../pkg-template/errors.js";
import { Operations } from "../../pkg-template/operations.js";
import { SessionList } from "../../pkg-template/sessions.js";

const ID = "00446K0L8GAC3B9R8O7GK2LAES00000D";
const DEVICE = "/devices/8191741c-8311-4b94-9b8b-2e3b1f9a8b3e";
const CAPABILITIES = ["SendMessage", "AttachUserData", "UpdateUserData", "DeleteUserData", "Complete"];
const PARTICIPANT = { digits: "3002", e164Number: "3002", formattedPhoneNumber: "3002", phoneNumber: "3002" };

/** A session as the list gives it. */
const talking = (changes) => ({ id: ID, path: `/im-sessions/${ID}`, state: "Talking", capabilities: CAPABILITIES, participants: [PARTICIPANT], ...changes });

let sent;
let answer;
let known;
let texts;
let requests;
let operations;
const rest = {
  send: async (request) => {
    sent.push(request);
    request.leaving?.();
    return answer(request);
  },
};
/** What the list is told, and then what became of it. */
const noted = (all, entry) => {
  all.push(entry);
  return {
    accepted: () => void (entry.is = "accepted"),
    unanswered: () => void (entry.is = "unanswered"),
    takeBack: () => all.splice(all.indexOf(entry), 1),
  };
};
const list = {
  isSynced: true,
  find: (idOrPath) => known.find(({ id, path }) => idOrPath === id || idOrPath === path),
  sending: (id, text) => noted(texts, { id, text }),
  initiating: (phoneNumber) => noted(requests, { phoneNumber }),
};

beforeEach(() => {
  sent = [];
  texts = [];
  requests = [];
  known = [talking()];
  list.isSynced = true;
  answer = () => ({ statusCode: 0 });
  operations = new Operations(rest, list, { devicePath: DEVICE });
});

/** The one request that was sent: its method, path and body as it goes over the wire. */
function wire() {
  assert.equal(sent.length, 1);
  const [{ method, path, body }] = sent;
  return [method, path, JSON.stringify(body)];
}

/** `call` rejects, throws nothing, and sends nothing. */
async function refuses(call, code, message) {
  await assert.rejects(call(), (error) => {
    assert.ok(GwsImError.is(error), `a GwsImError, not ${error}`);
    assert.deepEqual([error.code, error.retryable], [code, false], error.message);
    if (message) assert.match(error.message, message);
    return true;
  });
  assert.deepEqual([sent, texts], [[], []]);
}

describe("the documented bodies", () => {
  const OPERATE = `/me/im-sessions/${ID}`;
  const USER_DATA = { favColor: "blue", "User Data 1": 1 };
  const documented = {
    "InitiateIMSession": [() => new Operations(rest, list, {}).initiateSession({ destination: "16001" }), "/me/im-sessions", '{"operationName":"InitiateIMSession","destination":{"phoneNumber":"16001"}}'],
    "InitiateIMSession, its destination as an object": [() => new Operations(rest, list, {}).initiateSession({ destination: { phoneNumber: "16001", digits: "1" } }), "/me/im-sessions", '{"operationName":"InitiateIMSession","destination":{"phoneNumber":"16001"}}'],
    "InitiateIMSession with all there is": [() => operations.initiateSession({ devicePath: "/devices/1", userData: USER_DATA, destination: "16001" }), "/me/im-sessions", '{"operationName":"InitiateIMSession","destination":{"phoneNumber":"16001"},"userData":{"favColor":"blue","User Data 1":1},"devicePath":"/devices/1"}'],
    "InitiateIMSession from the client's device": [() => operations.initiateSession({ destination: "16001" }), "/me/im-sessions", `{"operationName":"InitiateIMSession","destination":{"phoneNumber":"16001"},"devicePath":"${DEVICE}"}`],
    "SendMessage": [() => operations.sendMessage(ID, "Hello! This is my first message."), OPERATE, `{"operationName":"SendMessage","text":"Hello! This is my first message.","destination":{"phoneNumber":"3002"},"devicePath":"${DEVICE}"}`],
    "SendMessage with all there is": [() => operations.sendMessage(ID, " <b>\"😀\"</b>\n", { devicePath: "/devices/1", destination: { phoneNumber: "16001" } }), OPERATE, '{"operationName":"SendMessage","text":" <b>\\"😀\\"</b>\\n","destination":{"phoneNumber":"16001"},"devicePath":"/devices/1"}'],
    "Complete": [() => operations.complete(ID), OPERATE, '{"operationName":"Complete"}'],
    "AttachUserData": [() => operations.attachUserData(ID, USER_DATA), OPERATE, '{"operationName":"AttachUserData","userData":{"favColor":"blue","User Data 1":1}}'],
    "UpdateUserData": [() => operations.updateUserData(ID, USER_DATA), OPERATE, '{"operationName":"UpdateUserData","userData":{"favColor":"blue","User Data 1":1}}'],
    "DeleteUserData": [() => operations.deleteUserData(ID, "User Data 1"), OPERATE, '{"operationName":"DeleteUserData","key":"User Data 1"}'],
  };
  for (const [name, [call, path, body]] of Object.entries(documented)) {
    it(name, async () => {
      assert.equal(await call(), undefined);
      assert.deepEqual(wire(), ["POST", path, body]);
    });
  }
});

/** Each operation on a session, with everything it needs. */
const onSession = {
  SendMessage: (session, options) => operations.sendMessage(session, "Hello", options),
  Complete: (session, options) => operations.complete(session, options),
  AttachUserData: (session, options) => operations.attachUserData(session, { a: 1 }, options),
  UpdateUserData: (session, options) => operations.updateUserData(session, { a: 1 }, options),
  DeleteUserData: (session, options) => operations.deleteUserData(session, "a", options),
};
const everyCall = {
  ...onSession,
  InitiateIMSession: (_, options) => operations.initiateSession({ destination: "16001" }, options),
  request: (_, options) => operations.request("GET", "/me", undefined, options),
};

describe("the session", () => {
  const forms = { id: ID, path: `/im-sessions/${ID}`, "path with a slash at its end": `/im-sessions/${ID}/`, "longer path": `/me/im-sessions/${ID}`, "object": talking() };
  for (const [form, session] of Object.entries(forms)) {
    for (const isSynced of [true, false]) {
      it(`is found by its ${form}${isSynced ? "" : ", also before the list is complete"}`, async () => {
        list.isSynced = isSynced;
        await operations.complete(session);
        assert.equal(wire()[1], `/me/im-sessions/${ID}`);
      });
    }
  }

  it("is addressed by its id, whatever its path says", async () => {
    known = [talking({ id: "a/b ?", path: "/im-sessions/other" })];
    await operations.complete("/im-sessions/other");
    await operations.complete("a/b ?");
    assert.deepEqual(sent.map(({ path }) => path), ["/me/im-sessions/a%2Fb%20%3F", "/me/im-sessions/a%2Fb%20%3F"]);
  });

  describe("that is not in the list", () => {
    for (const [form, session] of [["id", "17"], ["path", "/im-sessions/17"], ["object", talking({ id: "17" })]]) {
      it(`is refused by ${form} when the list is complete`, () => refuses(() => operations.complete(session), "usage/unknown-session", /no IM session "17"\. .*client\.sessions/));

      it(`is asked for by ${form} while the list is not complete`, async () => {
        list.isSynced = false;
        await operations.complete(session);
        assert.equal(wire()[1], "/me/im-sessions/17");
      });
    }

    it("is completed when the object given says so", async () => {
      for (list.isSynced of [true, false]) await refuses(() => operations.complete(talking({ id: "17", state: "Completed" })), "usage/completed");
    });

    it("is known by the object given while the list is not complete", async () => {
      list.isSynced = false;
      const given = talking({ id: "17", participants: [{ phoneNumber: "4004" }], capabilities: ["SendMessage"] });
      await refuses(() => operations.complete(given), "usage/capability");
      await operations.sendMessage(given, "Hello");
      assert.deepEqual(sent[0].body.destination, { phoneNumber: "4004" });
    });

    it("takes an object of which only the id is known", async () => {
      list.isSynced = false;
      for (const capabilities of [undefined, null, "Complete", 5]) await operations.complete({ id: "17", capabilities });
      assert.equal(sent.length, 4);
    });
  });

  it("is what the list knows now, not the older object that is given", async () => {
    known = [talking({ state: "Completed" })];
    await refuses(() => operations.complete(talking()), "usage/completed");
    known = [talking()];
    await operations.complete(talking({ state: "Completed", capabilities: [] }));
    assert.equal(sent.length, 1);
  });

  const ill = [undefined, null, 5, true, "", "/", ".", "..", "/im-sessions/", "/im-sessions/..", `/calls/${ID}`, `http://host:8090/api/v2/im-sessions/${ID}`, "a/b", "a\ud800", {}, [], { id: 5 }, { id: "" }, { id: ".." }, () => ID, Symbol("id")];
  for (const session of ill) {
    it(`can't be ${typeof session === "string" || typeof session === "object" ? JSON.stringify(session) : String(session)}`, async () => {
      for (list.isSynced of [true, false]) await refuses(() => operations.complete(session), "usage/session", /client\.sessions, or by its id or path, got /);
    });
  }

  for (const [capability, call] of Object.entries(onSession)) {
    it(`that is completed takes no ${capability}, whatever it lists`, async () => {
      known = [talking({ state: "Completed" })];
      await refuses(() => call(ID), "usage/completed", /completed\. initiateSession\(\) begins another/);
    });

    it(`that does not list ${capability} refuses it and says what it does list`, async () => {
      const others = CAPABILITIES.filter((other) => other !== capability);
      known = [talking({ capabilities: others })];
      await refuses(() => call(ID), "usage/capability", new RegExp(`"${ID}" allows ${others.join(", ")} now, not ${capability}\\. Wait`));
    });

    it(`that lists ${capability} alone takes it, in any state but completed`, async () => {
      for (const state of ["Initiating", "Alerting", "Talking", "Held"]) {
        known = [talking({ state, capabilities: [capability] })];
        await call(ID);
      }
      assert.equal(sent.length, 4);
    });
  }

  it("that lists nothing leaves the answer to the server", async () => {
    known = [talking({ capabilities: [] })];
    await operations.complete(ID);
    assert.equal(sent.length, 1);
  });
});

describe("sendMessage", () => {
  for (const text of [undefined, null, "", " ", "\n\t\u00a0", 5, {}, ["Hello"], new String("Hello")]) {
    it(`refuses the text ${JSON.stringify(text)}`, () => refuses(() => operations.sendMessage(ID, text), "usage/text", /nothing to send.*not blank/));
  }

  const hostile = ["<img src=x onerror=alert(1)>", "\u202eabc", "😀", "z\u0336\u0335", "x".repeat(100_000), "\u0000", "\ud800"];
  it("sends every text as it is", async () => {
    for (const text of hostile) await operations.sendMessage(ID, text);
    assert.deepEqual(sent.map(({ body }) => body.text), hostile);
  });

  describe("destination", () => {
    const others = { "no phoneNumber": { digits: "3002" }, "an empty phoneNumber": { digits: "3002", phoneNumber: "" }, "a phoneNumber beside other digits": { digits: "1", phoneNumber: "3002" } };
    for (const [name, participant] of Object.entries(others)) {
      it(`is the only participant's, with ${name}`, async () => {
        known = [talking({ participants: [participant] })];
        await operations.sendMessage(ID, "Hello");
        assert.deepEqual(sent[0].body.destination, { phoneNumber: "3002" });
      });
    }

    it("that is given counts, also where there are several participants", async () => {
      known = [talking({ participants: [PARTICIPANT, PARTICIPANT] })];
      for (const destination of ["16001", { phoneNumber: "16001" }]) await operations.sendMessage(ID, "Hello", { destination });
      assert.deepEqual(sent.map(({ body }) => body.destination), [{ phoneNumber: "16001" }, { phoneNumber: "16001" }]);
    });

    const unclear = [[[], /has 0 participants/], [[PARTICIPANT, { phoneNumber: "4" }], /has 2 participants/], [[{}], /no number/], [[{ e164Number: "" }], /no number/], [[null], /no number/], [[{ phoneNumber: 5 }], /no number/], [undefined, /has 0 participants/]];
    for (const [participants, message] of unclear) {
      it(`is not clear with the participants ${JSON.stringify(participants)}`, async () => {
        known = [talking({ participants })];
        await refuses(() => operations.sendMessage(ID, "Hello"), "usage/destination", message);
      });
    }

    it("must be given for a session that is not known yet", async () => {
      list.isSynced = false;
      await refuses(() => operations.sendMessage("17", "Hello"), "usage/destination", /not known yet/);
      await operations.sendMessage("17", "Hello", { destination: "16001" });
      assert.equal(sent.length, 1);
    });
  });

  describe("devicePath", () => {
    const used = () => sent.at(-1).body.devicePath;
    const initiated = (devicePath) => operations.initiateSession({ destination: "16001", devicePath });

    it("is the call's own, then that of the last session begun, then the client's", async () => {
      await operations.sendMessage(ID, "Hello");
      assert.equal(used(), DEVICE);
      await initiated("/devices/1");
      await initiated("/devices/2");
      await operations.sendMessage(ID, "Hello");
      assert.equal(used(), "/devices/2");
      await operations.sendMessage(ID, "Hello", { devicePath: "/devices/3" });
      assert.equal(used(), "/devices/3");
    });

    it("is not that of a session that Genesys refused to begin", async () => {
      answer = () => Promise.reject(new GwsImError("gws/2", { statusCode: 2 }));
      await assert.rejects(initiated("/devices/1"), { code: "gws/2" });
      answer = () => ({ statusCode: 0 });
      await operations.sendMessage(ID, "Hello");
      assert.equal(used(), DEVICE);
    });

    it("stays when a session is begun without any", async () => {
      operations = new Operations(rest, list, {});
      await initiated("/devices/1");
      await initiated(undefined);
      assert.equal("devicePath" in sent[1].body, false);
      await operations.sendMessage(ID, "Hello");
      assert.equal(used(), "/devices/1");
    });

    it("is needed", async () => {
      operations = new Operations(rest, list, {});
      await refuses(() => operations.sendMessage(ID, "Hello"), "usage/device-path", /devicePath with the call or to the client.*got undefined\.$/);
    });
  });

  describe("tells the list of the text before it leaves", () => {
    for (const [code, details] of [["gws/2"], ["gws/4", { retryable: true }], ["http/400"], ["http/404"], ["http/429", { retryable: true }], ["auth/required"], ["auth/csrf"], ["usage/disposed"], ["network/refused"], ["aborted"]]) {
      it(`and takes it back after ${code}, which means that it was not sent on`, async () => {
        answer = () => {
          assert.deepEqual(texts, [{ id: ID, text: "Hello" }]);
          return Promise.reject(new GwsImError(code, details));
        };
        await assert.rejects(operations.sendMessage(`/im-sessions/${ID}`, "Hello"), { code });
        assert.deepEqual([sent.length, texts], [1, []]);
      });
    }

    for (const [code, details] of [["network/outcome-unknown"], ["network/timeout"], ["network/failed"], ["protocol/not-json"], ["protocol/no-status-code"], ["http/500"], ["http/503"], ["wasm/panicked"], ["aborted", { retryable: false }]]) {
      it(`and leaves it there after ${code}, as it may have been sent on`, async () => {
        answer = () => Promise.reject(new GwsImError(code, details));
        await assert.rejects(operations.sendMessage(ID, "Hello"), { code });
        assert.deepEqual(texts, [{ id: ID, text: "Hello", is: "unanswered" }]);
      });
    }

    it("anew each time it leaves, as logging in takes longer than a text is waited for", async () => {
      answer = ({ leaving }) => {
        const [first] = texts;
        leaving();
        assert.notEqual(texts[0], first);
      };
      await operations.sendMessage(ID, "Hello");
      assert.deepEqual(texts, [{ id: ID, text: "Hello", is: "accepted" }]);
    });

    it("and not at all when it does not leave", async () => {
      operations = new Operations({ send: () => Promise.reject(new GwsImError("aborted")) }, list, { devicePath: DEVICE });
      await assert.rejects(operations.sendMessage(ID, "Hello"), { code: "aborted" });
      assert.deepEqual(texts, []);
    });

    it("and says when it is accepted", async () => {
      answer = () => assert.deepEqual(texts, [{ id: ID, text: "Hello" }]);
      await operations.sendMessage(ID, "Hello");
      assert.deepEqual(texts, [{ id: ID, text: "Hello", is: "accepted" }]);
    });
  });
});

describe("initiateSession tells the list of the number before it leaves", () => {
  const initiate = (destination) => operations.initiateSession({ destination });

  it("however it is given, and again each time it leaves", async () => {
    answer = ({ leaving }) => {
      leaving();
      assert.equal(requests.length, 1);
    };
    await initiate("16001");
    requests.pop();
    await initiate({ phoneNumber: "16002" });
    assert.deepEqual(requests.map(({ phoneNumber }) => phoneNumber), ["16002"]);
  });

  for (const [code, left] of [["gws/2", 0], ["auth/required", 0], ["network/outcome-unknown", 1], ["network/timeout", 1]]) {
    it(`and ${left ? "leaves it there" : "takes it back"} after ${code}`, async () => {
      answer = () => Promise.reject(new GwsImError(code));
      await assert.rejects(initiate("16001"), { code });
      assert.equal(requests.length, left);
    });
  }

  it("and not what is refused before it leaves", async () => {
    await refuses(() => initiate(""), "usage/destination");
    assert.deepEqual(requests, []);
  });
});

describe("destinations and device paths of other types", () => {
  for (const value of [null, "", " ", 5, true, {}, [], { phoneNumber: 16001 }, { phoneNumber: "" }, () => "16001"]) {
    it(`are refused as destination: ${JSON.stringify(value)}`, async () => {
      await refuses(() => operations.initiateSession({ destination: value }), "usage/destination", /phone number or \{ phoneNumber \}/);
      await refuses(() => operations.sendMessage(ID, "Hello", { destination: value }), "usage/destination");
    });
  }

  for (const value of [null, "", "/", "devices/1", "/a b", "https://gws.example.com/devices/1", 5, {}, ["/devices/1"]]) {
    it(`are refused as devicePath: ${JSON.stringify(value)}`, async () => {
      await refuses(() => operations.initiateSession({ destination: "16001", devicePath: value }), "usage/device-path");
      await refuses(() => operations.sendMessage(ID, "Hello", { devicePath: value }), "usage/device-path");
    });
  }

  for (const request of [undefined, null, "16001", 5, () => {}]) {
    it(`are refused in the request ${String(request)}`, () => refuses(() => operations.initiateSession(request), "usage/destination", /initiateSession\(\) takes \{ destination \}, got /));
  }

  it("are needed to begin a session", () => refuses(() => operations.initiateSession({}), "usage/destination", /got undefined\.$/));
});

describe("deleteUserData", () => {
  for (const key of [undefined, null, "", 5, ["a"], {}]) {
    it(`refuses the key ${JSON.stringify(key)}`, () => refuses(() => operations.deleteUserData(ID, key), "usage/user-data-key", /string that is not empty/));
  }
});

describe("the options of a call", () => {
  for (const [name, call] of Object.entries(everyCall)) {
    it(`${name} hands on signal and timeout`, async () => {
      const { signal } = new AbortController();
      await call(ID, { signal, timeout: 5_000 });
      assert.equal(sent[0].signal, signal);
      assert.equal(sent[0].timeout, 5_000);
    });

    it(`${name} refuses others`, async () => {
      await refuses(() => call(ID, { signal: 5 }), "usage/signal");
      for (const options of [null, 5, { timeout: 0 }, { timeout: "1" }]) await refuses(() => call(ID, options), "usage/options");
    });

    it(`${name} is one request, and gives the error of that as it is`, async () => {
      const error = new GwsImError("network/outcome-unknown");
      answer = () => Promise.reject(error);
      await assert.rejects(call(ID), (got) => got === error);
      assert.equal(sent.length, 1);
    });
  }

  it("several calls leave at once", async () => {
    await Promise.all(Object.values(everyCall).map((call) => {
      const before = sent.length;
      const done = call(ID);
      assert.equal(sent.length, before + 1);
      return done;
    }));
  });
});

describe("the live list", () => {
  for (const [direction, code] of [["probably-outgoing", undefined], ["unknown", "gws/2"], ["probably-outgoing", "network/outcome-unknown"]]) {
    it(`shows a text as ${direction} after ${code ?? "it was accepted"}`, async () => {
      const live = new SessionList({ maxLogEntries: 10, maxCompletedSessions: 1 });
      live.stateChanged(talking({ userData: {} }), "StatusChange");
      if (code) answer = () => Promise.reject(new GwsImError(code));
      await new Operations(rest, live, { devicePath: DEVICE }).sendMessage(`/im-sessions/${ID}/`, "Hello").catch((error) => assert.equal(error.code, code));
      assert.equal(sent[0].path, `/me/im-sessions/${ID}`);
      live.textArrived(`/im-sessions/${ID}`, "Hello");
      assert.equal(live.find(ID).log.at(-1).direction, direction);
    });
  }
});
