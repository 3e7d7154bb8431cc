// IM sessions in a scenario: what the agents do in them at the server, and the list that a client on the page of lists shows.

import { until } from "./wait.js";

export const PHONES = { anna: "5001", ben: "5002", robbie: "5003" };
export const DEVICE = "/devices/8191741c-8311-4b94-9b8b-2e3b1f9a8b3e";
const LIST = "/me/im-sessions";
/** What a fault must match to meet the reading of the list and nothing else. */
export const READING = { method: "GET", path: `/api/v2${LIST}` };

/** Begins a session at the server and gives its id. */
export async function initiate(simulator, { from = "ben", to = "anna", userData } = {}) {
  await simulator.operation(from, LIST, { operationName: "InitiateIMSession", destination: { phoneNumber: PHONES[to] }, userData });
  return (await simulator.state()).imSessions.at(-1).id;
}

const operate = (simulator, user, id, operationName, members) => simulator.operation(user, `${LIST}/${id}`, { operationName, ...members });

export const send = (simulator, id, text, { from = "ben", to = "anna" } = {}) =>
  operate(simulator, from, id, "SendMessage", { text, destination: { phoneNumber: PHONES[to] }, devicePath: DEVICE });

export const attach = (simulator, id, userData, user = "ben") => operate(simulator, user, id, "AttachUserData", { userData });
export const removeData = (simulator, id, key, user = "ben") => operate(simulator, user, id, "DeleteUserData", { key });
export const complete = (simulator, id, user = "ben") => operate(simulator, user, id, "Complete");

/** An agent on the page of lists with a client that nobody has connected. */
export async function listOf(agent, user = "anna", options = {}) {
  const opened = await agent(user, { path: "/list.html" });
  await opened.page.evaluate((options) => e2e.createList(options), { devicePath: DEVICE, ...options });
  return opened;
}

/** The same, connected, with the list read and the poll held by the server. */
export async function syncedList(agent, simulator, { user = "anna", transport = "long-polling", ...options } = {}) {
  const transports = transport === "websocket" ? ["websocket", "long-polling"] : ["long-polling"];
  const opened = await listOf(agent, user, { transports, ...options });
  await opened.connect();
  await simulator.atRestOn(transport, user);
  await opened.onTransport(transport);
  await becomesSynced(opened);
  return opened;
}

export const isSynced = (opened) => opened.page.evaluate(() => e2e.client.synced);
export const becomesSynced = (opened, limits) => until("the list is synced", () => isSynced(opened), limits);
/** The sessions as the page shows them. */
export const sessionsOf = (opened) => opened.page.evaluate(() => e2e.shownSessions());
/** One of them, or undefined. */
export const sessionOf = async (opened, id) => (await sessionsOf(opened)).find((session) => session.id === id);
/** One line for each thing that was told. */
export const toldTo = (opened) => opened.page.evaluate(() => e2e.told);
export const changesOf = (opened) => opened.page.evaluate(() => e2e.changes);

/** Forgets what was told so far. */
export const forgetTold = (opened) => opened.page.evaluate(() => {
  for (const recorded of [e2e.told, e2e.changes, e2e.record]) recorded.length = 0;
});

/** Resolves with the log of a session when it is that long, gaps included. */
export const logOf = (opened, id, length, limits) => until(`${length} entries in the log of ${id}`, async () => {
  const session = await sessionOf(opened, id);
  return session?.log.length >= length ? session.log : undefined;
}, limits);

/** Resolves with what was told when a line of it fits. */
export const toldLine = (opened, fits, limits) => until(`a line that fits ${fits}`, async () => {
  const told = await toldTo(opened);
  return told.some((line) => fits.test(line)) ? told : undefined;
}, limits);

/** How often the list was asked for since request number `since`; repetitions of the browser's own count. */
export const readings = async (simulator, since = 0) =>
  (await simulator.requests(since)).filter(({ method, path, user }) => method === READING.method && path === READING.path && user === "anna");
