/** Compares whole awaiter chains where their first lines alone don't tell two calls apart; a bounded number for each snapshot. */
import type { PromiseRecord } from '../promises/promise-record.ts';
import { awaiters } from '../walks/probe.ts';
import { promiseOf } from '../promises/promise-list.ts';
import { siteOf } from '../stacks/sites.ts';

const DEPTH = 32;
/** At about 20 us each. */
const MAX_WALKS = 1000;
/** In a recursion the first lines are all the same: so many chains that go on are followed further, at up to 200 us each. */
const FAR = 512;
const MAX_FAR_WALKS = 100;

interface Walk {
  sites: readonly number[];
  /** It ends there. */
  isWhole: boolean;
}

export interface Walks {
  /** False when the call that awaits `awaited` has not the promise `owner`: then V8's chain of the one would go on with that of the other. */
  canOwn(awaited: PromiseRecord, owner: PromiseRecord): boolean;
  /** False when `awaited` is not passed on to `target`: then both would have the same chain. */
  canPassOn(awaited: PromiseRecord, target: PromiseRecord): boolean;
}

/** Each chain is taken once, as it is now. */
export function newWalks(): Walks {
  const walks = new Map<PromiseRecord, Walk | undefined>();
  let farWalks = 0;

  function take(promise: object, depth: number): Walk | undefined {
    const sites = awaiters([promise], depth)?.[0]?.map(siteOf);
    return sites && { sites, isWhole: sites.length < depth };
  }

  function walk(record: PromiseRecord): Walk | undefined {
    if (walks.has(record)) return walks.get(record);
    const promise = walks.size < MAX_WALKS ? promiseOf(record) : undefined;
    let taken = promise && take(promise, DEPTH);
    if (promise !== undefined && taken?.isWhole === false && farWalks++ < MAX_FAR_WALKS) taken = take(promise, FAR);
    walks.set(record, taken);
    return taken;
  }

  function compare(awaited: PromiseRecord, other: PromiseRecord, skip: number): boolean {
    const chain = walk(awaited);
    if (chain === undefined || chain.sites.length === 0) return true;
    const rest = walk(other);
    if (rest === undefined) return true;
    const sites = chain.sites.slice(skip);
    if (rest.isWhole && (chain.isWhole ? rest.sites.length !== sites.length : rest.sites.length < sites.length))
      return false;
    if (chain.isWhole && rest.sites.length > sites.length) return false;
    const length = Math.min(sites.length, rest.sites.length);
    return sites.slice(0, length).every((site, i) => site === rest.sites[i]);
  }

  return {
    canOwn: (awaited, owner) => compare(awaited, owner, 1),
    canPassOn: (awaited, target) => compare(awaited, target, 0),
  };
}
