/** Finds the loop around a line that can run elsewhere as it stands: nothing in it acts on the function around it, or outlives it. Pure. */
import type { CallExpression } from '@babel/types';
import { functionAround, uses } from './handlers.ts';
import { propertyName } from './scopes.ts';
import { ancestors, endOf, isFunction, isPath, startOf } from './syntax.ts';
import type { FunctionNode, Path, Source } from './syntax.ts';

export interface Loop {
  /** With its label. */
  path: Path;
  /** All that is in it. */
  inside: Path[];
  /** Line of the loop around it, which waits in each round. */
  round?: number;
}

/** They need the function around, or a place that only this file is. */
const BOUND = [
  'AwaitExpression',
  'YieldExpression',
  'ThisExpression',
  'Super',
  'MetaProperty',
  'ImportExpression',
  'Import',
  'ClassDeclaration',
  'ClassExpression',
  'ObjectMethod',
  'JSXElement',
  'JSXFragment',
  'WithStatement',
] as const;
/** They call what they are given before they return, and keep none of it. */
const CALLS_AT_ONCE = new Set(
  (
    'map filter forEach some every find findIndex findLast findLastIndex reduce reduceRight flatMap sort toSorted ' +
    'replace replaceAll from groupBy'
  ).split(' '),
);

/** The outermost loop around that line, from 1, in its function; of loops that wait, the one within. */
export function loopAt(source: Source, line: number): Loop | undefined {
  const around = source.paths.filter((path) => isLoop(path) && spans(path, line));
  const innermost = around.at(-1);
  if (!innermost) return undefined;
  const owner = functionAround(innermost)?.node;
  const own = around.filter((path) => functionAround(path)?.node === owner && ancestorsInclude(innermost, path));
  let round: number | undefined;
  for (const each of own) {
    const path = labelled(each);
    const inside = partsOf(source, path);
    if (inside.some((part) => waits(part) && functionAround(part)?.node === owner)) {
      round = path.node.loc?.start.line;
      continue;
    }
    if (!isMovable(source, path, inside)) return undefined;
    return { path, inside, ...(round === undefined ? {} : { round }) };
  }
  return undefined;
}

/** Whether a function is called only where it stands, by those who call at once or by the loop itself. */
export function callsOf(source: Source, path: Path<FunctionNode>): Path<CallExpression>[] | undefined {
  const { parent, key } = path;
  if (isPath(parent, 'CallExpression')) {
    const { callee } = parent.node;
    if (key === 'callee') return [parent];
    const name = callee.type === 'MemberExpression' ? propertyName(callee.property, callee.computed) : undefined;
    return key === 'arguments' && name !== undefined && CALLS_AT_ONCE.has(name) ? [parent] : undefined;
  }
  const calls = uses(source, path)?.references.map((use) => (use.key === 'callee' ? use.parent : undefined));
  return calls?.every((call) => isPath(call, 'CallExpression')) ? calls : undefined;
}

/** All nodes of the path, itself included. */
function partsOf({ paths }: Source, { node }: Path): Path[] {
  return paths.filter((path) => startOf(path.node) >= startOf(node) && endOf(path.node) <= endOf(node));
}

function isLoop(path: Path): boolean {
  return isPath(path, 'ForStatement', 'ForOfStatement', 'ForInStatement', 'WhileStatement', 'DoWhileStatement');
}

function spans({ node: { loc } }: Path, line: number): boolean {
  return loc !== null && loc !== undefined && loc.start.line <= line && line <= loc.end.line;
}

function ancestorsInclude(path: Path, wanted: Path): boolean {
  return path.node === wanted.node || [...ancestors(path)].some(({ node }) => node === wanted.node);
}

function labelled(path: Path): Path {
  return isPath(path.parent, 'LabeledStatement') ? labelled(path.parent) : path;
}

function waits(part: Path): boolean {
  return isPath(part, 'AwaitExpression', 'YieldExpression') || (isPath(part, 'ForOfStatement') && part.node.await);
}

function isMovable(source: Source, loop: Path, inside: readonly Path[]): boolean {
  const nodes = new Set<unknown>(inside.map(({ node }) => node));
  return inside.every((part) => {
    if (isPath(part, ...BOUND) || waits(part)) return false;
    if (isPath(part, 'Identifier') && /^(?:arguments|eval)$/.test(part.node.name)) return false;
    if (isPath(part, 'ReturnStatement')) return nodes.has(functionAround(part)?.node);
    if (isPath(part, 'BreakStatement', 'ContinueStatement') && part.node.label)
      return hasLabel(part, part.node.label.name, loop);
    if (isPath(part, 'VariableDeclaration') && /using/.test(part.node.kind)) return false;
    return !isFunction(part) || (!part.node.async && !part.node.generator && callsOf(source, part) !== undefined);
  });
}

/** Whether the label stands in the loop. */
function hasLabel(jump: Path, name: string, loop: Path): boolean {
  for (const around of ancestors(jump)) {
    if (isPath(around, 'LabeledStatement') && around.node.label.name === name) return true;
    if (around.node === loop.node) return false;
  }
  return false;
}
