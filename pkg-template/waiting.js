// Waits that can be given up, and those that let others go first.

import { aborted } from "./calls.js";

/** The first of `signals` that has aborted. */
export const abortedOf = (signals) => signals.find((signal) => signal?.aborted);

/**
 * What `begin` promises, unless one of `signals` aborts before: that gives up this wait only.
 *
 * @param ended aborts when what `begin` promised is never going to come
 */
export async function untilAborted(signals, begin, ended) {
  const known = signals.filter(Boolean);
  if (known.length === 0) return begin();
  let stop;
  const stopped = new Promise((_, reject) => {
    stop = () => reject(aborted(abortedOf(known)));
  });
  for (const signal of known) signal.addEventListener("abort", stop, { signal: ended });
  try {
    if (abortedOf(known)) throw aborted(abortedOf(known));
    return await Promise.race([begin(), stopped]);
  } finally {
    for (const signal of known) signal.removeEventListener("abort", stop);
  }
}

/** A message to oneself waits behind all events that wait, and no hidden page slows it down as it slows timers. */
export function afterOtherEvents() {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
