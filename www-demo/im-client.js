// The part to copy: how a desktop uses gws-im-sdk. Everything else in this folder only shows what arrives here.

import { GwsImClient } from "gws-im-sdk";

/**
 * Makes the one client of the page. `client.connect()` is left to the caller, who may show the page meanwhile.
 *
 * @param {object} parts
 * @param {string} parts.baseUrl of the GWS node
 * @param {string} [parts.devicePath] of the agent's device, which GWS wants with every text
 * @param {(signal: AbortSignal) => Promise<void>} parts.logInAgain resolves when there is a login again, rejects when there will be none
 * @param {(change: import("gws-im-sdk").ConnectionChange) => void} parts.onConnection state, reason, time of the next try
 * @param {() => void} parts.onSessions `client.sessions` has changed, or is known to be complete again
 * @param {(sessionIds: readonly string[]) => void} parts.onGap texts of these sessions may be missing; the list itself is read again without our doing
 * @param {(error: import("gws-im-sdk").GwsImError) => void} parts.onWarning
 * @param {(message: import("gws-im-sdk").BayeuxMessage) => void} parts.onServices what comes on another topic of the same channel
 * @param {(record: import("gws-im-sdk").LogRecord) => void} parts.logger
 */
export async function openImClient({ baseUrl, devicePath, logInAgain, onConnection, onSessions, onGap, onWarning, onServices, logger }) {
  const client = await GwsImClient.create({
    baseUrl,
    devicePath,
    logger,
    // GWS has forgotten the login. Whatever it refused waits here, then goes on by itself: the channel, the list, a text that was being sent.
    reauthenticate: ({ signal }) => logInAgain(signal),
  });

  client.on("connection", onConnection);
  client.on("sessions", onSessions);
  client.on("gap", ({ logsMayMiss }) => onGap(logsMayMiss));
  client.on("warning", onWarning);

  // Asked for before connect(), it is subscribed as soon as that is possible, and in every new session.
  client.subscribe("/notifications/services", onServices).catch(onWarning);
  return client;
}
