// The tables of docs/errors.md that say what a caller gets for each answer of the server.

import { readFileSync } from "node:fs";

const page = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8");

/** The rows of the table under a heading, each as its cells. */
function table(heading) {
  const [, text] = new RegExp(`\n## ${heading}\n([^]*?)(?:\n## |$)`).exec(page);
  const [, , ...rows] = text.split("\n").filter((line) => line.startsWith("|"));
  return rows.map((row) => row.split("|").slice(1, -1).map((cell) => cell.trim()));
}

/** What a cell says of an outcome: the code in it, and whether the call resolves, logs in or has the token read again before. */
function outcome(cell) {
  const [, code] = /`([a-z]+\/[^`]+|aborted)`/.exec(cell) ?? [];
  return { code, resolves: cell.startsWith("resolves"), logsIn: /\blogin\b/.test(cell), readsToken: /^token read again/.test(cell) };
}

/** By statusCode, also for "any other": { message, retryable, and what {@link outcome} reads }. */
export const statusCodes = new Map(table("Genesys' statusCode").map(([number, cell, message, retryable]) => [number, { ...outcome(cell), message, retryable: retryable === "yes" }]));

/** By answer: { get, operation }, each with `retryable` as it stands there ("yes", "no" or "by statusCode") and what {@link outcome} reads. */
export const failures = new Map(table("Failures of HTTP").map(([answer, get, getRetryable, operation, operationRetryable]) => [
  answer, { get: { ...outcome(get), retryable: getRetryable }, operation: { ...outcome(operation), retryable: operationRetryable } },
]));
