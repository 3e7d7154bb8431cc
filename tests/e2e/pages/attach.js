// A desktop that has a cometd object of its own, of the line of the npm package that the page's address names.

import { GwsImClient } from "gws-im-sdk";

const EVENTS = ["NewMessage", "StatusChange", "connection", "gap", "sessions", "warning", "unknown"];
const line = new URLSearchParams(location.search).get("cometd");
const folder = `/cometd-${line}`;

/** Lines before 8 are scripts that leave a global. */
function run(file) {
  return new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: `${folder}/${file}`, onload: resolve, onerror: reject });
    document.head.append(script);
  });
}

async function load() {
  if (Number(line) >= 8) return import(`${folder}/cometd.js`);
  await run("cometd.js");
  await run("AckExtension.js");
  return globalThis.org.cometd;
}

e2e.desktop = {
  cometd: undefined,
  /** What the desktop's own listeners were told: texts of IM sessions, and each handshake. */
  texts: [],
  handshakes: 0,
  /** What was thrown into it. */
  exceptions: [],

  /** @param {{ transport: "websocket" | "long-polling", ack: boolean, subscribes: boolean }} how `subscribes`: to the topic of IM sessions, again after each handshake */
  async create({ transport, ack, subscribes }) {
    const { CometD, AckExtension } = await load();
    const cometd = new CometD();
    for (const type of ["websocket", "long-polling", "callback-polling"]) {
      if (type !== transport) cometd.unregisterTransport(type);
    }
    cometd.configure({ url: `${location.origin}/api/v2/notifications`, logLevel: "warn", backoffIncrement: 200 });
    if (ack) cometd.registerExtension("ack", new AckExtension());
    cometd.onListenerException = cometd.onCallbackException = (exception) => e2e.desktop.exceptions.push(String(exception));
    cometd.addListener("/meta/handshake", ({ successful }) => {
      if (!successful) return;
      e2e.desktop.handshakes += 1;
      if (subscribes) cometd.subscribe("/v2/me/im-sessions", ({ data }) => e2e.desktop.texts.push(data.message));
    });
    e2e.desktop.cometd = cometd;
  },

  async connect() {
    const { cometd } = e2e.desktop;
    const connected = new Promise((resolve) => {
      const listener = cometd.addListener("/meta/connect", ({ successful }) => {
        if (!successful) return;
        cometd.removeListener(listener);
        resolve();
      });
    });
    cometd.handshake();
    await connected;
  },
};

/** What leaves the page of an event. */
function plain(type, event) {
  if (type === "warning") return e2e.plainError(event);
  return type === "connection" ? { ...event, reason: e2e.plainError(event.reason) } : event;
}

/** Attaches, and records what is told from then on. */
e2e.attach = async (record = e2e.record) => {
  const client = await GwsImClient.attach(e2e.desktop.cometd, { baseUrl: location.origin });
  for (const type of EVENTS) client.on(type, (event, message) => record.push({ type, event: plain(type, event), message }));
  return client;
};
