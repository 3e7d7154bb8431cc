// A map for what a server may send without end: it holds only so many members, and only so much, and the oldest go.

export class BoundedMap {
  /** By key, in the order they were last set: { value, weight }. */
  #members = new Map();
  #weight = 0;
  #mostMembers;
  #mostWeight;

  constructor(mostMembers, mostWeight) {
    this.#mostMembers = mostMembers;
    this.#mostWeight = mostWeight;
  }

  has(key) {
    return this.#members.has(key);
  }

  get(key) {
    return this.#members.get(key)?.value;
  }

  get values() {
    return [...this.#members.values()].map(({ value }) => value);
  }

  /** Returns the keys of the members that had to go, which may be this one. */
  set(key, value, weight) {
    this.delete(key);
    this.#members.set(key, { value, weight });
    this.#weight += weight;
    const gone = [];
    while (this.#members.size > this.#mostMembers || this.#weight > this.#mostWeight) {
      const [oldest] = this.#members.keys();
      this.delete(oldest);
      gone.push(oldest);
    }
    return gone;
  }

  delete(key) {
    this.#weight -= this.#members.get(key)?.weight ?? 0;
    this.#members.delete(key);
  }
}
