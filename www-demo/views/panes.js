// On a narrow screen one pane is shown at a time, chosen by the tabs at the bottom. Wide ones show all, by CSS alone.

import { byId } from "../dom.js";

export function mountPanes() {
  const desktop = byId("desktop");
  const tabs = [...document.querySelectorAll(".pane-tabs button")];

  function show(pane) {
    desktop.dataset.pane = pane;
    for (const tab of tabs) tab.setAttribute("aria-current", String(tab.dataset.pane === pane));
  }

  for (const tab of tabs) tab.addEventListener("click", () => show(tab.dataset.pane));
  return show;
}
