/** The references of a heap from the other end: who refers to an object. */
import type { HeapGraph } from './graph.ts';

/** References to a node: `edge[i]` comes from the node `from[i]`, for i from `first[node]` to before `first[node + 1]`. */
export interface Retainers {
  first: Uint32Array;
  from: Uint32Array;
  edge: Uint32Array;
}

/** Sorts all references by where they lead. */
export function retainersOf({ nodeCount, firstEdge, edgeTo }: HeapGraph): Retainers {
  const first = new Uint32Array(nodeCount + 1);
  for (const to of edgeTo) first[to + 1] = (first[to + 1] ?? 0) + 1;
  for (let node = 0; node < nodeCount; node++) first[node + 1] = (first[node + 1] ?? 0) + (first[node] ?? 0);
  const next = first.slice();
  const from = new Uint32Array(edgeTo.length);
  const edge = new Uint32Array(edgeTo.length);
  for (let node = 0; node < nodeCount; node++) {
    for (let i = firstEdge[node] ?? 0, end = firstEdge[node + 1] ?? 0; i < end; i++) {
      const to = edgeTo[i] ?? 0;
      const at = next[to] ?? 0;
      next[to] = at + 1;
      from[at] = node;
      edge[at] = i;
    }
  }
  return { first, from, edge };
}
