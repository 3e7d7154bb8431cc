// Any other call of the GWS API: which methods and paths are taken, and what counts as JSON, in its body and in user data.

import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { runInNewContext } from "node:vm";

import { GwsImError } from "../../pkg-template/errors.js";
import { Operations } from "../../pkg-template/operations.js";

let sent;
let operations;

beforeEach(() => {
  sent = [];
  const rest = { send: async (request) => (sent.push(request), { statusCode: 0, user: { id: "1" } }) };
  operations = new Operations(rest, { isSynced: false, find: () => undefined, sending: () => () => {} }, {});
});

async function refuses(call, code, message) {
  await assert.rejects(call(), (error) => {
    assert.ok(GwsImError.is(error), `a GwsImError, not ${error}`);
    assert.equal(error.code, code);
    if (message) assert.match(error.message, message);
    return true;
  });
  assert.deepEqual(sent, []);
}

const sentBody = () => JSON.stringify(sent.at(-1).body);
const nested = (levels) => JSON.parse(`${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`);

describe("request", () => {
  for (const method of ["GET", "POST", "PUT", "DELETE"]) {
    it(`sends ${method} and resolves with the answer`, async () => {
      const body = method === "GET" ? undefined : { operationName: "Dial" };
      assert.deepEqual(await operations.request(method, "/me/calls?fields=*", body), { statusCode: 0, user: { id: "1" } });
      assert.deepEqual(sent, [{ method, path: "/me/calls?fields=*", body, signal: undefined, timeout: undefined }]);
    });
  }

  it("needs no body", async () => {
    await operations.request("DELETE", "/me/x");
    assert.equal(sent[0].body, undefined);
  });

  for (const method of [undefined, null, "", "get", "PATCH", "HEAD", "GET ", 5, ["GET"], { toString: () => "GET" }]) {
    it(`refuses the method ${JSON.stringify(method)}`, () => refuses(() => operations.request(method, "/me"), "usage/method", /^The method must be GET, POST, PUT or DELETE, got /));
  }

  const paths = ["/", "/me", "/me/im-sessions?fields=*", "/contacts/a%20b", "/a.b/..c/c../...", "/.well-known/x", "/users/é 😀", "/a?next=../..//b&c=/./", "/a;v=1/b", "/a%2fb", "/%2e.a", "/me/"];
  for (const path of paths) {
    it(`takes the path ${path}`, async () => {
      await operations.request("GET", path);
      assert.equal(sent[0].path, path);
    });
  }

  const wrong = [undefined, null, 5, {}, ["/me"], new URL("https://gws.example.com/me"), "", "me", "?fields=*", "https://gws.example.com/me", "//evil.example.com", "/me//x", "/me/..", "/../x", "/./x", "/me/.", "/a/../../b", "/%2e%2e/x", "/a/%2E./b", "/a/.%2e", "/%2e?x", "/a/..?x", "/a/..;x/b", "/a%2f..%2fb", "/a%5c../b", "/\\evil.example.com", "/a\\..\\b", "/a#b", "/a\nb", "/a\tb", "/a\0", "/a\x7f", "/a?b#c", "/a?b\\c", " /me"];
  for (const path of wrong) {
    it(`refuses the path ${JSON.stringify(path)}`, () => refuses(() => operations.request("GET", path), "usage/path", /^A path begins with one slash.*got /));
  }

  it("lets no path that it takes lead anywhere else", async () => {
    for (const path of [...paths, ...wrong]) {
      await operations.request("GET", path).catch(() => {});
    }
    for (const { path } of sent) {
      const { origin, pathname } = new URL(`https://gws.example.com/api/v2${path}`);
      assert.equal(origin, "https://gws.example.com");
      assert.ok(pathname.startsWith("/api/v2/"), path);
    }
    assert.equal(sent.length, paths.length);
  });

  it("refuses a body of GET, as no browser sends it", () => refuses(() => operations.request("GET", "/me", {}), "usage/body", /none for GET; got an object for GET\.$/));

  it("takes an empty body", async () => {
    await operations.request("POST", "/me", {});
    assert.equal(sentBody(), "{}");
  });

  for (const body of [null, "", "{}", 5, true, [], () => {}, new Map(), new FormData(), new URLSearchParams(), new Date(0), { a: undefined }]) {
    it(`refuses the body ${Object.prototype.toString.call(body)} ${JSON.stringify(body)}`, () => refuses(() => operations.request("POST", "/me", body), "usage/body", /^A body must be an object of JSON values/));
  }
});

describe("user data", () => {
  const calls = {
    initiateSession: (userData) => operations.initiateSession({ destination: "16001", userData }),
    attachUserData: (userData) => operations.attachUserData("1", userData),
    updateUserData: (userData) => operations.updateUserData("1", userData),
  };
  for (const [name, call] of Object.entries(calls)) {
    for (const userData of [null, "", "a=1", 5, true, [], [1], new Date(0), new Map([["a", 1]]), new (class Data {})(), () => {}]) {
      it(`of ${name} can't be ${Object.prototype.toString.call(userData)} ${JSON.stringify(userData)}`, () => refuses(() => call(userData), "usage/user-data", /^User data must be an object of at least one key/));
    }
  }
  it("of attachUserData must be given", () => refuses(() => calls.attachUserData(undefined), "usage/user-data", /got undefined\.$/));

  const attach = calls.attachUserData;

  const taken = {
    "every JSON value": { text: "ä😀", number: 123456789, fraction: -0.5, yes: true, none: null, list: [1, [2], {}], nested: { a: { b: "c" }, "": 0 } },
    "an object without a prototype": Object.assign(Object.create(null), { a: 1 }),
    "an object of another frame": runInNewContext("({ a: [{ b: 1 }] })"),
    "a frozen object": Object.freeze({ a: 1 }),
    "a proxy": new Proxy({ a: 1 }, {}),
    "a date and what else tells its JSON": { at: new Date(0), url: new URL("https://gws.example.com/"), own: { toJSON: (key) => `${key}!` }, whole: { toJSON: () => ({ a: [1] }) } },
    "members that every object has, as own members": JSON.parse('{"__proto__":{"polluted":1},"constructor":1,"toString":2}'),
    "the same object twice": ((shared) => ({ a: shared, b: [shared] }))({ c: 1 }),
    "a hundred levels": nested(100),
  };
  for (const [name, userData] of Object.entries(taken)) {
    it(`takes ${name}`, async () => {
      await attach(userData);
      assert.equal(sentBody(), `{"operationName":"AttachUserData","userData":${JSON.stringify(userData)}}`);
      assert.equal({}.polluted, undefined);
    });
  }

  const circle = { list: [{}] };
  circle.list[0].back = circle;
  it("of a session that begins may be none", async () => {
    await calls.initiateSession({});
    assert.deepEqual(sent.map(({ body }) => body.userData), [{}]);
  });

  const refusals = [
    [{ a: undefined }, 'undefined at "a"'],
    [{ a: 1, b: { c: [0, () => {}] } }, 'a function at "b.c.1"'],
    [{ a: Symbol("s") }, 'Symbol(s) at "a"'],
    [{ "User Data 1": 10n }, 'a bigint at "User Data 1"'],
    [{ a: Number.NaN }, 'NaN at "a"'],
    [{ a: [-Infinity] }, '-Infinity at "a.0"'],
    [{ a: [1, , 3] }, 'undefined at "a.1"'],
    [{ a: new Map() }, 'an object of a class at "a"'],
    [{ a: new (class Agent {})() }, 'an object of a class at "a"'],
    [{ a: /x/ }, 'an object of a class at "a"'],
    [{ a: { toJSON: () => undefined } }, 'undefined at "a"'],
    [{ a: { toJSON: () => ({ toJSON: () => 1 }) } }, 'a function at "a.toJSON"'],
    [circle, "more than 100 levels, or a circle, at \"list.0.back."],
    [nested(101), "more than 100 levels, or a circle, at \"a.a."],
    [nested(5_000), "more than 100 levels, or a circle, at \"a.a."],
    [{}, "an empty object"],
    [{ a: 1, "": 2 }, "an empty key, which could not be deleted again"],
  ];
  for (const [userData, got] of refusals) {
    it(`refuses ${got}`, async () => {
      await assert.rejects(attach(userData), ({ code, message }) => code === "usage/user-data" && message.startsWith(`User data must be an object of at least one key with a JSON value, got ${got}`));
      assert.deepEqual(sent, []);
    });
  }

  it("that fails while it is read is refused with the reason", async () => {
    const cause = new Error("gone");
    const fail = () => {
      throw cause;
    };
    for (const userData of [{ get a() { return fail(); } }, { a: { toJSON: fail } }, new Proxy({}, { ownKeys: fail })]) {
      await assert.rejects(attach(userData), { code: "usage/user-data", cause });
    }
    assert.deepEqual(sent, []);
  });

  it("is read once, before the call returns", async () => {
    let reads = 0;
    const userData = { get a() { return (reads += 1); }, b: { c: 1 } };
    const done = attach(userData);
    userData.b.c = 2;
    await done;
    assert.deepEqual([sentBody(), sentBody(), reads], [...Array(2).fill('{"operationName":"AttachUserData","userData":{"a":1,"b":{"c":1}}}'), 1]);
  });
});
