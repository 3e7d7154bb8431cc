// Clients whose logins are watched: by which ways they were asked to log in, how many at a time, and what the calls that waited for it came to.

import { bothTalking, calls, DEVICE, PHONES } from "./rest.js";
import { until } from "./wait.js";

/** The ways to log in, in the order in which they are tried. */
export const WAYS = ["headers", "reauthenticate"];

/**
 * Makes a client that notes by which ways it was asked to log in, and how many at a time. The one that is called `works` logs in. With `gated` each lasts until
 * the test lets it pass; `has` says which ways there are.
 */
export const create = (anna, { works = "reauthenticate", gated = false, has = WAYS, ...options } = {}) => anna.page.evaluate(async ({ works, gated, has, options }) => {
  e2e.login = { ways: [], most: 0, pass: undefined, signal: undefined, works };
  let running = 0;
  const way = async (name, signal) => {
    e2e.login.ways.push(name);
    e2e.login.signal = signal;
    e2e.login.most = Math.max(e2e.login.most, (running += 1));
    if (gated) await new Promise((resolve) => (e2e.login.pass = resolve));
    if (name === e2e.login.works) await e2e.logIn("anna");
    running -= 1;
  };
  const both = {
    headers: async ({ reason, signal }) => {
      if (reason === "refresh") await way("headers", signal);
      return {};
    },
    reauthenticate: ({ signal }) => way("reauthenticate", signal),
  };
  await e2e.create({ ...Object.fromEntries(has.map((name) => [name, both[name]])), ...options });
}, { works, gated, has, options: { devicePath: DEVICE, ...options } });

/** The ways by which the client was asked to log in, and how many at most at a time. */
export const login = (anna) => anna.page.evaluate(() => ({ ways: e2e.login.ways, most: e2e.login.most }));
export const waysOf = async (anna) => (await login(anna)).ways;

/** Lets the way that is under way, the last of so many, go on. */
export async function pass(anna, count) {
  await until(`${count} ways to log in were begun`, async () => (await waysOf(anna)).length === count);
  await anna.page.waitForFunction(() => e2e.login.pass);
  await anna.page.evaluate(() => {
    e2e.login.pass();
    e2e.login.pass = undefined;
  });
}

/** Begins texts at once, of which `settled` tells how each ended. Those of `sendMessage` would wait for each other. */
export const begin = (anna, id, texts, options = {}) => anna.page.evaluate(({ id, texts, members, options }) => {
  e2e.say = async (text, more) => {
    await e2e.client.request("POST", `/me/im-sessions/${id}`, { operationName: "SendMessage", text, ...members }, { ...options, ...more });
  };
  e2e.pending = texts.map((text) => e2e.outcome(() => e2e.say(text)));
}, { id, texts, members: { destination: { phoneNumber: PHONES.ben }, devicePath: DEVICE }, options });
export const settled = (anna) => anna.page.evaluate(() => Promise.all(e2e.pending));
export const done = (texts) => texts.map(() => ({ value: undefined }));

export const send = (anna, id, text, options) => anna.call("sendMessage", id, text, { destination: PHONES.ben, ...options });
export const textsIn = async (simulator) => (await simulator.state()).imSessions[0].texts.map(({ text }) => text);
export const numbered = (count) => Array.from({ length: count }, (_, index) => `text ${index}`);

/** The texts that were asked for after number `since`, once for each time, and the status of each. */
export async function asked(simulator, since) {
  const posts = (await calls(simulator, since)).filter(({ body }) => body.includes('"SendMessage"'));
  return posts.map(({ body, status }) => ({ text: JSON.parse(body).text, status }));
}

export const timesOf = (all) => {
  const times = {};
  for (const { text } of all) times[text] = (times[text] ?? 0) + 1;
  return times;
};

/** Anna with a client that has no channel, and a session of hers with ben. */
export async function withoutChannel(agent, simulator, options) {
  const anna = await agent();
  await create(anna, options);
  await simulator.operation("anna", "/me/im-sessions", { operationName: "InitiateIMSession", destination: { phoneNumber: PHONES.ben } });
  const [{ id }] = (await simulator.state()).imSessions;
  return { anna, id };
}

/** Anna with a client that is connected, and a session of hers with ben, whose client is too. */
export async function withChannel(agent, simulator, options) {
  const { anna, ben, id } = await bothTalking(agent, simulator);
  await anna.disconnect();
  await create(anna, options);
  await anna.connect();
  await simulator.atRest();
  await anna.synced();
  await anna.forget();
  return { anna, ben, id };
}
