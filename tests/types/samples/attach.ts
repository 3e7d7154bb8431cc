// A desktop that has a `cometd` object of its own, of whatever line of that package and its types.

import type { CometD as CometD3 } from "cometd-4-types";
import type { CometD as CometD5 } from "cometd-5";
import type { CometD as CometD9 } from "cometd-9";
import { GwsImClient, type AttachOptions, type CometDLike, type CsrfToken, type HeadersContext, type LogRecord, type Transport } from "gws-im-sdk";

declare const host: { csrf: CsrfToken | undefined; log(record: LogRecord): void; showLogin(signal: AbortSignal): Promise<void>; token(context: HeadersContext): string };

const everything: Required<AttachOptions> = {
  baseUrl: new URL("https://gws.example.com"),
  apiPath: "/api/v2",
  headers: (context) => {
    const method: "GET" | "POST" | "PUT" | "DELETE" = context.method;
    return { Authorization: `Bearer ${host.token(context)}`, "X-Asked-For": method };
  },
  credentials: "include",
  reauthenticate: ({ signal }) => host.showLogin(signal),
  csrf: () => host.csrf,
  devicePath: "/devices/8191741c",
  requestTimeout: 30_000,
  maxLogEntries: 1_000,
  maxCompletedSessions: 20,
  logger: host.log,
  fetch,
};

export async function attach(cometd3: CometD3, cometd5: CometD5, cometd9: CometD9): Promise<GwsImClient[]> {
  const clients = [cometd3, cometd5, cometd9].map((cometd) => GwsImClient.attach(cometd, everything));
  const client: GwsImClient = await GwsImClient.attach(cometd9, { baseUrl: "https://gws.example.com" });
  const transport: Transport | undefined = client.transport;
  if (transport === "attached") client.on("sessions", ({ changed }) => console.log(changed.length));
  return Promise.all(clients);
}

/** Written by hand, e.g. around the object of an older line that has no types. */
export const wrapped: CometDLike = {
  subscribe: (channel: string, callback: (message: { data: string }) => void) => ({ channel, callback }),
  unsubscribe: (handle: { channel: string }) => console.log(handle.channel),
  addListener: (channel: string) => [channel, 1],
  removeListener: (handle: [string, number]) => console.log(handle[1]),
  getStatus: () => "connected",
  batch: (group) => group(),
};
