// The built package, where Node.js and the compiler look for packages.

import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const built = fileURLToPath(new URL("../../pkg-template/dist", import.meta.url));
const link = fileURLToPath(new URL("node_modules/gws-im-sdk", import.meta.url));

/** Puts the built package under its name into node_modules, as a link, so that it is always the one that was built last. */
export function linkPackage() {
  if (!existsSync(built)) throw new Error("The package is not built: run `make package` first.");
  mkdirSync(fileURLToPath(new URL("node_modules", import.meta.url)), { recursive: true });
  rmSync(link, { recursive: true, force: true });
  symlinkSync(built, link, "dir");
}
