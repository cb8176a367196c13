/** Keeps for the length of a snapshot what all who wait for the same thing see of it: put together for each, many that wait would cost their square. */
import type { AwaitGraph } from '../owners/owners.ts';

/** `make` for each key once a snapshot; outside of one every time. */
export function oncePerSnapshot<K extends object, V>(
  make: (key: K, graph?: AwaitGraph) => V,
): (key: K, graph: AwaitGraph | undefined) => V {
  const views = new WeakMap<AwaitGraph, Map<K, V>>();
  return (key, graph) => {
    if (graph === undefined) return make(key);
    let known = views.get(graph);
    if (known === undefined) views.set(graph, (known = new Map<K, V>()));
    if (!known.has(key)) known.set(key, make(key, graph));
    return known.get(key) as V;
  };
}
