// Runs test suites one after the other and ends with the sum of what their runners counted.
//
//   node scripts/run-suites.mjs SUITE...      each is run as `make test-SUITE`
//
// Every suite runs, also after one has failed. A suite passes when its command succeeds and its output holds a runner's closing count of at least one
// passed and no failed test: one that silently ran nothing is a failure.

import { spawn } from "node:child_process";
import { once } from "node:events";

/** How each runner closes, as [pattern, reader of the match]. A suite may hold several runs of its runner; they add up. */
const CLOSING_LINES = [
  // cargo test and wasm-bindgen-test
  [
    /^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/gm,
    ([, passed, failed, skipped]) => ({ passed: +passed, failed: +failed, skipped: +skipped }),
  ],
  // node's test runner, TAP and spec reporter
  [/^(?:#|ℹ) pass (\d+)$/gm, ([, passed]) => ({ passed: +passed })],
  [/^(?:#|ℹ) (?:fail|cancelled) (\d+)$/gm, ([, failed]) => ({ failed: +failed })],
  [/^(?:#|ℹ) (?:skipped|todo) (\d+)$/gm, ([, skipped]) => ({ skipped: +skipped })],
  // tests/fuzz/run: its targets
  [/^fuzz: (\d+) passed, (\d+) failed$/gm, ([, passed, failed]) => ({ passed: +passed, failed: +failed })],
  // Maven Surefire; the lines of single classes go on with their time
  [
    /Tests run: (\d+), Failures: (\d+), Errors: (\d+), Skipped: (\d+)\s*$/gm,
    ([, run, failures, errors, skipped]) => ({
      passed: run - failures - errors - skipped,
      failed: +failures + +errors,
      skipped: +skipped,
    }),
  ],
];

function readCounts(output) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const [pattern, read] of CLOSING_LINES) {
    for (const match of output.matchAll(pattern)) {
      for (const [name, count] of Object.entries(read(match))) total[name] += count;
    }
  }
  return total;
}

/** Runs the suite with its output shown as it comes. Standard input is closed: no test may wait for a person. */
async function runSuite(name) {
  console.log(`\n==== ${name} ====`);
  const started = Date.now();
  const child = spawn(process.env.MAKE ?? "make", ["--no-print-directory", `test-${name}`], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const chunks = [];
  for (const [stream, shown] of [[child.stdout, process.stdout], [child.stderr, process.stderr]]) {
    stream.on("data", (chunk) => {
      chunks.push(chunk);
      shown.write(chunk);
    });
  }
  const [code] = await once(child, "close");
  const counts = readCounts(Buffer.concat(chunks).toString("utf8"));
  return { name, seconds: Math.round((Date.now() - started) / 1000), ...counts, problem: problemOf(code, counts) };
}

function problemOf(code, { passed, failed }) {
  if (code !== 0) return `its command ended with ${code ?? "a signal"}`;
  if (failed > 0) return `${failed} failed, though its command succeeded`;
  if (passed === 0) return "no count of passed tests in its output";
  return undefined;
}

function printSummary(results) {
  console.log("\n==== summary ====");
  for (const { name, seconds, passed, failed, skipped, problem } of results) {
    const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
    console.log(`${name.padEnd(10)} ${counts} in ${seconds} s${problem ? ` — FAILED: ${problem}` : ""}`);
  }
}

const results = [];
for (const name of process.argv.slice(2)) results.push(await runSuite(name));
printSummary(results);

const sum = (count) => results.reduce((total, result) => total + result[count], 0);
// A suite that broke without a failed test still is one failure.
const broken = results.filter(({ failed, problem }) => problem && failed === 0).length;
const skipped = sum("skipped") > 0 ? `, ${sum("skipped")} skipped` : "";
console.log(`${sum("passed")} passed, ${sum("failed") + broken} failed${skipped}`);
process.exitCode = results.length > 0 && results.every(({ problem }) => !problem) ? 0 : 1;
