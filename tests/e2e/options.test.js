// The caller's mistakes: each is named with what was given and what was expected, before anything is sent.

import assert from "node:assert/strict";
import { scenarios } from "./lib/scenario.js";

const scenario = scenarios();

/** [what is wrong, the options as source text, the code, what the message must say]. `base` stands for a valid baseUrl. */
const MISTAKES = [
  ["no options", "undefined", "options/type", /options/],
  ["null", "null", "options/type", /null/],
  ["a string", '"https://gws.example.com"', "options/type", /object/],
  ["no baseUrl", "{}", "options/base-url", /baseUrl .*http.* undefined/s],
  ["a relative baseUrl", '{ baseUrl: "/gws" }', "options/base-url", /"\/gws"/],
  ["another scheme", '{ baseUrl: "ws://gws.example.com" }', "options/base-url", /http/],
  ["javascript:", '{ baseUrl: "javascript:alert(1)" }', "options/base-url", /http/],
  ["a query", '{ baseUrl: "https://gws.example.com/?a=1" }', "options/base-url", /without query/],
  ["a login in the URL", '{ baseUrl: "https://anna:secret@gws.example.com" }', "options/base-url", /login/],
  ["a number for a URL", "{ baseUrl: 7 }", "options/base-url", /7/],
  ["cometdPath without a slash", '{ ...base, cometdPath: "cometd" }', "options/cometd-path", /slash.*"cometd"/s],
  ["cometdPath that is another host", '{ ...base, cometdPath: "//evil.example/x" }', "options/cometd-path", /slash/],
  ["apiPath of the wrong type", "{ ...base, apiPath: 5 }", "options/api-path", /5/],
  ["an unknown transport", '{ ...base, transports: ["carrier-pigeon"] }', "options/transports", /long-polling/],
  ["no transport", "{ ...base, transports: [] }", "options/transports", /long-polling/],
  ["headers that are none", '{ ...base, headers: { "not a name": "x" } }', "options/headers", /header/i],
  ["a header value with a line break", '{ ...base, headers: { "X-A": "a\\nb" } }', "options/headers", /header/i],
  ["headers of the wrong type", "{ ...base, headers: 5 }", "options/headers", /5/],
  ["unknown credentials", '{ ...base, credentials: "always" }', "options/credentials", /"include".*"always"/s],
  ["reauthenticate that is no function", "{ ...base, reauthenticate: true }", "options/reauthenticate", /function.*true/s],
  ["csrf of the wrong type", '{ ...base, csrf: "yes" }', "options/csrf", /got a string/],
  ["half a csrf pair", '{ ...base, csrf: { header: "X" } }', "options/csrf", /token/],
  ["ack of the wrong type", "{ ...base, ack: 1 }", "options/ack", /true or false.*1/s],
  ["appendMessageTypeToURL of the wrong type", '{ ...base, appendMessageTypeToURL: "no" }', "options/append-message-type-to-url", /true or false/],
  ["a deadline of 0", "{ ...base, maxNetworkDelay: 0 }", "options/max-network-delay", /milliseconds.*0/s],
  ["a negative back-off", "{ ...base, backoffIncrement: -1 }", "options/backoff-increment", /-1/],
  ["NaN", "{ ...base, maxBackoff: NaN }", "options/max-backoff", /NaN/],
  ["Infinity", "{ ...base, maxNetworkDelay: Infinity }", "options/max-network-delay", /Infinity/],
  ["a string for a number", '{ ...base, backoffJitter: "0.5" }', "options/backoff-jitter", /0 to 1.*"0\.5"/s],
  ["more than all jitter", "{ ...base, backoffJitter: 1.5 }", "options/backoff-jitter", /0 to 1.*1\.5/s],
  ["logger of the wrong type", "{ ...base, logger: console }", "options/logger", /function/],
  ["fetch of the wrong type", '{ ...base, fetch: "fetch" }', "options/fetch", /function/],
  ["a misspelt option", '{ ...base, reautenticate: () => {} }', "options/reautenticate", /reauthenticate\?/],
  ["an option in another case", '{ baseURL: "https://gws.example.com" }', "options/base-url", /baseUrl\?/],
  ["an option nobody knows", "{ ...base, colour: 1 }", "options/colour", /"colour"/],
  ["__proto__ as an option", '{ ...base, ["__proto__"]: 1 }', "options/proto", /__proto__/],
];

scenario("a wrong or unknown option is named with what was given and expected, by create() and by new", async ({ simulator, agent }) => {
  const anna = await agent("anna", { login: false });
  const found = await anna.page.evaluate(async (sources) => {
    const base = { baseUrl: location.origin };
    await e2e.sdk.init();
    const ends = [];
    for (const source of sources) {
      const options = new Function("base", `return (${source});`)(base);
      const created = await e2e.outcome(() => e2e.sdk.GwsImClient.create(options).then(() => "made"));
      const made = await e2e.outcome(() => new e2e.sdk.GwsImClient(options) && "made");
      ends.push({ created: created.error ?? created, made: made.error ?? made });
    }
    return ends;
  }, MISTAKES.map(([, source]) => source));
  MISTAKES.forEach(([what, , code, says], index) => {
    for (const error of Object.values(found[index])) {
      assert.equal(error.code, code, `${what}: ${JSON.stringify(error)}`);
      assert.match(error.message, says, what);
      assert.ok(error.isGwsImError && error.name === "GwsImError" && !error.retryable, what);
    }
  });
  assert.equal((await simulator.counters()).requests.handshake, 0);
});

scenario("secrets in options stay out of error messages", async ({ agent }) => {
  const anna = await agent("anna", { login: false });
  const messages = await anna.page.evaluate(async () => {
    const { create } = e2e.sdk.GwsImClient;
    const bad = [
      { baseUrl: location.origin, headers: { Authorization: "Bearer s3cret\nX" } },
      { baseUrl: "https://anna:s3cret@gws.example.com" },
      { baseUrl: location.origin, csrf: { header: "X-CSRF-TOKEN", token: "s3cret\nX" } },
    ];
    const ends = await Promise.all(bad.map((options) => e2e.outcome(create(options))));
    return ends.map(({ error }) => error?.message ?? "was accepted");
  });
  for (const message of messages) {
    assert.notEqual(message, "was accepted");
    assert.doesNotMatch(message, /s3cret/);
  }
});

scenario("what a caller may give in several shapes is taken in each", async ({ agent }) => {
  const anna = await agent();
  await anna.page.evaluate(async () => {
    const shapes = [
      { baseUrl: new URL(location.origin) },
      { baseUrl: `${location.origin}/` },
      { headers: [["X-Requested-With", "e2e"]] },
      { headers: new Headers({ "X-Requested-With": "e2e" }) },
      { headers: undefined, ack: undefined, maxNetworkDelay: undefined },
      { transports: ["long-polling"] },
      Object.freeze({ baseUrl: location.origin }),
    ];
    for (const options of shapes) {
      const client = await e2e.create(options);
      await client.connect();
      await client.dispose();
    }
  });
});

const TOPICS = {
  '""': false, '"/"': false, '"v2/me"': false, '"/v2/me/"': false, '"/v2//me"': false, '"/v2/*/calls"': false, '"/v2/***"': false,
  '"/meta/connect"': false, '"/meta/*"': false, '"/v2/ümläut"': false, '"/v2/\\u0000"': false, undefined: false, null: false, 7: false, "{}": false, '["/v2/me/calls"]': false,
  '"/v2/me/calls"': true, '"/v2/*"': true, '"/v2/**"': true, '"/notifications/services"': true, '"/v2/me calls"': true, '"/v2/a-b_c!~(d)$@.e+{f}"': true,
};

scenario("topics that are none reject usage/topic and name what was given; others go to the server", async ({ agent }) => {
  const anna = await agent();
  await anna.create();
  await anna.connect();
  const found = await anna.page.evaluate(async (sources) => {
    const ends = [];
    for (const source of sources) {
      const topic = new Function(`return (${source});`)();
      ends.push(await e2e.outcome(() => e2e.client.subscribe(topic, () => {}).then(() => "subscribed")));
    }
    return ends;
  }, Object.keys(TOPICS));
  Object.entries(TOPICS).forEach(([source, valid], index) => {
    const { value, error } = found[index];
    if (valid) return assert.equal(value, "subscribed", `${source}: ${JSON.stringify(error)}`);
    assert.equal(error?.code, "usage/topic", `${source}: ${JSON.stringify(found[index])}`);
    if (/^"\/[a-z]/.test(source) && !source.includes("\\")) assert.ok(error.message.includes(JSON.parse(source)), `${source}: ${error.message}`);
  });
  assert.equal(await anna.state(), "connected");
});

scenario("wrong events, listeners and bounds are named", async ({ agent }) => {
  const anna = await agent();
  await anna.create();
  const found = await anna.page.evaluate(async () => {
    const { client } = e2e;
    const calls = {
      "an unknown event": () => client.on("NewMesage", () => {}),
      "an event of the wrong type": () => client.on(5, () => {}),
      "__proto__ as an event": () => client.on("__proto__", () => {}),
      "no listener": () => client.on("NewMessage"),
      "a listener that is no function": () => client.on("NewMessage", {}),
      "once() on an unknown event": () => client.once("newMessage"),
      "subscribe() without a listener": () => client.subscribe("/v2/me/calls"),
      "a bound of 0": () => client.notifications({ highWaterMark: 0 }),
      "a bound of NaN": () => client.notifications({ highWaterMark: NaN }),
      "half a bound": () => client.notifications({ highWaterMark: 1.5 }),
    };
    const ends = {};
    for (const [name, call] of Object.entries(calls)) {
      const { error } = await e2e.outcome(call);
      ends[name] = error && [error.code, error.message];
    }
    return ends;
  });
  const codes = Object.fromEntries(Object.entries(found).map(([name, [code]]) => [name, code]));
  assert.deepEqual(codes, {
    "an unknown event": "usage/event",
    "an event of the wrong type": "usage/event",
    "__proto__ as an event": "usage/event",
    "no listener": "usage/listener",
    "a listener that is no function": "usage/listener",
    "once() on an unknown event": "usage/event",
    "subscribe() without a listener": "usage/listener",
    "a bound of 0": "usage/high-water-mark",
    "a bound of NaN": "usage/high-water-mark",
    "half a bound": "usage/high-water-mark",
  });
  assert.match(found["an unknown event"][1], /NewMessage\?/);
});
