/** Finds who can settle a pending promise: the shortest way from it to the roots of the heap, along those references that lead to its being settled. */
import { REACTION } from './calls.ts';
import { builtinOf } from './functions.ts';
import { edgeNameOf, edgeTypeOf, inner, isCall, nameOf, typeOf, type HeapGraph } from './graph.ts';
import { retainersOf, type Retainers } from './retainers.ts';

/** One reference on the way: `holder` refers to `held`. */
export interface Hold {
  holder: number;
  held: number;
  edge: number;
}

/** References of the program to a promise itself: to know a promise is not to settle it. */
const KNOWS = new Set(['property', 'element', 'context', 'shortcut']);
/** V8's parts of lists, objects and code that may refer to a promise for the program. */
const CONTAINERS = new Set(['array', 'code', 'object shape']);
const CONTAINER_NAMES = /^system \/ (?:PropertyCell|Cell|OrderedHash\w*|WeakCell|WeakFixedArray|FeedbackCell)/;
/** Requests that run outside of JavaScript and settle the promise that they keep in a property. */
const NATIVE_REQUESTS = /^(?:FSReqPromise|CloseReq|FileHandleCloseReq)/;
/** Handles of an inspector's client. */
const DEBUGGER_HANDLE = 'DevTools console';
/** Notes of the debugger on promises: which call awaits them (Node 20 to 24; weak on 26). */
const DEBUGGER_NOTE = '<symbol>';
/** Roots that keep nothing alive for the program. */
const IDLE_ROOTS = /^\((?:Debugger|Compilation cache|Weak roots|Weak collections|Retain maps)\)/;

/**
 * The references from the promise up to a root; undefined when there is no way: then nothing can ever settle it. The waiting task, other tasks that wait
 * for the same promise, and variables that hold it do not count.
 */
export function settlingPath(graph: HeapGraph, promise: number): Hold[] | undefined {
  const retainers = retainersOf(graph);
  const search = newSearch(graph.nodeCount);
  search.reach({ node: promise, asPromise: true }, undefined);
  for (let state = search.next(); state !== undefined; state = search.next()) {
    if (isRoot(graph, state.node)) return search.path(state, graph);
    for (const hold of resolveFirst(graph, [...holdsOf(graph, retainers, state)])) {
      search.reach({ node: hold.holder, asPromise: isWaitedFor(graph, hold) }, { state, edge: hold.edge });
    }
  }
  return undefined;
}

/** A node on the way; `asPromise`: what is wanted of it is that it be settled. */
interface State {
  node: number;
  asPromise: boolean;
}

function isRoot(graph: HeapGraph, node: number): boolean {
  return node === 0 || typeOf(graph, node) === 'synthetic';
}

/** Whether the reference is that of a pending promise to what it will do when it is settled. */
function isWaitedFor(graph: HeapGraph, { held, edge }: Hold): boolean {
  return nameOf(graph, held) === REACTION && edgeNameOf(graph, edge) === 'reactions_or_result';
}

/** Of two ways of the same length the one through `resolve` says more than that through `reject`. */
function resolveFirst(graph: HeapGraph, holds: Hold[]): Hold[] {
  if (holds.length < 2) return holds;
  const rejects = ({ holder }: Hold): boolean =>
    typeOf(graph, holder) === 'closure' && builtinOf(graph, holder) === 'PromiseCapabilityDefaultReject';
  return [...holds.filter((hold) => !rejects(hold)), ...holds.filter(rejects)];
}

/** The references that count for the settling of a promise. */
export function* holdsOf(graph: HeapGraph, retainers: Retainers, { node, asPromise }: State): Generator<Hold> {
  const end = retainers.first[node + 1] ?? 0;
  for (let i = retainers.first[node] ?? 0; i < end; i++) {
    const hold = { holder: retainers.from[i] ?? 0, held: node, edge: retainers.edge[i] ?? 0 };
    if (isStrong(graph, hold) && (!asPromise || canSettle(graph, hold))) yield hold;
  }
}

function isStrong(graph: HeapGraph, { holder, held, edge }: Hold): boolean {
  if (edgeTypeOf(graph, edge) === 'weak') return false;
  const type = typeOf(graph, holder);
  // The object itself refers to what this array holds for it.
  if (nameOf(graph, holder) === 'system / PropertyArray') return false;
  if (type === 'synthetic' && IDLE_ROOTS.test(nameOf(graph, holder))) return false;
  const name = edgeNameOf(graph, edge);
  if (name === DEBUGGER_NOTE && isPromise(graph, holder) && (isPromise(graph, held) || isCall(graph, held)))
    return false;
  if (type === 'synthetic') return !name.includes(DEBUGGER_HANDLE);
  // The value of a weak map is held by its key; the reference of the table is one of words only.
  return !(name.includes('pair in WeakMap') && type !== 'object' && type !== 'closure');
}

/** Where V8 keeps the promises of `Atomics.waitAsync`, which nothing in JavaScript refers to (Node 20 to 26). */
export function isWaitAsyncTable(graph: HeapGraph, node: number): boolean {
  let known = waitAsyncTables.get(graph);
  if (known === undefined) {
    known = new Set(wherever(graph, 'atomics_waitasync_promises'));
    waitAsyncTables.set(graph, known);
  }
  return known.has(node);
}

const waitAsyncTables = new WeakMap<HeapGraph, Set<number>>();

/** The targets of all inner fields of that name. */
function* wherever(graph: HeapGraph, field: string): Generator<number> {
  const index = graph.strings.indexOf(field);
  if (index < 0) return;
  for (let edge = graph.edgeName.indexOf(index); edge >= 0; edge = graph.edgeName.indexOf(index, edge + 1)) {
    if (edgeTypeOf(graph, edge) === 'internal') yield graph.edgeTo[edge] ?? 0;
  }
}

function isPromise(graph: HeapGraph, node: number): boolean {
  return inner(graph, node, 'reactions_or_result') !== undefined;
}

function canSettle(graph: HeapGraph, { holder, edge }: Hold): boolean {
  if (KNOWS.has(edgeTypeOf(graph, edge))) return NATIVE_REQUESTS.test(nameOf(graph, holder));
  if (isWaitAsyncTable(graph, holder)) return true;
  return !CONTAINERS.has(typeOf(graph, holder)) && !CONTAINER_NAMES.test(nameOf(graph, holder));
}

/** A breadth-first search that remembers where it came from. */
function newSearch(nodeCount: number) {
  const unseen = 0xffffffff;
  /** By node, as promise and otherwise: the position in the queue from which it was reached, and by which reference. */
  const cameFrom = [new Uint32Array(nodeCount).fill(unseen), new Uint32Array(nodeCount).fill(unseen)] as const;
  const by = [new Uint32Array(nodeCount), new Uint32Array(nodeCount)] as const;
  const queue: State[] = [];
  let at = -1;
  return {
    reach(state: State, from: { state: State; edge: number } | undefined): void {
      const mode = state.asPromise ? 1 : 0;
      if (cameFrom[mode][state.node] !== unseen) return;
      cameFrom[mode][state.node] = Math.max(at, 0);
      by[mode][state.node] = from?.edge ?? 0;
      queue.push(state);
    },
    next(): State | undefined {
      return queue[++at];
    },
    path(end: State, graph: HeapGraph): Hold[] {
      const path: Hold[] = [];
      for (let state = end; state !== queue[0];) {
        const mode = state.asPromise ? 1 : 0;
        const edge = by[mode][state.node] ?? 0;
        path.push({ holder: state.node, held: graph.edgeTo[edge] ?? 0, edge });
        const before = queue[cameFrom[mode][state.node] ?? 0];
        if (before === undefined) break;
        state = before;
      }
      return path.toReversed();
    },
  };
}
