// Inspects a built package folder: fails when it is not fit to publish, and prints the size of what a page loads first.
//
//   node scripts/inspect-package.mjs FOLDER

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

/** What a page may load before its first notification, in bytes after brotli: wasm and JavaScript together. */
const FIRST_LOAD_BUDGET = 71_000;

const MODULE = "gws_im_sdk_bg.wasm";

/** The only module that wasm-bindgen lets the wasm import from. */
const GLUE_NAMESPACE = "./gws_im_sdk_bg.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

function fail(message) {
  console.error(`package: ${message}`);
  process.exit(1);
}

function checkVersions(folder) {
  const crate = /^version\s*=\s*"([^"]+)"/m.exec(readFileSync(join(root, "Cargo.toml"), "utf8"))?.[1];
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version;
  const face = /export const version\s*=\s*"([^"]+)"/.exec(readFileSync(join(folder, "index.js"), "utf8"))?.[1];
  if (manifest !== crate) fail(`package.json has version ${manifest}, but Cargo.toml has ${crate}`);
  if (face !== undefined && face !== crate) fail(`index.js has version ${face}, but Cargo.toml has ${crate}`);
}

/** An import from "env" is a symbol that nothing provides: the module could not be instantiated in any browser. */
function checkImports(wasm) {
  const foreign = WebAssembly.Module.imports(new WebAssembly.Module(wasm)).filter(({ module }) => module !== GLUE_NAMESPACE);
  for (const { module, name } of foreign) console.error(`package: the wasm imports "${name}" from "${module}"`);
  if (foreign.length > 0) fail(`the wasm may import from "${GLUE_NAMESPACE}" only`);
}

/** A path of the machine that built it tells strangers about that machine, and makes every machine's build differ. */
function checkPaths(wasm) {
  const home = process.env.HOME;
  if (home && wasm.includes(`${home}/`)) fail(`the wasm contains paths below ${home}`);
}

/** Every file that the exports of package.json name must be there. */
function checkExports(folder) {
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const files = Object.values(exports).flatMap((entry) => (typeof entry === "string" ? [entry] : Object.values(entry)));
  for (const file of files) {
    if (!existsSync(join(folder, file))) fail(`package.json exports ${file}, which is not in the package`);
  }
}

/** The entry file and all that it imports statically, each once. */
function firstLoadScripts(folder, entry = "index.js", found = new Set()) {
  if (found.has(entry)) return found;
  found.add(entry);
  const source = readFileSync(join(folder, entry), "utf8");
  for (const [, name] of source.matchAll(/^(?:import|export)\b[^;"']*["']\.\/([^"']+)["']/gm)) firstLoadScripts(folder, name, found);
  return found;
}

function measure(name, bytes) {
  return { name, raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotliCompressSync(bytes).length };
}

function printSizes(sizes) {
  const width = Math.max(...sizes.map(({ name }) => name.length));
  const row = (name, ...cells) => console.log(name.padEnd(width), ...cells.map((cell) => String(cell).padStart(9)));
  row("size in bytes", "raw", "gzip", "brotli");
  for (const { name, raw, gzip, brotli } of sizes) row(name, raw, gzip, brotli);
}

const folder = process.argv[2];
if (!folder) fail("usage: node scripts/inspect-package.mjs FOLDER");

const wasm = readFileSync(join(folder, MODULE));
checkVersions(folder);
checkExports(folder);
checkImports(wasm);
checkPaths(wasm);

const parts = [MODULE, ...firstLoadScripts(folder)].map((name) => measure(basename(name), readFileSync(join(folder, name))));
const sum = (unit) => parts.reduce((total, part) => total + part[unit], 0);
const total = { name: "first load", raw: sum("raw"), gzip: sum("gzip"), brotli: sum("brotli") };
printSizes([...parts, total]);
const other = readdirSync(folder).filter((name) => name.endsWith(".js") && !parts.some((part) => part.name === name));
if (other.length > 0) console.log(`not in the first load: ${other.join(", ")}`);
if (total.brotli > FIRST_LOAD_BUDGET) fail(`the first load is ${total.brotli} bytes after brotli, over the budget of ${FIRST_LOAD_BUDGET}`);
