/** Lets awaits that come one after the other wait at the same time, by `Promise.all`, where that is mechanical. Pure. */
import type { AwaitExpression, ForOfStatement, Statement, VariableDeclaration } from '@babel/types';
import type { Fix } from './fix.ts';
import { lineStarts } from './ignore.ts';
import { boundNames } from './scopes.ts';
import { ancestors, endOf, isFunction, isPath, startOf, textOf } from './syntax.ts';
import type { Path, Source } from './syntax.ts';

const TITLE = 'Await them together with Promise.all';
const CAUTIONS = [
  'all begin at once, in this order, and none waits for the one before',
  'when one fails the others go on, and their results are lost',
];
const LEAST = 2;

/** For the awaits that begin on that line, from 0; undefined where more than their order would change. */
export function awaitTogether(source: Source, line: number): Fix | undefined {
  const starts = lineStarts(source.text);
  const [from = 0, to = Infinity] = [starts[line], starts[line + 1]];
  const found = source.paths.find(
    (path) => isPath(path, 'AwaitExpression') && startOf(path.node) >= from && startOf(path.node) < to,
  );
  if (!isPath(found, 'AwaitExpression')) return undefined;
  return rowFix(source, found) ?? loopFix(source, found);
}

interface Link {
  statement: VariableDeclaration;
  awaited: AwaitExpression;
  names: string[];
}

/** `const PATTERN = await VALUE`. */
function linkOf(statement: Statement | undefined): Link | undefined {
  if (statement?.type !== 'VariableDeclaration' || statement.kind !== 'const') return undefined;
  const [{ id, init } = {}, ...rest] = statement.declarations;
  if (rest.length > 0 || init?.type !== 'AwaitExpression' || id === undefined || id.type === 'VoidPattern')
    return undefined;
  // A type can't be said of one element of a pattern.
  if ('typeAnnotation' in id && id.typeAnnotation) return undefined;
  return { statement, awaited: init, names: boundNames(id) };
}

function rowFix(source: Source, awaited: Path<AwaitExpression>): Fix | undefined {
  const declaration = awaited.parent?.parent;
  const block = declaration?.parent;
  if (!isPath(declaration, 'VariableDeclaration') || !isPath(block, 'BlockStatement', 'Program')) return undefined;
  const { body } = block.node;
  const row: Link[] = [];
  for (let i = body.indexOf(declaration.node); i < body.length; i++) {
    const link = linkOf(body[i]);
    const before = row.at(-1);
    if (
      !link ||
      uses(
        source,
        link.awaited,
        row.flatMap(({ names }) => names),
      )
    )
      break;
    // A comment in between would be lost.
    if (before && source.text.slice(endOf(before.statement), startOf(link.statement)).trim() !== '') break;
    row.push(link);
  }
  const [first] = row;
  const last = row.at(-1);
  if (row.length < LEAST || !first || !last) return undefined;
  const patterns = row.map(({ statement }) => textOf(source, statement.declarations[0]?.id ?? statement));
  const values = row.map(({ awaited: { argument } }) => textOf(source, argument));
  return fixOf([
    {
      start: startOf(first.statement),
      end: endOf(last.statement),
      text: `const [${patterns.join(', ')}] = await ${all(source, first.statement, values)}${ending(source, last.statement)}`,
    },
  ]);
}

function all(source: Source, at: Statement, values: readonly string[]): string {
  const start = source.text.lastIndexOf('\n', startOf(at)) + 1;
  const indent = /^[ \t]*/.exec(source.text.slice(start))?.[0] ?? '';
  const newline = source.text.includes('\r\n') ? '\r\n' : '\n';
  const step = indent.includes('\t') ? '\t' : '  ';
  return `Promise.all([${newline}${values.map((value) => `${indent}${step}${value},${newline}`).join('')}${indent}])`;
}

const ending = (source: Source, node: Statement): string => (textOf(source, node).endsWith(';') ? ';' : '');

/** `for (const x of list) { const r = await f(x); ... }` and `for (const x of list) results.push(await f(x))`. */
function loopFix(source: Source, awaited: Path<AwaitExpression>): Fix | undefined {
  const loop = [...ancestors(awaited)].find((path) => isFunction(path) || isPath(path, 'ForOfStatement'));
  if (!isPath(loop, 'ForOfStatement') || loop.node.await) return undefined;
  const { left, right, body } = loop.node;
  const declared = left.type === 'VariableDeclaration' ? left.declarations[0]?.id : undefined;
  const statements = body.type === 'BlockStatement' ? body.body : [body];
  const inside = source.paths.filter(({ node }) => startOf(node) >= startOf(body) && endOf(node) <= endOf(body));
  const awaits = inside.filter((path) => isPath(path, 'AwaitExpression'));
  if (!declared || awaits.length !== 1 || inside.some(leaves)) return undefined;
  const mapped = `Array.from(${textOf(source, right)}, (${textOf(source, declared)}) => ${valueOf(source, awaited.node)})`;
  return bodyFix(source, { loop: loop.node, statements, mapped, rounds: boundNames(declared) }, awaited);
}

interface Loop {
  loop: ForOfStatement;
  statements: Statement[];
  mapped: string;
  rounds: string[];
}

function bodyFix(
  source: Source,
  { loop, statements, mapped, rounds }: Loop,
  awaited: Path<AwaitExpression>,
): Fix | undefined {
  const [first, ...rest] = statements;
  const link = linkOf(first);
  if (link && link.awaited === awaited.node && rest.length > 0) {
    if (rest.some((statement) => uses(source, statement, rounds))) return undefined;
    const pattern = textOf(source, link.statement.declarations[0]?.id ?? link.statement);
    return fixOf([
      { start: startOf(loop.left), end: endOf(loop.right), text: `const ${pattern} of await Promise.all(${mapped})` },
      { start: startOf(link.statement), end: startOf(rest[0] ?? link.statement), text: '' },
    ]);
  }
  const call = awaited.parent;
  const isPush =
    isPath(call, 'CallExpression') &&
    call.node.arguments.length === 1 &&
    call.node.callee.type === 'MemberExpression' &&
    call.node.callee.property.type === 'Identifier' &&
    call.node.callee.property.name === 'push' &&
    isPath(call.parent, 'ExpressionStatement') &&
    call.parent.node === first;
  if (!isPush || rest.length > 0 || uses(source, call.node.callee, rounds)) return undefined;
  const text = `${textOf(source, call.node.callee)}(...(await Promise.all(${mapped})))${ending(source, call.parent?.node as Statement)}`;
  return fixOf([{ start: startOf(loop), end: endOf(loop), text }]);
}

/** An object would look like a block. */
function valueOf(source: Source, { argument }: AwaitExpression): string {
  const text = textOf(source, argument);
  return text.startsWith('{') ? `(${text})` : text;
}

const leaves = (path: Path): boolean =>
  isPath(
    path,
    'BreakStatement',
    'ContinueStatement',
    'ReturnStatement',
    'ThrowStatement',
    'YieldExpression',
    'TryStatement',
  ) || isFunction(path);

/** Whether one of the names stands within the node. */
function uses(
  { identifiers }: Source,
  node: { start?: number | null; end?: number | null },
  names: readonly string[],
): boolean {
  const [start, end] = [node.start ?? 0, node.end ?? 0];
  return names.some((name) =>
    (identifiers.get(name) ?? []).some((path) => startOf(path.node) >= start && endOf(path.node) <= end),
  );
}

const fixOf = (edits: Fix['edits']): Fix => ({ title: TITLE, cautions: CAUTIONS, edits });
