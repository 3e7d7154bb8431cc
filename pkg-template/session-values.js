// Copies and comparisons of what a server sent as JSON.

/** Levels of arrays and objects. JSON can nest deeper than a stack goes: what lies below is copied as null, and compared as that. */
export const DEEPEST = 100;

const isContainer = (value) => value !== null && typeof value === "object";

export function isObject(value) {
  return isContainer(value) && !Array.isArray(value);
}

/** A member may be called "__proto__". Spread makes an own one of it, and only to such a one can it be assigned. */
export function copied(value, depth = DEEPEST) {
  if (!isContainer(value)) return value;
  if (depth === 0) return null;
  if (Array.isArray(value)) return value.map((element) => copied(element, depth - 1));
  const copy = { ...value };
  for (const name of Object.keys(copy)) {
    if (isContainer(copy[name])) copy[name] = copied(copy[name], depth - 1);
  }
  return copy;
}

/** Freezes such a copy to the bottom. A frozen one has been frozen so. */
export function frozen(value) {
  if (!isContainer(value) || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}

/** Whether a copy of `value` would be like `known`, which is such a copy. The order of members does not matter, but most often it is the same. */
export function isSame(known, value, depth = DEEPEST) {
  if (known === value) return true;
  if (!isContainer(value)) return false;
  if (depth === 0) return known === null;
  if (!isContainer(known) || Array.isArray(known) !== Array.isArray(value)) return false;
  if (Array.isArray(value)) return known.length === value.length && value.every((element, index) => isSame(known[index], element, depth - 1));
  const names = Object.keys(value);
  const knownNames = Object.keys(known);
  if (names.length !== knownNames.length) return false;
  return names.every((name, index) => (name === knownNames[index] || Object.hasOwn(known, name)) && isSame(known[name], value[name], depth - 1));
}

/** Whether two arrays hold the same strings, in whatever order. */
export function isSameSet(known, strings) {
  const set = new Set(known);
  return set.size === new Set(strings).size && strings.every((string) => set.has(string));
}
