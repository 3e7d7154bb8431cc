// The checks of what a client is created with: each mistake is named with what was given and what is expected.

import { GwsImError } from "./errors.js";

const TRANSPORTS = ["websocket", "long-polling"];
const CREDENTIALS = ["include", "same-origin", "omit"];
/** The longest wait a browser's timer can hold, ms. */
export const LONGEST = 2 ** 31 - 1;
/** More of anything is a slip, or as good as no bound. */
const MOST = 1_000_000;

const checks = {
  baseUrl: { read: origin, required: true },
  cometdPath: { read: path(/^\/[^\s\\#]*$/, "/api/v2/notifications"), default: "/api/v2/notifications" },
  apiPath: { read: path(/^\/[^\s\\?#]*$/, "/api/v2"), default: "/api/v2" },
  transports: { read: transports, default: TRANSPORTS },
  protocol: { read: protocol },
  headers: { read: headers },
  credentials: { read: oneOf(CREDENTIALS), default: "include" },
  reauthenticate: { read: callable },
  csrf: { read: csrf, default: true },
  ack: { read: flag, default: true },
  devicePath: { read: device },
  appendMessageTypeToURL: { read: flag, default: true },
  maxNetworkDelay: { read: millis(1), default: 10_000 },
  connectTimeout: { read: millis(1), default: 10_000 },
  backoffIncrement: { read: millis(0), default: 1_000 },
  maxBackoff: { read: millis(0), default: 60_000 },
  backoffJitter: { read: fraction, default: 0.5 },
  requestTimeout: { read: millis(1), default: 30_000 },
  httpKeepAlive: { read: millis(0), default: 600_000 },
  maxLogEntries: { read: count(1), default: 1_000 },
  maxCompletedSessions: { read: count(0), default: 20 },
  logger: { read: callable },
  fetch: { read: callable },
  WebSocket: { read: callable },
};

/** Those that have an effect on a channel that is not ours. */
const OF_ATTACH = ["baseUrl", "apiPath", "headers", "credentials", "reauthenticate", "csrf", "devicePath", "requestTimeout", "maxLogEntries", "maxCompletedSessions", "logger", "fetch"];

/** The options with their defaults, plus `apiUrl`, `meUrl` and `cometdUrl`. Throws "options/…" for the first that is wrong. */
export function readOptions(given) {
  const options = read(given, "GwsImClient", Object.keys(checks));
  return { ...options, cometdUrl: options.baseUrl + options.cometdPath };
}

/** The same for `attach()`. There is no `cometdUrl`: the channel is there. */
export function readAttachOptions(given) {
  return read(given, "GwsImClient.attach", OF_ATTACH);
}

function read(given, taker, names) {
  if (given === null || typeof given !== "object") throw new GwsImError("options/type", { text: `${taker} takes an object of options, got ${show(given)}.` });
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) throw unknown(name, names);
  }
  const options = {};
  for (const [name, check] of Object.entries(checks)) {
    const value = given[name];
    if (value === undefined && !check.required) options[name] = check.default;
    else options[name] = check.read(value, (expected, got = show(value)) => wrong(name, expected, got));
  }
  const apiUrl = options.baseUrl + options.apiPath.replace(/\/+$/, "");
  return { ...options, apiUrl, meUrl: `${apiUrl}/me` };
}

/** A value that may be a secret is named by its kind only: errors are logged and sent to support. */
function wrong(name, expected, got) {
  return new GwsImError(`options/${kebab(name)}`, { text: `Option ${name} must be ${expected}, got ${got}.` });
}

function unknown(name, names) {
  if (Object.hasOwn(checks, name)) return new GwsImError(`options/${kebab(name)}`, { text: `Option ${name} has no effect on a channel that is not ours. Leave it out, and set it where the channel is opened.` });
  const near = closest(name, names);
  const hint = near ? `Did you mean ${near}?` : `There are ${names.join(", ")}.`;
  return new GwsImError(`options/${kebab(name) || "unknown"}`, { text: `There is no option ${JSON.stringify(name)}. ${hint}` });
}

function origin(value, fail) {
  const expected = 'the absolute http(s) URL of the GWS node without query or fragment, e.g. "https://gws.example.com"';
  const text = value instanceof URL ? value.href : value;
  const got = typeof text === "string" && /\/\/[^/]*@/.test(text) ? "a URL with a login (use headers)" : show(text);
  let url;
  try {
    url = new URL(typeof text === "string" ? text : "");
  } catch {
    throw fail(expected, got);
  }
  if (!/^https?:$/.test(url.protocol) || url.search || url.hash || url.username || url.password) throw fail(expected, got);
  return (url.origin + url.pathname).replace(/\/+$/, "");
}

function path(form, example) {
  return (value, fail) => {
    if (typeof value !== "string" || !form.test(value) || value.startsWith("//")) throw fail(`a path that begins with one slash, e.g. ${JSON.stringify(example)}`);
    return value;
  };
}

function device(value, fail) {
  if (!isDevicePath(value)) throw fail('the path of a GWS device, e.g. "/devices/8191741c"');
  return value;
}

export function isDevicePath(value) {
  return typeof value === "string" && /^\/[^\s\\?#]+$/.test(value);
}

function transports(value, fail) {
  const names = Array.isArray(value) ? [...value] : [];
  const isSubset = names.every((name, index) => TRANSPORTS.includes(name) && names.indexOf(name) === index);
  if (names.length === 0 || !isSubset) throw fail('an array of "websocket", "long-polling" or both', Array.isArray(value) ? `[${names.map(show).join(", ")}]` : show(value));
  return names;
}

function protocol(value, fail) {
  if (typeof value !== "string" || !/^[\w!#$%&'*+.^`|~-]+$/.test(value)) throw fail("the name of a WebSocket subprotocol: letters, digits and ! # $ % & ' * + - . ^ _ ` | ~");
  return value;
}

function headers(value, fail) {
  if (typeof value === "function") return value;
  if (value === null || typeof value !== "object") throw fail("Headers, an object, an array of pairs, or a function that gives them", kind(value));
  try {
    return new Headers(value);
  } catch {
    throw fail("headers with names and values that a browser accepts", kind(value));
  }
}

function csrf(value, fail) {
  const isPair = typeof value === "object" && value !== null && isHeader(value.header, value.token);
  if (typeof value !== "boolean" && typeof value !== "function" && !isPair) throw fail("a boolean, { header, token } of non-empty strings that a browser accepts as a header, or a function that gives them", kind(value));
  return value;
}

/** Can the browser send it? */
export function isHeader(name, value) {
  if (typeof name !== "string" || typeof value !== "string" || name === "" || value === "") return false;
  try {
    return Boolean(new Headers([[name, value]]));
  } catch {
    return false;
  }
}

function oneOf(values) {
  return (value, fail) => {
    if (!values.includes(value)) throw fail(`one of ${values.map((known) => JSON.stringify(known)).join(", ")}`);
    return value;
  };
}

function flag(value, fail) {
  if (typeof value !== "boolean") throw fail("true or false");
  return value;
}

function callable(value, fail) {
  if (typeof value !== "function") throw fail("a function");
  return value;
}

function millis(least) {
  return (value, fail) => {
    if (!isWhole(value, least, LONGEST)) throw fail(`a whole number of milliseconds from ${least} to ${LONGEST}`);
    return value;
  };
}

function count(least) {
  return (value, fail) => {
    if (!isWhole(value, least, MOST)) throw fail(`a whole number from ${least} to ${MOST}`);
    return value;
  };
}

export function isWhole(value, least, most) {
  return Number.isInteger(value) && value >= least && value <= most;
}

function fraction(value, fail) {
  if (typeof value !== "number" || !(value >= 0 && value <= 1)) throw fail("a number from 0 to 1");
  return value;
}

function kebab(name) {
  return name.replace(/URL/g, "Url").replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace(/^-|[^a-z0-9-]/g, "");
}

/** A short picture of a value that someone gave. */
export function show(value) {
  return typeof value === "string" ? JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value) : kind(value);
}

function kind(value) {
  if (typeof value === "string") return "a string";
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "an array";
  return value !== null && typeof value === "object" ? "an object" : String(value);
}

/** The known name that `name` may be a slip of. */
export function closest(name, names) {
  const ranked = names.map((known) => [distance(name.toLowerCase(), known.toLowerCase()), known]).sort(([a], [b]) => a - b);
  return ranked[0][0] <= Math.max(2, name.length / 4) ? ranked[0][1] : undefined;
}

/** How many letters to add, drop or change. */
function distance(from, to) {
  let row = [...Array(to.length + 1).keys()];
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[to.length];
}
