// How long a page's main thread is kept busy at a stretch.

/**
 * Runs `action` and gives the processor time, in milliseconds, of the longest task the page's main thread had meanwhile. Processor time, not time by the clock: other
 * programs on the machine do not count.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {import("playwright-core").Page} page
 * @param {() => Promise<void>} action
 */
export async function longestTask(browser, page, action) {
  await browser.startTracing(page, { categories: ["toplevel", "disabled-by-default-devtools.timeline", "devtools.timeline"] });
  let trace;
  try {
    await action();
  } finally {
    trace = JSON.parse((await browser.stopTracing()).toString("utf8")).traceEvents;
  }
  const main = trace.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain").map(({ pid, tid }) => `${pid}:${tid}`);
  const tasks = trace.filter(({ name, pid, tid, tdur }) => /RunTask$/.test(name) && tdur !== undefined && main.includes(`${pid}:${tid}`));
  if (tasks.length === 0) throw new Error("the trace holds no task of a page's main thread");
  return Math.max(...tasks.map(({ tdur }) => tdur)) / 1_000;
}
