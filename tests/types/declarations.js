// Reads what the package's types declare and what the sources of the face do, by the compiler's parser.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

import { root } from "./package-link.js";

export const source = (file) => readFileSync(join(root, file), "utf8");

/** The parsed file, e.g. "pkg-template/index.js". */
export const parsed = (file) => ts.createSourceFile(file, source(file), ts.ScriptTarget.Latest, true);

/** The files that declare the package's API. */
export const TYPES = readdirSync(join(root, "pkg-template")).filter((file) => file.endsWith(".d.ts")).map((file) => `pkg-template/${file}`);

const declared = TYPES.flatMap((file) => [...parsed(file).statements]);
const has = (node, kind) => node.modifiers?.some((modifier) => modifier.kind === kind) ?? false;
const isValue = (node) => ts.isClassDeclaration(node) || ts.isFunctionDeclaration(node) || ts.isVariableStatement(node);
const namesOf = (node) => (ts.isVariableStatement(node) ? node.declarationList.declarations.map(({ name }) => name.text) : [node.name.text]);

/** Names of exported classes, functions and constants. */
export function exportedValues() {
  return declared.filter((node) => isValue(node) && has(node, ts.SyntaxKind.ExportKeyword)).flatMap(namesOf);
}

/** The declaration of that name. */
export function declaration(name) {
  const found = declared.find((node) => !ts.isVariableStatement(node) && node.name?.text === name);
  if (!found) throw new Error(`no type declares ${name}`);
  return found;
}

/** Members of a class, an interface or an object type, each as { name, isStatic, isMethod, isOptional, node }. Constructors are none. */
export function membersOf(node) {
  return (node.members ?? node.type.members)
    .filter((member) => member.name)
    .map((member) => ({
      name: member.name.getText(),
      isStatic: has(member, ts.SyntaxKind.StaticKeyword),
      isMethod: ts.isMethodDeclaration(member) || ts.isMethodSignature(member),
      isOptional: member.questionToken !== undefined,
      node: member,
    }));
}

export const memberNames = (name) => membersOf(declaration(name)).map((member) => member.name).sort();

/** The member of that name, in an interface. */
export const member = (owner, name) => membersOf(declaration(owner)).find((known) => known.name === name).node;

/** The text of a member's @default. */
export function defaultOf({ node }) {
  const tag = ts.getJSDocTags(node).find(({ tagName }) => tagName.text === "default");
  return tag && ts.getTextOfJSDocComment(tag.comment);
}

/** The strings of a union type of string literals. */
export function strings(type) {
  const types = ts.isUnionTypeNode(type) ? type.types : [type];
  return types.map(({ literal }) => literal.text).sort();
}

/** Every node of the tree for which `select` gives something, as what it gives. */
export function collect(tree, select) {
  const found = [];
  const visit = (node) => {
    const one = select(node);
    if (one !== undefined) found.push(one);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/** The method or getter of that name in a module of the face, e.g. "#log". */
export function method(name, file = "index.js") {
  const [found] = collect(parsed(`pkg-template/${file}`), (node) => ((ts.isMethodDeclaration(node) || ts.isGetAccessor(node)) && node.name.getText() === name ? node : undefined));
  if (!found) throw new Error(`${file} has no method ${name}`);
  return found;
}

/** The names an object literal is written with; a spread is none. */
export const literalNames = (node) => node.properties.filter((property) => property.name).map((property) => property.name.text);

/** The names that object patterns in the tree take out of an object. */
export const patternNames = (tree) => collect(tree, (node) => (ts.isObjectBindingPattern(node) ? node.elements.map(({ name, propertyName }) => (propertyName ?? name).text).sort() : undefined));

/** The value of a constant of strings in a module of the face. */
export function stringsOfConstant(name, file) {
  const [list] = collect(parsed(`pkg-template/${file}`), (node) => (ts.isVariableDeclaration(node) && node.name.getText() === name ? node.initializer : undefined));
  return list.elements.map(({ text }) => text);
}

/** The names of the object literals that are given to calls of `callee`, e.g. "headers". */
export function argumentNames(tree, callee) {
  return collect(tree, (node) => {
    if (!ts.isCallExpression(node) || node.expression.getText() !== callee) return undefined;
    const literal = node.arguments.find(ts.isObjectLiteralExpression);
    return literal && literalNames(literal).sort();
  });
}
