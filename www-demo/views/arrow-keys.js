// One stop for Tab, arrow keys inside: a list of hundreds must not stand between the keyboard and the rest of the page.

const STEPS = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };

/** Moves the focus among what matches `selector` in `container` and is not hidden. Which of it Tab reaches is the caller's choice. */
export function moveByArrowKeys(container, selector) {
  container.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    const stops = [...container.querySelectorAll(selector)].filter((stop) => stop.offsetParent !== null);
    if (stops.length === 0) return;
    event.preventDefault();
    const from = stops.indexOf(document.activeElement);
    const to = from < 0 && step < 0 ? stops.length - 1 : from + step;
    stops[Math.max(0, Math.min(stops.length - 1, to))].focus();
  });
}
