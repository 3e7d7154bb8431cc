// Starts the Genesys simulator and stops it again, however this process ends.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5_000;

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const jar = join(root, "tests/gws-simulator/target/gws-simulator.jar");

/**
 * Resolves with the simulator's address ("http://127.0.0.1:…") and its process once it listens; rejects when it ends before that, or takes too long.
 * It never outlives this process: it stops when its standard input does.
 */
export function startSimulator(options) {
  const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, "bin/java") : "java";
  const child = spawn(java, ["-jar", jar, "--stop-with-stdin", ...options], { stdio: ["pipe", "pipe", "inherit"] });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill();
      reject(new Error(`the simulator did not listen within ${START_LIMIT_MS / 1000} s`));
    }, START_LIMIT_MS);
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`the simulator ended (${signal ?? `exit code ${code}`}) before it listened`));
    });
    createInterface({ input: child.stdout }).on("line", (line) => {
      const address = listeningAddress(line);
      if (!address) return void console.error(line);
      clearTimeout(timer);
      resolve({ address, process: child });
    });
  });
}

/** Asks the simulator to end and waits until it has. */
export async function stopSimulator({ process: child }) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.stdin.end();
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
  await exit;
  clearTimeout(timer);
}

function listeningAddress(line) {
  try {
    return JSON.parse(line).listening;
  } catch {
    return undefined;
  }
}
