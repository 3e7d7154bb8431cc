// Copies and comparisons of what a server sent as JSON.

/** Levels of arrays and objects. JSON can nest deeper than a stack goes: what lies below is copied as null, and compared as that. */
export const DEEPEST = 100;

const isContainer = (value) => value !== null && typeof value === "object";
const unfrozen = (value) => value;

export function isObject(value) {
  return isContainer(value) && !Array.isArray(value);
}

/** A member may be called "__proto__"; in the copy, too, it is one like any other. */
export function copied(value, finish = unfrozen, depth = DEEPEST) {
  if (!isContainer(value)) return value;
  if (depth === 0) return null;
  if (Array.isArray(value)) return finish(value.map((element) => copied(element, finish, depth - 1)));
  return finish(Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copied(member, finish, depth - 1)])));
}

/** Whether a copy of `value` would be like `known`, which is such a copy. The order of members does not matter. */
export function isSame(known, value, depth = DEEPEST) {
  if (!isContainer(value) || depth === 0) return known === (isContainer(value) ? null : value);
  if (!isContainer(known) || Array.isArray(known) !== Array.isArray(value)) return false;
  const names = Object.keys(value);
  return names.length === Object.keys(known).length && names.every((name) => Object.hasOwn(known, name) && isSame(known[name], value[name], depth - 1));
}

/** Whether two arrays hold the same strings, in whatever order. */
export function isSameSet(known, strings) {
  const set = new Set(known);
  return set.size === new Set(strings).size && strings.every((string) => set.has(string));
}
