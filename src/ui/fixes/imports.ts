/** Makes a function of a module known to a file: by a name that is there, in an import that is there, or in a new one. Pure. */
import type { Node } from '@babel/types';
import { declared, declarationOf, isTaken, referencesOf, topLevel } from './scopes.ts';
import { endOf, isPath, startOf, textOf } from './syntax.ts';
import type { Edit, Path, Source } from './syntax.ts';

/** What is to be known. */
export interface Wanted {
  /** Without `node:`. */
  module: string;
  name: string;
  /** Where it is used. */
  at: Path;
  /** The name of the blocking function that is not used any more when this was its only use. */
  instead?: Path | undefined;
}

interface Spare {
  declaration: Path;
  statement: Path;
  /** It is all that its statement declares. */
  isAlone: boolean;
}

/** The expression for it, and the edits that make it valid. */
export function makeKnown(source: Source, wanted: Wanted): { expression: string; edits: Edit[] } {
  const { module, name, at } = wanted;
  const spare = spareOf(source, wanted.instead);
  const known = knownAs(source, module, name, at);
  if (known !== undefined) return { expression: known, edits: spare ? remove(source, spare) : [] };
  const local = isTaken(source, name)
    ? freeName(source, `${name}${module === 'fs/promises' ? 'Async' : 'Callback'}`)
    : name;
  const specifier = local === name ? name : usesImport(source) ? `${name} as ${local}` : `${name}: ${local}`;
  const neighbour = neighbourIn(source, module);
  if (neighbour) {
    if (spare && spare.declaration.parent === neighbour.list && spare.declaration.node.type !== 'VariableDeclarator') {
      return { expression: local, edits: [replaced(spare.declaration.node, specifier)] };
    }
    const add = { start: endOf(neighbour.last), end: endOf(neighbour.last), text: `, ${specifier}` };
    return { expression: local, edits: [add, ...(spare ? remove(source, spare) : [])] };
  }
  const line = importLine(source, module, specifier);
  if (spare?.isAlone) return { expression: local, edits: [replaced(spare.statement.node, line)] };
  return { expression: local, edits: [addLine(source, line), ...(spare ? remove(source, spare) : [])] };
}

/** A constant `promisify(expression)`, the one that is there or a new one behind the imports. */
export function promisified(source: Source, expression: string, at: Path): { expression: string; edits: Edit[] } {
  for (const [name, declaration] of topLevel(source)) {
    const init = isPath(declaration, 'VariableDeclarator') ? declaration.node.init : undefined;
    if (init?.type !== 'CallExpression' || init.arguments.length !== 1 || !init.arguments[0]) continue;
    if (textOf(source, init.callee).endsWith('promisify') && textOf(source, init.arguments[0]) === expression)
      return { expression: name, edits: [] };
  }
  const { expression: promisify, edits } = makeKnown(source, { module: 'util', name: 'promisify', at });
  const name = freeName(
    source,
    `${
      expression
        .split('.')
        .at(-1)
        ?.replace(/Callback$/, '') ?? ''
    }Async`,
  );
  const line = `const ${name} = ${promisify}(${expression})${lineEnd(source)}`;
  return { expression: name, edits: [...edits, addLine(source, line)] };
}

/** The statement that makes names of one of Node's modules known, in the manner of the file. */
export function importLine(source: Source, module: string, specifiers: string): string {
  const text = `${quote(source)}${prefix(source)}${module}${quote(source)}`;
  return usesImport(source)
    ? `import { ${specifiers} } from ${text}${lineEnd(source)}`
    : `const { ${specifiers} } = require(${text})${lineEnd(source)}`;
}

/** Puts a line behind the imports at the top of the file. */
export function addLine(source: Source, line: string): Edit {
  const last = source.program.body.findLast((node) => isImport(node));
  if (last) return { start: endOf(last), end: endOf(last), text: `\n${line}` };
  const start = beginning(source);
  return { start, end: start, text: `${line}\n\n` };
}

/** Before the first statement and the comment that belongs to it. */
function beginning({ program, text }: Source): number {
  const [first] = program.body;
  if (!first) return text.length;
  let start = startOf(first);
  for (const comment of (first.leadingComments ?? []).toReversed()) {
    if (/\n\s*\n/.test(text.slice(comment.end, start))) break;
    start = comment.start ?? start;
  }
  return start;
}

/** A name that the file does not use yet. */
export function freeName(source: Source, wanted: string): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted}${number}`;
    if (!isTaken(source, name)) return name;
  }
}

/** Whether names come in by `import`, by the file's own habit or by its kind. */
export function usesImport(source: Source): boolean {
  if (source.isTypeScript || source.program.body.some(({ type }) => type === 'ImportDeclaration')) return true;
  return source.isModule && !source.program.body.some((node) => isImport(node));
}

function knownAs(source: Source, module: string, name: string, at: Path): string | undefined {
  for (const [local, declaration] of topLevel(source)) {
    const member = isTypeOnly(declaration) ? undefined : declared(source, declaration, local);
    if (member?.module !== module || declarationOf(source, local, at) !== declaration) continue;
    if (member.names.length === 0) return `${local}.${name}`;
    if (member.names.length === 1 && member.names[0] === name) return local;
  }
  return undefined;
}

/** A list of names of the module to which another can be added. */
function neighbourIn(source: Source, module: string): { list: Path; last: Node } | undefined {
  for (const path of source.paths) {
    if (isPath(path, 'ImportDeclaration') && path.node.importKind !== 'type') {
      const last = path.node.specifiers.at(-1);
      if (last?.type === 'ImportSpecifier' && path.node.source.value.replace(/^node:/, '') === module)
        return { list: path, last };
    }
    if (!isPath(path, 'VariableDeclarator') || path.node.id.type !== 'ObjectPattern') continue;
    if (path.parent?.parent?.node !== source.program) continue;
    const last = path.node.id.properties.at(-1);
    const { init } = path.node;
    const isRequire = init?.type === 'CallExpression' && textOf(source, init.callee) === 'require';
    const given = isRequire ? init.arguments[0] : undefined;
    if (
      last?.type === 'ObjectProperty' &&
      given?.type === 'StringLiteral' &&
      given.value.replace(/^node:/, '') === module
    )
      return { list: path, last };
  }
  return undefined;
}

/** The declaration of a name that is used only there. */
function spareOf(source: Source, use: Path | undefined): Spare | undefined {
  if (!isPath(use, 'Identifier')) return undefined;
  const { name } = use.node;
  const found = declarationOf(source, name, use);
  if (!found || referencesOf(source, name, found).length !== 1) return undefined;
  if (isPath(found, 'ImportSpecifier', 'ImportDefaultSpecifier', 'ImportNamespaceSpecifier')) {
    if (!isPath(found.parent, 'ImportDeclaration')) return undefined;
    return { declaration: found, statement: found.parent, isAlone: found.parent.node.specifiers.length === 1 };
  }
  if (!isPath(found, 'VariableDeclarator') || !isPath(found.parent, 'VariableDeclaration')) return undefined;
  if (found.parent.parent?.node !== source.program || found.parent.node.declarations.length !== 1) return undefined;
  const { id } = found.node;
  if (id.type === 'Identifier') return { declaration: found, statement: found.parent, isAlone: true };
  if (id.type !== 'ObjectPattern') return undefined;
  const property = source.paths.find(
    (path) =>
      isPath(path, 'ObjectProperty') &&
      path.parent?.node === id &&
      path.node.value.type === 'Identifier' &&
      path.node.value.name === name,
  );
  if (!property) return undefined;
  const declaration = { node: property.node, parent: found, key: property.key };
  return { declaration, statement: found.parent, isAlone: id.properties.length === 1 };
}

function remove(source: Source, { declaration, statement, isAlone }: Spare): Edit[] {
  if (isAlone) {
    const end = endOf(statement.node);
    return [{ start: startOf(statement.node), end: source.text[end] === '\n' ? end + 1 : end, text: '' }];
  }
  const { text } = source;
  const after = /^\s*,\s*/.exec(text.slice(endOf(declaration.node)));
  if (after && !/^\s*,\s*}/.test(text.slice(endOf(declaration.node)))) {
    const start = startOf(declaration.node);
    return [{ start, end: endOf(declaration.node) + after[0].length, text: '' }];
  }
  const before = /,\s*$/.exec(text.slice(0, startOf(declaration.node)));
  return before ? [{ start: before.index, end: endOf(declaration.node), text: '' }] : [];
}

function isImport(node: Node): boolean {
  if (node.type === 'ImportDeclaration' || node.type === 'TSImportEqualsDeclaration') return true;
  if (node.type !== 'VariableDeclaration') return false;
  return node.declarations.every(({ init }) => {
    const call = init?.type === 'MemberExpression' ? init.object : init;
    return call?.type === 'CallExpression' && call.callee.type === 'Identifier' && call.callee.name === 'require';
  });
}

function isTypeOnly({ node, parent }: Path): boolean {
  if (node.type === 'ImportSpecifier' && node.importKind === 'type') return true;
  return isPath(parent, 'ImportDeclaration') && parent.node.importKind === 'type';
}

function replaced(node: Node, text: string): Edit {
  return { start: startOf(node), end: endOf(node), text };
}

const MODULE_TEXT = /(?:\bfrom\s*|\brequire\(\s*|\bimport\s*)(['"])([^'"]+)\1/g;

function moduleTexts({ text }: Source): { quote: string; name: string }[] {
  return [...text.matchAll(MODULE_TEXT)].map(([, mark = "'", name = '']) => ({ quote: mark, name }));
}

function quote(source: Source): string {
  return moduleTexts(source)[0]?.quote ?? "'";
}

/** `node:`, unless the file leaves it out everywhere. */
function prefix(source: Source): string {
  const builtin = /^(?:fs|path|crypto|zlib|http|https|child_process|util|os|url|events|stream|net)(?:\/|$)/;
  const names = moduleTexts(source).map(({ name }) => name);
  return names.some((name) => builtin.test(name)) && !names.some((name) => name.startsWith('node:')) ? '' : 'node:';
}

/** The semicolon, if the file has them. */
export function lineEnd(source: Source): string {
  const statement = source.program.body.find((node) => isImport(node)) ?? source.program.body[0];
  return statement && !textOf(source, statement).endsWith(';') && !textOf(source, statement).endsWith('}') ? '' : ';';
}
