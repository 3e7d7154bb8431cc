// What every request carries and where it goes: no header beyond what GWS allows to other origins, and no address but the one in the options.

import assert from "node:assert/strict";
import { bothTalking, callLines, calls, DEVICE, DOCUMENTED_AGENTS, JSON_TYPE, PHONES } from "./lib/rest.js";
import { moveTo, otherOrigin } from "./lib/other-origin.js";
import { BOTH, scenarios } from "./lib/scenario.js";
import { newMessage } from "./lib/texts.js";
import { until } from "./lib/wait.js";

const scenario = scenarios({ simulator: ["--timeout", "10000", ...DOCUMENTED_AGENTS] });

/** GWS' `allowedHeaders` by default. */
const ALLOWED = ["x-requested-with", "content-type", "accept", "origin", "cookie", "authorization", "ssid", "surl", "contactcenterid", "x-csrf-token"];

/** A morning of a desktop: every kind of request that there is. */
async function useEverything(simulator, anna) {
  await anna.connect();
  await simulator.atRestOn("websocket");
  await anna.onTransport("websocket");
  await anna.synced();
  await anna.page.evaluate(() => e2e.client.subscribe("/v2/me/calls", () => {}).then((unsubscribe) => unsubscribe()));
  const made = [
    ["initiateSession", { destination: PHONES.ben, devicePath: DEVICE, userData: { favColor: "blue" } }],
    ["request", "PUT", "/me/settings/a", { value: 1 }],
    ["request", "GET", "/me/settings"],
    ["request", "DELETE", "/me/settings/a"],
    ["refresh"],
  ];
  for (const call of made) assert.equal((await anna.call(...call)).error, undefined, call.join(" "));
  const { imSession: { id } } = await anna.event("StatusChange");
  for (const call of [["sendMessage", id, "Hello"], ["updateUserData", id, { favColor: "red" }], ["deleteUserData", id, "favColor"], ["complete", id]]) {
    assert.equal((await anna.call(...call)).error, undefined, call.join(" "));
    await until("its effect is told", async () => (await anna.record()).some(({ type }) => ["NewMessage", "AttachedDataChanged", "StatusChange"].includes(type)));
    await anna.forget();
  }
  await anna.disconnect();
}

for (const elsewhere of [false, true]) {
  for (const csrf of ["off", "enforce"]) {
    scenario(`${elsewhere ? "from another origin" : "from the same origin"}, CSRF protection "${csrf}": no request of any kind carries a header of its own beyond its type and the token`, async ({ simulator, agent }) => {
      await simulator.options({ csrf });
      const other = elsewhere ? await otherOrigin(simulator.address) : undefined;
      try {
        const anna = await agent("anna", { login: !elsewhere });
        if (other) await moveTo(other.origin, simulator.address, anna);
        const since = await simulator.now();
        await anna.create(BOTH);
        await useEverything(simulator, anna);
        const seen = (await simulator.requests(since)).filter(({ headers }) => headers !== null);
        const kinds = new Set(seen.map(({ kind, method }) => (kind === "rest" ? method : kind)));
        for (const kind of ["handshake", "connect", "subscribe", "upgrade", "GET", "POST", "PUT", "DELETE"]) assert.ok(kinds.has(kind), `${kind} among ${[...kinds]}`);

        const preflights = seen.filter(({ method }) => method === "OPTIONS");
        assert.equal(preflights.length > 0, elsewhere, "another origin asks first");
        for (const { headers } of preflights) {
          const wanted = (headers["access-control-request-headers"] ?? "").split(",").filter(Boolean);
          assert.deepEqual(wanted.filter((name) => !["content-type", "x-csrf-token"].includes(name) || !ALLOWED.includes(name)), []);
        }
        for (const { method, path, kind, headers, body } of seen.filter(({ method }) => method !== "OPTIONS")) {
          const { "x-csrf-token": token, ...rest } = headers;
          const hasBody = method === "POST" || method === "PUT";
          assert.deepEqual(rest, hasBody ? { "content-type": JSON_TYPE } : {}, `${method} ${path} ${kind} ${body}`);
          if (method === "GET" || csrf === "off") assert.equal(token, undefined, `${method} ${path}`);
        }
        assert.deepEqual(new Set(anna.requests.map(({ origin }) => origin)), new Set([simulator.address, ...(other ? [other.origin] : [])]));
      } finally {
        await other?.close();
      }
    });
  }
}

scenario("the caller's own headers go with each request, and with no other", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create({ headers: { ssid: "salesforce", "X-Requested-With": "XMLHttpRequest" } });
  const since = await simulator.now();
  await anna.connect();
  await anna.call("request", "PUT", "/me/settings/a", { value: 1 });
  const seen = (await simulator.requests(since)).filter(({ headers }) => headers !== null);
  assert.ok(seen.length >= 4);
  for (const { method, headers } of seen) {
    const own = { ssid: "salesforce", "x-requested-with": "XMLHttpRequest" };
    assert.deepEqual(headers, method === "GET" ? own : { ...own, "content-type": JSON_TYPE });
  }
});

scenario("a redirect to another origin is not followed, whatever it answers", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  const reached = [];
  await anna.page.context().route(/evil\.example/, (route) => {
    reached.push(route.request().url());
    return route.fulfill({ status: 200, contentType: "application/json", headers: { "Access-Control-Allow-Origin": "*" }, body: '{"statusCode":0}' });
  });
  const redirect = (status) => ({ type: "answer", status, headers: { Location: "http://evil.example/login" }, body: "" });
  for (const status of [301, 302, 303, 307, 308]) {
    for (const call of [["request", "GET", "/me"], ["initiateSession", { destination: PHONES.ben }], ["request", "DELETE", "/me/settings/a"]]) {
      await simulator.fault("rest", redirect(status));
      assert.equal((await anna.call(...call)).error?.code, "auth/required", `${status} ${call.join(" ")}`);
    }
    await simulator.fault("handshake", redirect(status));
    assert.equal((await anna.connectOutcome()).error?.code, "auth/required", `${status} handshake`);
  }
  assert.deepEqual(reached, []);
  assert.deepEqual(new Set(anna.requests.map(({ origin }) => origin)), new Set([simulator.address]));
});

scenario("no path leads out of the API or to another origin: such ones are refused, the others stay below it", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  const since = await simulator.now();
  const refused = [
    "", "me", "//evil.example/me", "/\\evil.example", "\\\\evil.example", "https://evil.example/me", "http:evil.example", "javascript:alert(1)", "@evil.example", ".evil.example", ":80/me",
    "/../../simulator/state", "/me/../../../simulator/state", "/me/..", "/me/./x", "/%2e%2e/%2e%2e/simulator/state", "/.%2E/x", "/me/..;/x", "/me%2f..%2f..%2f..", "/me//x", "/me#fragment",
    "/me\n/x", "/\t/evil.example", "/me\u0000", " /me", null, 7, {}, ["/me"],
  ];
  for (const path of refused) assert.equal((await anna.call("request", "GET", path)).error?.code, "usage/path", JSON.stringify(path));
  assert.deepEqual(await callLines(simulator, since), []);

  const allowed = ["/@evil.example", "/me?to=https://evil.example/../..", "/:80/me", "/me/a..b", "/...", "/%00", "/me/%2F%2Fevil.example", "/me?x=1//", "/me/ü 😀", "/me/x;a=b"];
  for (const path of allowed) await anna.call("request", "GET", path);
  const paths = (await calls(simulator, since)).map(({ path }) => path);
  for (const path of paths) assert.ok(path.startsWith("/api/v2/"), path);
  assert.deepEqual(new Set(anna.requests.map(({ origin }) => origin)), new Set([simulator.address]));
});

scenario("no id of a session, the server's or the caller's, leads elsewhere than to a session", async ({ simulator, agent }) => {
  const { anna } = await bothTalking(agent, simulator);
  const hostile = ["../../settings/a", "..\\..", "a/b", "%2e%2e%2f", "//evil.example", "@evil.example", "?x", "#y", "http://evil.example/", "a b", "ü😀", "__proto__", "constructor"];
  const imSession = (id) => ({ id, path: `/im-sessions/${encodeURIComponent(id)}`, state: "Talking", capabilities: ["Complete"], participants: [] });
  for (const id of hostile) await simulator.publish({ user: "anna", data: { messageType: "IMSessionStateChangeMessage", notificationType: "StatusChange", imSession: imSession(id) } });
  await until("the sessions are known", async () => (await anna.events("StatusChange")).length === hostile.length);
  const before = anna.requests.length;
  const since = await simulator.now();
  const codes = await anna.page.evaluate(() => Promise.all(e2e.client.sessions.slice(1).map((session) => e2e.client.complete(session).then(() => "done", ({ code }) => code))));
  assert.deepEqual(codes.filter((code) => !/^(gws|http|usage)\//.test(code)), []);
  const made = anna.requests.slice(before).filter(({ path }) => !path.startsWith("/api/v2/notifications"));
  for (const { origin, path } of made) assert.deepEqual([origin, /^\/api\/v2\/me\/im-sessions\/[^/]+$/.test(path)], [simulator.address, true], path);
  assert.ok(made.length >= hostile.length - 1, `${made.length} requests`);
  assert.ok((await calls(simulator, since)).every(({ path }) => path.startsWith("/api/v2/me/im-sessions/")));
  for (const id of ["..", ".", "", "/", "a/b/c"]) assert.match((await anna.call("complete", id)).error?.code, /^usage\//, id);
  await simulator.publish({ user: "anna", data: newMessage("still there") });
  await anna.event("NewMessage");
});
