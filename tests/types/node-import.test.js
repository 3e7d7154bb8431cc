// Importing the package in Node.js, for server-side rendering: nothing of a browser is needed and nothing happens.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { linkPackage } from "./package-link.js";

const folder = fileURLToPath(new URL(".", import.meta.url));

/** What pages have and a server may lack. Removed before the import, so that any use of one at import fails. */
const OF_BROWSERS = ["fetch", "Headers", "Request", "Response", "FormData", "WebSocket", "EventSource", "MessageChannel", "BroadcastChannel", "AbortController", "AbortSignal", "navigator", "crypto", "performance", "reportError", "window", "self", "document", "location", "localStorage", "addEventListener", "WebAssembly"];

/** Runs a module in a Node.js of its own, which must end by itself, and gives what it printed as JSON. */
function run(script, removed = OF_BROWSERS) {
  const head = `const removed = ${JSON.stringify(removed)}; for (const name of removed) delete globalThis[name];\n`;
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ["--input-type=module", "--eval", head + script], { cwd: folder, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stderr}`));
      else resolve({ ...JSON.parse(stdout), stderr });
    });
  });
}

/** The code of what a call throws, or what it gave. */
const CODE_OF = "const codeOf = async (call) => { try { return await call(); } catch (error) { return error.code ?? String(error); } };\n";

describe("in Node.js without anything of a browser", () => {
  before(linkPackage);

  it("the control: what was removed is gone", async () => {
    const { left } = await run("console.log(JSON.stringify({ left: removed.filter((name) => name in globalThis) }));");
    assert.deepEqual(left, []);
  });

  it("the package is imported, alters nothing global, says nothing and keeps nothing running", async () => {
    const { exported, added, stderr } = await run(`
      const names = () => Reflect.ownKeys(globalThis).map(String);
      const before = names();
      const face = await import("gws-im-sdk");
      console.log(JSON.stringify({ exported: Object.keys(face).sort(), added: names().filter((name) => !before.includes(name)) }));
    `);
    assert.deepEqual(exported, ["GwsImClient", "GwsImError", "init", "version"]);
    assert.deepEqual(added, []);
    assert.equal(stderr, "");
  });

  it("an error can be told from others there, too", async () => {
    const { is, isNot } = await run(`
      const { GwsImError } = await import("gws-im-sdk");
      console.log(JSON.stringify({ is: GwsImError.is(new GwsImError("aborted")), isNot: GwsImError.is(new Error("aborted")) }));
    `);
    assert.deepEqual([is, isNot], [true, false]);
  });

  it("init() and create() say that WebAssembly is not there", async () => {
    const { init, create } = await run(`${CODE_OF}
      const { init, GwsImClient } = await import("gws-im-sdk");
      console.log(JSON.stringify({ init: await codeOf(() => init(new Uint8Array([0, 97, 115, 109]))), create: await codeOf(() => GwsImClient.create({ baseUrl: "https://gws.example.com" })) }));
    `, ["WebAssembly"]);
    assert.deepEqual([init, create], ["wasm/unsupported", "wasm/unsupported"]);
  });
});

describe("in Node.js", () => {
  before(linkPackage);

  it("a client can't be made before the module is loaded, and wrong options are told first", async () => {
    const { early, wrong } = await run(`${CODE_OF}
      const { GwsImClient } = await import("gws-im-sdk");
      console.log(JSON.stringify({ early: await codeOf(() => new GwsImClient({ baseUrl: "https://gws.example.com" })), wrong: await codeOf(() => new GwsImClient({})) }));
    `, []);
    assert.deepEqual([early, wrong], ["wasm/not-loaded", "options/base-url"]);
  });

  it("a module that can't be fetched, or is none, is told; a later call with the right one loads it", async () => {
    const { codes } = await run(`${CODE_OF}
      import { readFile } from "node:fs/promises";
      const { init, GwsImClient, version } = await import("gws-im-sdk");
      const codes = [];
      codes.push(await codeOf(() => init("not a url")));
      codes.push(await codeOf(() => init(new Response("<html>", { status: 404 }))));
      codes.push(await codeOf(() => init(new Response("<html>", { headers: { "content-type": "text/html" } }))));
      codes.push(await codeOf(() => init(new TextEncoder().encode("<html>"))));
      codes.push(await codeOf(() => init(new Uint8Array(0))));
      codes.push(await codeOf(() => init(new Uint8Array([0, 97, 115, 109, 9, 9, 9, 9]))));
      const wasm = await readFile(new URL(import.meta.resolve("gws-im-sdk/gws_im_sdk_bg.wasm")));
      codes.push(await codeOf(() => init(wasm)) ?? "loaded");
      codes.push(await codeOf(() => init("not asked any more")) ?? "loaded");
      codes.push(await codeOf(() => new GwsImClient({ baseUrl: "https://gws.example.com" }).state));
      console.log(JSON.stringify({ codes }));
    `, []);
    assert.deepEqual(codes, ["wasm/not-found", "wasm/not-found", "wasm/not-wasm", "wasm/not-wasm", "wasm/not-wasm", "wasm/unsupported", "loaded", "loaded", "disconnected"]);
  });

  it("a client that was never opened keeps nothing running", async () => {
    const { states } = await run(`
      import { readFile } from "node:fs/promises";
      const { init, GwsImClient } = await import("gws-im-sdk");
      await init(await readFile(new URL(import.meta.resolve("gws-im-sdk/gws_im_sdk_bg.wasm"))));
      const clients = [1, 2, 3].map(() => new GwsImClient({ baseUrl: "https://gws.example.com" }));
      clients[0].on("gap", () => {});
      await clients[1].dispose();
      clients[2].notifications();
      console.log(JSON.stringify({ states: clients.map(({ state }) => state) }));
    `, []);
    assert.deepEqual(states, ["disconnected", "disconnected", "disconnected"]);
  });
});
