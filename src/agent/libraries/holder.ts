/** Finds the task that has a lock, by the number that it has in the tree. */
import type { AwaitGraph } from '../owners/owners.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { siteAt } from '../stacks/sites.ts';
import { follow } from '../tree/targets.ts';
import { isBookkeeper } from './bookkeepers.ts';

/** What tells who has it: the await that asked for it, or a promise that settles when it is given back. */
export interface Held {
  waiter: PromiseRecord | null;
  life: PromiseRecord | null;
  /** The result of the function that runs meanwhile. */
  work: PromiseRecord | null;
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

/** Numbers that tell a call by one of its awaits, also by one that is over: awaits of one call have one of them in common. */
function callKeys(record: PromiseRecord): number[] {
  const { owner, call, seq } = record;
  return [owner?.seq, call?.seq, seq].filter((key) => key !== undefined);
}

/** Whether two awaits are known to belong to one call. */
export function isSameCall(one: PromiseRecord, other: PromiseRecord): boolean {
  const keys = callKeys(other);
  return callKeys(one).some((key) => keys.includes(key));
}

const indices = new WeakMap<AwaitGraph, Map<number, PromiseRecord>>();

/** The await in which the call is suspended to which the await `record` belonged; undefined when that call has ended. */
function suspended(record: PromiseRecord, graph: AwaitGraph): PromiseRecord | undefined {
  let index = indices.get(graph);
  if (index === undefined) {
    index = new Map(graph.awaits.flatMap((each) => callKeys(each).map((key) => [key, each])));
    indices.set(graph, index);
  }
  for (const key of callKeys(record)) {
    const found = index.get(key);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Who awaits it, unless that is a combinator or a package keeping its books. Without a line it may be a mere reaction: then `waiter` knows better. */
function userOf(life: PromiseRecord, waiter: PromiseRecord | null, graph: AwaitGraph): PromiseRecord | undefined {
  const record = awaitOf(life);
  const first = record?.chain?.[0];
  if (first === undefined) return waiter === null ? record : suspended(waiter, graph);
  return siteAt(first).combinator !== undefined || isBookkeeper(first) ? undefined : record;
}

/** The task that settles this promise. */
function worker(promise: PromiseRecord, graph: AwaitGraph): PromiseRecord | undefined {
  const to = promise.isPending ? follow(promise, graph) : undefined;
  return to?.kind === 'await' ? to.record : undefined;
}

/** The number of the task: undefined when it has ended (somebody else has what it took, or nobody) or is not known. */
export function holderId({ waiter, life, work }: Held, graph: AwaitGraph): number | undefined {
  const record =
    life !== null
      ? (userOf(life, waiter, graph) ?? worker(work ?? life, graph))
      : waiter === null
        ? undefined
        : suspended(waiter, graph);
  if (record === undefined) return undefined;
  return record.owner?.seq ?? record.call?.seq ?? record.seq;
}
