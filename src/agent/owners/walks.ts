/** Compares whole awaiter chains where their first lines alone don't tell two calls apart; a bounded number for each snapshot. */
import type { PromiseRecord } from '../promises/promise-record.ts';
import { awaiters } from '../walks/probe.ts';
import { promiseOf } from '../promises/promise-list.ts';
import { siteOf } from '../stacks/sites.ts';

const DEPTH = 32;
/** At about 20 us each. */
const MAX_WALKS = 1000;

export interface Walks {
  /** False when the call that awaits `awaited` has not the promise `owner`: then V8's chain of the one would go on with that of the other. */
  canOwn(awaited: PromiseRecord, owner: PromiseRecord): boolean;
  /** False when `awaited` is not passed on to `target`: then both would have the same chain. */
  canPassOn(awaited: PromiseRecord, target: PromiseRecord): boolean;
}

/** Each chain is taken once, as it is now. */
export function newWalks(): Walks {
  const walks = new Map<PromiseRecord, readonly number[] | undefined>();

  function walk(record: PromiseRecord): readonly number[] | undefined {
    if (walks.has(record)) return walks.get(record);
    const promise = walks.size < MAX_WALKS ? promiseOf(record) : undefined;
    const chain = promise === undefined ? undefined : awaiters([promise], DEPTH)?.[0]?.map(siteOf);
    walks.set(record, chain);
    return chain;
  }

  function compare(awaited: PromiseRecord, other: PromiseRecord, skip: number): boolean {
    const chain = walk(awaited);
    if (chain === undefined || chain.length === 0) return true;
    const rest = walk(other);
    if (rest === undefined) return true;
    const length = Math.min(chain.length, DEPTH) - skip;
    if (chain.length < DEPTH && rest.length !== length) return false;
    return chain.slice(skip).every((site, i) => site === rest[i]);
  }

  return {
    canOwn: (awaited, owner) => compare(awaited, owner, 1),
    canPassOn: (awaited, target) => compare(awaited, target, 0),
  };
}
