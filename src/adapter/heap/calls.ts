/** Finds the suspended calls of async functions in a heap: V8 ties the promise that an `await` makes to its call by a reaction on the awaited promise. */
import { RECORD_FIELD } from '../../protocol/endpoint.ts';
import {
  edgeNameOf,
  edgesOf,
  edgeTypeOf,
  inner,
  isCall,
  nodesNamed,
  originOf,
  typeOf,
  type HeapGraph,
} from './graph.ts';

/** V8's name for what a promise does when it is settled. */
export const REACTION = 'system / PromiseReaction';

/** Inspector ids of the suspended calls, by those of the agent's records of the promises that their awaits made. */
export function suspendedCalls(graph: HeapGraph): Map<number, number> {
  const calls = new Map<number, number>();
  for (const reaction of nodesNamed(graph, REACTION)) {
    const { promise, call } = readReaction(graph, reaction);
    if (promise === undefined || call === undefined) continue;
    for (const edge of edgesOf(graph, promise)) {
      if (isStamp(graph, edge)) calls.set(graph.nodeId[graph.edgeTo[edge] ?? 0] ?? 0, graph.nodeId[call] ?? 0);
    }
  }
  return calls;
}

/** The promise that the agent's record is of; undefined when it is gone. */
export function promiseOfRecord(graph: HeapGraph, record: number): number | undefined {
  for (let edge = graph.edgeTo.indexOf(record); edge >= 0; edge = graph.edgeTo.indexOf(record, edge + 1)) {
    if (isStamp(graph, edge)) return originOf(graph, edge);
  }
  return undefined;
}

function isStamp(graph: HeapGraph, edge: number): boolean {
  return edgeTypeOf(graph, edge) === 'property' && edgeNameOf(graph, edge) === RECORD_FIELD;
}

/** The promise that a reaction settles, and the call that it resumes. Both are told by their kinds, since V8 gives these fields no names. */
export function readReaction(graph: HeapGraph, reaction: number): { promise?: number; call?: number } {
  let promise: number | undefined;
  let call: number | undefined;
  for (const edge of edgesOf(graph, reaction)) {
    const to = graph.edgeTo[edge] ?? 0;
    if (edgeTypeOf(graph, edge) !== 'hidden') continue;
    if (typeOf(graph, to) === 'object') promise = to;
    else if (typeOf(graph, to) === 'closure') call ??= resumedBy(graph, to);
  }
  return { ...(promise === undefined ? {} : { promise }), ...(call === undefined ? {} : { call }) };
}

/** The functions that V8 makes for an await keep the call as the extension of their context (V8 11 to 14). */
function resumedBy(graph: HeapGraph, closure: number): number | undefined {
  const context = inner(graph, closure, 'context');
  const call = context === undefined ? undefined : inner(graph, context, 'extension');
  return call !== undefined && isCall(graph, call) ? call : undefined;
}
