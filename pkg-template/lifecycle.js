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
  // The clocks are compared whatever else has happened, so that one sleep is told of once.
  const check = (mayBeDead = false) => {
    if (clocks.haveParted() || mayBeDead) page.resume();
  };
  const timer = setInterval(() => check(), CHECK);
  signal.addEventListener("abort", () => clearInterval(timer));

  if (globalThis.navigator?.onLine === false) page.offline();
  const network = globalThis.navigator?.connection;
  let networkType = network?.type;
  // From one network to another the poll on the old one may never be answered. The event also comes when only an estimate of the speed changed.
  listen(network, "change", () => {
    const isOther = network.type !== networkType;
    networkType = network.type;
    check(isOther);
  });
  listen(globalThis, "online", () => {
    clocks.haveParted();
    page.online();
  });
  listen(globalThis, "offline", () => {
    check();
    page.offline();
  });
  // A goodbye frees the poll that the server holds, so that the next page of this browser is not slowed down by it.
  listen(globalThis, "pagehide", () => page.hide());
  listen(globalThis, "pageshow", ({ persisted }) => {
    if (!persisted) return;
    clocks.haveParted();
    page.show();
  });
  // A frozen page runs nothing, so nothing has to be held back when it freezes.
  listen(globalThis.document, "resume", () => check(true));
  let hidden;
  listen(globalThis.document, "visibilitychange", () => {
    const isHidden = document.visibilityState === "hidden";
    const wasHiddenLong = !isHidden && hidden?.isLongAgo();
    hidden = isHidden ? new Moment() : undefined;
    check(wasHiddenLong);
  });
}

/** By both clocks: the page's may stop in sleep, the calendar may be set back. */
class Moment {
  #calendar = Date.now();
  #clock = performance.now();

  isLongAgo() {
    return Math.max(Date.now() - this.#calendar, performance.now() - this.#clock) > HIDDEN;
  }
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
