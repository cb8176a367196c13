/** Tells the type of a variable as far as the text says it: by what is annotated, or by the value it begins with. Pure. */
import type { Node } from '@babel/types';
import { each } from './aliases.ts';
import { child, topLevel } from './scopes.ts';
import { isFunction, isPath, textOf } from './syntax.ts';
import type { Path, Source } from './syntax.ts';
import { typesOf } from './thread.ts';

/** The annotation, where it means the same in another file. */
export interface ValueType {
  text: string;
  annotation?: Node;
}

const COMPARES = /^(?:[=!]==?|[<>]=?|in|instanceof)$/;

/** Undefined where the text does not say it. */
export function typeOf(source: Source, declaration: Path, name: string): ValueType | undefined {
  const { pattern, init } = bound(declaration, name);
  if (!pattern) return undefined;
  const annotation = 'typeAnnotation' in pattern ? pattern.typeAnnotation : undefined;
  if (annotation?.type === 'TSTypeAnnotation') {
    const type = annotation.typeAnnotation;
    return isPortable(source, type) ? { text: textOf(source, type), annotation: type } : undefined;
  }
  const text = init ? typeOfValue(init) : undefined;
  return text === undefined ? undefined : { text };
}

/** Number, text or boolean: nothing that can be changed from elsewhere. */
export function isPrimitive(
  source: Source,
  { name, declaration, property }: { name: string; declaration: Path; property?: string | undefined },
): boolean {
  if (property !== undefined) return false;
  const type = typeOf(source, declaration, name)?.text;
  if (type === undefined || !/^(?:number|string|boolean|bigint)(?: \| undefined)?$/.test(type)) return false;
  return source.isTypeScript || (source.identifiers.get(name) ?? []).every((path) => keepsPrimitive(path));
}

/** Without types a name may be given something else later. */
function keepsPrimitive({ parent, key }: Path): boolean {
  if (isPath(parent, 'AssignmentExpression') && key === 'left') {
    const { operator, right } = parent.node;
    return operator !== '=' || typeOfValue(right) !== undefined || right.type === 'BinaryExpression';
  }
  if (key === 'elements' || key === 'value')
    return parent?.parent?.node.type.endsWith('Pattern') !== true && !isPath(parent, 'ArrayPattern');
  return !(isPath(parent, 'ForOfStatement') && key === 'left');
}

/** Whether it has a type, but no value yet. */
export function isUnset(declaration: Path): boolean {
  if (!isPath(declaration, 'VariableDeclarator') || declaration.node.init) return false;
  return declaration.node.id.type === 'Identifier' && declaration.parent?.parent?.node.type.startsWith('For') !== true;
}

function bound(declaration: Path, name: string): { pattern?: Node; init?: Node | null | undefined } {
  if (isFunction(declaration)) {
    for (const { node } of each(declaration, 'params')) {
      const [pattern, init] = node.type === 'AssignmentPattern' ? [node.left, node.right] : [node];
      if (pattern.type === 'Identifier' && pattern.name === name) return { pattern, init };
    }
    return {};
  }
  if (!isPath(declaration, 'VariableDeclarator')) return {};
  const pattern = child(declaration, 'id').node;
  return pattern.type === 'Identifier' ? { pattern, init: declaration.node.init } : {};
}

/** Whether all names in it can be had in another file. */
function isPortable(source: Source, type: Node): boolean {
  const types = typesOf(source);
  const parts = source.paths.filter(
    ({ node }) => (node.start ?? 0) >= (type.start ?? 0) && (node.end ?? 0) <= (type.end ?? 0),
  );
  return parts.every(({ node }) => {
    if (node.type === 'TSTypeQuery' || node.type === 'TSThisType' || node.type === 'TSFunctionType') return false;
    if (node.type !== 'Identifier' || types.has(node.name)) return true;
    const top = topLevel(source).get(node.name);
    return top ? isPath(top.parent, 'ImportDeclaration') : !isTypeName(source, node.name);
  });
}

/** Declared as a type or a class anywhere. */
function isTypeName(source: Source, name: string): boolean {
  return source.paths.some(({ node }) => {
    if (node.type === 'TSTypeParameter') return textOf(source, node).split(/\W/)[0] === name;
    const isType = /^(?:TSInterface|TSTypeAlias|TSEnum|TSModule|Class)Declaration$/.test(node.type);
    return isType && 'id' in node && node.id?.type === 'Identifier' && node.id.name === name;
  });
}

function typeOfValue(node: Node): string | undefined {
  switch (node.type) {
    case 'NumericLiteral':
      return 'number';
    case 'StringLiteral':
    case 'TemplateLiteral':
      return 'string';
    case 'BooleanLiteral':
      return 'boolean';
    case 'BigIntLiteral':
      return 'bigint';
    case 'UnaryExpression':
      return node.operator === '!' ? 'boolean' : node.operator === '-' ? typeOfValue(node.argument) : undefined;
    case 'BinaryExpression':
      return COMPARES.test(node.operator) ? 'boolean' : undefined;
    case 'CallExpression':
      return typeOfCall(node.callee);
    case 'NewExpression':
      return node.callee.type === 'Identifier' &&
        /^(?:Date|RegExp|(?:Uint|Int|Float|BigInt|BigUint)\d\w*Array)$/.test(node.callee.name)
        ? node.callee.name
        : undefined;
    default:
      return undefined;
  }
}

function typeOfCall(callee: Node): string | undefined {
  if (callee.type === 'MemberExpression' && callee.object.type === 'Identifier') {
    const { object, property } = callee;
    if (object.name === 'Math') return 'number';
    return object.name === 'Date' && property.type === 'Identifier' && property.name === 'now' ? 'number' : undefined;
  }
  if (callee.type !== 'Identifier') return undefined;
  const types: Record<string, string> = {
    Number: 'number',
    parseInt: 'number',
    parseFloat: 'number',
    String: 'string',
    Boolean: 'boolean',
  };
  return Object.hasOwn(types, callee.name) ? types[callee.name] : undefined;
}
