// The package's types are written by hand. Here it is compared with what runs: neither may hold what the other does not.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import ts from "typescript";

import { readAttachOptions, readOptions } from "../../pkg-template/options.js";
import { argumentNames, collect, declaration, defaultOf, exportedValues, literalNames, member, memberNames, membersOf, method, parsed, patternNames, source, strings, stringsOfConstant } from "./declarations.js";
import { built, linkPackage } from "./package-link.js";

const BASE_URL = "https://gws.example.com";
/** Every class has these; they are nobody's API. */
const OF_EVERY_CLASS = ["length", "name", "prototype"];

const sorted = (names) => [...names].sort();
const unique = (names) => sorted(new Set(names));

/** The names that Rust gives members of the records it builds in `file`, between two texts. */
function recordNames(file, from, to) {
  const text = source(file);
  const start = text.indexOf(from);
  const end = text.indexOf(to, start);
  assert.ok(start >= 0 && end > start, `${file} no longer has ${from} … ${to}`);
  return [...text.slice(start, end).matchAll(/\.(?:text|number|flag)\("(\w+)"/g)].map(([, name]) => name);
}

describe("the types and what runs", () => {
  let face;
  let client;

  before(async () => {
    linkPackage();
    face = await import("gws-im-sdk");
    await face.init(readFileSync(join(built, "gws_im_sdk_bg.wasm")));
    client = new face.GwsImClient({ baseUrl: BASE_URL });
  });

  it("export the same values", () => {
    assert.deepEqual(sorted(Object.keys(face)), sorted(exportedValues()));
  });

  it("have the same version as the package and the crate", () => {
    const [, crate] = /^version = "([^"]+)"/m.exec(source("Cargo.toml"));
    const { version } = JSON.parse(source("pkg-template/package.json"));
    assert.deepEqual([face.version, version], [crate, crate]);
  });

  describe("class GwsImClient", () => {
    const members = membersOf(declaration("GwsImClient"));
    const runtimeName = (key) => (key === Symbol.asyncDispose ? "[Symbol.asyncDispose]" : key);
    const declaredNames = (isStatic) => unique(members.filter((one) => one.isStatic === isStatic).map(({ name }) => name));

    it("has the declared members and no other", () => {
      assert.ok(Symbol.asyncDispose, "this Node.js can't tell");
      const own = Reflect.ownKeys(face.GwsImClient.prototype).filter((key) => key !== "constructor");
      assert.deepEqual(sorted(own.map(runtimeName)), declaredNames(false));
    });

    it("has the declared static members and no other", () => {
      const own = Reflect.ownKeys(face.GwsImClient).filter((key) => !OF_EVERY_CLASS.includes(key));
      assert.deepEqual(sorted(own.map(runtimeName)), declaredNames(true));
    });

    it("gives an instance nothing that is not declared", () => {
      assert.deepEqual(Reflect.ownKeys(client), []);
    });

    for (const { name, isStatic, isMethod } of members.filter(({ name }) => !name.startsWith("["))) {
      it(`has ${name} as a ${isMethod ? "method" : "getter without a setter"}`, () => {
        const found = Object.getOwnPropertyDescriptor(isStatic ? face.GwsImClient : face.GwsImClient.prototype, name);
        if (isMethod) assert.equal(typeof found.value, "function");
        else assert.deepEqual([typeof found.get, found.set], ["function", undefined]);
      });
    }

    it("is disposed asynchronously by dispose()", () => {
      assert.equal(face.GwsImClient.prototype[Symbol.asyncDispose], face.GwsImClient.prototype.dispose);
    });

    it("says of itself before connect() what is declared", () => {
      assert.ok(strings(declaration("ConnectionState").type).includes(client.state));
      assert.deepEqual([client.reason, client.transport, client.clientId], [undefined, undefined, undefined]);
      assert.deepEqual([client.synced, client.sessions, client.session("1")], [false, [], undefined]);
    });
  });

  describe("class GwsImError", () => {
    const members = membersOf(declaration("GwsImError"));

    it("has the declared members and no other", async () => {
      const { GwsImError } = await import("../../pkg-template/errors.js");
      const full = new GwsImError("gws/4", { status: 503, statusCode: 4, statusMessage: "No", retryable: true, cause: new Error("why") });
      // Calls of the GWS API add this one.
      assert.match(source("pkg-template/rest.js"), /error\.retryAfterMs = /);
      full.retryAfterMs = 1_000;
      const own = Object.getOwnPropertyNames(full).filter((name) => name !== "stack" && name !== "message");
      assert.deepEqual(sorted(own), sorted(members.filter(({ isStatic }) => !isStatic).map(({ name }) => name)));
      const least = Object.getOwnPropertyNames(new GwsImError("aborted")).filter((name) => name !== "stack" && name !== "message");
      assert.deepEqual(sorted(least), sorted(members.filter(({ isStatic, isOptional }) => !isStatic && !isOptional).map(({ name }) => name)));
    });

    it("has the declared static members and no other", () => {
      const own = Reflect.ownKeys(face.GwsImError).filter((key) => !OF_EVERY_CLASS.includes(key));
      assert.deepEqual(sorted(own), sorted(members.filter(({ isStatic }) => isStatic).map(({ name }) => name)));
      assert.deepEqual(Reflect.ownKeys(face.GwsImError.prototype), ["constructor"]);
    });
  });

  describe("options", () => {
    const options = membersOf(declaration("GwsImClientOptions"));

    it("have the same names", () => {
      const { apiUrl, cometdUrl, meUrl, ...read } = readOptions({ baseUrl: BASE_URL });
      assert.deepEqual(sorted(options.map(({ name }) => name)), sorted(Object.keys(read)));
    });

    it("agree on which are needed", () => {
      assert.deepEqual(options.filter(({ isOptional }) => !isOptional).map(({ name }) => name), ["baseUrl"]);
      assert.throws(() => readOptions({}), { code: "options/base-url" });
      assert.doesNotThrow(() => readOptions({ baseUrl: BASE_URL }));
    });

    const read = readOptions({ baseUrl: BASE_URL });
    for (const option of options.filter(({ isOptional }) => isOptional)) {
      it(`${option.name}: the default is the documented one`, () => {
        const documented = defaultOf(option);
        // These are described in words, and mean that there is nothing.
        const isWords = documented === undefined || ["none", "the page's own"].includes(documented);
        assert.deepEqual(read[option.name], isWords ? undefined : JSON.parse(documented));
      });
    }

    it("stand on the package's page, each with its default", () => {
      const [, table] = /\n## Options\n([\s\S]*?)\n## /.exec(source("pkg-template/README.md"));
      const rows = [...table.matchAll(/^\| (`.+?`) \|\s*(.*?)\s*\|/gm)].flatMap(([, names, text]) => [...names.matchAll(/`(\w+)`/g)].map(([, name]) => [name, text]));
      const words = { needed: undefined, "": "none", "the page's own": "the page's own" };
      const onPage = rows.map(([name, text]) => [name, text in words ? words[text] : text.replaceAll("`", "")]);
      const declared = options.map((option) => [option.name, option.isOptional ? (defaultOf(option) ?? "none") : undefined]);
      assert.deepEqual(onPage.sort(), declared.sort());
    });

    it("of transports are those of a Transport", () => {
      assert.deepEqual(sorted([...read.transports, "attached"]), strings(declaration("Transport").type));
    });

    it("of attach() are those that have an effect there", () => {
      const [, picked] = declaration("AttachOptions").type.typeArguments;
      const values = { ...read, baseUrl: BASE_URL, headers: {}, reauthenticate: async () => {}, devicePath: "/devices/1", protocol: "p", logger: () => {}, fetch, WebSocket: class {} };
      const isTaken = (name) => {
        try {
          return Boolean(readAttachOptions({ baseUrl: BASE_URL, [name]: values[name] }));
        } catch (error) {
          assert.match(error.message, /no effect/, name);
          return false;
        }
      };
      assert.deepEqual(sorted(options.map(({ name }) => name).filter(isTaken)), strings(picked));
    });

    it("of notifications() have the documented default", () => {
      const { parameters } = membersOf(declaration("GwsImClient")).find(({ name }) => name === "notifications").node;
      const documented = defaultOf(membersOf(parameters[0]).find(({ name }) => name === "highWaterMark"));
      const [, written] = /highWaterMark = (\d+)/.exec(source("pkg-template/notifications.js"));
      assert.equal(written, documented);
    });
  });

  describe("events", () => {
    const names = memberNames("ImEventMap");

    for (const name of names) {
      it(`on() takes ${name}`, () => {
        client.on(name, () => {})();
      });
    }

    it("on() takes no other", () => {
      assert.throws(() => client.on("nothing like an event", () => {}), ({ code, message }) => {
        assert.equal(code, "usage/event");
        const [, list] = /There are (.*)\.$/.exec(message);
        assert.deepEqual(sorted(list.split(", ")), names);
        return true;
      });
    });

    it("each is told", () => {
      const told = ["index.js", "inbox.js"].flatMap((file) =>
        collect(parsed(`pkg-template/${file}`), (node) => (ts.isCallExpression(node) && node.expression.getText() === "this.#listeners.emit" ? node.arguments[0] : undefined)),
      );
      const literal = told.filter(ts.isStringLiteral).map(({ text }) => text);
      const byNumber = ["MESSAGE_TYPES", "NOTIFICATION_TYPES"].flatMap((name) => stringsOfConstant(name, "inbox.js"));
      assert.deepEqual(unique([...literal, ...byNumber]), names);
    });
  });

  it("a frame has the declared members", () => {
    const [names] = argumentNames(method("#host"), "this.#listeners.emit");
    assert.deepEqual(names, sorted(membersOf(member("ImEventMap", "frame")).map(({ name }) => name)));
  });

  it("a ConnectionChange has the declared members", () => {
    const body = method("#connectionChanged");
    const given = collect(body, (node) => {
      if (ts.isVariableDeclaration(node) && node.name.getText() === "change") return literalNames(node.initializer);
      if (ts.isBinaryExpression(node) && ts.isPropertyAccessExpression(node.left) && node.left.expression.getText() === "change") return [node.left.name.text];
      return undefined;
    });
    const assigned = argumentNames(body, "Object.assign");
    const emitted = argumentNames(body, "this.#listeners.emit");
    assert.deepEqual(emitted, [], "index.js tells `change` itself");
    assert.deepEqual(unique([...given, ...assigned].flat()), memberNames("ConnectionChange"));
    assert.deepEqual(sorted(given[0]), sorted(membersOf(declaration("ConnectionChange")).filter(({ isOptional }) => !isOptional).map(({ name }) => name)));
  });

  it("index.js reads of a status what the WebAssembly side writes into it", () => {
    const written = recordNames("src/browser/report.rs", "fn status(", ".finish()");
    const [changed] = patternNames(method("#connectionChanged"));
    const asked = [...source("pkg-template/index.js").matchAll(/this\.#now\.(\w+)/g)].map(([, name]) => name);
    assert.deepEqual(unique(written), unique([...changed, ...asked]));
  });

  it("a GapNotice has the declared members and causes", () => {
    const [added] = argumentNames(method("gap", "inbox.js"), "this.#listeners.emit");
    assert.deepEqual(sorted([...recordNames("src/browser/report.rs", "fn gap(", ".finish()"), ...added]), memberNames("GapNotice"));
    const causes = [...source("src/browser/report.rs").matchAll(/GapCause::\w+ => "([\w-]+)"/g)].map(([, cause]) => cause);
    assert.deepEqual(sorted(causes), strings(member("GapNotice", "cause").type));
  });

  it("Diagnostics have the declared members", () => {
    const counted = recordNames("src/browser/report.rs", "fn counters(", ".finish()");
    const [added] = collect(method("diagnostics"), (node) => (ts.isReturnStatement(node) ? literalNames(node.expression) : undefined));
    assert.deepEqual(sorted([...counted, ...added]), memberNames("Diagnostics"));
  });

  it("Diagnostics of a client that was never opened have every member that is not optional, with its type", () => {
    const { diagnostics } = client;
    const needed = membersOf(declaration("Diagnostics")).filter(({ isOptional }) => !isOptional);
    for (const { name, node } of needed) assert.equal(typeof diagnostics[name], node.type.getText(), name);
    const known = memberNames("Diagnostics");
    assert.deepEqual(Object.keys(diagnostics).filter((name) => !known.includes(name)), []);
  });

  it("a ConnectionState is one that the WebAssembly side names", () => {
    const text = source("src/browser/report.rs");
    const body = text.slice(text.indexOf("fn state_name("));
    const named = [...body.slice(0, body.indexOf("\n}")).matchAll(/"(\w+)"/g)].map(([, name]) => name);
    assert.deepEqual(unique(named), strings(declaration("ConnectionState").type));
  });

  it("a LogRecord has the declared members and levels", () => {
    const [names] = argumentNames(parsed("pkg-template/log.js"), "logger");
    assert.deepEqual(names, memberNames("LogRecord"));
    const [, levels] = /^const LEVELS = \{(.*)\};$/m.exec(source("pkg-template/log.js"));
    const used = [...levels.matchAll(/"(\w+)"/g)].map(([, level]) => level);
    const declaredLevels = strings(member("LogRecord", "level").type);
    assert.deepEqual(used.filter((level) => !declaredLevels.includes(level)), []);
  });

  it("headers() and reauthenticate() are given the declared context", () => {
    const contexts = ["headers", "#ways"].flatMap((name) => argumentNames(method(name, "login.js"), "headers"));
    assert.deepEqual(contexts, [memberNames("HeadersContext"), memberNames("HeadersContext")]);
    const [parameter] = member("GwsImClientOptions", "reauthenticate").type.parameters;
    assert.deepEqual(argumentNames(method("#ways", "login.js"), "reauthenticate"), [sorted(membersOf(parameter).map(({ name }) => name))]);
  });

  it("a subscription can be used as a Disposable", () => {
    const stop = client.on("gap", () => {});
    assert.equal(stop[Symbol.dispose], stop);
  });

  it("notifications() has the members of an AsyncIterableIterator", async () => {
    const iterator = client.notifications();
    for (const name of ["next", "return", "throw", Symbol.asyncIterator]) assert.equal(typeof iterator[name], "function", String(name));
    assert.deepEqual(await iterator.return(), { value: undefined, done: true });
  });
});
