// The codes that errors are made with, in JavaScript and in Rust, against those that have a sentence and those that the package's page explains.
// A code with an open end stands as `http/…`.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import ts from "typescript";

import { GwsImError } from "../../pkg-template/errors.js";
import { collect, declaration, parsed, source, TYPES } from "./declarations.js";
import { root } from "./package-link.js";

const sorted = (codes) => [...new Set(codes)].sort();
const CODE = /^(?:[a-z]+\/(?:[a-z]+(?:-[a-z]+)*|…)|aborted)$/;

/** In the first column of the table under "Errors". */
function explained() {
  const [, table] = /\n## Errors\n([\s\S]*?)\n## /.exec(source("pkg-template/README.md"));
  return [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, code]) => code);
}

/** Codes and groups that have a sentence. */
function withSentence() {
  const [table] = collect(parsed("pkg-template/errors.js"), (node) => (ts.isVariableDeclaration(node) && node.name.getText() === "SENTENCES" ? node.initializer : undefined));
  return table.properties.map(({ name }) => name.text).map((code) => (code === "aborted" || code.includes("/") ? code : `${code}/…`));
}

/** The strings an expression can give: of both branches of a condition; a template with a hole gives its open end. */
function stringsOf(node) {
  if (ts.isStringLiteral(node)) return [node.text];
  if (ts.isTemplateExpression(node)) return [`${node.head.text}…`];
  if (ts.isConditionalExpression(node)) return [...stringsOf(node.whenTrue), ...stringsOf(node.whenFalse)];
  return [];
}

/** What `new GwsImError(…)` is called with in the face. A name is followed to the constant of that name. */
function madeInJavaScript() {
  const files = readdirSync(join(root, "pkg-template")).filter((file) => file.endsWith(".js"));
  return files.flatMap((file) => {
    const tree = parsed(`pkg-template/${file}`);
    const constant = (name) => collect(tree, (node) => (ts.isVariableDeclaration(node) && node.name.getText() === name ? node.initializer : undefined));
    return collect(tree, (node) => {
      if (!ts.isNewExpression(node) || node.expression.getText() !== "GwsImError") return undefined;
      const [code] = node.arguments;
      return ts.isIdentifier(code) ? { file, code: code.text, codes: constant(code.text).flatMap(stringsOf) } : { file, code: code.getText(), codes: stringsOf(code) };
    });
  });
}

/** The text between the braces of `head { … }`. */
function block(text, head) {
  const start = text.indexOf(head);
  assert.ok(start >= 0, `no ${head}`);
  const end = /^\}|^ {4}\}/m.exec(text.slice(start + head.length));
  return text.slice(start, start + head.length + end.index);
}

/** What an answer of the GWS API is refused with. A number is an open end. */
function madeOfAnswers() {
  const codes = [...block(source("src/gws/rest.rs"), "pub fn code(self)").matchAll(/"([a-z]+\/)([a-z-]*)"/g)];
  assert.ok(codes.length >= 5, "each code is read");
  return codes.map(([, group, name]) => group + (name || "…"));
}

/** What Fault::new is called with, and the one code without a group. A name that is computed is looked up, or stands for an open end. */
function madeInRust() {
  const text = source("src/browser/error.rs");
  const violations = [...block(source("src/bayeux/error.rs"), "pub const fn name(self)").matchAll(/=> "([\w-]+)"/g)].map(([, name]) => name);
  const usages = [...block(text, "fn usage(").matchAll(/=> "([\w-]+)"/g)].map(([, name]) => name);
  const computed = { "violation.name()": violations, name: usages, "&name": ["…"], "&decimal((*status).into())": ["…"] };
  const made = [...text.matchAll(/Self::new\("(\w+)", (?:"([\w-]+)"|([^,]+)), (?:true|false)\)/g)];
  const codes = made.flatMap(([, group, literal, expression]) => {
    const names = literal ? [literal] : computed[expression];
    assert.ok(names?.length > 0, `Self::new("${group}", ${expression}, …) is not known to this test`);
    return names.map((name) => `${group}/${name}`);
  });
  const calls = text.match(/Self::new\(/g).length;
  assert.equal(made.length, calls, "each Self::new is read");
  return [...madeOfAnswers(), ...codes, ...[...text.matchAll(/code: "(\w+)"\.to_owned\(\)/g)].map(([, code]) => code)];
}

/** Whether the page explains it by the open end of its group. */
const isOfOpenGroup = (code) => explained().includes(code.replace(/\/.*/, "/…"));

describe("error codes", () => {
  it("stand in the page's table once each, in order", () => {
    const codes = explained();
    assert.ok(codes.length > 30, `${codes.length} codes read`);
    // The open end of a group stands before its other codes.
    const inOrder = sorted(codes.map((code) => code.replace("…", ""))).map((code) => code.replace(/\/$/, "/…"));
    assert.deepEqual(codes, inOrder);
  });

  it("are made of small letters", () => {
    const codes = [...explained(), ...withSentence(), ...madeInJavaScript().flatMap(({ codes }) => codes), ...madeInRust()];
    assert.deepEqual(codes.filter((code) => !CODE.test(code)), []);
  });

  it("are all readable by this test where the face makes errors", () => {
    // These hand on what the WebAssembly side says, which is read from there.
    const handsOn = ({ file, code }) => ["index.js", "rest.js"].includes(file) && code === "code";
    const unread = madeInJavaScript().filter((made) => made.codes.length === 0 && !handsOn(made));
    assert.deepEqual(unread, []);
  });

  it("that are made, or have a sentence, are explained on the page", () => {
    const made = [...withSentence(), ...madeInJavaScript().flatMap(({ codes }) => codes), ...madeInRust()];
    // Each mistake with the options is explained by its message.
    const needed = sorted(made).filter((code) => !/^options\/[a-z]/.test(code));
    assert.deepEqual(needed.filter((code) => !explained().includes(code)), []);
  });

  it("that are explained on the page are made somewhere", () => {
    const made = [...madeInJavaScript().flatMap(({ codes }) => codes), ...madeInRust()];
    assert.deepEqual(explained().filter((code) => !made.includes(code)), []);
  });

  it("that have a sentence are made somewhere", () => {
    const made = [...madeInJavaScript().flatMap(({ codes }) => codes), ...madeInRust()];
    assert.deepEqual(withSentence().filter((code) => !made.includes(code)), []);
  });

  it("that are made have a sentence that speaks, not the code", () => {
    const made = [...madeInJavaScript().flatMap(({ codes }) => codes), ...madeInRust()];
    for (const code of sorted(made)) {
      const { message } = new GwsImError(code.replace("…", "503"), { text: "what was said" });
      assert.notEqual(message, code.replace("…", "503"));
      assert.match(message, / /);
    }
  });

  it("belong to a declared group", () => {
    const [groups] = collect(declaration("GwsImErrorCode"), (node) => (ts.isUnionTypeNode(node) && node.types.every(ts.isLiteralTypeNode) ? node.types.map(({ literal }) => literal.text) : undefined));
    const used = explained().filter((code) => code.includes("/")).map((code) => code.split("/")[0]);
    assert.deepEqual(sorted(used), sorted(groups));
  });

  it("named in the comments of the types are explained on the page", () => {
    const named = TYPES.flatMap((file) => [...source(file).matchAll(/["`]((?:options|usage|network|http|auth|server|gws|protocol|recovery|wasm)\/[a-z0-9-]+|aborted)["`]/g)].map(([, code]) => code));
    assert.ok(named.length > 40, `${named.length} codes read`);
    assert.deepEqual(sorted(named).filter((code) => !explained().includes(code) && !isOfOpenGroup(code)), []);
  });
});
