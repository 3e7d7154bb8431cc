// Inspects a built package folder: fails when it is not fit to publish, and prints the size of what a page loads first.
//
//   node scripts/inspect-package.mjs FOLDER

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

/**
 * What a page may load before its first notification, in bytes after brotli: wasm and JavaScript together. It stands a little above what is built today;
 * whoever makes the package smaller lowers it. The aim is 40,000.
 */
const FIRST_LOAD_LIMIT = 87_000;

const MODULE = "gws_im_sdk_bg.wasm";
const SCRIPT = "index.js";

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
  const face = /^export const version = "([^"]+)"/m.exec(readFileSync(join(root, "pkg-template", SCRIPT), "utf8"))?.[1];
  if (manifest !== crate) fail(`package.json has version ${manifest}, but Cargo.toml has ${crate}`);
  if (face !== crate) fail(`index.js has version ${face}, but Cargo.toml has ${crate}`);
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

/** Bundlers find the wasm by this expression alone; and whatever else the script imports is one more request, and missing from the sizes below. */
function checkScript(script) {
  const found = script.match(/new URL\("gws_im_sdk_bg\.wasm",\s*import\.meta\.url\)/g)?.length ?? 0;
  if (found !== 1) fail(`${SCRIPT} must name the wasm by new URL("${MODULE}", import.meta.url) exactly once, and does ${found} times`);
  if (/(?:^|[;}])import\b\s*[^(.]/m.test(script)) fail(`${SCRIPT} imports another file`);
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
const script = readFileSync(join(folder, SCRIPT));
checkVersions(folder);
checkExports(folder);
checkImports(wasm);
checkPaths(wasm);
checkScript(script.toString("utf8"));

const parts = [measure(MODULE, wasm), measure(SCRIPT, script)];
const sum = (unit) => parts.reduce((total, part) => total + part[unit], 0);
const total = { name: "first load", raw: sum("raw"), gzip: sum("gzip"), brotli: sum("brotli") };
printSizes([...parts, total]);
if (total.brotli > FIRST_LOAD_LIMIT) fail(`the first load is ${total.brotli} bytes after brotli, over the limit of ${FIRST_LOAD_LIMIT}`);
