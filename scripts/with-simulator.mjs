// Runs a command beside a simulator, with its address in GWS_SIMULATOR, and ends with the command's exit code.
//
//   node scripts/with-simulator.mjs [SIMULATOR OPTION...] -- COMMAND [ARGUMENT...]

import { spawn } from "node:child_process";
import { once } from "node:events";
import { startSimulator, stopSimulator } from "./simulator.mjs";

const separator = process.argv.indexOf("--", 2);
const [command, ...args] = separator < 0 ? [] : process.argv.slice(separator + 1);
if (!command) {
  console.error("usage: node scripts/with-simulator.mjs [SIMULATOR OPTION...] -- COMMAND [ARGUMENT...]");
  process.exit(2);
}

const simulator = await startSimulator(process.argv.slice(2, separator));
try {
  const child = spawn(command, args, { stdio: "inherit", env: { ...process.env, GWS_SIMULATOR: simulator.address } });
  const [code] = await once(child, "exit");
  process.exitCode = code ?? 1;
} finally {
  await stopSimulator(simulator);
}
