/** Tells who awaits a promise, past the promises that V8 or a resolver put in between. */
import { isOfOwnClass } from '../promises/own-class.ts';
import { promiseOf } from '../promises/promise-list.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { siteAt } from '../stacks/sites.ts';
import { MAX_DEPTH } from '../walks/await-chains.ts';
import { each, type Steps } from '../tree/slices.ts';

/**
 * `await` of a thenable makes a wrapper whose parent is the promise of the call that awaits: nobody waits for the call through it. Its job, which calls
 * `then`, runs while that call is still pending; a reaction's job runs only once its parent is settled.
 */
export function isThenableWrapper(record: PromiseRecord): boolean {
  return record.derived && record.ran && !record.link && record.parent?.isPending === true;
}

/** Who waits for whom at one moment. */
export interface Waiters {
  /** Takes in pending promises made by `await` and `then` in order of creation, made after those it has; answers the wrappers among them. `visit` sees each of the others. */
  add(derived: readonly PromiseRecord[], visit: (record: PromiseRecord) => void): Steps<PromiseRecord[]>;
  /** How many wait for the promise, wrappers left out. */
  count(promise: PromiseRecord): number;
  /** The first of those; undefined when there is none or it is gone. */
  first(promise: PromiseRecord): PromiseRecord | undefined;
  /** The only await of this promise, through promises that pass it on: undefined when there is none or more than one. */
  only(promise: PromiseRecord): PromiseRecord | undefined;
  /** The promise that follows this one, or the last of those that follow each other, when nobody is known to wait for it. */
  followedBy(promise: PromiseRecord): PromiseRecord | undefined;
}

const MAX_HOPS = 100;

/** None yet. A promise forgets its first waiter when that was a wrapper. */
export function newWaiters(): Waiters {
  const wrapped = new Set<PromiseRecord>();
  const firsts = new Map<PromiseRecord, PromiseRecord>();
  function* add(derived: readonly PromiseRecord[], visit: (record: PromiseRecord) => void): Steps<PromiseRecord[]> {
    const wrappers: PromiseRecord[] = [];
    const forgotten: PromiseRecord[] = [];
    yield* each(derived, (record) => {
      const { parent } = record;
      if (parent !== null && isThenableWrapper(record)) {
        wrapped.add(parent);
        wrappers.push(record);
        return;
      }
      if (parent?.first === null) forgotten.push(record);
      visit(record);
    });
    yield* each(wrapped.size === 0 ? forgotten : derived, (record) => {
      const { parent } = record;
      if (parent === null || (parent.first !== null && !wrapped.has(parent)) || isThenableWrapper(record)) return;
      if (!firsts.has(parent)) firsts.set(parent, record);
    });
    return wrappers;
  }

  const count = (promise: PromiseRecord): number =>
    promise.waiters - (wrapped.size > 0 && wrapped.has(promise) ? 1 : 0);
  const first = (promise: PromiseRecord): PromiseRecord | undefined =>
    firsts.get(promise) ?? (wrapped.has(promise) ? undefined : (promise.first ?? undefined));

  function only(promise: PromiseRecord): PromiseRecord | undefined {
    let record: PromiseRecord | null = promise;
    for (let hops = 0; record !== null && hops < MAX_HOPS; hops++) {
      const waiter: PromiseRecord | undefined = count(record) === 1 ? first(record) : undefined;
      if (waiter === undefined) return undefined;
      if (waiter.link) record = waiter.call?.owner ?? null;
      else if (waiter.waiters > 0) record = waiter;
      else return waiter;
    }
    return undefined;
  }

  function followedBy(promise: PromiseRecord): PromiseRecord | undefined {
    let record: PromiseRecord | undefined = promise;
    for (let hops = 0; record !== undefined && hops < MAX_HOPS; hops++) {
      const waiter: PromiseRecord | undefined = count(record) === 1 ? first(record) : undefined;
      if (waiter === undefined) return hops === 0 || count(record) > 0 ? undefined : record;
      record = waiter.link ? (waiter.call?.owner ?? undefined) : waiter;
    }
    return undefined;
  }

  return { add, count, first, only, followedBy };
}

/** How the line on which a candidate's promise is awaited fits an await. `same`: the very line that V8 saw; `unknown`: nothing against it. */
export type Fit = 'same' | 'unknown' | 'other';

/** V8 tells no parent of what `then` of the program's own classes makes, so nobody is known to wait; its chain goes on all the same. */
function isFollowedByOwnClass(candidate: PromiseRecord, waiters: Waiters): boolean {
  const last = waiters.followedBy(candidate);
  const promise = last && promiseOf(last);
  return promise !== undefined && isOfOwnClass(promise);
}

/**
 * Whether V8 has told at one moment that the chain of `wait`, but for its first `skip` lines, is another one than that of `promise`, where `waiter` alone waits: lines that are equal at the beginning, as
 * in a recursion, can go on differently or end.
 */
function isOtherChain(wait: PromiseRecord, skip: number, promise: PromiseRecord, waiter: PromiseRecord): boolean {
  const [one, other] = [wait.notes, waiter.notes];
  if (one === null || other === null || one.toldIn === 0 || one.toldIn !== other.toldIn) return false;
  if (one.chain === null || other.chain === null) return false;
  if (waiter.parent !== promise) return false;
  const left = one.depth - skip;
  if (left > other.depth ? other.depth < MAX_DEPTH : left < other.depth && one.depth < MAX_DEPTH) return true;
  const shown = Math.min(one.chain.length - skip, other.chain.length);
  for (let i = 0; i < shown; i++) if (one.chain[i + skip] !== other.chain[i]) return true;
  return false;
}

/** Whether `candidate` can be the promise of the call suspended in `wait`: V8's chain of the await goes on with whoever awaits that promise. */
export function fitsAsOwner(candidate: PromiseRecord, wait: PromiseRecord, waiters: Waiters): Fit {
  if (candidate.source?.isOfLoop === true) return 'other';
  if (wait.sampled || wait.chain === null) return 'unknown';
  const next = wait.chain[1];
  const waiter = waiters.only(candidate);
  const line = waiter?.chain?.[0];
  if (line === undefined) {
    // A chain taken when the second waiter came may be older than the candidate's own waiters; one without lines has not been looked at.
    const isOld = wait.parent === null || waiters.count(wait.parent) !== 1;
    if (next === undefined || waiter?.chain === null || (isOld && waiters.count(candidate) > 1)) return 'unknown';
    return isFollowedByOwnClass(candidate, waiters) ? 'unknown' : 'other';
  }
  if (line === next) return waiter !== undefined && isOtherChain(wait, 1, candidate, waiter) ? 'other' : 'same';
  // V8's chain ends where a compiled function awaits.
  if (siteAt(line).isFunction === true) return next === undefined ? 'same' : 'other';
  // A line taken from the stack may be another one of the same await.
  return waiter?.sampled && next !== undefined ? 'unknown' : 'other';
}

/** Whether `candidate` can be a promise that the promise awaited in `wait` is passed on to: both are seen on the same line. */
export function fitsAsTarget(candidate: PromiseRecord, wait: PromiseRecord, waiters: Waiters): boolean {
  const own = wait.chain?.[0];
  const waiter = waiters.only(candidate);
  if (own === undefined || waiter === wait || waiter?.chain?.[0] !== own) return false;
  return !isOtherChain(wait, 0, candidate, waiter);
}
