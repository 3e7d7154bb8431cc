// Every option: what is taken, what is refused, and what the refusal says.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { GwsImError } from "../../pkg-template/errors.js";
import { closest, isHeader, readAttachOptions, readOptions, show } from "../../pkg-template/options.js";

const BASE_URL = "https://gws.example.com";
const LONGEST_WAIT = 2 ** 31 - 1;

const read = (options) => readOptions({ baseUrl: BASE_URL, ...options });

function refusal(options) {
  try {
    readOptions(options);
  } catch (error) {
    assert.ok(GwsImError.is(error), `a GwsImError, not ${error}`);
    assert.equal(error.retryable, false);
    return error;
  }
  return assert.fail(`taken: ${show(options)}`);
}

/** What must be refused for each option, as [value, how the message shows it], and what the message says is expected. */
const URL_EXPECTED = "the absolute http(s) URL of the GWS node without query or fragment, e.g. \"https://gws.example.com\"";
const pathLike = (example) => `a path that begins with one slash, e.g. "${example}"`;
const CSRF_EXPECTED = "a boolean, { header, token } of non-empty strings that a browser accepts as a header, or a function that gives them";
const NO_STRINGS = [[5, "5"], [null, "null"], [true, "true"], [{}, "an object"], [[], "an array"], [() => {}, "a function"], [Symbol("s"), "Symbol(s)"], [10n, "10"]];
const NO_FLAGS = [[1, "1"], [0, "0"], ["true", "\"true\""], ["", "\"\""], [null, "null"], [{}, "an object"], [[], "an array"], [() => true, "a function"]];
const NO_FUNCTIONS = [[1, "1"], ["f", "\"f\""], [null, "null"], [true, "true"], [{}, "an object"], [[], "an array"]];
const NO_NUMBERS = [["1000", "\"1000\""], [null, "null"], [true, "true"], [{}, "an object"], [[5], "an array"], [Number.NaN, "NaN"], [10n, "10"], [() => 5, "a function"]];
const NO_MILLIS = [...NO_NUMBERS, [Infinity, "Infinity"], [1.5, "1.5"], [-1, "-1"], [LONGEST_WAIT + 1, "2147483648"]];
const millis = (least) => `a whole number of milliseconds from ${least} to 2147483647`;
const NO_COUNTS = [...NO_NUMBERS, [Infinity, "Infinity"], [1.5, "1.5"], [-1, "-1"], [1_000_001, "1000001"]];
const count = (least) => `a whole number from ${least} to 1000000`;

const refused = {
  baseUrl: {
    code: "options/base-url",
    expected: URL_EXPECTED,
    values: [
      ...NO_STRINGS,
      [undefined, "undefined"],
      ["", "\"\""],
      ["gws.example.com", "\"gws.example.com\""],
      ["/api/v2", "\"/api/v2\""],
      ["//gws.example.com", "\"//gws.example.com\""],
      ["https://", "\"https://\""],
      ["https://gws.example.com:99999", "\"https://gws.example.com:99999\""],
      ["ws://gws.example.com", "\"ws://gws.example.com\""],
      ["javascript:alert(1)", "\"javascript:alert(1)\""],
      ["data:text/html,x", "\"data:text/html,x\""],
      ["https://gws.example.com?a=1", "\"https://gws.example.com?a=1\""],
      ["https://gws.example.com/#top", "\"https://gws.example.com/#top\""],
      [new URL("ftp://gws.example.com"), "\"ftp://gws.example.com/\""],
      [{ href: BASE_URL }, "an object"],
      [Object.create(null), "an object"],
      [{ toString: () => BASE_URL }, "an object"],
    ],
  },
  cometdPath: {
    code: "options/cometd-path",
    expected: pathLike("/api/v2/notifications"),
    values: [...NO_STRINGS, ["", "\"\""], ["api", "\"api\""], ["//evil.example.com", "\"//evil.example.com\""], ["/a b", "\"/a b\""], ["/a\n", "\"/a\\n\""], ["/\\evil.example.com", "\"/\\\\evil.example.com\""], ["https://gws.example.com/x", "\"https://gws.example.com/x\""], ["/cometd#node", "\"/cometd#node\""]],
  },
  apiPath: {
    code: "options/api-path",
    expected: pathLike("/api/v2"),
    values: [...NO_STRINGS, ["", "\"\""], ["api/v2", "\"api/v2\""], ["//evil.example.com", "\"//evil.example.com\""], ["/a\tb", "\"/a\\tb\""], ["/api?node=1", "\"/api?node=1\""], ["/api#node", "\"/api#node\""]],
  },
  transports: {
    code: "options/transports",
    expected: "an array of \"websocket\", \"long-polling\" or both",
    values: [["long-polling", "\"long-polling\""], [[], "[]"], [["carrier-pigeon"], "[\"carrier-pigeon\"]"], [["WebSocket"], "[\"WebSocket\"]"], [["long-polling", "long-polling"], "[\"long-polling\", \"long-polling\"]"], [[, "websocket"], "[undefined, \"websocket\"]"], [[5, {}], "[5, an object]"], [null, "null"], [{}, "an object"], [1, "1"], [{ 0: "long-polling", length: 1 }, "an object"]],
  },
  protocol: {
    code: "options/protocol",
    expected: "the name of a WebSocket subprotocol: letters, digits and ! # $ % & ' * + - . ^ _ ` | ~",
    values: [...NO_STRINGS, ["", "\"\""], ["a b", "\"a b\""], ["a,b", "\"a,b\""], ["a/b", "\"a/b\""], ["(a)", "\"(a)\""], ["a\n", "\"a\\n\""], ["é", "\"é\""]],
  },
  headers: {
    code: "options/headers",
    expected: "",
    values: [[1, "1"], ["Authorization: x", "a string"], [null, "null"], [true, "true"], [{ "bad name": "x" }, "an object"], [{ Authorization: "a\nb" }, "an object"], [[["only"]], "an array"], [{ "": "x" }, "an object"]],
  },
  credentials: {
    code: "options/credentials",
    expected: "one of \"include\", \"same-origin\", \"omit\"",
    values: [["Include", "\"Include\""], ["", "\"\""], [true, "true"], [null, "null"], [["include"], "an array"], [{}, "an object"]],
  },
  reauthenticate: { code: "options/reauthenticate", expected: "a function", values: NO_FUNCTIONS },
  csrf: {
    code: "options/csrf",
    expected: CSRF_EXPECTED,
    values: [[null, "null"], [1, "1"], ["token", "a string"], [[], "an array"], [{}, "an object"], [{ header: "X" }, "an object"], [{ token: "t" }, "an object"], [{ header: "", token: "t" }, "an object"], [{ header: "X", token: "" }, "an object"], [{ header: "X Y", token: "t" }, "an object"], [{ header: "X", token: "a\r\nb" }, "an object"], [{ header: 1, token: 2 }, "an object"]],
  },
  ack: { code: "options/ack", expected: "true or false", values: NO_FLAGS },
  devicePath: { code: "options/device-path", expected: "the path of a GWS device, e.g. \"/devices/8191741c\"", values: [...NO_STRINGS, ["", "\"\""], ["/", "\"/\""], ["devices/1", "\"devices/1\""], ["/a b", "\"/a b\""], ["/a\n", "\"/a\\n\""], ["https://gws.example.com/devices/1", "\"https://gws.example.com/devices/1\""]] },
  appendMessageTypeToURL: { code: "options/append-message-type-to-url", expected: "true or false", values: NO_FLAGS },
  maxNetworkDelay: { code: "options/max-network-delay", expected: millis(1), values: [...NO_MILLIS, [0, "0"]] },
  connectTimeout: { code: "options/connect-timeout", expected: millis(1), values: [...NO_MILLIS, [0, "0"]] },
  backoffIncrement: { code: "options/backoff-increment", expected: millis(0), values: NO_MILLIS },
  maxBackoff: { code: "options/max-backoff", expected: millis(0), values: NO_MILLIS },
  backoffJitter: { code: "options/backoff-jitter", expected: "a number from 0 to 1", values: [...NO_NUMBERS, [-0.001, "-0.001"], [1.001, "1.001"], [Infinity, "Infinity"], [-Infinity, "-Infinity"]] },
  requestTimeout: { code: "options/request-timeout", expected: millis(1), values: [...NO_MILLIS, [0, "0"]] },
  httpKeepAlive: { code: "options/http-keep-alive", expected: millis(0), values: NO_MILLIS },
  maxLogEntries: { code: "options/max-log-entries", expected: count(1), values: [...NO_COUNTS, [0, "0"]] },
  maxCompletedSessions: { code: "options/max-completed-sessions", expected: count(0), values: NO_COUNTS },
  logger: { code: "options/logger", expected: "a function", values: NO_FUNCTIONS },
  fetch: { code: "options/fetch", expected: "a function", values: NO_FUNCTIONS },
  WebSocket: { code: "options/web-socket", expected: "a function", values: NO_FUNCTIONS },
};

/** Values at the edge of what is taken; each is handed on as it is. */
const taken = {
  cometdPath: ["/", "/cometd", "/a/b.c/d;e=f", "/%20", "/cometd?node=1"],
  apiPath: ["/", "/api/v3", "/api/v3/"],
  transports: [["long-polling"], ["websocket"], ["websocket", "long-polling"], ["long-polling", "websocket"]],
  protocol: ["bayeux", "v1.2+json", "!#$%&'*+-.^_`|~0"],
  headers: [() => undefined, async () => ({})],
  credentials: ["include", "same-origin", "omit"],
  reauthenticate: [async () => {}],
  csrf: [true, false, { header: "X-CSRF-TOKEN", token: "t" }, () => undefined],
  ack: [true, false],
  devicePath: ["/devices/8191741c-8311", "/1"],
  appendMessageTypeToURL: [true, false],
  maxNetworkDelay: [1, LONGEST_WAIT],
  connectTimeout: [1, LONGEST_WAIT],
  backoffIncrement: [0, LONGEST_WAIT],
  maxBackoff: [0, LONGEST_WAIT],
  backoffJitter: [0, 0.5, 1],
  requestTimeout: [1, LONGEST_WAIT],
  httpKeepAlive: [0, LONGEST_WAIT],
  maxLogEntries: [1, 1_000_000],
  maxCompletedSessions: [0, 1_000_000],
  logger: [() => {}],
  fetch: [() => {}],
  WebSocket: [class {}],
};

const defaults = {
  cometdPath: "/api/v2/notifications",
  apiPath: "/api/v2",
  transports: ["websocket", "long-polling"],
  protocol: undefined,
  headers: undefined,
  credentials: "include",
  reauthenticate: undefined,
  csrf: true,
  ack: true,
  devicePath: undefined,
  appendMessageTypeToURL: true,
  maxNetworkDelay: 10_000,
  connectTimeout: 10_000,
  backoffIncrement: 1_000,
  maxBackoff: 60_000,
  backoffJitter: 0.5,
  requestTimeout: 30_000,
  httpKeepAlive: 600_000,
  maxLogEntries: 1_000,
  maxCompletedSessions: 20,
  logger: undefined,
  fetch: undefined,
  WebSocket: undefined,
};

const URLS = { apiUrl: `${BASE_URL}/api/v2`, meUrl: `${BASE_URL}/api/v2/me` };

describe("readOptions", () => {
  for (const [name, { code, expected, values }] of Object.entries(refused)) {
    describe(`refuses as ${name}`, () => {
      for (const [value, shown] of values) {
        it(shown, () => {
          const error = refusal({ baseUrl: BASE_URL, [name]: value });
          assert.equal(error.code, code);
          assert.ok(error.message.startsWith(`Option ${name} must be ${expected}`), error.message);
          assert.ok(error.message.endsWith(`, got ${shown}.`), error.message);
        });
      }
    });
  }

  for (const [name, values] of Object.entries(taken)) {
    for (const value of values) {
      it(`takes ${name} ${Array.isArray(value) ? JSON.stringify(value) : show(value)}`, () => {
        const got = read({ [name]: value })[name];
        if (Array.isArray(value)) assert.deepEqual(got, value);
        else assert.equal(got, value);
      });
    }
  }

  it("fills in the defaults, for options left out and for undefined", () => {
    const spelled = Object.fromEntries(Object.keys(defaults).map((name) => [name, undefined]));
    for (const options of [read(), read(spelled)]) {
      assert.deepEqual(options, { baseUrl: BASE_URL, ...defaults, ...URLS, cometdUrl: `${BASE_URL}/api/v2/notifications` });
    }
  });

  it("tables every option there is", () => {
    const { cometdUrl, apiUrl, meUrl, ...options } = read();
    assert.deepEqual(Object.keys(refused).sort(), Object.keys(options).sort());
    assert.deepEqual(["baseUrl", ...Object.keys(taken)].sort(), Object.keys(options).sort());
  });

  describe("baseUrl", () => {
    const normalised = [
      ["https://gws.example.com", "https://gws.example.com"],
      ["https://gws.example.com/", "https://gws.example.com"],
      ["https://gws.example.com///", "https://gws.example.com"],
      ["HTTPS://GWS.Example.com:443/gws/", "https://gws.example.com/gws"],
      ["http://localhost:8090", "http://localhost:8090"],
      ["http://[::1]:8090/a/b", "http://[::1]:8090/a/b"],
    ];
    for (const [given, expected] of normalised) {
      it(`reads ${given}`, () => {
        assert.equal(readOptions({ baseUrl: given }).baseUrl, expected);
        assert.equal(readOptions({ baseUrl: new URL(given) }).baseUrl, expected);
      });
    }

    it("joins the paths to it", () => {
      const options = readOptions({ baseUrl: "https://gws.example.com/gws/", cometdPath: "/cometd", apiPath: "/api/v3" });
      assert.deepEqual([options.cometdUrl, options.apiUrl, options.meUrl], ["https://gws.example.com/gws/cometd", "https://gws.example.com/gws/api/v3", "https://gws.example.com/gws/api/v3/me"]);
    });

    for (const [apiPath, apiUrl] of [["/", ""], ["/api/v2/", "/api/v2"], ["/api///", "/api"]]) {
      it(`joins the apiPath ${apiPath} without a slash too many`, () => {
        const options = readOptions({ baseUrl: "https://gws.example.com/", apiPath });
        assert.deepEqual([options.apiUrl, options.meUrl], [`https://gws.example.com${apiUrl}`, `https://gws.example.com${apiUrl}/me`]);
      });
    }

    it("refuses a login in it without repeating the password", () => {
      for (const baseUrl of ["https://anna@gws.example.com", new URL("https://anna:s3cret@gws.example.com")]) {
        const error = refusal({ baseUrl });
        assert.equal(error.code, "options/base-url");
        assert.match(error.message, /got a URL with a login \(use headers\)\.$/);
        assert.doesNotMatch(error.message, /s3cret/);
      }
    });

    const withPassword = ["https://anna:s3cret@gws.example.com", "https://anna:s3cret@gws.example.com?a=1", "https://anna:s3cret@gws.example.com:99999", "ftp://anna:s3cret@gws.example.com", "https://anna:s3cret@"];
    for (const baseUrl of withPassword) {
      it(`does not put the password of ${baseUrl} into the message`, () => {
        assert.doesNotMatch(refusal({ baseUrl }).message, /s3cret/);
      });
    }
  });

  describe("headers", () => {
    for (const [kind, value] of [["Headers", new Headers({ Authorization: "Basic x" })], ["an object", { Authorization: "Basic x" }], ["pairs", [["Authorization", "Basic x"]]]]) {
      it(`reads ${kind}`, () => {
        const { headers } = read({ headers: value });
        assert.ok(headers instanceof Headers);
        assert.deepEqual([...headers], [["authorization", "Basic x"]]);
      });
    }

    it("does not put a header into the message", () => {
      for (const headers of ["Authorization: s3cret", { Authorization: "a s3cret\nb" }, [["Authorization", "s3cret\0b"]], { "s3cret name": "x" }]) {
        const { message, cause } = refusal({ baseUrl: BASE_URL, headers });
        assert.doesNotMatch(`${message} ${cause}`, /s3cret/);
      }
    });

    it("takes a copy: what the caller changes later has no effect", () => {
      const given = new Headers({ a: "1" });
      const { headers } = read({ headers: given });
      given.set("a", "2");
      assert.equal(headers.get("a"), "1");
    });
  });

  it("takes a copy of transports: what the caller changes later has no effect", () => {
    const given = ["websocket"];
    const { transports } = read({ transports: given });
    given.push("long-polling");
    assert.deepEqual(transports, ["websocket"]);
  });

  it("does not put a CSRF token into the message", () => {
    for (const csrf of ["s3cret", { header: "X Y", token: "s3cret" }, { token: "s3cret" }, ["s3cret"]]) {
      assert.doesNotMatch(refusal({ baseUrl: BASE_URL, csrf }).message, /s3cret/);
    }
  });

  for (const [value, shown] of [[undefined, "undefined"], [null, "null"], ["https://gws.example.com", "\"https://gws.example.com\""], [5, "5"], [() => {}, "a function"]]) {
    it(`refuses ${shown} in place of the options`, () => {
      const error = refusal(value);
      assert.equal(error.code, "options/type");
      assert.equal(error.message, `GwsImClient takes an object of options, got ${shown}.`);
    });
  }

  describe("an unknown option", () => {
    const slips = [["baseURL", "options/base-url", "baseUrl"], ["cometDPath", "options/comet-d-path", "cometdPath"], ["header", "options/header", "headers"], ["maxBackOff", "options/max-back-off", "maxBackoff"], ["ackk", "options/ackk", "ack"], ["appendMessageTypeToUrl", "options/append-message-type-to-url", "appendMessageTypeToURL"], ["reauthentication", "options/reauthentication", "reauthenticate"]];
    for (const [name, code, meant] of slips) {
      it(`${name} is named, and ${meant} suggested`, () => {
        const error = refusal({ baseUrl: BASE_URL, [name]: 1 });
        assert.equal(error.code, code);
        assert.equal(error.message, `There is no option "${name}". Did you mean ${meant}?`);
      });
    }

    it("that is like none is named with all that there are", () => {
      const { message } = refusal({ baseUrl: BASE_URL, longPollingUrlSuffix: 1 });
      assert.equal(message, `There is no option "longPollingUrlSuffix". There are ${Object.keys(refused).join(", ")}.`);
    });

    for (const [name, code] of [["constructor", "options/constructor"], ["toString", "options/to-string"], ["", "options/unknown"], ["日本", "options/unknown"], ["a/../b", "options/ab"]]) {
      it(`${JSON.stringify(name)} has a code of plain letters`, () => {
        assert.equal(refusal({ baseUrl: BASE_URL, [name]: 1 }).code, code);
      });
    }

    it("is refused even when it is undefined, as the caller's slip is the same", () => {
      assert.equal(refusal({ baseUrl: BASE_URL, basePath: undefined }).code, "options/base-path");
    });

    it("is told of before what is wrong with others", () => {
      assert.equal(refusal({ baseURL: BASE_URL }).message, "There is no option \"baseURL\". Did you mean baseUrl?");
    });
  });

  it("reads each option once, so that a getter can't answer differently later", () => {
    const reads = [];
    const options = {};
    for (const [name, value] of Object.entries({ baseUrl: BASE_URL, ack: true })) {
      Object.defineProperty(options, name, { enumerable: true, get: () => (reads.push(name), value) });
    }
    readOptions(options);
    assert.deepEqual(reads, ["baseUrl", "ack"]);
  });
});

describe("readAttachOptions", () => {
  const names = ["apiPath", "headers", "credentials", "csrf", "reauthenticate", "devicePath", "requestTimeout", "maxLogEntries", "maxCompletedSessions", "logger", "fetch"];
  const refusal = (options, expected) => assert.throws(() => readAttachOptions(options), { name: "GwsImError", ...expected });

  it("fills in the same defaults, and gives no URL of a channel", () => {
    assert.deepEqual(readAttachOptions({ baseUrl: BASE_URL }), { baseUrl: BASE_URL, ...defaults, ...URLS });
  });

  for (const name of names) {
    it(`takes and refuses ${name} as for a channel of its own`, () => {
      for (const value of taken[name]) assert.deepEqual(readAttachOptions({ baseUrl: BASE_URL, [name]: value })[name], value);
      for (const [value] of refused[name].values) refusal({ baseUrl: BASE_URL, [name]: value }, { code: refused[name].code });
    });
  }

  for (const name of Object.keys(taken).filter((known) => !names.includes(known))) {
    it(`refuses ${name}, which has no effect`, () => {
      refusal({ baseUrl: BASE_URL, [name]: taken[name][0] }, { code: refused[name].code, message: `Option ${name} has no effect on a channel that is not ours. Leave it out, and set it where the channel is opened.` });
    });
  }

  it("suggests only what has an effect", () => {
    refusal({ baseUrl: BASE_URL, feetch: 1 }, { code: "options/feetch", message: 'There is no option "feetch". Did you mean fetch?' });
    refusal({ baseUrl: BASE_URL, cometdPat: 1 }, { code: "options/cometd-pat", message: /^There is no option "cometdPat"\. There are baseUrl, apiPath, [^.]*, fetch\.$/ });
  });

  it("needs baseUrl, and an object", () => {
    refusal({}, { code: "options/base-url" });
    for (const value of [undefined, null, BASE_URL]) refusal(value, { code: "options/type", message: `GwsImClient.attach takes an object of options, got ${show(value)}.` });
  });
});

describe("show", () => {
  it("cuts a long text", () => {
    assert.equal(show("x".repeat(60)), `"${"x".repeat(60)}"`);
    assert.equal(show("x".repeat(61)), `"${"x".repeat(60)}…"`);
  });

  it("shows what can't be turned into a text", () => {
    assert.equal(show(Object.create(null)), "an object");
    assert.equal(show({ toString: () => assert.fail("must not be asked") }), "an object");
    assert.equal(show(Symbol("s")), "Symbol(s)");
  });
});

describe("closest", () => {
  it("finds the nearest, whatever its letters' case", () => {
    assert.equal(closest("STATUSCHANGE", ["NewMessage", "StatusChange"]), "StatusChange");
    assert.equal(closest("NewMessages", ["NewMessage", "StatusChange"]), "NewMessage");
  });

  it("finds none that is too far", () => {
    assert.equal(closest("message", ["NewMessage", "gap"]), undefined);
    assert.equal(closest("", ["NewMessage"]), undefined);
  });
});

describe("isHeader", () => {
  it("takes what a browser sends", () => {
    assert.equal(isHeader("X-CSRF-TOKEN", "a b=c"), true);
  });

  for (const [name, value] of [["", "t"], ["X", ""], ["X:", "t"], ["X", "a\nb"], ["X", "a\0b"], ["X", "€"], [undefined, undefined], [1, "t"], ["X", 1], ["X", null]]) {
    it(`refuses ${JSON.stringify([name, value])}`, () => {
      assert.equal(isHeader(name, value), false);
    });
  }
});
