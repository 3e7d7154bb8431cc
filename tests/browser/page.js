// What the shell does to its page.

/** Counts the timers and listeners of the page that live, and what `reportError` and `JSON.parse` see, until `restore`. */
export class Page {
  timers = new Set();
  armed = 0;
  listeners = 0;
  reported = [];
  parsed = [];
  #undo = [];

  constructor() {
    this.#patch(globalThis, "setTimeout", (original) => (callback, millis, ...rest) => {
      this.armed += 1;
      const handle = original.call(globalThis, () => {
        this.timers.delete(handle);
        callback(...rest);
      }, millis);
      this.timers.add(handle);
      return handle;
    });
    this.#patch(globalThis, "clearTimeout", (original) => (handle) => {
      this.timers.delete(handle);
      original.call(globalThis, handle);
    });
    this.#patch(globalThis, "reportError", () => (error) => this.reported.push(error.message));
    this.#patch(JSON, "parse", (original) => (text, reviver) => {
      const value = original(text, reviver);
      this.parsed.push(value);
      return value;
    });
    for (const [name, step] of [["addEventListener", 1], ["removeEventListener", -1]]) {
      const page = this;
      this.#patch(EventTarget.prototype, name, (original) => function (...args) {
        if (this === window || this === document) page.listeners += step;
        return original.apply(this ?? globalThis, args);
      });
    }
  }

  get liveTimers() {
    return this.timers.size;
  }

  #patch(owner, name, make) {
    const original = owner[name];
    owner[name] = make(original);
    this.#undo.push(() => (owner[name] = original));
  }

  restore() {
    for (const undo of this.#undo.splice(0)) undo();
  }
}
