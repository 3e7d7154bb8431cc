// TypeScript samples compiled against the built package, with each way to find it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { source } from "./declarations.js";
import { linkPackage } from "./package-link.js";

const folder = fileURLToPath(new URL(".", import.meta.url));
const compiler = fileURLToPath(new URL("node_modules/typescript/bin/tsc", import.meta.url));

/** Runs the compiler and gives its exit code and all it said. */
function compile(config) {
  return new Promise((resolve) => {
    execFile(process.execPath, [compiler, "--pretty", "false", "-p", config], { cwd: folder, timeout: 120_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, said: stdout + stderr });
    });
  });
}

describe("TypeScript samples", () => {
  before(linkPackage);

  for (const config of ["tsconfig.bundler.json", "tsconfig.node16.json"]) {
    it(`compile with ${config}`, async () => {
      const { code, said } = await compile(config);
      assert.equal(code, 0, said);
    });
  }

  it("fail where they must: the control has exactly its two errors", async () => {
    const { code, said } = await compile("tsconfig.control.json");
    assert.equal(code, 2, said);
    const errors = said.trim().split("\n").filter((line) => line.includes("error TS"));
    assert.deepEqual(errors.map((line) => /^samples\/control\.ts\((\d+),\d+\): error (TS\d+)/.exec(line)?.slice(1)), [["5", "TS2322"], ["6", "TS2322"]], said);
  });

  it("stand on the package's page as they are here", () => {
    const [, example] = /^\/\/ .*\n\n([\s\S]*)$/.exec(source("tests/types/samples/react.tsx"));
    const [, shown] = /```tsx\n([\s\S]*?)```/.exec(source("pkg-template/README.md"));
    assert.equal(shown, example);
  });
});
