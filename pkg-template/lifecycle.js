// What happens to the page, told to a channel: it goes and comes back, it sleeps, it loses and finds the network.

/** How often the clocks are compared, ms. */
const CHECK = 10_000;
/** How far they may part before the page must have slept, ms. */
const SLEPT = 5_000;
/** How long a page may be hidden before what is in flight is doubted, ms. */
const HIDDEN = 30_000;

/**
 * Watches until `signal` aborts.
 *
 * @param {{ online(): void, offline(): void, resume(): void, hide(): void, show(): void }} page
 */
export function watchPage(page, signal) {
  if (typeof globalThis.addEventListener !== "function") return;
  const listen = (target, type, listener) => target?.addEventListener(type, listener, { signal });
  const clocks = new Clocks();
  const check = () => {
    if (clocks.haveParted()) page.resume();
  };
  const timer = setInterval(check, CHECK);
  signal.addEventListener("abort", () => clearInterval(timer));

  if (globalThis.navigator?.onLine === false) page.offline();
  const network = globalThis.navigator?.connection;
  let networkType = network?.type;
  // From one network to another the poll on the old one may never be answered. The event also comes when only an estimate of the speed changed.
  listen(network, "change", () => {
    if (network.type === networkType) return;
    networkType = network.type;
    page.resume();
  });
  listen(globalThis, "online", () => page.online());
  listen(globalThis, "offline", () => page.offline());
  // A goodbye frees the poll that the server holds, so that the next page of this browser is not slowed down by it.
  listen(globalThis, "pagehide", () => page.hide());
  listen(globalThis, "pageshow", ({ persisted }) => persisted && page.show());
  listen(globalThis.document, "resume", () => page.resume());
  let hiddenSince;
  listen(globalThis.document, "visibilitychange", () => {
    const isHidden = document.visibilityState === "hidden";
    const wasHiddenLong = !isHidden && Date.now() - hiddenSince > HIDDEN;
    hiddenSince = isHidden ? Date.now() : undefined;
    if (clocks.haveParted() || wasHiddenLong) page.resume();
  });
}

/** The page's clock may stop while the machine sleeps; the calendar does not. */
class Clocks {
  #difference = Clocks.#now();

  haveParted() {
    const before = this.#difference;
    this.#difference = Clocks.#now();
    return this.#difference - before > SLEPT;
  }

  static #now() {
    return Date.now() - performance.now();
  }
}
