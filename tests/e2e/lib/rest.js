// Calls of the GWS API: who makes them in a scenario, and what the server saw of them.

import { until } from "./wait.js";

/** The two agents of a simulator with these phone numbers, which the documents' samples have. */
export const DOCUMENTED_AGENTS = ["--user", "anna:anna:3002", "--user", "ben:ben:16001"];
export const PHONES = { anna: "3002", ben: "16001" };
export const DEVICE = "/devices/8191741c-8311-4b94-9b8b-2e3b1f9a8b3e";
/** What every call with a body says of it. */
export const JSON_TYPE = "application/json;charset=UTF-8";

/** Two agents whose clients are connected and know their sessions. */
export async function bothConnected(agent, simulator, options = { devicePath: DEVICE }) {
  const both = { anna: await agent("anna"), ben: await agent("ben") };
  for (const [user, opened] of Object.entries(both)) {
    await opened.create(options);
    await opened.connect();
    await simulator.atRest(user);
    await opened.synced();
  }
  return both;
}

/** The same, with an IM session that anna has begun: its id is `id`, and what both were told of its beginning is forgotten. */
export async function bothTalking(agent, simulator, options) {
  const both = await bothConnected(agent, simulator, options);
  const { error } = await both.anna.call("initiateSession", { destination: PHONES.ben });
  if (error) throw new Error(`the session did not begin: ${error.message}`);
  for (const opened of Object.values(both)) {
    await opened.event("StatusChange", ({ imSession }) => imSession.state === "Talking");
    await opened.forget();
  }
  const [{ id }] = (await simulator.state()).imSessions;
  return { ...both, id };
}

/** The calls of the GWS API after number `since`, as the server saw them: those of CometD are none. */
export async function calls(simulator, since = 0) {
  return (await simulator.requests(since)).filter(({ kind }) => kind === "rest");
}

/** The same when all of them have been answered: the client may have an answer before the server has noted it. */
export const answeredCalls = (simulator, since) => until("all calls are answered", async () => {
  const seen = await calls(simulator, since);
  return seen.every(({ status }) => status !== null) ? seen : undefined;
});

/** The calls as text, each like "POST /api/v2/me". */
export async function callLines(simulator, since) {
  return (await calls(simulator, since)).map(({ method, path, query }) => `${method} ${path}${query === null ? "" : `?${query}`}`);
}

/** Resolves with the calls after number `since` as soon as there are so many. */
export const callsOf = (simulator, since, count) => until(`${count} calls at the server`, async () => {
  const seen = await calls(simulator, since);
  return seen.length >= count ? seen : undefined;
});
