// Everything the client tells, as rows of the log: its events, the frames on the wire, the REST calls.

/** A narrower type tells more in the log than "IMSessionStateChangeMessage". */
const LOGGED = ["connection", "StatusChange", "AttachedDataChanged", "NewMessage", "sessions", "gap", "unknown", "warning"];

/** @param {import("./activity-log.js").ActivityLog} activity */
export function logEvents(client, activity) {
  for (const type of LOGGED) {
    client.on(type, (event) => activity.add({ kind: "event", name: type, summary: summaries[type](event), detail: details[type]?.(event) ?? event, bad: type === "warning" }));
  }
  client.on("frame", (frame) => activity.addFrame(frame));
}

/** Gives the option `logger` of a client. It tells of each REST call, but not of what is said in it. */
export const restLogger = (activity) => ({ message, method, path, status, code }) => {
  if (message !== "request") return;
  activity.add({ kind: "rest", name: `${method} ${path}`, summary: [status ? `HTTP ${status}` : "no answer", code].filter(Boolean).join(" · "), detail: { method, path, status, code }, bad: code !== undefined });
};

const summaries = {
  connection: ({ previous, state, transport, reason, retryInMs }) =>
    [previous === state ? state : `${previous} → ${state}`, transport, reason?.code, retryInMs && `next try in ${Math.round(retryInMs)} ms`].filter(Boolean).join(" · "),
  StatusChange: ({ imSession, recovered }) => [recovered && "recovered", imSession.state, imSession.id].filter(Boolean).join(" · "),
  AttachedDataChanged: ({ imSession, recovered }) => [recovered && "recovered", shortened(Object.keys(imSession.userData).map(isolated).join(", ")) || "no user data"].filter(Boolean).join(" · "),
  NewMessage: ({ message }) => shortened(message),
  sessions: ({ cause, changed, synced }) => `${cause} · ${changed.length} changed · ${synced ? "synced" : "not synced"}`,
  gap: ({ cause, since, until, logsMayMiss }) => `${cause} · ${until - since} ms · ${logsMayMiss.length} ${logsMayMiss.length === 1 ? "session" : "sessions"}`,
  unknown: ({ data }) => shortened(String(data?.messageType ?? "without messageType")),
  warning: ({ code, message }) => `${code} · ${message}`,
};

/** The list is large, and stands in the page. */
const details = {
  sessions: ({ cause, changed, synced, sessions }) => ({ cause, synced, changed: changed.map(({ id, state }) => ({ id, state })), sessions: sessions.length }),
};

/** The direction of one does not reach the next. */
const isolated = (text) => `\u2068${text}\u2069`;

const shortened = (text) => text.slice(0, 120);
