// Logging in, by a client that lives for one call: its `headers` carry the password, the answer brings the cookie, and with that every other client works.

import { GwsImClient } from "gws-im-sdk";

/**
 * Resolves with the agent who is logged in now; rejects "auth/required" when the server does not know him.
 *
 * @param {object} where
 * @param {string} where.baseUrl of the GWS node
 * @param {{ username: string, password: string }} [where.credentials] without them the cookie decides, as after a reload
 * @param {(record: import("gws-im-sdk").LogRecord) => void} where.logger
 * @returns {Promise<{ name: string, phone: string, devicePath?: string }>}
 */
export async function logIn({ baseUrl, credentials, logger }) {
  const client = await GwsImClient.create({ baseUrl, headers: credentials && { Authorization: basic(credentials) }, logger });
  try {
    return readAgent(await client.request("GET", "/me?subresources=devices"));
  } finally {
    await client.dispose();
  }
}

function basic({ username, password }) {
  const utf8 = String.fromCharCode(...new TextEncoder().encode(`${username}:${password}`));
  return `Basic ${btoa(utf8)}`;
}

function readAgent({ user }) {
  const device = user?.devices?.[0];
  return { name: String(user?.userName ?? ""), phone: String(device?.phoneNumber ?? ""), devicePath: device?.path };
}
