// The connection chip, and the strip below the bar that explains trouble and counts down to the next try.

import { announce, byId, hide, icon } from "../dom.js";

/** A break that heals sooner is not worth moving the page for. */
const GRACE_MS = 400;

const CHIPS = {
  disconnected: ["disconnected", "Disconnected"],
  connecting: ["waiting", "Connecting"],
  connected: ["connected", "Connected"],
  reconnecting: ["warning", "Reconnecting"],
  disconnecting: ["waiting", "Disconnecting"],
};

/**
 * @param {{ onRetry: () => void, onConnect: () => void }} actions for a client that waits, and for one that has given up
 * @returns {(change: import("gws-im-sdk").ConnectionChange) => void}
 */
export function mountConnection({ onRetry, onConnect }) {
  const strip = byId("connection-strip");
  const countdown = byId("strip-countdown");
  let latest = { state: "disconnected" };
  let retryAt;
  let troubled = false;
  let grace;
  let ticking;

  byId("retry-button").addEventListener("click", () => (latest.state === "disconnected" ? onConnect() : onRetry()));

  function update(change) {
    latest = change;
    retryAt = change.retryInMs === undefined ? undefined : Date.now() + change.retryInMs;
    showChip(change);
    clearTimeout(grace);
    if (!isTrouble(change)) return showCalm();
    if (troubled) return showTrouble();
    grace = setTimeout(showTrouble, GRACE_MS);
  }

  function showTrouble() {
    const { state, reason } = latest;
    byId("strip-title").textContent = state === "disconnected" ? "Disconnected." : "Connection lost.";
    byId("strip-reason").textContent = reason?.message ?? "";
    byId("strip-reason").dataset.code = reason?.code ?? "";
    byId("strip-code").textContent = reason?.code ?? "";
    byId("retry-button").textContent = state === "disconnected" ? "Connect" : "Retry now";
    strip.dataset.state = state;
    strip.hidden = false;
    if (!troubled || state === "disconnected") announce(`${byId("strip-title").textContent} ${reason?.message ?? ""}`, { urgent: true });
    troubled = true;
    tick();
  }

  function showCalm() {
    clearTimeout(ticking);
    hide(strip, byId("conversation"));
    if (troubled && latest.state === "connected") announce("Connected again");
    troubled = false;
  }

  function tick() {
    clearTimeout(ticking);
    const words = latest.state === "reconnecting" ? [attemptWords(latest), waitWords(retryAt)] : [];
    countdown.textContent = words.filter(Boolean).join(" · ");
    if (troubled && latest.state === "reconnecting") ticking = setTimeout(tick, 250);
  }

  return update;
}

const isTrouble = ({ state, reason }) => state === "reconnecting" || ((state === "disconnected" || state === "connecting") && Boolean(reason));

const attemptWords = ({ attempt }) => (attempt ? `Attempt ${attempt}` : "");

function waitWords(retryAt) {
  const seconds = retryAt === undefined ? 0 : Math.ceil((retryAt - Date.now()) / 1000);
  return seconds > 0 ? `next in ${seconds} s` : "trying now…";
}

function showChip({ state, transport }) {
  const chip = byId("connection-chip");
  const [picture, words] = CHIPS[state];
  byId("transport").textContent = state === "connected" && transport ? transport : "";
  if (chip.dataset.state === state && chip.textContent) return;
  chip.dataset.state = state;
  chip.replaceChildren(icon(picture), words);
}
