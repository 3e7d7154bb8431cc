// One line of numbers for support: `client.diagnostics`, read once a second while it is on the screen.

import { byId, el } from "../dom.js";

const EVERY_MS = 1_000;

/** @param {() => import("gws-im-sdk").GwsImClient | undefined} currentClient */
export function mountDiagnostics(currentClient) {
  const list = byId("diagnostics");
  const values = new Map();

  function show() {
    const client = currentClient();
    if (!client || document.visibilityState === "hidden") return;
    for (const [name, label, text] of lines(client)) put(name, label, text);
  }

  function put(name, label, text) {
    if (!values.has(name)) {
      values.set(name, el("dd", { "data-name": name }));
      list.append(el("div", {}, el("dt", {}, label), values.get(name)));
    }
    const value = values.get(name);
    if (value.textContent !== text) value.textContent = text;
  }

  setInterval(show, EVERY_MS);
  return show;
}

function lines({ diagnostics, clientId }) {
  const { lastContact, roundTripMs } = diagnostics;
  return [
    ["clientId", "Client", clientId ? `…${clientId.slice(-4)}` : "none"],
    ["acknowledged", "Ack", diagnostics.acknowledged ? "yes" : "no"],
    ...["received", "duplicates", "violations", "handshakes", "reconnects", "gaps", "refreshes"].map((name) => [name, capitalised(name), count(diagnostics[name])]),
    ["lastContact", "Last contact", lastContact ? `${Math.max(0, Math.round((Date.now() - lastContact) / 1000))} s ago` : "never"],
    ["roundTripMs", "Round trip", roundTripMs === undefined ? "unknown" : `${Math.round(roundTripMs)} ms`],
  ];
}

const capitalised = (word) => word[0].toUpperCase() + word.slice(1);

const count = (value) => (value === undefined ? "0" : value.toLocaleString());
