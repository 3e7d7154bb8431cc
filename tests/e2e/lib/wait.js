// Waiting, always on a condition and always with a bound.

import { setTimeout as pause } from "node:timers/promises";

const BETWEEN_LOOKS_MS = 20;

/**
 * Resolves with the first truthy answer of `condition`; rejects when there has been none within the bound.
 *
 * @template T
 * @param {string} what is waited for, for the error
 * @param {() => T | Promise<T>} condition
 * @param {{ within?: number }} [options] milliseconds
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, condition, { within = 5_000 } = {}) {
  const deadline = performance.now() + within;
  for (;;) {
    const answer = await condition();
    if (answer) return answer;
    if (performance.now() > deadline) throw new Error(`not within ${within} ms: ${what}`);
    await pause(BETWEEN_LOOKS_MS);
  }
}

/**
 * Resolves when `condition` has held at every look for so long; rejects at the first look at which it does not. For what must not happen: silence, no duplicate.
 *
 * @param {string} what must hold, for the error
 * @param {number} duration milliseconds
 * @param {() => boolean | Promise<boolean>} condition
 */
export async function throughout(what, duration, condition) {
  const start = performance.now();
  for (;;) {
    const elapsed = performance.now() - start;
    if (!(await condition())) throw new Error(`ended after ${Math.round(elapsed)} ms: ${what}`);
    if (elapsed >= duration) return;
    await pause(BETWEEN_LOOKS_MS);
  }
}

/** Bounds a whole scenario; a limit of the runner's own would leave no evidence. */
export async function within(limit, running) {
  let timer;
  const tooLong = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the scenario took longer than ${limit} ms`)), limit);
  });
  try {
    await Promise.race([running, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
