/** Puts the way from a promise to those who can settle it into words. */
import type { Frame } from '../../protocol/agent.ts';
import { baseName } from '../../model/place.ts';
import { REACTION } from './calls.ts';
import { builtinOf, frameOf } from './functions.ts';
import { edgeNameOf, edgeTypeOf, edgesOf, inner, isCall, nameOf, typeOf, type HeapGraph } from './graph.ts';
import { isWaitAsyncTable, type Hold } from './settlers.ts';

/** One line; `at`: the function that it speaks of. */
export interface Step {
  text: string;
  at?: Frame;
}

const RESOLVERS: Record<string, string> = {
  PromiseCapabilityDefaultResolve: 'resolve',
  PromiseCapabilityDefaultReject: 'reject',
};
const COMBINATORS = /^Promise(All|AllSettled|Any)(?=Resolve|Reject)/;
const NODE_ITSELF = 'Node itself';
const HANDLE_OWNER = '<symbol owner_symbol>';
/** Objects of Node that it keeps itself until they are done. */
const KEPT_BY_NODE = /^(?:Timeout|Immediate)$/;
const MODULE = /^system \/ SourceTextModule$/;
const IDENTIFIER = /^[\p{ID_Start}$_#][\p{ID_Continue}$]*$/u;

/** The steps, nearest first. */
export function settlingSteps(graph: HeapGraph, path: readonly Hold[]): Step[] {
  const steps: Step[] = [];
  /** Of the expression by which the program reaches what settles the promise, last part first. */
  let access: string[] = [];
  let subject = '';

  function say(text: string, at?: Frame): void {
    steps.push({ text, ...(at === undefined ? {} : { at }) });
    access = [];
    subject = '';
  }

  /** Ends an expression at `where`. */
  function sayHeld(where: string, at?: Frame): void {
    const expression = access.toReversed().join('').replace(/^\./, '');
    const holder = [expression === '' ? '' : `\`${expression}\``, where].filter((part) => part !== '').join(' ');
    say(`${subject === '' ? 'which' : subject} is held by ${holder}`, at);
  }

  for (const [index, hold] of path.entries()) {
    const { holder, edge } = hold;
    const type = edgeTypeOf(graph, edge);
    const name = edgeNameOf(graph, edge);
    if (type === 'context') {
      access.push(name);
      const closure = capturedBy(graph, path, index);
      const at = closure === undefined ? undefined : frameOf(graph, closure);
      if (isModule(graph, holder)) {
        sayHeld(at === undefined ? '' : `of ${baseName(at.file)}`);
        return steps;
      }
      sayHeld(closure === undefined ? '' : `in the closure of ${functionName(graph, closure)}`, at);
    } else if (type === 'property' || type === 'element') {
      if (isGlobal(graph, holder)) {
        access.push(name, 'globalThis.');
        sayHeld('');
        return steps;
      }
      if (name === HANDLE_OWNER) {
        if (access.length > 0) sayHeld(`of ${className(graph, hold.held)}`);
        return steps;
      }
      if (inner(graph, hold.held, 'reactions_or_result') !== undefined && subject === '' && access.length === 0) {
        say(`an operation of Node outside of JavaScript (${nameOf(graph, holder)})`);
        return steps;
      }
      if (typeOf(graph, holder) === 'native') {
        if (subject !== '' || access.length > 0) sayHeld(NODE_ITSELF);
        return steps;
      }
      access.push(type === 'element' ? `[${name}]` : member(name));
      const kept = KEPT_BY_NODE.test(nameOf(graph, holder));
      if (kept || !goesOn(graph, path, index)) sayHeld(`of ${className(graph, holder)}`);
      if (kept) return steps;
    } else if (isWaitAsyncTable(graph, holder)) {
      say('Atomics.notify, called by any thread that shares the memory');
      return steps;
    } else if (MODULE.test(nameOf(graph, holder)) && access.length === 0) {
      say('the end of a module that is being loaded');
      return steps;
    } else if (nameOf(graph, holder) === REACTION) {
      sayReaction(holder);
    } else if (typeOf(graph, holder) === 'synthetic') {
      if (subject !== '' || access.length > 0 || steps.length === 0) sayHeld(rootName(graph, holder));
      return steps;
    } else if (isCall(graph, holder)) {
      sayCall(hold);
    } else if (typeOf(graph, holder) === 'closure') {
      noteFunction(holder);
    } else if (isEntry(graph, hold)) {
      access.push(entryOf(graph, path[index - 1]));
    }
  }
  return steps;

  function sayCall({ holder, held }: Hold): void {
    const closure = inner(graph, holder, 'function');
    const called = closure === undefined ? '(unknown function)' : functionName(graph, closure);
    const at = closure === undefined ? undefined : frameOf(graph, closure);
    if (typeOf(graph, held) === 'array') sayHeld(`a local variable of ${called}, which is suspended`, at);
    else if (subject === '' && access.length === 0) say(`the end of ${called}`, at);
  }

  /** What is held from here on; V8's other functions are only ways to another promise. */
  function noteFunction(closure: number): void {
    const resolver = RESOLVERS[builtinOf(graph, closure) ?? ''];
    if (resolver !== undefined) subject = `its \`${resolver}\``;
  }

  /** The promise is settled when another one is. */
  function sayReaction(reaction: number): void {
    const combinator = combinatorOf(graph, reaction);
    if (combinator !== undefined) say(`the elements of ${combinator}`);
    else if (access.length > 0) sayHeld('');
    subject = '';
  }
}

/** The name of `Promise.all` or its kin, when the reaction is one of an element. */
function combinatorOf(graph: HeapGraph, reaction: number): string | undefined {
  for (const edge of edgesOf(graph, reaction)) {
    const kind = COMBINATORS.exec(builtinOf(graph, graph.edgeTo[edge] ?? 0) ?? '')?.[1];
    if (kind !== undefined) return `Promise.${kind.charAt(0).toLowerCase()}${kind.slice(1)}`;
  }
  return undefined;
}

/** Whether the next reference is one more part of the same expression. */
function goesOn(graph: HeapGraph, path: readonly Hold[], index: number): boolean {
  const [next, second] = path.slice(index + 1);
  if (next === undefined) return false;
  const type = edgeTypeOf(graph, next.edge);
  if (type === 'property') return edgeNameOf(graph, next.edge) !== HANDLE_OWNER;
  return type === 'element' || type === 'context' || (second !== undefined && isEntry(graph, second));
}

/** The reference of a map or set to its table. */
function isEntry(graph: HeapGraph, { edge }: Hold): boolean {
  return edgeTypeOf(graph, edge) === 'internal' && edgeNameOf(graph, edge) === 'table';
}

/** The function through which a variable is reached, else any that sees it. */
function capturedBy(graph: HeapGraph, path: readonly Hold[], index: number): number | undefined {
  const next = path[index + 1]?.holder;
  if (next === undefined) return undefined;
  if (typeOf(graph, next) === 'closure') return next;
  return isCall(graph, next) ? inner(graph, next, 'function') : undefined;
}

/** The variables of a whole file. */
function isModule(graph: HeapGraph, context: number): boolean {
  const outer = inner(graph, context, 'previous');
  return outer === undefined || nameOf(graph, outer).startsWith('system / NativeContext');
}

function isGlobal(graph: HeapGraph, node: number): boolean {
  return /^global\b/.test(nameOf(graph, node));
}

function className(graph: HeapGraph, node: number): string {
  const name = nameOf(graph, node);
  return typeOf(graph, node) === 'closure'
    ? functionName(graph, node)
    : `a ${name === '' ? 'value' : name}`.replace(/^a Object$/, 'an object');
}

function functionName(graph: HeapGraph, closure: number): string {
  const name = nameOf(graph, closure);
  return name === '' ? 'an anonymous function' : name;
}

function member(name: string): string {
  const symbol = /^<symbol (.+)>$/.exec(name)?.[1];
  if (symbol !== undefined) return `[${symbol}]`;
  return IDENTIFIER.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

/** The value lies behind its key in the table of a map (V8 10 to 14). */
function entryOf(graph: HeapGraph, inTable: Hold | undefined): string {
  if (inTable === undefined) return '.get(…)';
  const position = Number(edgeNameOf(graph, inTable.edge));
  for (const edge of edgesOf(graph, inTable.holder)) {
    if (Number(edgeNameOf(graph, edge)) !== position - 1) continue;
    const key = graph.edgeTo[edge] ?? 0;
    if (typeOf(graph, key) === 'string') return `.get(${JSON.stringify(nameOf(graph, key))})`;
  }
  return '.get(…)';
}

function rootName(graph: HeapGraph, root: number): string {
  const name = nameOf(graph, root);
  if (/^\((?:Stack roots|Handle scope|Relocatable|Thread manager)\)/.test(name)) return 'code that is running now';
  return NODE_ITSELF;
}
