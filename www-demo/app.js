// Puts the parts together: the store and the log, the views that show them, and one desk for the agent who is logged in.

import { ActivityLog } from "./activity-log.js";
import { Desk } from "./desk.js";
import { byId } from "./dom.js";
import { GwsRest } from "./gws-rest.js";
import { isLive, SessionStore } from "./store.js";
import { mountActivity } from "./views/activity.js";
import { mountComposer } from "./views/composer.js";
import { mountConnection } from "./views/connection.js";
import { mountConversation } from "./views/conversation.js";
import { mountDetails } from "./views/details.js";
import { mountDiagnostics } from "./views/diagnostics.js";
import { mountFaults } from "./views/faults.js";
import { mountLogin } from "./views/login.js";
import { mountNotices } from "./views/notices.js";
import { mountPanes } from "./views/panes.js";
import { mountQuickActions } from "./views/quick-actions.js";
import { mountRelogin } from "./views/relogin.js";
import { mountSessionList } from "./views/session-list.js";
import { mountUserData } from "./views/user-data.js";

/** Where a reload finds who was logged in where. The login itself is the server's cookie. */
const REMEMBERED = "gws-im-sdk-demo";

const store = new SessionStore();
const activity = new ActivityLog();
/** @type {Desk | undefined} */
let desk;
let rest;
/** The agent has asked for a chat that has not begun yet. */
let awaited = false;

const notices = mountNotices();
const showPane = mountPanes();

/** Runs what a button asks for. Resolves with false, after telling the agent, when that fails. */
async function attempt(trouble, action) {
  try {
    await action();
    return true;
  } catch (error) {
    notices.warn(trouble, error);
    return false;
  }
}

/** Who starts a chat wants to see it and to write. */
async function begin(trouble, action) {
  awaited = true;
  const accepted = await attempt(trouble, action);
  if (accepted) showPane("conversation");
  else awaited = false;
  return accepted;
}

const showConnection = mountConnection({ onRetry: () => desk.client.reconnect(), onConnect: () => desk.connect() });
const askAgain = mountRelogin((password) => rest.logIn(desk.agent.name, password));
mountSessionList(store, select);
mountConversation(store, { onComplete: (session) => attempt("The chat could not be ended", () => desk.complete(session)) });
mountComposer(store, (session, text) => attempt("The message was not sent", () => desk.sendMessage(session, text)));
mountDetails(store);
mountUserData(store, {
  onSave: (session, key, value) => attempt("The user data was not saved", () => desk.saveUserData(session, key, value)),
  onDelete: (session, key) => attempt("The user data was not deleted", () => desk.deleteUserData(session, key)),
});
const offerRobot = mountQuickActions(store, {
  onRobotChat: () => begin("The chat could not be started", () => desk.startRobotChat()),
  onRobotCalls: () => begin("The robot could not call", () => desk.robotCallsMe()),
  onStart: (phoneNumber) => begin("The chat could not be started", () => desk.startChat(phoneNumber)),
});
mountActivity(activity, notices);
const showDiagnostics = mountDiagnostics(() => desk?.client);
const offerFaults = mountFaults(
  () => ({ simulator: desk.simulator, agent: desk.agent, session: store.selected }),
  async (title, fault) => {
    if (await attempt(`“${title}” failed`, fault)) notices.tell(`${title}: done.`);
  },
);
mountLogin(logIn);
byId("logout-button").addEventListener("click", logOut);
document.addEventListener("visibilitychange", () => store.markRead());
store.addEventListener("change", selectFirst);
void resume();

async function logIn({ baseUrl, username, password }) {
  rest = new GwsRest(baseUrl, logCall);
  await open(baseUrl, await rest.logIn(username, password));
}

/** After a reload the agent goes on where the cookie allows it. */
async function resume() {
  const baseUrl = sessionStorage.getItem(REMEMBERED);
  if (!baseUrl) return;
  rest = new GwsRest(baseUrl, logCall);
  try {
    await open(baseUrl, await rest.resume());
  } catch {
    sessionStorage.removeItem(REMEMBERED);
  }
}

async function open(baseUrl, agent) {
  desk = await Desk.open({
    baseUrl, rest, agent, store, activity,
    onConnection: showConnection,
    logInAgain: (signal) => askAgain(agent.name, signal),
    onTrouble: notices.warn,
  });
  sessionStorage.setItem(REMEMBERED, baseUrl);
  notices.clear();
  offerRobot(Boolean(desk.simulator));
  offerFaults(Boolean(desk.simulator));
  showAgent(agent);
  showDiagnostics();
  showDesktop(true);
  void desk.connect();
}

async function logOut() {
  const leaving = desk;
  notices.clear();
  byId("logout-button").disabled = true;
  await leaving.close();
  byId("logout-button").disabled = false;
  sessionStorage.removeItem(REMEMBERED);
  desk = undefined;
  store.clear();
  activity.clear();
  showDesktop(false);
  byId("password").focus();
}

function showAgent({ name, phone }) {
  byId("agent-name").textContent = name;
  byId("agent-phone").textContent = phone;
  byId("agent-initials").textContent = name.slice(0, 2);
}

function showDesktop(wanted) {
  byId("desktop").hidden = !wanted;
  byId("login-view").hidden = wanted;
  showPane("sessions");
}

/** The agent's own choice; on a narrow screen it leads to the conversation. */
function select(id) {
  store.select(id);
  showPane("conversation");
}

/** A session that begins is shown when there is nothing else to look at; an agent who is in a chat stays there. */
function selectFirst({ detail: { what, session } }) {
  const { selected } = store;
  if (what !== "new" || (selected && isLive(selected))) return;
  store.select(session.id);
  if (awaited && hasNoFocus()) byId("composer-input").focus();
  awaited = false;
}

/** The button that was pressed is disabled once the chat has begun, and the focus with it. */
const hasNoFocus = () => document.activeElement === document.body || document.activeElement.disabled;

function logCall({ method, path, request, status, response }) {
  activity.add({ kind: "rest", name: `${method} ${path}`, summary: status ? `HTTP ${status}` : "no answer", bad: !(status < 300), detail: { request, status, response } });
}
