/** Knows what a copy is not: it lacks methods of its own, is no Buffer, and what is done to it is not done to the other. Pure. */
import { each, methodName, outsideOf } from './aliases.ts';
import type { Loop } from './loops.ts';
import { child, declarationOf, referencesOf } from './scopes.ts';
import { isPath, textOf } from './syntax.ts';
import type { Path, Source } from './syntax.ts';
import { isPrimitive } from './value-types.ts';

/** A name from outside of a loop. */
export interface Named {
  name: string;
  declaration: Path;
  uses: Path[];
}

/** Methods that a copy still has. */
const KEPT = new Set(
  [Array, String, Map, Set, Date, RegExp, Number, Uint8Array, Object.getPrototypeOf(Uint8Array), DataView, BigInt]
    .flatMap((type: { prototype: object }) => Object.getOwnPropertyNames(type.prototype))
    .filter((name) => name !== 'constructor'),
);

/** Whether a use is one of those. */
export const isAmong = (paths: readonly Path[]) => (use: Path) => paths.some(({ node }) => node === use.node);

/** Somewhere in the file it is called, or something of it that data does not have. */
export function hasMethods(source: Source, { name, declaration }: Named): boolean {
  return referencesOf(source, name, declaration).some(({ parent, key }) => {
    if (key === 'callee') return true;
    const method =
      key === 'object' && parent?.key === 'callee' && parent.parent ? methodName(parent.parent) : undefined;
    return method !== undefined && !KEPT.has(method);
  });
}

/** Its text would be another: that of a `Uint8Array`. */
export function mayBeBuffer(source: Source, named: Named): boolean {
  if (isPrimitive(source, named)) return false;
  const { name, declaration } = named;
  const init = isPath(declaration, 'VariableDeclarator') ? declaration.node.init : undefined;
  if (init && textOf(source, init).startsWith('Buffer.')) return true;
  return referencesOf(source, name, declaration).some(
    ({ parent, key }) =>
      key === 'object' &&
      parent?.key === 'callee' &&
      parent.parent !== undefined &&
      methodName(parent.parent) === 'toString',
  );
}

/** It goes on from where it stands: a copy does not, or begins anew. */
export function isProgress({ declaration }: Named): boolean {
  if (!isPath(declaration, 'VariableDeclarator') || !declaration.node.init) return false;
  const init = child(declaration, 'init');
  if (isPath(init, 'RegExpLiteral')) return /[gy]/.test(init.node.flags);
  return /^(?:entries|keys|values|matchAll)$/.test(methodName(init) ?? '') && ownerName(init) !== 'Object';
}

function ownerName(init: Path): string {
  const owner = child(child(init, 'callee'), 'object');
  return isPath(owner, 'Identifier') ? owner.node.name : '';
}

/** Whether the methods that the loop calls are there in copies; says which functions get copies. */
export function callsAreKept(source: Source, { inside }: Loop, names: readonly Named[], cautions: string[]): boolean {
  const isData = (path: Path): boolean =>
    names.some((named) => named.uses.some(isAmong([path])) && !isPrimitive(source, named));
  const given = new Set<string>();
  for (const part of inside) {
    if (!isPath(part, 'CallExpression', 'OptionalCallExpression', 'NewExpression')) continue;
    const method = methodName(part);
    const callee = child(part, 'callee');
    const owner = method === undefined ? undefined : child(callee, 'object');
    if (owner && outsideOf(source, inside, owner).some(isData)) {
      if (method === undefined || !KEPT.has(method) || /^(?:to(?:Locale)?String|valueOf|toJSON)$/.test(method))
        return false;
      continue;
    }
    if (/^(?:then|catch|finally)$/.test(method ?? '')) return false;
    // A property that is called and has no name in the text.
    const isOpen = method === undefined && /Member/.test(callee.node.type);
    if (isOpen && outsideOf(source, inside, callee).some(isData)) return false;
    const root = outsideOf(source, inside, owner ?? callee).find((one) => declarationOf(source, nameOf(one), one));
    if (!root) continue;
    for (const argument of each(part, 'arguments'))
      for (const one of outsideOf(source, inside, argument).filter(isData))
        given.add(`what ${textOf(source, callee.node)} does to ${wholeOf(source, one)} is done to a copy`);
  }
  cautions.push(...given);
  return true;
}

/** `request.body` of `request`, where that is what it gets. */
function wholeOf(source: Source, { node, parent, key }: Path): string {
  return textOf(
    source,
    key === 'object' && isPath(parent, 'MemberExpression') && !parent.node.computed ? parent.node : node,
  );
}

function nameOf({ node }: Path): string {
  return node.type === 'Identifier' ? node.name : '';
}
