// An agent desktop that uses all of the package.

import {
  GwsImClient,
  GwsImError,
  init,
  version,
  type BayeuxMessage,
  type ConnectionChange,
  type ConnectionState,
  type CsrfToken,
  type Diagnostics,
  type GapNotice,
  type GwsImClientOptions,
  type GwsImErrorCode,
  type HeadersContext,
  type IMLogUpdateMessage,
  type IMSessionStateChangeMessage,
  type ImEventMap,
  type ImNotification,
  type ListenerOptions,
  type LogRecord,
  type RequestMethod,
  type Transport,
  type Unsubscribe,
  type WasmSource,
} from "gws-im-sdk";

// ---- loading

const sources: WasmSource[] = [
  new URL("https://cdn.example.com/gws_im_sdk_bg.wasm"),
  "/assets/gws_im_sdk_bg.wasm",
  new Request("/assets/gws_im_sdk_bg.wasm"),
  new Response(),
  new Uint8Array(8),
  new ArrayBuffer(8),
  fetch("/assets/gws_im_sdk_bg.wasm"),
];
const compiled = (module: WebAssembly.Module): Promise<void> => init(module);

// ---- options

declare function tokenOf(context: HeadersContext): Promise<string>;
declare const host: { csrf: CsrfToken | undefined; log(record: LogRecord): void; showLogin(signal: AbortSignal): Promise<void> };

const everything: Required<GwsImClientOptions> = {
  baseUrl: "https://gws.example.com",
  cometdPath: "/api/v2/notifications",
  apiPath: "/api/v2",
  transports: ["websocket", "long-polling"],
  protocol: "bayeux",
  headers: async (context) => {
    const url: string = context.url;
    const method: RequestMethod = context.method;
    return context.reason === "refresh" && !context.signal.aborted ? { Authorization: `Bearer ${await tokenOf(context)}`, "X-Asked-For": `${method} ${url}` } : undefined;
  },
  credentials: "same-origin",
  reauthenticate: async ({ status, body, signal }) => {
    const code: number = status;
    if (typeof body === "object" && body !== null && "statusCode" in body && code === 401) await host.showLogin(signal);
  },
  csrf: () => host.csrf,
  ack: true,
  devicePath: "/devices/8191741c",
  appendMessageTypeToURL: false,
  maxNetworkDelay: 10_000,
  connectTimeout: 10_000,
  backoffIncrement: 1_000,
  maxBackoff: 60_000,
  backoffJitter: 0.5,
  requestTimeout: 30_000,
  httpKeepAlive: 0,
  maxLogEntries: 1_000,
  maxCompletedSessions: 20,
  logger: (record) => {
    const level: "debug" | "info" | "warn" | "error" = record.level;
    const extra: unknown = record["code"];
    if (level !== "debug") host.log({ ...record, message: record.message.trim(), time: record.time, extra });
  },
  fetch,
  WebSocket,
};

const variants: GwsImClientOptions[] = [
  everything,
  { baseUrl: new URL("https://gws.example.com") },
  { baseUrl: "https://gws.example.com", headers: { Authorization: "Basic eA==" } },
  { baseUrl: "https://gws.example.com", headers: [["Authorization", "Basic eA=="]] },
  { baseUrl: "https://gws.example.com", headers: new Headers() },
  { baseUrl: "https://gws.example.com", headers: () => undefined },
  { baseUrl: "https://gws.example.com", headers: ({ reason }) => new Headers({ "X-Reason": reason }) },
  { baseUrl: "https://gws.example.com", csrf: false },
  { baseUrl: "https://gws.example.com", csrf: { header: "X-CSRF-TOKEN", token: "t" } },
];

// ---- a client's life

export async function open(signal: AbortSignal): Promise<GwsImClient> {
  await Promise.all(sources.map((source) => init(source)));
  await init();
  const early: GwsImClient = new GwsImClient(everything);
  await early.dispose();

  const client = await GwsImClient.create(everything);
  const first: void = await client.connect();
  await client.connect({ signal });
  await client.ready();
  await client.ready({ signal });
  client.reconnect();
  await client.disconnect();
  return first ?? client;
}

export function describe(client: GwsImClient): string {
  const state: ConnectionState = client.state;
  const reason: GwsImError | undefined = client.reason;
  const transport: Transport | undefined = client.transport;
  const clientId: string | undefined = client.clientId;
  return [version.toUpperCase(), state, reason?.code, transport, clientId?.slice(-4), count(client.diagnostics)].join();
}

function count({ received, duplicates, unknown, violations, handshakes, reconnects, gaps, refreshes, wasmBytes, ...rest }: Diagnostics): number {
  const acknowledged: boolean = rest.acknowledged;
  const transport: Transport | undefined = rest.transport;
  const optional: number = (rest.lastContact ?? 0) + (rest.roundTripMs ?? 0) + (acknowledged && transport ? 1 : 0);
  return received + duplicates + unknown + violations + handshakes + reconnects + gaps + refreshes + wasmBytes + optional;
}

// ---- events: every name, with the type of what it gives

type Handlers = { [K in keyof ImEventMap]: (event: ImEventMap[K], message?: BayeuxMessage) => void };
declare const handlers: Handlers;

export function listen(client: GwsImClient, options: ListenerOptions): Unsubscribe[] {
  return [
    client.on("IMSessionStateChangeMessage", (event) => event satisfies IMSessionStateChangeMessage, options),
    client.on("IMLogUpdateMessage", (event) => event satisfies IMLogUpdateMessage, { once: true }),
    client.on("StatusChange", ({ imSession, messageType }, message) => console.log(messageType, imSession.state, message?.channel)),
    client.on("AttachedDataChanged", ({ imSession }) => console.log(imSession.userData["accountNumber"])),
    client.on("NewMessage", ({ imSessionPath, message }) => console.log(imSessionPath.length, message.length)),
    client.on("unknown", (message) => console.log(message.channel, message.id?.length, message.ext, message.data, message["clientId"])),
    client.on("connection", connectionText),
    client.on("sessions", ({ sessions }, message) => console.log(sessions.length, message?.channel)),
    client.on("gap", gapText),
    client.on("warning", (error) => error satisfies GwsImError),
    client.on("frame", ({ direction, transport, messages }) => console.log(direction === "in" ? "<" : ">", transport, messages.length)),
    client.on("StatusChange", handlers.StatusChange),
    client.on("warning", async () => {}, { signal: AbortSignal.timeout(1000) }),
  ];
}

function connectionText(change: ConnectionChange): string {
  const { state, previous, transport, reason, attempt, retryInMs, recovered, acknowledged } = change;
  const wait: number = (retryInMs ?? 0) + (attempt ?? 0);
  const fine: boolean = (recovered ?? false) && (acknowledged ?? false);
  const from: ConnectionState = previous;
  switch (state) {
    case "connected":
      return `${transport} ${fine}`;
    case "connecting":
    case "reconnecting":
    case "disconnecting":
      return `${from} ${wait}`;
    case "disconnected":
      return reason?.message ?? "";
    default:
      return state satisfies never;
  }
}

function gapText({ since, until, cause }: GapNotice): string {
  const span: number = until - since;
  return cause === "new-session" ? `${span}` : (cause satisfies "lost-reply");
}

export function stop(client: GwsImClient, unsubscribe: Unsubscribe): void {
  const nothing: void = unsubscribe();
  const disposable: Disposable = unsubscribe;
  disposable[Symbol.dispose]();
  client.off("StatusChange", handlers.StatusChange);
  return nothing;
}

export async function scoped(client: GwsImClient): Promise<void> {
  await using held = client;
  using subscription = held.on("gap", gapText);
  using calls = await held.subscribe("/v2/me/calls", () => {});
  console.log(subscription.length, calls.length);
}

// ---- waiting and iterating

export async function wait(client: GwsImClient, signal: AbortSignal): Promise<string> {
  const change: ConnectionChange = await client.once("connection");
  const { message } = await client.once("NewMessage", { signal });
  return change.state + message;
}

export async function iterate(client: GwsImClient, signal: AbortSignal): Promise<ImNotification[]> {
  const read: ImNotification[] = [];
  for await (const notification of client.notifications()) read.push(notification satisfies ImNotification);
  const iterator: AsyncIterableIterator<ImNotification> = client.notifications({ signal, highWaterMark: 10 });
  const { value, done } = await iterator.next();
  if (!done) read.push(value);
  await iterator.return?.();
  return read;
}

// ---- other topics

export async function subscribe(client: GwsImClient, signal: AbortSignal): Promise<void> {
  const stopCalls: Unsubscribe = await client.subscribe("/v2/me/calls", (message: BayeuxMessage) => console.log(message.channel), { signal, once: true });
  stopCalls();
  const typed = (message: BayeuxMessage<{ services: string[] }>): number => message.data?.services.length ?? 0;
  console.log(typed({ channel: "/notifications/services", data: { services: [] } }));
}

// ---- errors

export function explain(error: unknown): string {
  if (!GwsImError.is(error)) return "another error";
  const code: GwsImErrorCode = error.code;
  const text: string = error.name satisfies "GwsImError";
  const status: number | undefined = error.status;
  const retryable: boolean = error.retryable;
  const cause: unknown = error.cause;
  const stack: string | undefined = (error satisfies Error).stack;
  if (code === "aborted" || code === "auth/required" || code === "http/503" || code.startsWith("server/")) return error.message;
  return [text, status, retryable, cause, stack].join();
}

export { compiled, variants };
