// Checks what no compiler of this project does: that text files are tidy, scripts parse, and lock files name no registry.
//
//   node scripts/check-text.mjs

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/** Past this a file has more than one job; the reader of it loses the thread. */
const MOST_LINES = 460;

const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" })
  .split("\0")
  .filter((file) => existsSync(file)) // one may be deleted and not yet committed
  .filter((file) => /\.(rs|toml|js|mjs|ts|mts|json|css|html|java|xml|sh|md)$|^(Makefile|\.ci\/run)$/.test(file));

const problems = [];
const report = (file, line, text) => problems.push(`${file}${line ? `:${line}` : ""}: ${text}`);

function checkLines(file, text) {
  text.split("\n").forEach((line, index) => {
    if (/[ \t\r]$/.test(line)) report(file, index + 1, "space at the end of the line");
    if (/\t/.test(line) && !/^(Makefile|.*\.java|.*\.xml)$/.test(file)) report(file, index + 1, "tab");
  });
  if (!text.endsWith("\n") || text.endsWith("\n\n")) report(file, 0, "must end with one line feed");
}

function checkLength(file, text) {
  const lines = text.split("\n").length - 1;
  if (/\.(rs|js|mjs|ts|java|css|sh)$/.test(file) && lines > MOST_LINES) report(file, 0, `${lines} lines; split it (at most ${MOST_LINES})`);
}

function checkJson(file, text) {
  try {
    JSON.parse(text);
  } catch (error) {
    report(file, 0, error.message);
  }
  if (file.endsWith("package-lock.json") && /"resolved":\s*"https?:/.test(text)) report(file, 0, "names a registry; see .npmrc");
}

function checkParses(file, text, command, ...args) {
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8", input: text });
  if (status !== 0) report(file, 0, stderr.trim());
}

for (const file of files) {
  const text = readFileSync(file, "utf8");
  checkLines(file, text);
  checkLength(file, text);
  if (file.endsWith(".json")) checkJson(file, text);
  if (/\.m?js$/.test(file)) checkParses(file, text, process.execPath, "--input-type=module", "--check", "-");
  if (file.endsWith(".sh") || file === ".ci/run") checkParses(file, text, "bash", "-n");
}

for (const problem of problems) console.error(problem);
console.log(`${files.length} text files checked, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
