/** What a loop has from outside and gives back, if it were a function with copies of all that: or nothing, where that is not the same. Pure. */
import { changedOutside, isElsewhere, outsideOf, targetsOf } from './aliases.ts';
import type { Origin } from './aliases.ts';
import { callsAreKept, hasMethods, isAmong, isProgress, mayBeBuffer } from './copies.ts';
import type { Named } from './copies.ts';
import { functionOf, roleOf } from './handlers.ts';
import { freeName } from './imports.ts';
import type { Loop } from './loops.ts';
import { child, declarationOf, declared, isTaken, referencesOf, scopeOf, topLevel } from './scopes.ts';
import { ancestors, endOf, isFunction, isPath, startOf, textOf } from './syntax.ts';
import type { Edit, Path, Source } from './syntax.ts';
import { isName } from './thread.ts';
import { isPrimitive } from './value-types.ts';

/** A value that goes to the thread. */
export interface Input {
  /** In the thread. */
  name: string;
  /** Here. */
  expression: string;
  /** It is the value of that name here, or of its property. */
  of: string;
  property?: string | undefined;
  declaration: Path;
}

export interface Exchange {
  inputs: Input[];
  /** Names of inputs that come back. */
  results: string[];
  /** In the loop, for the thread. */
  within: Edit[];
  /** Around it. */
  edits: Edit[];
  cautions: string[];
}

/** Bound to this process, this file or this thread's clock. */
const STAYS =
  /^(?:exports|module|__filename|__dirname|performance|globalThis|global|Promise|fetch|setTimeout|setInterval|setImmediate|clearTimeout|clearInterval|clearImmediate|queueMicrotask|gc)$/;
const MODULES_THAT_STAY =
  /^(?:perf_hooks|timers|timers\/promises|fs\/promises|worker_threads|cluster|async_hooks|events)$/;
const GLOBALS = new Set([...Object.getOwnPropertyNames(globalThis), 'require', 'undefined']);
/** A request, a response and what belongs to them can't be copied; their content can. */
const HANDLES = /^(?:req|request|res|response|reply|ctx|context|socket|app|server|raw|headers?Sent|next)$/;
const RESERVED =
  /^(?:length|size|default|class|function|new|delete|in|of|for|if|do|while|switch|case|return|typeof|void|with|var|let|const|enum|export|import|this|super|null|true|false|static|yield|await|async|try|catch|throw|finally|else|break|continue|extends|instanceof|interface|package|private|protected|public|implements|debugger)$/;
/** More of one thing are better taken as a whole. */
const MAX_CONTENTS = 3;
/** Undefined where a copy of something would not do. */
export function exchangeOf(source: Source, loop: Loop): Exchange | undefined {
  const names = namesOf(source, loop);
  if (!names) return undefined;
  const done: Exchange = { inputs: [], results: [], within: [], edits: [], cautions: [] };
  const written = new Set(targetsOf(loop.inside).map(({ node }) => node));
  const assigned = names.filter(({ uses }) => uses.some(({ node }) => written.has(node)));
  const origins = changedOutside(source, loop.inside);
  const changes = origins.map(({ path }) => path);
  const changed = names.filter((named) => named.uses.some(isAmong(changes)) && !isPrimitive(source, named));
  if (!changes.every((one) => names.some(({ uses }) => uses.some(isAmong([one]))))) return undefined;
  if (!assigned.every(({ declaration }) => kindOf(declaration) !== 'const')) return undefined;
  for (const named of names) {
    const { name, declaration } = named;
    const isContent = !assigned.includes(named) && !changed.includes(named) && takeContent(source, named, done);
    if (!isContent && (isHandle(source, named) || hasMethods(source, named) || isProgress(named))) return undefined;
    if (!isContent) done.inputs.push({ name, expression: name, of: name, declaration });
  }
  if (!changed.every((named) => allowChange(source, loop, { ...named, depth: depthIn(origins, named) }, done)))
    return undefined;
  if (!callsAreKept(source, loop, names, done.cautions)) return undefined;
  for (const named of names.filter((one) => assigned.includes(one) || changed.includes(one))) {
    if (!done.inputs.some(({ name }) => name === named.name) || mayBeBuffer(source, named)) return undefined;
    done.results.push(named.name);
    const all = referencesOf(source, named.name, named.declaration);
    if (all.some((use) => isElsewhere(use, loop.path) && !loop.inside.some(({ node }) => node === use.node)))
      done.cautions.push(`${named.name} is also used elsewhere, and may change meanwhile`);
  }
  return done;
}

/** The names of data from outside; undefined when something else from there can't be had in a thread. */
function namesOf(source: Source, { path: loop, inside }: Loop): Named[] | undefined {
  const nodes = new Set<unknown>(inside.map(({ node }) => node));
  const written = new Set<unknown>(targetsOf(inside).map(({ node }) => node));
  const found = new Map<string, Named>();
  for (const path of inside) {
    if (!isPath(path, 'Identifier') || isNoValue(path)) continue;
    const { name } = path.node;
    const scope = scopeOf(source, name, path);
    if (scope && nodes.has(scope)) continue;
    const declaration = declarationOf(source, name, path);
    if (!scope || !declaration) {
      if (!GLOBALS.has(name) || STAYS.test(name) || written.has(path.node) || endsProcess(path)) return undefined;
      continue;
    }
    const role = roleFor(source, name, declaration, written.has(path.node));
    if (role === 'stays') return undefined;
    if (role === 'comes along') continue;
    // `var` makes a name of the function around.
    const isVar = nodes.has(declaration.node);
    const isShared = (source.identifiers.get(name) ?? []).some(
      (one) => !nodes.has(one.node) && !isName(one) && scopeOf(source, name, one) === scope,
    );
    if (isVar && (isShared || isRepeated(loop))) return undefined;
    if (isVar) continue;
    if (path.key === 'callee' || path.key === 'tag') return undefined;
    const known = found.get(name);
    if (known && known.declaration !== declaration) return undefined;
    if (known) known.uses.push(path);
    else found.set(name, { name, declaration, uses: [path] });
  }
  return [...found.values()];
}

function roleFor(
  source: Source,
  name: string,
  declaration: Path,
  isWritten: boolean,
): 'stays' | 'comes along' | 'data' {
  const member = declared(source, declaration, name);
  const isTop = topLevel(source).get(name) === declaration;
  const isImport =
    isPath(declaration.parent, 'ImportDeclaration') ||
    isPath(declaration, 'TSImportEqualsDeclaration') ||
    (isPath(declaration, 'VariableDeclarator') && /\brequire\(/.test(textOf(source, declaration.node)));
  if (isImport) {
    const isBound = member !== undefined && MODULES_THAT_STAY.test(member.module);
    return isBound || isWritten || !isTop ? 'stays' : 'comes along';
  }
  const isOwnName =
    'id' in declaration.node && declaration.node.id?.type === 'Identifier' && declaration.node.id.name === name;
  if (isFunction(declaration) && !isOwnName) return 'data';
  const made = functionOf(declaration);
  if (made) return isTop && !isWritten && !made.node.async && !made.node.generator ? 'comes along' : 'stays';
  return isPath(declaration, 'VariableDeclarator', 'CatchClause') ? 'data' : 'stays';
}

/** A label, the name of a property, a type. */
function isNoValue(path: Path): boolean {
  if (isName(path) || path.key === 'label') return true;
  for (let at: Path = path; at.parent; at = at.parent) {
    if (at.parent.node.type.startsWith('TS') && at.key !== 'expression') return true;
    if (at.node.type.endsWith('Statement')) return false;
  }
  return false;
}

function endsProcess({ node, parent }: Path): boolean {
  if (node.type !== 'Identifier' || node.name !== 'process') return false;
  const name =
    isPath(parent, 'MemberExpression') && parent.node.property.type === 'Identifier' && parent.node.property.name;
  return name === false || !/^(?:env|argv|platform|arch|hrtime|version|versions|pid|cwd|stdout|stderr)$/.test(name);
}

function isRepeated(loop: Path): boolean {
  for (const around of ancestors(loop)) {
    if (isFunction(around)) return false;
    if (/^(?:For|While|DoWhile)/.test(around.node.type)) return true;
  }
  return false;
}

function isHandle(source: Source, { name, declaration }: Named): boolean {
  if (!isFunction(declaration)) return false;
  const isWhole = declaration.node.params.some((param) => param.type === 'Identifier' && param.name === name);
  return isWhole && (HANDLES.test(name) || roleOf(source, declaration) === 'in a request handler');
}

/** Takes `body` instead of `request` along for `request.body`: the rest may be no data. False where more of it is used. */
function takeContent(source: Source, { name, declaration, uses }: Named, done: Exchange): boolean {
  const inputs: Input[] = [];
  const edits: Edit[] = [];
  for (const { node, parent, key } of uses) {
    if (key !== 'object' || !isPath(parent, 'MemberExpression') || parent.node.computed) return false;
    const { property } = parent.node;
    if (property.type !== 'Identifier' || HANDLES.test(property.name) || parent.key === 'callee') return false;
    let input = inputs.find((one) => one.property === property.name);
    if (!input) {
      const { name: own } = property;
      const isUsed = isTaken(source, own) || RESERVED.test(own) || GLOBALS.has(own);
      const wanted = isUsed || done.inputs.some((one) => one.name === own) ? `${name}${capital(own)}` : own;
      const expression = textOf(source, parent.node);
      input = { name: freeName(source, wanted), expression, of: name, property: property.name, declaration };
      inputs.push(input);
    }
    edits.push({ start: startOf(node), end: endOf(parent.node), text: input.name });
  }
  if (inputs.length > MAX_CONTENTS && !isHandle(source, { name, declaration, uses })) return false;
  done.inputs.push(...inputs);
  done.within.push(...edits);
  return true;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function kindOf(declaration: Path): string | undefined {
  return isPath(declaration.parent, 'VariableDeclaration') ? declaration.parent.node.kind : undefined;
}

/** How deep below the name a change is. */
function depthIn(origins: readonly Origin[], { uses }: Named): number {
  return Math.max(...origins.filter(({ path }) => uses.some(isAmong([path]))).map(({ depth }) => depth));
}

/** The loop changes an object: that works where nobody else knows it, and its name can be given the copy. */
function allowChange(
  source: Source,
  { path: loop, inside }: Loop,
  { name, declaration, depth }: Named & { depth: number },
  done: Exchange,
): boolean {
  const list = declaration.parent;
  if (!isPath(declaration, 'VariableDeclarator') || !isPath(list, 'VariableDeclaration')) return false;
  const { id, init } = declaration.node;
  if (topLevel(source).get(name) === declaration || id.type !== 'Identifier') return false;
  if (init && outsideOf(source, [], child(declaration, 'init'), depth).length > 0) return false;
  if (list.node.kind === 'const') {
    const start = startOf(list.node);
    if (list.node.declarations.length !== 1 || list.key === 'left') return false;
    done.edits.push({ start, end: start + 'const'.length, text: 'let' });
  }
  const isInside = isAmong(inside);
  const isGivenOn = referencesOf(source, name, declaration).some(
    (use) => !isInside(use) && startOf(use.node) < startOf(loop.node) && use.key !== 'object',
  );
  const isReplaced = targetsOf(source.paths).some(
    (target) => nameOf(target) === name && !isInside(target) && declarationOf(source, name, target) === declaration,
  );
  const isFresh = init && !isReplaced && /^(?:ArrayExpression|ObjectExpression|NewExpression)$/.test(init.type);
  if (isGivenOn || !isFresh)
    done.cautions.push(`${name} is a copy afterwards: who else has it does not see the change`);
  return true;
}

function nameOf({ node }: Path): string {
  return node.type === 'Identifier' ? node.name : '';
}
