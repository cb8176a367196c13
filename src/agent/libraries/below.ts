/** Looks below a wait that a package describes as a whole for what it comes down to. */
import type { Wait, WaitFacts } from '../../protocol/agent.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { follow } from '../tree/targets.ts';

const MAX_STEPS = 100;

/** The first wait below this promise whose facts are `wanted`; through combinators, too. */
export function leafWait(
  promise: PromiseRecord,
  graph: AwaitGraph,
  wanted: (facts: WaitFacts) => boolean,
): Wait | undefined {
  const ahead = [promise];
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const next = ahead.shift();
    if (next === undefined) return undefined;
    const to = follow(next, graph, true);
    if (to.kind === 'leaf') {
      // The promise itself is the one that asks.
      const wait = to.record === promise || to.source === promise.source ? undefined : to.source?.describe(graph);
      if (wait !== undefined && wanted(wait.facts)) return wait;
    } else if (to.kind === 'await') {
      if (to.record.parent !== null) ahead.push(to.record.parent);
    } else {
      for (const element of graph.elements.get(to.record) ?? [])
        if (element.parent !== null) ahead.push(element.parent);
    }
  }
  return undefined;
}
