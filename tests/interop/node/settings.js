// What the command line says: the options of the Java servers, under the same names.

import { parseArgs } from "node:util";

const HIGHEST_PORT = 65_535;
/** A timer of Node.js counts no further. */
const LONGEST_SECONDS = 2_147_483;

/**
 * @param {string[]} args
 * @returns {{ port: number, timeout: number, maxInterval: number, acknowledge: boolean, folders: [prefix: string, folder: string][], maxLifetimeSeconds: number }}
 * @throws {Error} that names the wrong option and what was expected
 */
export function readSettings(args) {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: "string", default: "0" },
      timeout: { type: "string", default: "30000" },
      "max-interval": { type: "string", default: "10000" },
      ack: { type: "string", default: "true" },
      static: { type: "string", multiple: true, default: [] },
      "max-lifetime": { type: "string", default: "3600" },
    },
  });
  if (!["true", "false"].includes(values.ack)) throw new Error(`option --ack must be true or false, but it is '${values.ack}'`);
  return {
    port: wholeNumber(values, "port", HIGHEST_PORT),
    timeout: wholeNumber(values, "timeout"),
    maxInterval: wholeNumber(values, "max-interval"),
    acknowledge: values.ack === "true",
    folders: values.static.map(folder).sort(([one], [other]) => other.length - one.length),
    maxLifetimeSeconds: wholeNumber(values, "max-lifetime", LONGEST_SECONDS),
  };
}

function wholeNumber(values, name, most = 2 ** 31 - 1) {
  const number = Number(values[name]);
  if (!/^\d+$/.test(values[name]) || number > most) throw new Error(`option --${name} must be a whole number from 0 to ${most}, but it is '${values[name]}'`);
  return number;
}

function folder(description) {
  const equals = description.indexOf("=");
  if (equals < 1 || !description.startsWith("/")) {
    throw new Error(`option --static must be PREFIX=FOLDER with a PREFIX that starts with /, but it is '${description}'`);
  }
  const prefix = description.slice(0, equals);
  return [prefix.endsWith("/") ? prefix : `${prefix}/`, description.slice(equals + 1)];
}
