/** Knows the methods of a class, written as such or as a property with a function, and where the class itself uses them. Pure. */
import type { Node } from '@babel/types';
import { propertyName } from './scopes.ts';
import { ancestors, isPath, textOf } from './syntax.ts';
import type { FunctionNode, Path, Source } from './syntax.ts';

export interface Method {
  /** As written. */
  name: string;
  /** Reads of `this.NAME` in the same class, and of `super.NAME` in those of the file that extend it. */
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
  // TypeScript lets a name in brackets pass where the method is private.
  const uses = source.paths.filter(
    (use) =>
      isUse(source, use, name) && (isComputed(use) || isOfSuper(use, body) || bodiesAround(use).includes(body.node)),
  );
  const references = uses.filter(
    (use) => (isOfThis(use, body.node) || isOfSuper(use, body)) && isStatic(memberAround(use)) === isStatic(member),
  );
  const isHidden = node.key.type === 'PrivateName' || ('accessibility' in node && node.accessibility === 'private');
  return { name, references, isPrivate: isHidden && references.length === uses.length };
}

/** `x.NAME`, `x['NAME']`, or `{ NAME }` to take it out of something. */
function isUse(source: Source, { node, parent }: Path, name: string): boolean {
  if (node.type === 'ObjectProperty') return isPath(parent, 'ObjectPattern') && textOf(source, node.key) === name;
  if (node.type !== 'MemberExpression' && node.type !== 'OptionalMemberExpression') return false;
  return (node.computed ? propertyName(node.property, true) : textOf(source, node.property)) === name;
}

function isComputed({ node }: Path): boolean {
  return 'computed' in node && node.computed;
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

/** Whether it is read from what a class inherits from the class of that body. */
function isOfSuper({ node, ...use }: Path, body: Path): boolean {
  if (!('object' in node) || node.object?.type !== 'Super') return false;
  for (const around of ancestors({ node, ...use })) {
    if (isPath(around, 'ObjectMethod')) return false;
    if (!isPath(around, 'ClassBody')) continue;
    const inherited = isPath(around.parent, 'ClassDeclaration', 'ClassExpression')
      ? around.parent.node.superClass
      : undefined;
    return inherited?.type === 'Identifier' && inherited.name === nameOfClass(body.parent);
  }
  return false;
}

function nameOfClass(path: Path | undefined): string | undefined {
  if (!isPath(path, 'ClassDeclaration', 'ClassExpression')) return undefined;
  const { parent } = path;
  const name = isPath(parent, 'VariableDeclarator') ? parent.node.id : path.node.id;
  return name?.type === 'Identifier' ? name.name : undefined;
}

function memberAround(use: Path): Path | undefined {
  for (const around of ancestors(use)) if (isPath(around.parent, 'ClassBody')) return around;
  return undefined;
}

function isStatic(member: Path | undefined): boolean {
  return member !== undefined && 'static' in member.node && member.node.static === true;
}
