/** Finds the timer, handle, request or suspended call nearest to a promise: what most likely settles it, because it holds the functions that do. */
import { REACTION } from '../heap/calls.ts';
import { builtinOf } from '../heap/functions.ts';
import { edgeTypeOf, inner, isCall, nameOf, typeOf, type HeapGraph } from '../heap/graph.ts';
import { retainersOf } from '../heap/retainers.ts';
import { holdsOf } from '../heap/settlers.ts';

export type Nearest =
  /** Its index in the list; `exact`: the very function that settles the promise is its callback. */
  | { resource: number; exact: boolean }
  /** A suspended call that has what settles the promise in a local variable, such as the function that releases a lock. */
  | { call: number };

/** What is further away, or behind more, has nothing to do with the promise. */
const MAX_HOPS = 12;
const MAX_NODES = 500;
const RESOLVE = /^PromiseCapabilityDefault(?:Resolve|Reject)$/;
const OUTERMOST = 'system / NativeContext';
const TIMERS = /^(?:Timeout|Immediate)$/;

/** `isFunction`: reached through nothing but functions and their variables. */
interface Near {
  node: number;
  isResolver: boolean;
  isFunction: boolean;
}

/** `resources`: their indices by node. */
export function newNearest(graph: HeapGraph, resources: ReadonlyMap<number, number>) {
  const retainers = retainersOf(graph);

  /** Undefined when none is near. `awaits`: whether that call awaits the promise itself, in the end. */
  return (promise: number, awaits: (call: number) => boolean): Nearest | undefined => {
    const seen = new Set([promise]);
    let ring: Near[] = [{ node: promise, isResolver: false, isFunction: true }];
    for (let hops = 0; hops < MAX_HOPS && ring.length > 0; hops++) {
      const next: typeof ring = [];
      for (const { node, isResolver, isFunction } of ring) {
        for (const { holder, edge } of holdsOf(graph, retainers, { node, asPromise: node === promise })) {
          const resource = resources.get(holder);
          if (resource !== undefined) {
            return { resource, exact: isResolver && TIMERS.test(nameOf(graph, holder)) };
          }
          if (isFunction && isCall(graph, holder) && typeOf(graph, node) === 'array' && !awaits(holder))
            return { call: holder };
          if (seen.has(holder) || isEnd(holder, edge)) continue;
          seen.add(holder);
          if (seen.size > MAX_NODES) return undefined;
          next.push({ node: holder, isResolver: isResolverOf(holder), isFunction: isFunction && !isData(edge) });
        }
      }
      ring = next;
    }
    return undefined;
  };

  function isData(edge: number): boolean {
    const type = edgeTypeOf(graph, edge);
    return type === 'property' || type === 'element';
  }

  /** From there on it is a task that settles the promise, or the whole program. */
  function isEnd(node: number, edge: number): boolean {
    if (edgeTypeOf(graph, edge) === 'context' && isOfFile(node)) return true;
    return typeOf(graph, node) === 'synthetic' || nameOf(graph, node) === REACTION || isCall(graph, node);
  }

  /** The variables of a whole file, which all its functions share. */
  function isOfFile(context: number): boolean {
    const outer = inner(graph, context, 'previous');
    return outer !== undefined && nameOf(graph, outer).startsWith(OUTERMOST);
  }

  function isResolverOf(node: number): boolean {
    return typeOf(graph, node) === 'closure' && RESOLVE.test(builtinOf(graph, node) ?? '');
  }
}
