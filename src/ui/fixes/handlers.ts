/** Knows which functions run while a program serves others: async functions, request handlers and listeners. Pure. */
import type { CallExpression } from '@babel/types';
import { child, declarationOf, propertyName, referencesOf } from './scopes.ts';
import { isFunction, isPath } from './syntax.ts';
import type { FunctionNode, Path, Source } from './syntax.ts';

const LISTENS = new Set(['on', 'once', 'addListener', 'prependListener', 'prependOnceListener', 'addEventListener']);
const SERVES = new Set(['createServer', 'createSecureServer']);
/** Methods of the widespread web frameworks that take a handler. */
const ROUTES = new Set(['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'all', 'use', 'route', 'addHook']);
/** Nothing is served any more when these come. */
const LAST_EVENTS = new Set([
  'exit',
  'beforeExit',
  'uncaughtException',
  'uncaughtExceptionMonitor',
  'SIGINT',
  'SIGTERM',
]);

const ASYNC = 'in an async function';
/** So many functions of the file may lie between one that serves and the code that it calls. */
const MAX_CALLS = 3;

/** "in an async function", "in a request handler", "called from a listener"; undefined when the code may as well run at start-up. */
export function calledBy(source: Source, path: Path, depth = MAX_CALLS): string | undefined {
  let at = functionAround(path);
  while (at) {
    if (at.node.async) return ASYNC;
    const role = roleOf(source, at);
    if (role !== undefined) return role;
    // What is passed on, to `map` for example, is called where it is written, or later.
    if (at.key !== 'arguments') return depth > 0 ? calledFrom(source, at, depth - 1) : undefined;
    at = functionAround(at);
  }
  return undefined;
}

function calledFrom(source: Source, path: Path<FunctionNode>, depth: number): string | undefined {
  for (const { key, parent } of uses(source, path)?.references ?? []) {
    const where = key === 'callee' && parent ? calledBy(source, parent, depth) : undefined;
    // Async functions also do what is done once, at the start.
    if (where !== undefined && where !== ASYNC) return where.replace(/^in /, 'called from ');
  }
  return undefined;
}

/** The innermost function around the path, the path itself not counted. */
export function functionAround(path: Path): Path<FunctionNode> | undefined {
  for (let at = path.parent; at; at = at.parent) if (isFunction(at)) return at;
  return undefined;
}

/** The function that a name stands for, declared as a function or a constant. */
export function functionOf(declaration: Path | undefined): Path<FunctionNode> | undefined {
  if (isPath(declaration, 'FunctionDeclaration')) return declaration;
  if (!isPath(declaration, 'VariableDeclarator') || !declaration.node.init) return undefined;
  const init = child(declaration, 'init');
  return isFunction(init) ? init : undefined;
}

/** The declaration of a function's name and all that reads it; undefined when it has none. */
export function uses(source: Source, path: Path<FunctionNode>): { declaration: Path; references: Path[] } | undefined {
  const declarator = isPath(path.parent, 'VariableDeclarator') && path.key === 'init' ? path.parent : undefined;
  const id = isPath(path, 'FunctionDeclaration') ? path.node.id : declarator?.node.id;
  if (id?.type !== 'Identifier') return undefined;
  const at: Path = isPath(path, 'FunctionDeclaration') ? path : (declarator ?? path);
  const declaration = declarationOf(source, id.name, at) ?? at;
  return { declaration, references: referencesOf(source, id.name, declaration) };
}

/** What it means for a function that it is passed on, here or by its name. */
export function roleOf(source: Source, path: Path<FunctionNode>): string | undefined {
  const direct = path.key === 'arguments' ? roleAsArgument(path) : undefined;
  if (direct !== undefined) return direct;
  for (const reference of uses(source, path)?.references ?? []) {
    const role = reference.key === 'arguments' ? roleAsArgument(reference) : undefined;
    if (role !== undefined) return role;
  }
  return undefined;
}

/** What it means for a function to be passed to the call around it. */
export function roleAsArgument({ parent, node }: Path): string | undefined {
  if (!isPath(parent, 'CallExpression')) return undefined;
  const name = calledName(parent.node);
  if (name === undefined) return undefined;
  const [first] = parent.node.arguments;
  if (SERVES.has(name)) return 'in a request handler';
  if (LISTENS.has(name)) {
    if (first?.type !== 'StringLiteral' || LAST_EVENTS.has(first.value)) return undefined;
    return first.value === 'request' ? 'in a request handler' : 'in a listener';
  }
  if (!ROUTES.has(name) || parent.node.callee.type !== 'MemberExpression') return undefined;
  if (name === 'use') return 'in a request handler';
  // Caches have `get` with a function, too, but that one takes no request.
  const takesRequest = !('params' in node) || node.params.length > 0;
  const isRoute = first?.type === 'StringLiteral' || first?.type === 'TemplateLiteral';
  return isRoute && takesRequest ? 'in a request handler' : undefined;
}

/** Last name of what is called: `on` of `server.on`. */
export function calledName({ callee }: CallExpression): string | undefined {
  if (callee.type === 'Identifier') return callee.name;
  if (callee.type !== 'MemberExpression' && callee.type !== 'OptionalMemberExpression') return undefined;
  return propertyName(callee.property, callee.computed);
}
