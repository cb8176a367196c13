/** Finds what a name stands for: which declaration, and which function of which of Node's modules. Pure. */
import type { Node } from '@babel/types';
import { ancestors, isFunction, isPath } from './syntax.ts';
import type { Path, Source } from './syntax.ts';

/** Something of a module: `['readFile']` of `fs`, or the whole module when nothing follows. */
export interface Member {
  /** Without `node:`. */
  module: string;
  names: string[];
}

type Scopes = Map<Node, Map<string, Path>>;

const known = new WeakMap<Source, Scopes>();
const MAX_DEPTH = 10;

/** The path that declares the name where `from` is: an import specifier, a declarator, a function, a class or a parameter's owner. */
export function declarationOf(source: Source, name: string, from: Path): Path | undefined {
  const scope = scopeOf(source, name, from);
  return scope && scopesOf(source).get(scope)?.get(name);
}

/** The function, block or program in which the name is declared that is meant where `from` is. */
export function scopeOf(source: Source, name: string, from: Path): Node | undefined {
  const scopes = scopesOf(source);
  for (const { node } of ancestors(from)) if (scopes.get(node)?.has(name)) return node;
  return undefined;
}

/** Whether any scope of the file declares the name. */
export function isTaken(source: Source, name: string): boolean {
  return [...scopesOf(source).values()].some((names) => names.has(name));
}

/** The names declared at the top of the file. */
export function topLevel(source: Source): ReadonlyMap<string, Path> {
  return scopesOf(source).get(source.program) ?? new Map<string, Path>();
}

/** Everything in the file that reads the name of that declaration. */
export function referencesOf(source: Source, name: string, declaration: Path): Path[] {
  return (source.identifiers.get(name) ?? []).filter(
    (path) => isRead(path) && declarationOf(source, name, path) === declaration,
  );
}

/** What an expression means in terms of modules; undefined when it is something else. */
export function memberOf(source: Source, path: Path, depth = 0): Member | undefined {
  if (depth > MAX_DEPTH) return undefined;
  if (isPath(path, 'AwaitExpression', 'TSNonNullExpression', 'ParenthesizedExpression'))
    return memberOf(source, child(path, path.node.type === 'AwaitExpression' ? 'argument' : 'expression'), depth + 1);
  if (isPath(path, 'CallExpression', 'ImportExpression')) return loaded(path.node);
  if (isPath(path, 'MemberExpression', 'OptionalMemberExpression')) {
    const name = propertyName(path.node.property, path.node.computed);
    const owner = name === undefined ? undefined : memberOf(source, child(path, 'object'), depth + 1);
    return owner && name !== undefined ? inside(owner, name) : undefined;
  }
  if (!isPath(path, 'Identifier')) return undefined;
  const declaration = declarationOf(source, path.node.name, path);
  if (!declaration) return path.node.name === 'Atomics' ? { module: 'Atomics', names: [] } : undefined;
  return declared(source, declaration, path.node.name, depth);
}

/** What a declaration makes of a name. */
export function declared(source: Source, declaration: Path, name: string, depth = 0): Member | undefined {
  const { node, parent } = declaration;
  if (node.type === 'ImportSpecifier' && isPath(parent, 'ImportDeclaration')) {
    const imported = node.imported.type === 'Identifier' ? node.imported.name : node.imported.value;
    return inside({ module: bare(parent.node.source.value), names: [] }, imported);
  }
  if (isPath(declaration, 'ImportDefaultSpecifier', 'ImportNamespaceSpecifier')) {
    return isPath(parent, 'ImportDeclaration') ? { module: bare(parent.node.source.value), names: [] } : undefined;
  }
  if (node.type === 'TSImportEqualsDeclaration') {
    const reference = node.moduleReference;
    if (reference.type !== 'TSExternalModuleReference') return undefined;
    return { module: bare(reference.expression.value), names: [] };
  }
  if (!isPath(declaration, 'VariableDeclarator') || !declaration.node.init) return undefined;
  const whole = memberOf(source, child(declaration, 'init'), depth + 1);
  const { id } = declaration.node;
  if (!whole || id.type === 'Identifier') return whole;
  if (id.type !== 'ObjectPattern') return undefined;
  for (const property of id.properties) {
    if (property.type !== 'ObjectProperty' || boundName(property.value) !== name) continue;
    const key = propertyName(property.key, property.computed);
    return key === undefined ? undefined : inside(whole, key);
  }
  return undefined;
}

/** The names that a pattern binds. */
export function boundNames(pattern: Node | null | undefined): string[] {
  switch (pattern?.type) {
    case 'Identifier':
      return [pattern.name];
    case 'ObjectPattern':
      return pattern.properties.flatMap((one) => boundNames(one.type === 'RestElement' ? one.argument : one.value));
    case 'ArrayPattern':
      return pattern.elements.flatMap(boundNames);
    case 'AssignmentPattern':
      return boundNames(pattern.left);
    case 'RestElement':
      return boundNames(pattern.argument);
    case 'TSParameterProperty':
      return boundNames(pattern.parameter);
    default:
      return [];
  }
}

/** Path of a property that holds one node. */
export function child(path: Path, key: string): Path {
  const node = (path.node as unknown as Record<string, Node>)[key];
  return node ? { node, parent: path, key } : path;
}

/** Name of a property that is known without running the program. */
export function propertyName(key: Node, computed: boolean | undefined): string | undefined {
  if (!computed && key.type === 'Identifier') return key.name;
  return key.type === 'StringLiteral' ? key.value : undefined;
}

function boundName(value: Node): string | undefined {
  return boundNames(value)[0];
}

function bare(module: string): string {
  return module.replace(/^node:/, '');
}

/** `default` of one of Node's modules is the module, and `fs.promises` is one of its own. */
function inside({ module, names }: Member, name: string): Member {
  if (name === 'default' && names.length === 0) return { module, names };
  if (module === 'fs' && names.length === 0 && name === 'promises') return { module: 'fs/promises', names: [] };
  return { module, names: [...names, name] };
}

/** `require('x')`, `process.getBuiltinModule('x')` and `import('x')`. */
function loaded(node: Extract<Node, { type: 'CallExpression' | 'ImportExpression' }>): Member | undefined {
  const given = node.type === 'ImportExpression' ? node.source : node.arguments[0];
  if (given?.type !== 'StringLiteral') return undefined;
  const module = { module: bare(given.value), names: [] };
  if (node.type === 'ImportExpression' || node.callee.type === 'Import') return module;
  const { callee } = node;
  if (callee.type === 'Identifier' && callee.name === 'require') return module;
  const loads = callee.type === 'MemberExpression' && propertyName(callee.property, false) === 'getBuiltinModule';
  return loads ? module : undefined;
}

function isRead({ parent, key }: Path): boolean {
  if (!parent) return false;
  const owner = parent.node;
  switch (owner.type) {
    case 'MemberExpression':
    case 'OptionalMemberExpression':
      return key !== 'property' || owner.computed;
    case 'ObjectProperty':
      if (key === 'key' && !owner.computed) return false;
      return !isPattern(parent);
    case 'ObjectMethod':
    case 'ClassMethod':
    case 'ClassProperty':
      return key !== 'key' || owner.computed;
    case 'VariableDeclarator':
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
    case 'FunctionExpression':
      return key !== 'id' && key !== 'params';
    case 'ArrowFunctionExpression':
      return key !== 'params';
    case 'ImportSpecifier':
    case 'ImportDefaultSpecifier':
    case 'ImportNamespaceSpecifier':
    case 'LabeledStatement':
    case 'ArrayPattern':
    case 'RestElement':
      return false;
    case 'AssignmentPattern':
      return key !== 'left';
    default:
      return true;
  }
}

function isPattern(property: Path): boolean {
  return isPath(property.parent, 'ObjectPattern');
}

function scopesOf(source: Source): Scopes {
  const made = known.get(source);
  if (made) return made;
  const scopes: Scopes = new Map();
  known.set(source, scopes);
  const add = (scope: Node, name: string, declaration: Path): void => {
    const names = scopes.get(scope) ?? new Map<string, Path>();
    scopes.set(scope, names.set(name, declaration));
  };
  for (const path of source.paths) {
    const { node } = path;
    if (isFunction(path)) for (const name of path.node.params.flatMap(boundNames)) add(node, name, path);
    if (isPath(path, 'CatchClause')) for (const name of boundNames(path.node.param)) add(node, name, path);
    if (isPath(path, 'VariableDeclarator')) {
      const isVar = isPath(path.parent, 'VariableDeclaration') && path.parent.node.kind === 'var';
      for (const name of boundNames(path.node.id)) add(scopeAround(path, isVar).node, name, path);
    } else if (isPath(path, 'FunctionExpression', 'ClassExpression')) {
      if (path.node.id) add(node, path.node.id.name, path);
    } else if (isPath(path, 'FunctionDeclaration', 'ClassDeclaration', 'TSDeclareFunction', 'TSEnumDeclaration')) {
      if (path.node.id) add(scopeAround(path, false).node, path.node.id.name, path);
    } else if (isPath(path, 'ImportSpecifier', 'ImportDefaultSpecifier', 'ImportNamespaceSpecifier')) {
      add(source.program, path.node.local.name, path);
    } else if (isPath(path, 'TSImportEqualsDeclaration')) add(source.program, path.node.id.name, path);
  }
  return scopes;
}

function scopeAround(path: Path, isVar: boolean): Path {
  for (const around of ancestors(path)) {
    if (isFunction(around) || isPath(around, 'Program', 'StaticBlock', 'TSModuleBlock')) return around;
    if (isVar) continue;
    if (isPath(around, 'BlockStatement', 'ForStatement', 'ForInStatement', 'ForOfStatement', 'SwitchStatement'))
      return around;
  }
  return path;
}
