/** Knows the methods of a class, written as such or as a property with a function, and where the class itself uses them. Pure. */
import type { Node } from '@babel/types';
import { ancestors, isPath, textOf } from './syntax.ts';
import type { FunctionNode, Path, Source } from './syntax.ts';

export interface Method {
  /** As written. */
  name: string;
  /** Reads of `this.NAME` in the same class. */
  references: Path[];
  /** Nobody else can call it. */
  isPrivate: boolean;
}

/** Undefined when the function is none of a class. */
export function methodOf(source: Source, path: Path<FunctionNode>): Method | undefined {
  const property = isPath(path.parent, 'ClassProperty', 'ClassPrivateProperty') && path.key === 'value';
  const member: Path = (property ? path.parent : undefined) ?? path;
  const body = member.parent;
  if (!isPath(body, 'ClassBody') || !('key' in member.node) || ('computed' in member.node && member.node.computed))
    return undefined;
  const { node } = member;
  const name = textOf(source, node.key);
  const uses = source.paths.filter((use) => isUse(source, use, name) && bodiesAround(use).includes(body.node));
  const references = uses.filter((use) => isOfThis(use, body.node) && isStatic(memberAround(use)) === isStatic(member));
  const isHidden = node.key.type === 'PrivateName' || ('accessibility' in node && node.accessibility === 'private');
  return { name, references, isPrivate: isHidden && references.length === uses.length };
}

/** `x.NAME`, or `{ NAME }` to take it out of something. */
function isUse(source: Source, { node, parent }: Path, name: string): boolean {
  if (node.type === 'ObjectProperty') return isPath(parent, 'ObjectPattern') && textOf(source, node.key) === name;
  if (node.type !== 'MemberExpression' && node.type !== 'OptionalMemberExpression') return false;
  return !node.computed && textOf(source, node.property) === name;
}

const bodiesAround = (use: Path): Node[] =>
  [...ancestors(use)].filter((around) => isPath(around, 'ClassBody')).map(({ node }) => node);

/** Whether it is read from the object of that class: `this` may be another within a function of its own. */
function isOfThis({ node, ...use }: Path, body: Node): boolean {
  if (!('object' in node) || node.object?.type !== 'ThisExpression') return false;
  for (const around of ancestors({ node, ...use })) {
    if (isPath(around, 'FunctionDeclaration', 'FunctionExpression', 'ObjectMethod')) return false;
    if (isPath(around, 'ClassBody')) return around.node === body;
  }
  return false;
}

function memberAround(use: Path): Path | undefined {
  for (const around of ancestors(use)) if (isPath(around.parent, 'ClassBody')) return around;
  return undefined;
}

function isStatic(member: Path | undefined): boolean {
  return member !== undefined && 'static' in member.node && member.node.static === true;
}
