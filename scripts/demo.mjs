// Serves the demo page and the built package from a simulator, until it is interrupted.
//
//   node scripts/demo.mjs [SIMULATOR OPTION...]

import { once } from "node:events";
import { startSimulator, stopSimulator } from "./simulator.mjs";

const simulator = await startSimulator([
  ...["--static", "/=www-demo"],
  ...["--static", "/gws-im-sdk/=pkg-template/dist"],
  ...process.argv.slice(2),
]);
const ended = once(simulator.process, "exit");
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => void stopSimulator(simulator));

console.log(`\n  The demo is at ${simulator.address}/\n  Ctrl-C stops it.\n`);
await ended;
