/** Reads from a heap which promises are pending, who awaits them, and what holds the functions that settle them. */
import type { Combinator } from '../../protocol/agent.ts';
import type { LatePlan } from '../../protocol/late.ts';
import { REACTION, readReaction } from '../heap/calls.ts';
import { builtinOf } from '../heap/functions.ts';
import { edgeNameOf, edgesOf, edgeTypeOf, inner, nameOf, typeOf, type HeapGraph } from '../heap/graph.ts';
import { newNearest } from './nearest.ts';

/** A suspended call at whose place V8's walk does not arrive, since others wait for the same promise. */
export interface Shared {
  /** Index into {@link LatePlan.awaits}. */
  await: number;
  /** The node of the call. */
  call: number;
}

/** What was found. */
export interface Found {
  plan: LatePlan;
  shared: Shared[];
}

/** More than this takes longer than anybody waits: the rest is left out. */
const MAX_WAITS = 100_000;
/** Promises of which it is looked for what settles them. */
const MAX_LEAVES = 20_000;

const COMBINATORS: Partial<Record<string, Combinator>> = {
  PromiseAllResolveElementClosure: 'all',
  PromiseAllSettledResolveElementClosure: 'allSettled',
  PromiseAllSettledRejectElementClosure: 'allSettled',
  PromiseAnyRejectElementClosure: 'any',
};
const RESOLVE = 'PromiseCapabilityDefaultResolve';
const CAPABILITY = 'system / PromiseCapability';

/** `promises` and `resources` are the lists as objects of the heap: nodes of arrays. */
export function planOf(graph: HeapGraph, promises: number, resources: number): Found {
  const indexOf = new Map(elementsOf(graph, promises).map(([index, node]) => [node, index]));
  const plan: LatePlan = { awaits: [], reactions: [], elements: [], settledBy: [], heldBy: [] };
  const shared: Shared[] = [];
  const led = new Set<number>();
  const awaited: number[] = [];
  let waits = 0;
  for (const [promise, on] of indexOf) {
    const reactions = reactionsOf(graph, promise);
    if (reactions.length === 0) continue;
    awaited.push(promise);
    waits += reactions.length;
    if (waits > MAX_WAITS) break;
    for (const reaction of reactions) read(reaction, on, reactions.length > 1);
  }
  const nearest = newNearest(graph, objectsOf(graph, resources));
  const above = newAbove(plan);
  for (const promise of awaited.filter((node) => !led.has(node)).slice(0, MAX_LEAVES)) {
    const index = indexOf.get(promise) ?? -1;
    const waiting = above(index);
    const found = nearest(promise, (call) => {
      const own = promiseOfCall(call);
      return own === undefined || waiting.has(indexOf.get(own) ?? -1);
    });
    if (found === undefined) continue;
    if ('resource' in found) {
      plan.settledBy.push({ promise: index, resource: found.resource, ...(found.exact ? { exact: true } : {}) });
      continue;
    }
    const by = indexOf.get(promiseOfCall(found.call) ?? -1);
    if (by !== undefined) plan.heldBy.push({ promise: index, by });
  }
  return { plan, shared };

  function read(reaction: number, on: number, isShared: boolean): void {
    const { promise, call } = readReaction(graph, reaction);
    if (call !== undefined) {
      const own = promiseOfCall(call);
      if (own !== undefined) led.add(own);
      const of = own === undefined ? undefined : indexOf.get(own);
      const thrown = promise === undefined || promise === own ? undefined : indexOf.get(promise);
      if (isShared) shared.push({ await: plan.awaits.length, call });
      plan.awaits.push({ on, ...(of === undefined ? {} : { of }), ...(thrown === undefined ? {} : { own: thrown }) });
      return;
    }
    const settled = settledByHandlers(graph, reaction);
    const of = settled === undefined ? undefined : indexOf.get(settled.promise);
    if (settled !== undefined && of !== undefined) {
      if (settled.combinator !== 'race') led.add(settled.promise);
      plan.elements.push({ on, of, combinator: settled.combinator });
      return;
    }
    const to = promise === undefined ? undefined : indexOf.get(promise);
    if (promise === undefined || to === undefined) return;
    led.add(promise);
    plan.reactions.push({ on, to, ...(hasHandlers(graph, reaction) ? {} : { follows: true }) });
  }

  /** The promise that the call returned: V8 gives the field no name. An async generator has one for each request. */
  function promiseOfCall(call: number): number | undefined {
    for (const edge of edgesOf(graph, call)) {
      const to = graph.edgeTo[edge] ?? 0;
      if (edgeTypeOf(graph, edge) === 'hidden' && indexOf.has(to)) return to;
    }
    return undefined;
  }
}

/** Tells which promises wait for one, directly or not, itself included. */
function newAbove({ awaits, reactions, elements }: LatePlan): (promise: number) => Set<number> {
  const waiting = new Map<number, number[]>();
  const add = (on: number, to: number | undefined): void => {
    if (to === undefined) return;
    const known = waiting.get(on);
    if (known === undefined) waiting.set(on, [to]);
    else known.push(to);
  };
  for (const { on, of } of [...awaits, ...elements]) add(on, of);
  for (const { on, to } of reactions) add(on, to);
  return (promise) => {
    const all = new Set([promise]);
    for (const each of all) for (const to of waiting.get(each) ?? []) all.add(to);
    return all;
  };
}

/** What waits for a promise, the latest first as V8 keeps it; nothing when it has settled. */
function reactionsOf(graph: HeapGraph, promise: number): number[] {
  const reactions: number[] = [];
  let next = inner(graph, promise, 'reactions_or_result');
  while (next !== undefined && nameOf(graph, next) === REACTION && reactions.length < MAX_WAITS) {
    reactions.push(next);
    next = hiddenTo(graph, next, (to) => nameOf(graph, to) === REACTION);
  }
  return reactions.toReversed();
}

function hiddenTo(graph: HeapGraph, node: number, fits: (to: number) => boolean): number | undefined {
  for (const edge of edgesOf(graph, node)) {
    const to = graph.edgeTo[edge] ?? 0;
    if (edgeTypeOf(graph, edge) === 'hidden' && fits(to)) return to;
  }
  return undefined;
}

function hasHandlers(graph: HeapGraph, reaction: number): boolean {
  return hiddenTo(graph, reaction, (to) => typeOf(graph, to) === 'closure') !== undefined;
}

/** The promise that V8's own functions settle, which are the handlers of an element of `Promise.all` and its kin. */
function settledByHandlers(
  graph: HeapGraph,
  reaction: number,
): { promise: number; combinator: Combinator } | undefined {
  let resolved: number | undefined;
  for (const edge of edgesOf(graph, reaction)) {
    const closure = graph.edgeTo[edge] ?? 0;
    if (typeOf(graph, closure) !== 'closure') continue;
    const builtin = builtinOf(graph, closure) ?? '';
    const context = inner(graph, closure, 'context');
    if (context === undefined) continue;
    const combinator = COMBINATORS[builtin];
    if (combinator !== undefined) {
      const capability = hiddenTo(graph, context, (to) => nameOf(graph, to) === CAPABILITY);
      const promise = capability === undefined ? undefined : hiddenPromise(graph, capability);
      if (promise !== undefined) return { promise, combinator };
    } else if (builtin === RESOLVE) resolved = hiddenPromise(graph, context);
  }
  return resolved === undefined ? undefined : { promise: resolved, combinator: 'race' };
}

function hiddenPromise(graph: HeapGraph, node: number): number | undefined {
  return hiddenTo(graph, node, (to) => inner(graph, to, 'reactions_or_result') !== undefined);
}

/** Indices and nodes of an array. */
function elementsOf(graph: HeapGraph, array: number): [number, number][] {
  const found: [number, number][] = [];
  for (const edge of edgesOf(graph, array)) {
    if (edgeTypeOf(graph, edge) === 'element') found.push([Number(edgeNameOf(graph, edge)), graph.edgeTo[edge] ?? 0]);
  }
  return found;
}

const HANDLE = /^(?:_handle|<symbol kHandle>)$/;

/** The resources by node: Node's public object and the handle behind it. */
function objectsOf(graph: HeapGraph, resources: number): Map<number, number> {
  const all = new Map<number, number>();
  for (const [index, node] of elementsOf(graph, resources)) {
    all.set(node, index);
    for (const edge of edgesOf(graph, node)) {
      if (edgeTypeOf(graph, edge) === 'property' && HANDLE.test(edgeNameOf(graph, edge)))
        all.set(graph.edgeTo[edge] ?? 0, index);
    }
  }
  return all;
}
