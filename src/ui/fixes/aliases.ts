/** Tells which names of a file an object may be reached by: what is changed through one name of a loop may belong to another outside. Pure. */
import { functionAround } from './handlers.ts';
import { callsOf } from './loops.ts';
import { child, declarationOf, propertyName, scopeOf } from './scopes.ts';
import { isFunction, isPath } from './syntax.ts';
import type { Path, Source } from './syntax.ts';

/** What they give is a container of its own, with the same things in it. */
const COPIES = new Set(
  'slice map filter concat flat flatMap toSorted toReversed toSpliced with from of keys values entries split'.split(
    ' ',
  ),
);
const CHANGES = new Set(
  'push pop shift unshift splice sort reverse fill copyWithin set add delete clear setTime'.split(' '),
);
const WRAPPERS = [
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
  'ParenthesizedExpression',
  'SpreadElement',
] as const;

/** An identifier, and how deep below its value the thing is: 1 for an element. */
export interface Origin {
  path: Path;
  depth: number;
}

/** All that a target or a pattern consists of: names and members. */
export function leavesOf(pattern: Path): Path[] {
  if (isPath(pattern, 'ObjectPattern'))
    return each(pattern, 'properties').flatMap((one) =>
      leavesOf(child(one, isPath(one, 'RestElement') ? 'argument' : 'value')),
    );
  if (isPath(pattern, 'ArrayPattern')) return each(pattern, 'elements').flatMap(leavesOf);
  if (isPath(pattern, 'AssignmentPattern')) return leavesOf(child(pattern, 'left'));
  if (isPath(pattern, 'RestElement')) return leavesOf(child(pattern, 'argument'));
  return [isPath(pattern, ...WRAPPERS) ? child(pattern, 'expression') : pattern];
}

/** What is assigned in those parts: names and members. */
export function targetsOf(inside: readonly Path[]): Path[] {
  return inside.flatMap((part) => {
    if (isPath(part, 'AssignmentExpression')) return leavesOf(child(part, 'left'));
    if (isPath(part, 'UpdateExpression')) return leavesOf(child(part, 'argument'));
    if (isPath(part, 'UnaryExpression')) return part.node.operator === 'delete' ? [child(part, 'argument')] : [];
    if (isPath(part, 'ForOfStatement', 'ForInStatement') && part.node.left.type !== 'VariableDeclaration')
      return leavesOf(child(part, 'left'));
    return [];
  });
}

/** The names outside of the loop whose objects it may change, and how deep. */
export function changedOutside(source: Source, inside: readonly Path[]): Origin[] {
  const members = targetsOf(inside).filter((target) => isMember(target));
  const callees = inside.flatMap((part) => {
    const name = methodName(part);
    if (name === undefined) return [];
    // Object.assign and its like.
    if (/^(?:assign|defineProperty|defineProperties|setPrototypeOf)$/.test(name))
      return each(part, 'arguments').slice(0, 1);
    return CHANGES.has(name) ? [child(child(part, 'callee'), 'object')] : [];
  });
  return [
    ...members.flatMap((member) => originsOutside(source, inside, child(member, 'object'), 1)),
    ...callees.flatMap((object) => originsOutside(source, inside, object, 1)),
  ];
}

/** The names outside of the loop through which the value of an expression may be reached, that deep below it. */
export function outsideOf(source: Source, inside: readonly Path[], expression: Path, depth = 0): Path[] {
  return originsOutside(source, inside, expression, depth).map(({ path }) => path);
}

function originsOutside(source: Source, inside: readonly Path[], expression: Path, depth: number): Origin[] {
  const nodes = new Set<unknown>(inside.map(({ node }) => node));
  const found: Origin[] = [];
  const seen = new Set<unknown>();
  const queue = originsOf(expression, depth);
  for (const { path, depth: below } of queue) {
    if (!isPath(path, 'Identifier')) continue;
    const { name } = path.node;
    const scope = scopeOf(source, name, path);
    const isOutside = !scope || !nodes.has(scope);
    if (isOutside) found.push({ path, depth: below });
    const declaration = declarationOf(source, name, path);
    if (!declaration || seen.has(path.node)) continue;
    seen.add(path.node);
    queue.push(...givenIn(inside, name, below));
    if (!isOutside) queue.push(...sourcesOf(source, { name, declaration }, below));
  }
  return found;
}

/** `f` of `x.f(...)`. */
export function methodName(part: Path): string | undefined {
  if (!isPath(part, 'CallExpression', 'OptionalCallExpression')) return undefined;
  const { callee } = part.node;
  if (callee.type !== 'MemberExpression' && callee.type !== 'OptionalMemberExpression') return undefined;
  return propertyName(callee.property, callee.computed);
}

/** The paths of a property that holds several nodes. */
export function each(path: Path, key: string): Path[] {
  const nodes = (path.node as unknown as Record<string, (Path['node'] | null)[]>)[key] ?? [];
  return nodes.flatMap((node) => (node ? [{ node, parent: path, key }] : []));
}

/** What is assigned to a name in those parts. */
function givenIn(inside: readonly Path[], name: string, depth: number): Origin[] {
  return inside.flatMap((part) => {
    const isLoop = isPath(part, 'ForOfStatement');
    if (!isLoop && !isPath(part, 'AssignmentExpression')) return [];
    const [left] = leavesOf(child(part, 'left')).filter((leaf) => nameAt(leaf) === name);
    const isWhole = left?.node === child(part, 'left').node && !isLoop;
    return left ? originsOf(child(part, 'right'), isWhole ? depth : depth + 1) : [];
  });
}

/** What a name of the loop has from its beginning. */
function sourcesOf(
  source: Source,
  { name, declaration }: { name: string; declaration: Path },
  depth: number,
): Origin[] {
  if (isFunction(declaration)) {
    if ('id' in declaration.node && declaration.node.id?.name === name) return [];
    const calls = callsOf(source, declaration) ?? [];
    return calls.flatMap((call) => [
      ...originsOf(child(call, 'callee'), depth + 1),
      ...each(call, 'arguments').flatMap((argument) => originsOf(argument, depth + 1)),
    ]);
  }
  const loop = declaration.parent?.parent;
  if (isPath(loop, 'ForOfStatement') && declaration.parent?.key === 'left')
    return originsOf(child(loop, 'right'), depth + 1);
  if (!isPath(declaration, 'VariableDeclarator') || !declaration.node.init) return [];
  return originsOf(child(declaration, 'init'), declaration.node.id.type === 'Identifier' ? depth : depth + 1);
}

function originsOf(path: Path, depth: number): Origin[] {
  if (isPath(path, 'Identifier')) return [{ path, depth }];
  if (isMember(path)) return originsOf(child(path, 'object'), depth + 1);
  if (isPath(path, ...WRAPPERS))
    return originsOf(child(path, isPath(path, 'SpreadElement') ? 'argument' : 'expression'), depth);
  if (isPath(path, 'ConditionalExpression'))
    return [...originsOf(child(path, 'consequent'), depth), ...originsOf(child(path, 'alternate'), depth)];
  if (isPath(path, 'LogicalExpression'))
    return [...originsOf(child(path, 'left'), depth), ...originsOf(child(path, 'right'), depth)];
  if (isPath(path, 'AssignmentExpression')) return originsOf(child(path, 'right'), depth);
  if (isPath(path, 'SequenceExpression'))
    return each(path, 'expressions')
      .slice(-1)
      .flatMap((one) => originsOf(one, depth));
  const name = methodName(path);
  if (name !== undefined) {
    if (COPIES.has(name) && depth < 2) return [];
    const owner = child(child(path, 'callee'), 'object');
    const isGlobal = Object.hasOwn(globalThis, nameAt(owner));
    const gives = /^(?:Object|Array)$/.test(nameAt(owner)) ? each(path, 'arguments') : [];
    const of = isGlobal ? gives : [owner];
    return of.flatMap((one) => originsOf(one, COPIES.has(name) ? depth : depth + 1));
  }
  // Made here: only what it holds may be known elsewhere.
  if (depth < 2) return [];
  // new Array(n)
  if (isPath(path, 'NewExpression') && nameAt(child(path, 'callee')).endsWith('Array')) return [];
  if (isPath(path, 'NewExpression')) return each(path, 'arguments').flatMap((one) => originsOf(one, depth));
  if (isPath(path, 'ArrayExpression')) return each(path, 'elements').flatMap((one) => originsOf(one, depth - 1));
  if (isPath(path, 'ObjectExpression'))
    return each(path, 'properties').flatMap((one) =>
      // Array.from({ length: n })
      isPath(one, 'ObjectProperty') && nameAt(child(one, 'key')) === 'length'
        ? []
        : originsOf(isPath(one, 'ObjectProperty') ? child(one, 'value') : one, depth - 1),
    );
  return [];
}

function isMember(path: Path): boolean {
  return isPath(path, 'MemberExpression', 'OptionalMemberExpression');
}

function nameAt({ node }: Path): string {
  return node.type === 'Identifier' ? node.name : '';
}

/** The function in which a path stands is another than that of the loop. */
export function isElsewhere(path: Path, loop: Path): boolean {
  return functionAround(path)?.node !== functionAround(loop)?.node;
}
