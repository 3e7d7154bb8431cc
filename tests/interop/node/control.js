// The control calls: a selection of the simulator's, with its names and its JSON.

const MOST_COPIES = 100_000;

/** @param {import("./cometd.js").Cometd} cometd @param {(downMs: number) => void} restart */
export function controlCalls(cometd, restart) {
  const calls = {
    "GET /state": () => ({ cometdSessions: cometd.sessions() }),
    "GET /counters": () => cometd.counters(),
    "POST /reset": (body) => {
      expectOnly(body);
      cometd.disconnectAll();
      cometd.resetCounters();
      return {};
    },
    "POST /publish": (body) => {
      expectOnly(body, "topic", "data", "count");
      if (typeof body.topic !== "string" || !/^\/[^*]+$/.test(body.topic)) throw new InputError("'topic' must be a channel without wildcards");
      if (!("data" in body)) throw new InputError("'data' is missing");
      return { sessions: cometd.publish(body.topic, copies(body.data, wholeNumber(body, "count", 0))) };
    },
    "POST /cometd/expire": (body) => {
      expectOnly(body, "clientId");
      return { sessions: cometd.expire(body.clientId) };
    },
    "POST /cometd/restart": (body) => {
      expectOnly(body, "downMs");
      restart(wholeNumber(body, "downMs", 500));
      return {};
    },
  };

  /** The status and the body of the answer. */
  return (method, path, text) => {
    const call = calls[`${method} ${path}`];
    if (!call) return [404, { error: `there is no control call '${method} ${path}', expected one of ${Object.keys(calls).join(", ")}` }];
    try {
      return [200, call(parseObject(text))];
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return [400, { error: error.message }];
    }
  };
}

class InputError extends Error {}

function parseObject(text) {
  if (text === "") return {};
  try {
    const value = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // The message below says it.
  }
  throw new InputError("the body must be a JSON object");
}

function expectOnly(body, ...names) {
  const unknown = Object.keys(body).find((name) => !names.includes(name));
  if (unknown) throw new InputError(`unknown member '${unknown}', expected one of [${names}]`);
}

function wholeNumber(body, name, fallback) {
  const number = body[name] ?? fallback;
  if (Number.isInteger(number) && number >= 0 && number <= MOST_COPIES) return number;
  throw new InputError(`'${name}' must be a whole number from 0 to ${MOST_COPIES}`);
}

/** With a count, so many copies, with {{n}} in strings replaced by 1, 2, …; one as it is without. */
function copies(data, count) {
  if (count === 0) return [data];
  const text = JSON.stringify(data);
  return Array.from({ length: count }, (_, index) => JSON.parse(text.replaceAll("{{n}}", `${index + 1}`)));
}
