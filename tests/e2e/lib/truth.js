// The list of sessions that a client shows, compared with what the server knows.

import { PHONES } from "./sessions.js";

const sorted = (object) => JSON.stringify(Object.entries(object).sort());

/**
 * What is wrong with a list; empty when nothing is.
 *
 * @param {object} state of the simulator
 * @param {object[]} list as the page of lists shows it
 * @param {object} options
 * @param {string} options.user whose list it is
 * @param {boolean} options.showsUserData whether reads of the list have user data
 * @param {Set<string>} options.seen ids that the list had before and that can't have left it
 */
export function mistakes(state, list, { user, showsUserData, seen }) {
  const found = [];
  const expect = (holds, ...what) => void (holds || found.push(what.join(" ")));
  const mine = ({ users }) => users.includes(user);
  const live = new Map(state.imSessions.filter(mine).map((session) => [session.id, session]));
  const completed = new Map(state.completedImSessions.filter(mine).map((session) => [session.id, session]));
  const listed = new Set(list.map(({ id }) => id));
  expect(listed.size === list.length, "a session stands in the list twice");
  for (const id of live.keys()) expect(listed.has(id), id, "is live and not in the list");
  for (const id of seen) expect(listed.has(id), id, "has left the list");
  for (const session of list) {
    const truth = live.get(session.id) ?? completed.get(session.id);
    expect(session.state === (live.has(session.id) ? "Talking" : "Completed"), session.id, "is said to be", session.state);
    if (!truth) continue;
    const other = truth.users.find((name) => name !== user);
    expect(session.participants.map(({ phoneNumber }) => phoneNumber).join() === PHONES[other], session.id, "has the participants", JSON.stringify(session.participants));
    if (session.logComplete || (showsUserData && live.has(session.id))) {
      expect(sorted(session.userData) === sorted(truth.userData), session.id, "has the user data", JSON.stringify(session.userData), "and not", JSON.stringify(truth.userData));
    }
    if (live.has(session.id)) expect([...session.capabilities].sort().join() === [...truth.capabilities].sort().join(), session.id, "has the capabilities", session.capabilities.join());
    expect(isTruthful(session.log, truth.texts.map(({ text }) => text), session.directions), session.id, "has the log", JSON.stringify(session.log), "of", JSON.stringify(truth.texts.map(({ text }) => text)));
    expect(session.logComplete === !session.log.includes("gap"), session.id, "says of its log that it is complete:", session.logComplete);
    const outgoing = session.log.filter((entry) => entry !== "gap").filter((_, index) => session.directions[index] === "probably-outgoing");
    for (const text of outgoing) expect(truth.texts.some((sent) => sent.user === user && sent.text === text), session.id, "has as outgoing what another has sent:", text);
  }
  return found;
}

/** Whether a log has each text once and in order, but for those that are missing where it has a gap. Texts may be alike. */
export function isTruthful(log, texts, directions = []) {
  let count = 0;
  // Where in the texts the log may have come to.
  let places = new Set([-1]);
  let isGap = false;
  for (const entry of [...log, undefined]) {
    if (entry === "gap") {
      isGap = true;
      continue;
    }
    const fits = (index) => (entry === undefined ? index === texts.length : texts[index] === entry);
    const indices = Array.from({ length: texts.length + 1 }, (_, index) => index);
    const before = places;
    places = new Set(indices.filter((index) => fits(index) && (isGap ? index > Math.min(...before) : before.has(index - 1))));
    // What was missed may also have come after an own text that stands behind the gap unheard.
    isGap &&= directions[count] === "probably-outgoing";
    count += 1;
  }
  return places.size > 0;
}
