// Loads the WebAssembly module: once, again after a failure, and with an explanation when it fails.

import { GwsImError } from "./errors.js";
import initGlue, { __wbg_reset_state as startAfresh, onPanic } from "./gws_im_sdk.js";

const DEFAULT_URL = () => new URL("gws_im_sdk_bg.wasm", import.meta.url);

/** By which the module is known. */
const OWN_EXPORT = "channel_new";

let loading;
/** Whether the module can be used, and what it died of. */
export const module = { isLoaded: false, panic: undefined };

/** Called with a GwsImError when the module fails. */
export const panicListeners = new Set();

export function load(source) {
  loading ??= start(source).catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function start(source) {
  // The glue keeps one instance for good. After a panic it is replaced, and what the dead one had given out is never called again.
  if (module.panic) startAfresh();
  else await instantiate(await compile(await given(source ?? DEFAULT_URL())));
  module.isLoaded = true;
  module.panic = undefined;
  onPanic(panicked);
}

function panicked(place) {
  module.panic = new GwsImError("wasm/panicked", { text: place });
  module.isLoaded = false;
  loading = undefined;
  for (const listener of [...panicListeners]) listener(module.panic);
}

async function given(source) {
  try {
    return await source;
  } catch (error) {
    throw new GwsImError("wasm/not-found", { text: `what init() was given: ${error?.message ?? error}`, retryable: true, cause: error });
  }
}

/** Once another module stands in its place, the glue is good for none. */
async function instantiate(compiled) {
  if (!WebAssembly.Module.exports(compiled).some(({ name }) => name === OWN_EXPORT)) throw new GwsImError("wasm/not-wasm", { text: "it is another module." });
  try {
    await initGlue({ module_or_path: compiled });
  } catch (error) {
    throw new GwsImError("wasm/not-wasm", { text: `it may be that of another version (${error.message}).`, cause: error });
  }
}

async function compile(source) {
  if (typeof WebAssembly === "undefined") throw new GwsImError("wasm/unsupported", { text: "it has no WebAssembly, or it is switched off" });
  if (source instanceof WebAssembly.Module) return source;
  const bytes = ArrayBuffer.isView(source) || source instanceof ArrayBuffer ? source : await bytesOf(source);
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw explained(error, bytes);
  }
}

async function bytesOf(source) {
  const where = String(source?.url || source);
  const [response, bytes] = await read(source).catch((error) => {
    throw new GwsImError("wasm/not-found", { text: `${where} (${error.message}; ${globalThis.document ? "does connect-src of the page's content security policy allow it?" : "there is no channel outside a browser"})`, retryable: true, cause: error });
  });
  if (!response.ok) throw new GwsImError("wasm/not-found", { text: `${where} (HTTP ${response.status})`, status: response.status, retryable: true });
  if (!isWasm(bytes)) throw new GwsImError("wasm/not-wasm", { text: `${where} has the type ${response.headers.get("content-type")} and other content. Many servers answer so for a file they do not have.`, retryable: true });
  return bytes;
}

async function read(source) {
  const response = source instanceof Response ? source : await fetch(source, { credentials: "same-origin" });
  return [response, await response.arrayBuffer()];
}

function isWasm(bytes) {
  const magic = new Uint8Array(bytes.buffer ?? bytes, bytes.byteOffset ?? 0, Math.min(4, bytes.byteLength));
  return String.fromCharCode(...magic) === "\0asm";
}

function explained(error, bytes) {
  if (/content security policy|unsafe-eval/i.test(error.message)) return new GwsImError("wasm/csp", { cause: error });
  const code = isWasm(bytes) ? "wasm/unsupported" : "wasm/not-wasm";
  return new GwsImError(code, { text: error.message, cause: error });
}
