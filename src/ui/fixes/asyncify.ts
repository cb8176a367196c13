/** Makes room for an `await`: the function around it becomes async, and so do those that call it, as far as the file tells who they are. Pure. */
import type { CallExpression, Statement } from '@babel/types';
import { functionAround, uses } from './handlers.ts';
import { methodOf } from './methods.ts';
import { receiverOf } from './receivers.ts';
import { ancestors, endOf, isPath, startOf, textOf } from './syntax.ts';
import type { Edit, FunctionNode, Path, Source } from './syntax.ts';

/** What has to change besides the call itself. */
export interface Asyncified {
  edits: Edit[];
  /** Names of the functions that become async. */
  made: string[];
  /** What the file doesn't tell or what changes for the callers; the user has to look. */
  cautions: string[];
}

/** Whoever calls methods of these names, V8 for example, takes no promise. */
const NO_PROMISE = new Set([
  'toString',
  'valueOf',
  'toJSON',
  'toLocaleString',
  '[Symbol.iterator]',
  '[Symbol.toPrimitive]',
]);

/** For all those places at once; undefined where `await` can't stand at one of them. */
export function makeAsync(source: Source, ...places: Path[]): Asyncified | undefined {
  const done: Asyncified = { edits: [], made: [], cautions: [] };
  const seen = new Set<FunctionNode>();
  return places.every((at) => allowAwait(source, at, done, seen)) ? done : undefined;
}

/** The edits that put `before` and `after` around an expression, in parentheses where it needs them. */
export function awaited(source: Source, path: Path, before = 'await ', after = ''): Edit[] {
  const parens = needsParens(path);
  const open = parens ? `${hazard(source, path)}(` : '';
  const [start, end] = [startOf(path.node), endOf(path.node)];
  return [
    { start, end: start, text: `${open}${before}` },
    ...(parens || after ? [{ start: end, end, text: `${after}${parens ? ')' : ''}` }] : []),
  ];
}

function allowAwait(source: Source, at: Path, done: Asyncified, seen: Set<FunctionNode>): boolean {
  if (isOutOfReach(at)) return false;
  const around = functionAround(at);
  if (!around) {
    if (!source.isModule || (source.isTypeScript && source.becomesCommonJs())) return false;
    // What it becomes is up to the compiler.
    if (source.isTypeScript) done.cautions.push('await at the top needs an ES module');
    return true;
  }
  const { node } = around;
  if (node.async || seen.has(node)) return true;
  if (node.generator || isAccessor(around) || node.returnType?.type === 'TypeAnnotation') return false;
  const type = node.returnType?.type === 'TSTypeAnnotation' ? node.returnType.typeAnnotation : undefined;
  const agreed = agreedType(source, around);
  if (type?.type === 'TSTypePredicate' || isBound(source, around) || agreed === 'refuses') return false;
  seen.add(node);
  if (agreed) done.cautions.push(agreed.caution);
  done.made.push(nameOf(source, around));
  done.edits.push({ start: asyncAt(source, around), end: asyncAt(source, around), text: 'async ' });
  if (type && !textOf(source, type).startsWith('Promise<')) {
    done.edits.push({ start: startOf(type), end: startOf(type), text: 'Promise<' });
    done.edits.push({ start: endOf(type), end: endOf(type), text: '>' });
  }
  return tellCallers(source, around, done, seen);
}

/** False when one of them can do nothing with a promise. */
function tellCallers(source: Source, path: Path<FunctionNode>, done: Asyncified, seen: Set<FunctionNode>): boolean {
  if (path.key === 'arguments') return tellReceiver(source, path, done, seen);
  if (path.key === 'callee' && isPath(path.parent, 'CallExpression')) {
    awaitCall(source, path.parent, done, seen);
    return true;
  }
  const name = nameOf(source, path);
  const used = uses(source, path);
  const method = used ? undefined : methodOf(source, path);
  if (!used && method?.isPrivate !== true) done.cautions.push(`callers of ${name} must await it`);
  if (used && isExported(used.declaration)) done.cautions.push(`${name} is exported, and other callers must await it`);
  for (const reference of (used ?? method)?.references ?? []) {
    const { parent, key } = reference;
    if (key === 'callee' && isPath(parent, 'CallExpression')) awaitCall(source, parent, done, seen);
    else if (key === 'arguments') {
      if (!tellReceiver(source, reference, done, seen)) return false;
    } else done.cautions.push(`${name} is passed on in line ${reference.node.loc?.start.line ?? '?'}`);
  }
  return true;
}

/** The function is passed to a call. */
function tellReceiver(source: Source, argument: Path, done: Asyncified, seen: Set<FunctionNode>): boolean {
  const call = argument.parent;
  if (!isPath(call, 'CallExpression')) {
    done.cautions.push('the constructor that gets the function does not wait for it');
    return true;
  }
  const receiver = receiverOf(call.node, argument);
  if (receiver === 'refuses') return false;
  if (receiver === 'takes it') return true;
  if (receiver !== 'map') done.cautions.push(receiver.caution);
  else if (allowAwait(source, call, done, seen)) {
    done.edits.push(...awaited(source, call, 'await Promise.all(', ')'));
    done.cautions.push('all elements are worked on at once');
  } else done.cautions.push('map gives promises');
  return true;
}

function awaitCall(source: Source, call: Path<CallExpression>, done: Asyncified, seen: Set<FunctionNode>): void {
  const { parent } = call;
  if (isPath(parent, 'AwaitExpression') || (isPath(parent, 'UnaryExpression') && parent.node.operator === 'void'))
    return;
  if (allowAwait(source, call, done, seen)) {
    done.edits.push(...awaited(source, call));
    return;
  }
  const statement = isPath(parent, 'ExpressionStatement') ? parent : undefined;
  if (statement && statement.node === source.program.body.at(-1)) return;
  done.cautions.push(`the call in line ${call.node.loc?.start.line ?? '?'} does not wait`);
}

/** Parameters, fields, static blocks and decorators have no `await` of the function around them. */
function isOutOfReach(at: Path): boolean {
  for (let path = at; path.parent; path = path.parent) {
    if (path.key === 'params' || path.key === 'decorators') return true;
    if (isPath(path, 'StaticBlock')) return true;
    if (isPath(path.parent, 'ClassProperty', 'ClassPrivateProperty') && path.key === 'value') return true;
    if (path.key === 'body' && 'params' in path.parent.node) return false;
  }
  return false;
}

function isAccessor({ node }: Path<FunctionNode>): boolean {
  return 'kind' in node && node.kind !== 'method';
}

/** Its result is agreed on elsewhere: by its name, or by other signatures. */
function isBound(source: Source, { node, parent }: Path<FunctionNode>): boolean {
  if ('key' in node) {
    const key = textOf(source, node.key);
    const others = isPath(parent, 'ClassBody') ? parent.node.body : [];
    if (others.some((each) => each.type === 'TSDeclareMethod' && textOf(source, each.key) === key)) return true;
    return NO_PROMISE.has('computed' in node && node.computed ? `[${key}]` : key);
  }
  const name = 'id' in node ? node.id?.name : undefined;
  if (name === undefined) return false;
  return source.program.body.some((each) => signatureName(each) === name);
}

/** What the type of the variable or property that holds the function says to a promise; undefined: it takes one, or there is none. */
function agreedType(source: Source, { parent, key }: Path<FunctionNode>): 'refuses' | { caution: string } | undefined {
  const isProperty = isPath(parent, 'ClassProperty', 'ClassPrivateProperty') && key === 'value';
  const holder = isProperty ? parent.node : isPath(parent, 'VariableDeclarator') ? parent.node.id : undefined;
  const annotation = holder && 'typeAnnotation' in holder ? holder.typeAnnotation : undefined;
  if (!annotation || annotation.type !== 'TSTypeAnnotation') return undefined;
  const type = annotation.typeAnnotation;
  if (type.type !== 'TSFunctionType') return { caution: `${textOf(source, type)} must allow a promise` };
  return /=>\s*(?:void|any|unknown|Promise<[^]*>)$/.test(textOf(source, type)) ? undefined : 'refuses';
}

function signatureName(statement: Statement): string | undefined {
  const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
  return declared?.type === 'TSDeclareFunction' ? declared.id?.name : undefined;
}

function isExported(declaration: Path): boolean {
  for (const around of ancestors(declaration)) {
    if (isPath(around, 'ExportNamedDeclaration', 'ExportDefaultDeclaration')) return true;
    if (isPath(around, 'BlockStatement')) return false;
  }
  return false;
}

/** Where `async` is written: before the function, or before the name of a method. */
function asyncAt({ text }: Source, { node }: Path<FunctionNode>): number {
  if (!('key' in node)) return startOf(node);
  if (!('computed' in node) || !node.computed) return startOf(node.key);
  return text.lastIndexOf('[', startOf(node.key));
}

function nameOf(source: Source, path: Path<FunctionNode>): string {
  const { node, parent } = path;
  if ('id' in node && node.id) return node.id.name;
  if ('key' in node) return textOf(source, node.key);
  if (isPath(parent, 'VariableDeclarator') && parent.node.id.type === 'Identifier') return parent.node.id.name;
  if (isPath(parent, 'ClassProperty', 'ClassPrivateProperty', 'ObjectProperty')) return textOf(source, parent.node.key);
  return 'the callback';
}

/** `await x` binds weaker than what may follow `x`. */
function needsParens({ parent, key }: Path): boolean {
  switch (parent?.node.type) {
    case 'MemberExpression':
    case 'OptionalMemberExpression':
      return key === 'object';
    case 'CallExpression':
    case 'OptionalCallExpression':
    case 'NewExpression':
      return key === 'callee';
    case 'TaggedTemplateExpression':
      return key === 'tag';
    case 'BinaryExpression':
      return parent.node.operator === '**' && key === 'left';
    case 'TSNonNullExpression':
      return true;
    case 'ClassDeclaration':
    case 'ClassExpression':
      return key === 'superClass';
    default:
      return false;
  }
}

/** The semicolon without which a line that begins with a parenthesis would go on with the statement before, or nothing. */
export function hazard({ text }: Source, path: Path): string {
  const start = startOf(path.node);
  for (const around of ancestors(path)) {
    if (startOf(around.node) !== start) return '';
    if (!isPath(around, 'ExpressionStatement')) continue;
    return /[^\s;{}]\s*$/.test(text.slice(0, start)) ? ';' : '';
  }
  return '';
}
