/** Finds the task that has a lock, by the number that it has in the tree. */
import type { AwaitGraph } from '../owners.ts';
import type { PromiseRecord } from '../promise-record.ts';

/** What tells who has it: the await that asked for it, or a promise that settles when it is given back. */
export interface Held {
  waiter: PromiseRecord | null;
  life: PromiseRecord | null;
}

const MAX_HOPS = 100;

/** The await of this promise, through promises that only pass it on. */
function awaitOf(promise: PromiseRecord): PromiseRecord | undefined {
  let record: PromiseRecord | null = promise;
  for (let hops = 0; record !== null && hops < MAX_HOPS; hops++) {
    const waiter: PromiseRecord | null = record.first;
    if (waiter === null) return undefined;
    if (waiter.link) record = waiter.call?.owner ?? null;
    else if (waiter.waiters > 0) record = waiter;
    else return waiter;
  }
  return undefined;
}

/** The same number for all awaits of one call, also for those that are over. */
export function callKey(record: PromiseRecord): number {
  return record.call?.seq ?? record.owner?.seq ?? record.seq;
}

const indices = new WeakMap<AwaitGraph, Map<number, PromiseRecord>>();

/** The await in which the call is suspended to which the await `record` belonged; undefined when that call has ended. */
function suspended(record: PromiseRecord, graph: AwaitGraph): PromiseRecord | undefined {
  let index = indices.get(graph);
  if (index === undefined) {
    index = new Map(graph.awaits.map((each) => [callKey(each), each]));
    indices.set(graph, index);
  }
  return index.get(callKey(record));
}

/** The number of the task: undefined when it has ended (somebody else has what it took, or nobody) or is not known. */
export function holderId({ waiter, life }: Held, graph: AwaitGraph): number | undefined {
  const record = life !== null ? awaitOf(life) : waiter === null ? undefined : suspended(waiter, graph);
  if (record === undefined) return undefined;
  return record.owner?.seq ?? record.call?.seq ?? record.seq;
}
