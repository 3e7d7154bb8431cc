// The packed package, unpacked as npm would: what is tested is what is published.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const TEMPLATE = fileURLToPath(new URL("../../../pkg-template/", import.meta.url));
const RESULTS = fileURLToPath(new URL("../test-results/", import.meta.url));

/** The folder that holds the content of the tarball. */
export function unpackedPackage() {
  const tarball = findTarball();
  const digest = createHash("sha256").update(readFileSync(tarball)).digest("hex").slice(0, 16);
  const folder = join(RESULTS, `package-${digest}`);
  if (!existsSync(folder)) unpack(tarball, folder);
  return folder;
}

function findTarball() {
  const named = process.env.GWS_IM_SDK_TARBALL;
  if (named) {
    if (!existsSync(named)) throw new Error(`GWS_IM_SDK_TARBALL names ${named}, where there is no file`);
    return named;
  }
  const found = readdirSync(TEMPLATE).filter((name) => name.endsWith(".tgz"));
  if (found.length !== 1) throw new Error(`expected one tarball in pkg-template, found ${found.length}; \`make package\` leaves it, GWS_IM_SDK_TARBALL names another`);
  return join(TEMPLATE, found[0]);
}

/** Test files may run at the same time: the folder appears under its name only when it is complete. */
function unpack(tarball, folder) {
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "-C", unfinished, "--strip-components=1"]);
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}
