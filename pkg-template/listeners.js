// Who listens to what. A listener that throws is reported and disturbs nobody; one removed during a delivery is not called any more; one
// added meanwhile waits for the next.

export class Listeners {
  #byType = new Map();
  #counted;

  /** @param counted called with a type whenever its number of listeners changed, and with that number */
  constructor(counted = () => {}) {
    this.#counted = counted;
  }

  /** Adds a listener and returns what removes it. */
  add(type, callback, { signal, once = false, removed } = {}) {
    const entry = { callback, once, active: true };
    const remove = () => {
      if (!entry.active) return;
      entry.active = false;
      signal?.removeEventListener("abort", remove);
      this.#set(type, this.#of(type).filter((known) => known !== entry));
      removed?.();
    };
    entry.remove = remove;
    if (signal?.aborted) {
      entry.active = false;
      removed?.();
      return remove;
    }
    signal?.addEventListener("abort", remove);
    this.#set(type, [...this.#of(type), entry]);
    return remove;
  }

  /** Removes the listener of `type` that was added first with this callback. */
  remove(type, callback) {
    this.#of(type).find((entry) => entry.callback === callback)?.remove();
  }

  /** Removes all, of one type or of every one. */
  clear(type) {
    for (const known of type === undefined ? [...this.#byType.keys()] : [type]) {
      for (const entry of this.#of(known)) entry.remove();
    }
  }

  count(type) {
    return this.#of(type).length;
  }

  /** The arrays are never altered, so the one at hand is the snapshot. */
  emit(type, ...event) {
    for (const entry of this.#of(type)) {
      if (!entry.active) continue;
      if (entry.once) entry.remove();
      try {
        entry.callback(...event);
      } catch (error) {
        reportError(error);
      }
    }
  }

  #of(type) {
    return this.#byType.get(type) ?? [];
  }

  #set(type, entries) {
    if (entries.length > 0) this.#byType.set(type, entries);
    else this.#byType.delete(type);
    this.#counted(type, entries.length);
  }
}
