// The part to copy: how a desktop uses gws-im-sdk. Everything else in this folder only shows what arrives here.

import { GwsImClient } from "gws-im-sdk";

/**
 * Opens the channel and feeds what comes into the desktop's own store. `client.connect()` is left to the caller, who may show the page meanwhile.
 *
 * @param {object} parts
 * @param {string} parts.baseUrl of the GWS node
 * @param {() => import("gws-im-sdk").CsrfToken | undefined} parts.csrfToken the pair that the desktop's own calls have found
 * @param {import("./store.js").SessionStore} parts.store
 * @param {import("./activity-log.js").ActivityLog} parts.activity
 * @param {(change: import("gws-im-sdk").ConnectionChange) => void} parts.onConnection state, reason, time of the next try
 * @param {(signal: AbortSignal) => Promise<void>} parts.logInAgain resolves when there is a login again, rejects when the user gives up
 * @param {() => void} parts.onGap notifications may be missing: read the list again
 */
export async function openImChannel({ baseUrl, csrfToken, store, activity, onConnection, logInAgain, onGap }) {
  const client = await GwsImClient.create({
    baseUrl,
    csrf: csrfToken,
    // GWS has forgotten the login. The client waits here, then goes on by itself with everything that was subscribed.
    reauthenticate: ({ signal }) => logInAgain(signal),
  });

  client.on("connection", onConnection);

  // Both kinds of state change carry the whole resource.
  client.on("IMSessionStateChangeMessage", ({ imSession }) => store.update(imSession));
  client.on("NewMessage", ({ imSessionPath, message }) => store.addText(imSessionPath, message));

  // The server may have sent something that never came. It keeps no texts, but it has the list of sessions.
  client.on("gap", (gap) => {
    store.addGap(gap);
    onGap();
  });

  // Any other topic comes over the same channel. Asked for before connect(), it is subscribed as soon as that is possible, and in every new session.
  client
    .subscribe("/notifications/services", ({ channel, data }) => activity.add({ kind: "event", name: channel, detail: data }))
    .catch((error) => activity.add({ kind: "event", name: "subscribe", summary: summaries.warning(error), detail: error, bad: true }));

  logEverything(client, activity);
  return client;
}

/** A narrower type tells more in the log than "IMSessionStateChangeMessage". */
const LOGGED = ["connection", "StatusChange", "AttachedDataChanged", "NewMessage", "gap", "unknown", "warning"];

function logEverything(client, activity) {
  for (const type of LOGGED) {
    client.on(type, (event) => activity.add({ kind: "event", name: type, summary: summaries[type](event), detail: event, bad: type === "warning" }));
  }
  client.on("frame", (frame) => activity.addFrame(frame));
}

const summaries = {
  connection: ({ previous, state, transport, reason, retryInMs }) =>
    [previous === state ? state : `${previous} → ${state}`, transport, reason?.code, retryInMs && `next try in ${Math.round(retryInMs)} ms`].filter(Boolean).join(" · "),
  StatusChange: ({ imSession }) => `${imSession.state} · ${imSession.id}`,
  AttachedDataChanged: ({ imSession }) => Object.keys(imSession.userData).join(", ") || "no user data",
  NewMessage: ({ message }) => message.slice(0, 120),
  gap: ({ cause, since, until }) => `${cause} · ${until - since} ms`,
  unknown: ({ data }) => String(data?.messageType ?? "without messageType"),
  warning: ({ code, message }) => `${code} · ${message}`,
};
