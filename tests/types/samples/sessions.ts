// What a desktop does with IM sessions: the live list, operations on it, and what a gap leaves.

import {
  GwsImError,
  type Destination,
  type GapNotice,
  type GwsImClient,
  type ImLogEntry,
  type ImLogGap,
  type ImNotification,
  type ImSession,
  type ImSessionResource,
  type InitiateRequest,
  type RequestMethod,
  type RequestOptions,
  type SendOptions,
  type SessionsChange,
  type UserData,
} from "gws-im-sdk";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const isSame = <A, B>(same: Same<A, B>): boolean => same;

// ---- the live list

export function show(client: GwsImClient): string {
  const all: readonly ImSession[] = client.sessions;
  const one: ImSession | undefined = client.session("/im-sessions/1") ?? client.session("1") ?? all[0];
  const isWhole: boolean = client.synced;
  if (!one) return isWhole ? "none" : "none yet";
  const resource: ImSessionResource = one;
  const enabled: boolean = one.can("SendMessage") && one.can("a capability of the future");
  return [resource.state, enabled, one.logComplete, one.log.map(line).join()].join();
}

function line(entry: ImLogEntry | ImLogGap): string {
  if (entry.gap) {
    isSame<typeof entry, ImLogGap>(true);
    return new Date(entry.at).toISOString();
  }
  isSame<typeof entry, ImLogEntry>(true);
  const direction: "probably-outgoing" | "unknown" = entry.direction;
  return `${new Date(entry.receivedAt).toISOString()} ${direction} ${entry.text}`;
}

/** The other way to tell them apart. */
export const texts = (session: ImSession): string[] => session.log.flatMap((entry) => ("text" in entry ? [entry.text] : []));

export function listen(client: GwsImClient): void {
  client.on("sessions", (change) => render(change));
  client.on("gap", showGap);
  client.on("StatusChange", ({ imSession, recovered }) => console.log(imSession.id, recovered ? "found out later" : "told"));
  client.on("AttachedDataChanged", async ({ imSession }) => {
    // A notification's session will do for an operation.
    if (!client.session(imSession.id)?.can("Complete")) await client.complete(imSession);
  });
  void client.once("sessions").then(render);
}

function render({ sessions, changed, cause, synced }: SessionsChange): string {
  const why: "notification" | "refresh" = cause;
  const whole: boolean = synced;
  return [sessions.length, changed.map(({ id }) => id).join(), why, whole].join();
}

function showGap({ since, until, logsMayMiss }: GapNotice): string {
  const ids: readonly string[] = logsMayMiss;
  return `${until - since} ms, ${ids.join()}`;
}

/** Of a text nothing can be recovered. */
export function isRecovered(notification: ImNotification): boolean {
  if (notification.messageType === "IMLogUpdateMessage") return false;
  const recovered: true | undefined = notification.recovered;
  return recovered ?? false;
}

// ---- operations

export async function converse(client: GwsImClient, signal: AbortSignal): Promise<void> {
  const begun: void = await client.initiateSession({ destination: "3002" });
  const request: InitiateRequest = { destination: { phoneNumber: "3002" }, userData: { favColor: "blue", nested: { n: 1 } }, devicePath: "/devices/1" };
  const limits: RequestOptions = { signal, timeout: 5_000 };
  await client.initiateSession(request, limits);

  const [session] = client.sessions;
  if (!session) return begun;
  const destinations: Destination[] = ["3002", { phoneNumber: "3002" }];
  const how: SendOptions = { ...limits, destination: destinations[0]!, devicePath: "/devices/1" };
  const userData: UserData = { "User Data 1": "a key may have spaces", list: [1, "2", null] };
  await client.sendMessage(session, "Hello");
  await client.sendMessage(session.id, "Hello", how);
  await client.sendMessage(session.path, "Hello", { destination: { phoneNumber: "3002" } });
  await client.attachUserData(session, userData);
  await client.updateUserData(session.id, { favColor: "red" }, { timeout: 1 });
  await client.deleteUserData(session.path, "favColor", { signal });
  await client.complete(session, limits);
  const read: readonly ImSession[] = await client.refresh();
  await client.refresh({ signal, timeout: 1_000 });
  return console.log(read === client.sessions);
}

export async function anythingElse(client: GwsImClient, signal: AbortSignal): Promise<unknown> {
  const methods: RequestMethod[] = ["GET", "POST", "PUT", "DELETE"];
  const me: Record<string, unknown> = await client.request("GET", "/me?subresources=*");
  await client.request("POST", "/me", { operationName: "StartContactCenterSession", channels: ["voice"] }, { signal });
  await client.request("DELETE", "/me/some", undefined, { timeout: 5_000 });
  return [me["statusCode"], methods];
}

// ---- when one fails

export async function send(client: GwsImClient, session: ImSession, text: string): Promise<string> {
  try {
    await client.sendMessage(session, text);
    return "";
  } catch (error) {
    if (!GwsImError.is(error)) throw error;
    const statusCode: number | undefined = error.statusCode;
    const words: string | undefined = error.statusMessage;
    const later: number = error.retryAfterMs ?? 1_000;
    if (error.code === "gws/2" || error.code === "gws/5" || statusCode === 4) return words ?? error.message;
    if (error.code === "recovery/unavailable" || error.code === "usage/completed") return error.message;
    if (error.retryable) return `again in ${later} ms`;
    return error.code === "network/outcome-unknown" || error.code === "network/timeout" ? "look before you ask again" : error.message;
  }
}
