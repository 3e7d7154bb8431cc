// The servers: what each is, how it is started, and what its socket does.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const JAVA = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, "bin/java") : "java";
/** Fast to start rather than fast after an hour. */
const JVM = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"];

const file = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const simulator = process.env.GWS_SIMULATOR_JAR ?? file("../gws-simulator/target/gws-simulator.jar");

/** Gives the command of a jar; throws when there is none. */
const jar = (path, ...options) => () => {
  if (!existsSync(path)) throw new Error(`there is no server at ${path}; \`make interop\` builds it`);
  return [JAVA, ...JVM, "-jar", path, ...options];
};

/**
 * @typedef {object} Line
 * @property {string} name
 * @property {() => string[]} command that starts it, without the options they all have
 * @property {boolean} [closesBusySockets] it closes a socket with 1011 and "Demand already fulfilled" now and then while much is sent on it
 */

/** The line that Genesys Web Services embeds: the simulator. */
export const COMETD_3 = { name: "CometD 3.1.5", command: jar(simulator, "--stop-with-stdin") };
export const COMETD_8 = { name: "CometD 8.0.10", command: jar(file("java/cometd-8/target/cometd-8.jar")) };
export const COMETD_9 = { name: "CometD 9.0.0", closesBusySockets: true, command: jar(file("java/cometd-9/target/cometd-9.jar")) };
export const NODEJS = { name: "cometd-nodejs-server 1.2.1", command: () => [process.execPath, file("node/main.js")] };
