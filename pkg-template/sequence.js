// A sequence that is never altered: every change gives another one, which shares all but a few nodes with the one before.

const BITS = 5;
const WIDTH = 1 << BITS;

/** A tree of nodes of WIDTH slots, so that a change copies one node for each level and not the whole. */
export class Sequence {
  #show;
  #root;
  /** Levels above the leaves. */
  #height;
  #values;

  /** @param show gives for what is in a place that which `values` has for it */
  constructor(show = (value) => value, root = [], height = 0, length = 0) {
    this.#show = show;
    this.#root = root;
    this.#height = height;
    /** Places, those that were vacated included. */
    this.length = length;
  }

  /** With `value` at `index`, at most at the end; undefined vacates the place. */
  with(index, value) {
    const isFull = index === WIDTH ** (this.#height + 1);
    const height = this.#height + (isFull ? 1 : 0);
    return new Sequence(this.#show, written(isFull ? [this.#root] : this.#root, height, index, value), height, Math.max(this.length, index + 1));
  }

  /** What is there, in order: built when first read, then the same array. */
  get values() {
    return (this.#values ??= Object.freeze(this.#collect(this.#root, this.#height, [])));
  }

  #collect(node, height, values) {
    for (const child of node) {
      if (height > 0) this.#collect(child, height - 1, values);
      else if (child !== undefined) values.push(this.#show(child));
    }
    return values;
  }
}

function written(node, height, index, value) {
  const copy = node?.slice() ?? [];
  const slot = (index >>> (BITS * height)) % WIDTH;
  copy[slot] = height === 0 ? value : written(copy[slot], height - 1, index, value);
  return copy;
}
