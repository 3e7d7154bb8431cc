// Slips that the types must catch: each line below an "expect-error" has to fail, or the compiler says that it does not.

import {
  GwsImClient,
  GwsImError,
  init,
  type CometDLike,
  type ConnectionState,
  type Diagnostics,
  type GwsImClientOptions,
  type ImLogEntry,
  type ImLogGap,
  type ImNotification,
  type ImSession,
  type ImSessionResource,
} from "gws-im-sdk";

declare const client: GwsImClient;
declare const notification: ImNotification;
declare const session: ImSessionResource;
declare const diagnostics: Diagnostics;
declare const error: GwsImError;
declare const live: ImSession;
declare const entry: ImLogEntry | ImLogGap;
declare const cometd: CometDLike;
const baseUrl = "https://gws.example.com";

// ---- options

// @ts-expect-error options are needed
new GwsImClient();
// @ts-expect-error baseUrl is needed
new GwsImClient({});
// @ts-expect-error baseUrl is needed
void GwsImClient.create({ ack: true });
// @ts-expect-error a misspelt option
new GwsImClient({ baseUrl, baseURL: baseUrl });
// @ts-expect-error wrong kind
new GwsImClient({ baseUrl: 5 });
// @ts-expect-error wrong kind
new GwsImClient({ baseUrl, cometdPath: new URL(baseUrl) });
// @ts-expect-error no such transport
new GwsImClient({ baseUrl, transports: ["callback-polling"] });
// @ts-expect-error one subprotocol, not a list
new GwsImClient({ baseUrl, protocol: ["bayeux"] });
// @ts-expect-error the constructor, not a socket
new GwsImClient({ baseUrl, WebSocket: new WebSocket("wss://gws.example.com") });
// @ts-expect-error wrong kind
new GwsImClient({ baseUrl, transports: "long-polling" });
// @ts-expect-error wrong kind
new GwsImClient({ baseUrl, headers: 5 });
// @ts-expect-error not as in fetch
new GwsImClient({ baseUrl, credentials: "always" });
// @ts-expect-error must be a promise, as its end is waited for
new GwsImClient({ baseUrl, reauthenticate: () => {} });
// @ts-expect-error a token without its header
new GwsImClient({ baseUrl, csrf: { token: "t" } });
// @ts-expect-error must answer at once
new GwsImClient({ baseUrl, csrf: async () => ({ header: "X", token: "t" }) });
// @ts-expect-error wrong kind
new GwsImClient({ baseUrl, ack: 1 });
// @ts-expect-error wrong kind
new GwsImClient({ baseUrl, appendMessageTypeToURL: "yes" });
// @ts-expect-error wrong kind
new GwsImClient({ baseUrl, maxNetworkDelay: "10s" });
// @ts-expect-error wrong kind
new GwsImClient({ baseUrl, backoffIncrement: "1s" });
// @ts-expect-error wrong kind
new GwsImClient({ baseUrl, maxBackoff: null });
// @ts-expect-error wrong kind
new GwsImClient({ baseUrl, backoffJitter: "half" });
// @ts-expect-error wrong kind
new GwsImClient({ baseUrl, logger: console });
// @ts-expect-error wrong kind
new GwsImClient({ baseUrl, fetch: "fetch" });
// @ts-expect-error no such reason
new GwsImClient({ baseUrl, headers: ({ reason }) => (reason === "retry" ? {} : undefined) });
// @ts-expect-error no such method
new GwsImClient({ baseUrl, headers: ({ method }) => (method === "PATCH" ? {} : undefined) });
// @ts-expect-error one path
new GwsImClient({ baseUrl, devicePath: ["/devices/1"] });
// @ts-expect-error wrong kind
new GwsImClient({ baseUrl, requestTimeout: "30s" });
// @ts-expect-error wrong kind
new GwsImClient({ baseUrl, maxLogEntries: "all" });
// @ts-expect-error wrong kind
new GwsImClient({ baseUrl, maxCompletedSessions: false });
// @ts-expect-error wrong kind
void init(5);
// @ts-expect-error baseUrl is needed
export const incomplete: GwsImClientOptions = { ack: true };

// ---- events

// @ts-expect-error no such event
client.on("StatusChanged", () => {});
// @ts-expect-error no such event
client.off("statusChange", () => {});
// @ts-expect-error no such event
void client.once("message");
// @ts-expect-error a listener is needed
client.on("gap");
// @ts-expect-error another event's listener
client.on("gap", (event: { state: ConnectionState }) => event.state);
// @ts-expect-error no such member
client.on("connection", ({ retryIn }) => retryIn);
// @ts-expect-error the message may be absent
client.on("StatusChange", (event, message) => [event, message.channel]);
// @ts-expect-error no such option
client.on("gap", () => {}, { passive: true });
// @ts-expect-error a signal, no controller
client.on("gap", () => {}, { signal: new AbortController() });
// @ts-expect-error no such option
client.notifications({ limit: 5 });
// @ts-expect-error wrong kind
client.notifications({ highWaterMark: "5" });
// @ts-expect-error not a plain iterable
for (const one of client.notifications()) console.log(one);
// @ts-expect-error a topic is a string
void client.subscribe(/calls/, () => {});
// @ts-expect-error a listener is needed
void client.subscribe("/v2/me/calls");
// @ts-expect-error must be awaited first
client.subscribe("/v2/me/calls", () => {})();
// @ts-expect-error no option object
void client.connect(new AbortController().signal.aborted);
// @ts-expect-error no such state
if (client.state === "open") console.log();

// ---- attach

// @ts-expect-error options are needed
void GwsImClient.attach(cometd);
// @ts-expect-error an object is needed
void GwsImClient.attach({ baseUrl });
// @ts-expect-error lacks what is needed
void GwsImClient.attach({ subscribe: () => {}, getStatus: () => "connected" }, { baseUrl });
// @ts-expect-error has no effect on a channel that is not the client's own
void GwsImClient.attach(cometd, { baseUrl, transports: ["long-polling"] });
// @ts-expect-error has no effect on a channel that is not the client's own
void GwsImClient.attach(cometd, { baseUrl, ack: true });
// @ts-expect-error of the class, not of a client
client.attach(cometd, { baseUrl });
// @ts-expect-error no such transport
new GwsImClient({ baseUrl, transports: ["attached"] });

// ---- operations

// @ts-expect-error whom to reach is needed
void client.initiateSession({});
// @ts-expect-error no request
void client.initiateSession("3002");
// @ts-expect-error wrong kind
void client.initiateSession({ destination: 3002 });
// @ts-expect-error no such member
void client.initiateSession({ destination: "3002", text: "Hello" });
// @ts-expect-error a text is needed
void client.sendMessage(live);
// @ts-expect-error wrong kind
void client.sendMessage(live, 5);
// @ts-expect-error an object with its id, or a string
void client.sendMessage(1, "Hello");
// @ts-expect-error the member of GWS is phoneNumber
void client.sendMessage(live, "Hello", { destination: { digits: "3002" } });
// @ts-expect-error milliseconds
void client.sendMessage(live, "Hello", { timeout: "5s" });
// @ts-expect-error data is needed
void client.attachUserData(live);
// @ts-expect-error no text
void client.updateUserData(live, "favColor");
// @ts-expect-error one key
void client.deleteUserData(live, ["favColor"]);
// @ts-expect-error completes one, not several
void client.complete(client.sessions);
// @ts-expect-error no such option
void client.complete(live, { once: true });
// @ts-expect-error no such method
void client.request("PATCH", "/me");
// @ts-expect-error a path is needed
void client.request("GET");
// @ts-expect-error an object, not its text
void client.request("POST", "/me", "{}");
// @ts-expect-error what is in it is not known
void client.request("GET", "/me").then(({ user }) => user.userName);
// @ts-expect-error nothing comes of it
void client.complete(live).then((session) => session.id);

// ---- the live list

// @ts-expect-error read only
client.sessions = [];
// @ts-expect-error read only
client.sessions.push(live);
// @ts-expect-error read only
client.synced = true;
// @ts-expect-error may be absent
client.session("1").state;
// @ts-expect-error of a session of the list only
session.can("Complete");
// @ts-expect-error read only
live.state = "Completed";
// @ts-expect-error read only
live.logComplete = true;
// @ts-expect-error read only
live.log.push({ text: "", receivedAt: 0, direction: "unknown" });
// @ts-expect-error a gap has none
entry.text;
// @ts-expect-error a text has none
if (!entry.gap) entry.at;
// @ts-expect-error GWS does not name the sender
if ("text" in entry) entry.sender;
// @ts-expect-error nobody can tell for sure
if ("text" in entry && entry.direction === "incoming") console.log();
// @ts-expect-error no such cause
client.on("sessions", ({ cause }) => cause === "gap");
// @ts-expect-error read only
client.on("sessions", (change) => (change.synced = true));
// @ts-expect-error read only
client.on("StatusChange", (event) => (event.recovered = true));
// @ts-expect-error a text is never recovered
client.on("NewMessage", ({ recovered }) => recovered);

// ---- what came in is the server's, and what the client says of itself is read only

// @ts-expect-error read only
client.state = "connected";
// @ts-expect-error read only
client.reason = undefined;
// @ts-expect-error read only
client.transport = "long-polling";
// @ts-expect-error read only
client.clientId = "x";
// @ts-expect-error read only
client.diagnostics = diagnostics;
// @ts-expect-error read only
diagnostics.received = 0;
// @ts-expect-error read only
session.state = "Completed";
// @ts-expect-error read only
session.userData["key"] = "value";
// @ts-expect-error read only
session.capabilities.push("Complete");
// @ts-expect-error read only
session.participants[0] = {};
// @ts-expect-error read only
notification.messageType = "IMLogUpdateMessage";
// @ts-expect-error not known before narrowing
notification.imSession.id;
// @ts-expect-error not known before narrowing
notification.message.length;
// @ts-expect-error only of "other"
if (notification.notificationType === "StatusChange") notification.otherNotificationType;
// @ts-expect-error no such type
if (notification.notificationType === "StatusChanged") notification;
// @ts-expect-error no such member
session.sessionId;

// ---- errors

// @ts-expect-error only the package makes them
new GwsImError();
// @ts-expect-error only the package makes them
new GwsImError("aborted");
// @ts-expect-error only the package makes them
export class MyError extends GwsImError {}
// @ts-expect-error read only
error.code = "aborted";
// @ts-expect-error read only
error.retryable = true;
// @ts-expect-error no such group
if (error.code === "timeout") console.log();
// @ts-expect-error read only
error.statusCode = 0;
// @ts-expect-error the words of GWS are statusMessage
error.statusText;

// ---- what is not part of the package

// @ts-expect-error not exported
export type { ImStateChangeBase } from "gws-im-sdk";
// @ts-expect-error not exported
export { readOptions } from "gws-im-sdk";
// @ts-expect-error an inner file
import("gws-im-sdk/options.js");
// @ts-expect-error an inner file
export type { ImSession as Inner } from "gws-im-sdk/types-sessions.js";
