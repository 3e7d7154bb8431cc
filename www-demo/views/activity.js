// The log of frames, events and REST calls. It never speaks (aria-live off) and can be stopped; what comes meanwhile is kept, within the log's bound.

import { toText } from "../activity-log.js";
import { byId, el, hiddenText, time } from "../dom.js";
import { moveByArrowKeys } from "./arrow-keys.js";
import { EndFollower } from "./end-follower.js";

export function mountActivity(log, notices) {
  const list = byId("frame-log");
  const end = new EndFollower(byId("log-scroll"));
  const pauseButton = byId("log-pause");
  const rows = new Map();
  let paused = false;
  let scheduled = false;

  moveByArrowKeys(byId("log-scroll"), "summary");
  const kinds = [...document.querySelectorAll("input[name=kind]")];
  for (const box of kinds) box.addEventListener("change", filterAll);
  byId("log-filter").addEventListener("input", filterAll);
  byId("log-clear").addEventListener("click", () => log.clear());
  byId("log-copy").addEventListener("click", copy);
  pauseButton.addEventListener("click", () => {
    paused = !paused;
    pauseButton.setAttribute("aria-pressed", String(paused));
    render();
  });
  log.addEventListener("change", schedule);

  /** One update a frame, however much comes in. A page that is not shown has no frames and no work. */
  function schedule() {
    if (!scheduled) requestAnimationFrame(render);
    scheduled = true;
  }

  function render() {
    scheduled = false;
    if (paused && log.records.length > 0) return showPaused();
    removeForgotten();
    list.append(...log.records.filter((record) => !rows.has(record.number)).map(create));
    showPaused();
    showEmpty();
    end.follow();
  }

  function removeForgotten() {
    const oldest = log.records[0]?.number ?? Infinity;
    for (const [number, row] of rows) {
      if (number >= oldest) return;
      row.element.remove();
      rows.delete(number);
    }
  }

  function create(record) {
    const row = { record, element: element(record) };
    rows.set(record.number, row);
    filter(row);
    return row.element;
  }

  function filter({ record, element: shown }) {
    const words = byId("log-filter").value.trim().toLowerCase();
    const wanted = kinds.find((box) => box.value === record.kind).checked;
    shown.hidden = !wanted || !`${record.name} ${record.summary}`.toLowerCase().includes(words);
  }

  function filterAll() {
    for (const row of rows.values()) filter(row);
    showEmpty();
  }

  function showEmpty() {
    byId("log-empty").hidden = [...rows.values()].some((row) => !row.element.hidden);
  }

  function showPaused() {
    const waiting = log.records.filter((record) => !rows.has(record.number)).length;
    pauseButton.textContent = paused ? `Resume${waiting ? ` (${waiting})` : ""}` : "Pause";
  }

  async function copy() {
    try {
      await navigator.clipboard.writeText(toText(log.records.filter((record) => !rows.get(record.number)?.element.hidden)));
      notices.tell("The shown rows are copied as JSON.");
    } catch (error) {
      notices.warn("Copying is not allowed here", error);
    }
  }
}

/** Characters and not icons: there are hundreds of rows. */
const KINDS = { in: ["↓", "received"], out: ["↑", "sent"], event: ["◆", "event"], rest: ["⇄", "REST call"] };

/** The details are written out only when someone opens them. */
function element(record) {
  const [sign, words] = KINDS[record.direction ?? record.kind];
  const details = el(
    "details",
    {},
    el(
      "summary",
      { tabindex: "-1" },
      time(record.at, "millisecond"),
      el("span", { class: "log-kind", "data-look": record.direction ?? record.kind }, el("span", { "aria-hidden": "true" }, sign), hiddenText(words)),
      el("span", { class: "log-name server-text" }, record.name),
      el("span", { class: "log-summary server-text" }, record.summary),
    ),
  );
  details.addEventListener("toggle", () => details.append(el("pre", { class: "server-text" }, toText(record.detail))), { once: true });
  return el("li", { class: "log-row", "data-testid": "log-row", "data-kind": record.kind, "data-name": record.name, "data-bad": Boolean(record.bad) }, details);
}
