// The WebAssembly module: loaded once, explained when it can't be, loaded at the next try; and importing the package where there is no browser.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { unpackedPackage } from "./lib/package.js";
import { scenarios } from "./lib/scenario.js";

const scenario = scenarios();
const WASM = "gws_im_sdk_bg.wasm";
const wasmRequests = (anna) => anna.requests.filter(({ path }) => path.endsWith(".wasm")).length;

scenario("importing loads nothing; create() and init() load once between them", async ({ agent }) => {
  const anna = await agent();
  assert.equal(wasmRequests(anna), 0);
  const before = await anna.page.evaluate(() => e2e.outcome(() => new e2e.sdk.GwsImClient({ baseUrl: location.origin })));
  assert.equal(before.error?.code, "wasm/not-loaded");
  await anna.page.evaluate(async () => {
    await Promise.all([e2e.sdk.init(), e2e.create(), e2e.sdk.init(), e2e.create()]);
    await e2e.sdk.init();
    new e2e.sdk.GwsImClient({ baseUrl: location.origin });
  });
  assert.equal(wasmRequests(anna), 1);
});

/** What stands in the file's place, and what init() says. */
const failures = {
  "there is no such file": [{ status: 404, body: "There is no such file." }, "wasm/not-found", /gws_im_sdk_bg\.wasm/],
  "the server fails": [{ status: 500, body: "" }, "wasm/not-found", /gws_im_sdk_bg\.wasm/],
  "the server answers with its start page": [{ status: 200, headers: { "Content-Type": "text/html" }, body: "<!doctype html><title>Start</title>" }, "wasm/not-wasm", /WebAssembly/],
  "the file is empty": [{ status: 200, headers: { "Content-Type": "application/wasm" }, body: "" }, "wasm/not-wasm", /WebAssembly/],
};

for (const [name, [answer, code, says]] of Object.entries(failures)) {
  scenario(`${name}: it says so, and the next try loads it`, async ({ simulator, agent }) => {
    const anna = await agent();
    await simulator.fault("static", { type: "answer", ...answer });
    const { error } = await anna.page.evaluate(() => e2e.outcome(e2e.create()));
    assert.deepEqual([error?.code, error?.isGwsImError], [code, true], JSON.stringify(error));
    assert.match(error.message, says);
    await anna.create();
    await anna.connect();
    assert.equal(wasmRequests(anna), 2);
  });
}

scenario("another module, or what init() waits for and does not get, is explained, and the next try loads it", async ({ agent }) => {
  const anna = await agent();
  const errors = await anna.page.evaluate(async () => {
    const other = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    const sources = [() => other, () => new WebAssembly.Module(other), () => Promise.reject(new Error("not today"))];
    const outcomes = [];
    for (const source of sources) outcomes.push(await e2e.outcome(e2e.sdk.init(source())));
    return outcomes.map(({ error }) => [error?.code, error?.isGwsImError, error?.message]);
  });
  assert.deepEqual(errors.map(([code, isOurs]) => [code, isOurs]), [["wasm/not-wasm", true], ["wasm/not-wasm", true], ["wasm/not-found", true]]);
  assert.match(errors[2][2], /not today/);
  await anna.create();
  await anna.connect();
});

scenario("the connection breaks while it loads: it says so, and the next try loads it", async ({ simulator, agent }) => {
  const anna = await agent();
  await simulator.fault("static", { type: "truncate", bytes: 1_000 });
  const { error } = await anna.page.evaluate(() => e2e.outcome(e2e.sdk.init()));
  assert.ok(error?.isGwsImError && error.code.startsWith("wasm/"), JSON.stringify(error));
  await anna.create();
});

scenario("the right file with a wrong MIME type is loaded or explained, but never silent", async ({ agent }) => {
  const anna = await agent();
  anna.expectComplaint(/MIME/);
  const bytes = readFileSync(join(unpackedPackage(), WASM));
  await anna.page.route(`**/${WASM}`, (route) => route.fulfill({ status: 200, contentType: "application/octet-stream", body: bytes }));
  const outcome = await anna.page.evaluate(() => e2e.outcome(e2e.create().then(() => "loaded")));
  if (outcome.error) {
    assert.match(outcome.error.code, /^wasm\//);
    assert.match(outcome.error.message, /application\/wasm/);
  } else {
    assert.equal(outcome.value, "loaded");
    await anna.connect();
  }
});

scenario("a content security policy without 'wasm-unsafe-eval' is named as the reason", async ({ agent }) => {
  const anna = await agent("anna", { path: "/without-wasm.html" });
  anna.expectComplaint(/Content Security Policy/i);
  const { error } = await anna.page.evaluate(() => e2e.outcome(e2e.create()));
  assert.equal(error?.code, "wasm/csp");
  assert.match(error.message, /'wasm-unsafe-eval'/);
});

scenario("init() takes the module in every form it documents", async ({ simulator, agent }) => {
  const forms = {
    "a string": (url) => url,
    "a URL": (url) => new URL(url),
    "a Request": (url) => new Request(url),
    "a Response": async (url) => e2e.sdk.init(await fetch(url)),
    "a promise of a Response": (url) => fetch(url),
    "bytes": async (url) => e2e.sdk.init(await (await fetch(url)).arrayBuffer()),
    "a view of bytes": async (url) => e2e.sdk.init(new Uint8Array(await (await fetch(url)).arrayBuffer())),
    "a module": async (url) => e2e.sdk.init(await WebAssembly.compileStreaming(fetch(url))),
  };
  const anna = await agent();
  for (const [name, form] of Object.entries(forms)) {
    const outcome = await anna.page.evaluate(async ([source, url]) => {
      const given = new Function(`return (${source});`)()(url);
      // Forms that need an await call init() themselves.
      return e2e.outcome(source.startsWith("async") ? given : e2e.sdk.init(given));
    }, [String(form), `${simulator.address}/gws-im-sdk/${WASM}`]);
    assert.equal(outcome.error, undefined, name);
    await anna.create();
    await anna.page.reload();
  }
});

scenario("a source that is no module is refused, and the next one is taken", async ({ simulator, agent }) => {
  const anna = await agent();
  const codes = await anna.page.evaluate(async (url) => {
    const codes = [];
    for (const source of [new Uint8Array([1, 2, 3]), `${location.origin}/index.html`, "http://127.0.0.1:1/none.wasm", url]) {
      codes.push((await e2e.outcome(e2e.sdk.init(source))).error?.code ?? "loaded");
    }
    return codes;
  }, `${simulator.address}/gws-im-sdk/${WASM}`);
  assert.deepEqual(codes, ["wasm/not-wasm", "wasm/not-wasm", "wasm/not-found", "loaded"]);
});

test("importing the package in Node.js throws nothing, starts nothing and says the packed version", async () => {
  const folder = unpackedPackage();
  const program = `
    const sdk = await import(${JSON.stringify(pathToFileURL(join(folder, "index.js")).href)});
    const codes = [];
    try { new sdk.GwsImClient({ baseUrl: "https://gws.example.com" }); } catch (error) { codes.push(error.code); }
    try { new sdk.GwsImClient({}); } catch (error) { codes.push(error.code, sdk.GwsImError.is(error)); }
    console.log(JSON.stringify({ names: Object.keys(sdk).sort(), version: sdk.version, codes }));`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program]);
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  assert.deepEqual(JSON.parse(stdout), {
    names: ["GwsImClient", "GwsImError", "init", "version"],
    version,
    codes: ["wasm/not-loaded", "options/base-url", true],
  });
  assert.equal(stderr, "");
});
