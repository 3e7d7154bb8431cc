// Puts the parts together: the store and the log, the views that show them, and one desk for the agent who is logged in.

import { ActivityLog } from "./activity-log.js";
import { Desk } from "./desk.js";
import { byId } from "./dom.js";
import { restLogger } from "./event-log.js";
import { logIn } from "./log-in.js";
import { DeskStore, isLive } from "./store.js";
import { mountActivity } from "./views/activity.js";
import { mountComposer } from "./views/composer.js";
import { mountConnection } from "./views/connection.js";
import { mountConversation } from "./views/conversation.js";
import { mountDetails } from "./views/details.js";
import { mountDiagnostics } from "./views/diagnostics.js";
import { mountFaults } from "./views/faults.js";
import { mountListState } from "./views/list-state.js";
import { mountLogin } from "./views/login.js";
import { mountNotices } from "./views/notices.js";
import { mountPanes } from "./views/panes.js";
import { mountQuickActions } from "./views/quick-actions.js";
import { mountRelogin } from "./views/relogin.js";
import { mountSessionList } from "./views/session-list.js";
import { mountUserData } from "./views/user-data.js";

/** Where a reload finds who was logged in where. The login itself is the server's cookie. */
const REMEMBERED = "gws-im-sdk-demo";

const store = new DeskStore();
const activity = new ActivityLog();
const logger = restLogger(activity);
/** @type {Desk | undefined} */
let desk;
let baseUrl;
/** The agent has asked for a chat that has not begun yet. */
let awaited = false;
/** Takes the notice back that the list can't be read. */
let forgetListNotice = () => {};

const notices = mountNotices();
const showPane = mountPanes();

/** Runs what a button asks for. Resolves with false, after telling the agent, when that fails. */
async function attempt(trouble, action) {
  const asked = desk;
  try {
    await action();
    return true;
  } catch (error) {
    if (asked === desk) notices.warn(trouble, error);
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

/** A text that is not sent says so where it stands. */
const send = (session, text) => void desk.sendMessage(session, text).catch(() => {});

const showConnection = mountConnection({ onRetry: () => desk.client.reconnect(), onConnect: () => desk.connect() });
const askAgain = mountRelogin((password) => logIn({ baseUrl, credentials: { username: desk.agent.name, password }, logger }));
const showListState = mountListState((error) => notices.warn("The list of sessions was not read", error));
mountSessionList(store, select);
mountConversation(store, {
  onComplete: (session) => attempt("The chat was not ended", () => desk.client.complete(session)),
  onSendAgain: (session, own) => {
    store.discard(session, own.number);
    send(session, own.text);
  },
  onDiscard: (session, own) => store.discard(session, own.number),
});
mountComposer(store, send);
mountDetails(store);
mountUserData(store, {
  onSave: (session, key, value) => attempt("The user data was not saved", () => desk.saveUserData(session, key, value)),
  onDelete: (session, key) => attempt("The user data was not deleted", () => desk.client.deleteUserData(session, key)),
});
const offerRobot = mountQuickActions(store, {
  onRobotChat: () => begin("The chat was not started", () => desk.startRobotChat()),
  onRobotCalls: () => begin("The robot could not call", () => desk.robotCallsMe()),
  onStart: (phoneNumber) => begin("The chat was not started", () => desk.startChat(phoneNumber)),
});
mountActivity(activity, notices);
const showDiagnostics = mountDiagnostics(() => desk?.client);
const offerFaults = mountFaults(
  () => ({ simulator: desk.simulator, agent: desk.agent, session: store.selected }),
  async (title, fault) => {
    if (await attempt(`“${title}” failed`, fault)) notices.tell(`${title}: done.`);
  },
);
mountLogin(enter);
byId("logout-button").addEventListener("click", leave);
document.addEventListener("visibilitychange", () => store.markRead());
store.addEventListener("change", ({ detail: { begun } }) => {
  selectBegun(begun);
  if (store.isSynced) forgetListNotice();
});
void resume();

async function enter({ baseUrl: address, username, password }) {
  await open(address, await logIn({ baseUrl: address, credentials: { username, password }, logger }));
}

/** After a reload the agent goes on where the cookie allows it. */
async function resume() {
  const address = sessionStorage.getItem(REMEMBERED);
  if (!address) return;
  try {
    await open(address, await logIn({ baseUrl: address, logger }));
  } catch {
    sessionStorage.removeItem(REMEMBERED);
  }
}

async function open(address, agent) {
  baseUrl = address;
  desk = await Desk.open({
    baseUrl, agent, store, activity,
    logInAgain: (signal) => askAgain(agent.name, signal),
    onConnection: (change) => {
      showConnection(change);
      store.touch(); // what may be asked for depends on it
    },
    onWarning: showWarning,
  });
  sessionStorage.setItem(REMEMBERED, baseUrl);
  notices.clear();
  offerRobot(Boolean(desk.simulator));
  offerFaults(Boolean(desk.simulator));
  showAgent(agent);
  showListState(desk.client);
  showDiagnostics();
  showDesktop(true);
  void desk.connect();
}

async function leave() {
  const leaving = desk;
  notices.clear();
  byId("logout-button").disabled = true;
  await attempt("Logging out at the server failed", () => leaving.close());
  byId("logout-button").disabled = false;
  sessionStorage.removeItem(REMEMBERED);
  desk = undefined;
  store.clear();
  activity.clear();
  showDesktop(false);
  byId("password").focus();
}

/** The other warnings are for developers, and stand in the log. */
function showWarning(error) {
  if (error.code === "gws/7") notices.warn("Only a part was done", error);
  if (error.code === "recovery/unavailable") {
    forgetListNotice();
    forgetListNotice = notices.warn("The list is not up to date", error);
  }
  if (error.code.startsWith("server/")) notices.warn("The server objects", error);
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
function selectBegun(begun) {
  const session = begun.find(isLive);
  if (!session || (store.selected && isLive(store.selected))) return;
  store.select(session.id);
  if (awaited && hasNoFocus()) store.addEventListener("change", () => byId("composer-input").focus(), { once: true });
  awaited = false;
}

/** The button that was pressed is disabled once the chat has begun, and the focus with it. */
const hasNoFocus = () => document.activeElement === document.body || document.activeElement.disabled;
