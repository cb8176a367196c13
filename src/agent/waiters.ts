/** Tells who awaits a promise, past the promises that V8 or a resolver put in between. */
import type { PromiseRecord } from './promise-record.ts';

/**
 * `await` of a thenable makes a wrapper whose parent is the promise of the call that awaits: nobody waits for the call through it. Its job, which calls
 * `then`, runs while that call is still pending; a reaction's job runs only once its parent is settled.
 */
export function isThenableWrapper(record: PromiseRecord): boolean {
  return record.derived && record.ran && !record.link && record.parent?.isPending === true;
}

/** The promises that wait for `promise` as far as V8 is concerned: one, none (`null`), or more than anybody can follow (`undefined`). */
function onlyWaiter(promise: PromiseRecord): PromiseRecord | null | undefined {
  if (promise.waiters === 0) return null;
  if (promise.waiters === 1) {
    const { first } = promise;
    return first !== null && isThenableWrapper(first) ? null : (first ?? undefined);
  }
  return undefined;
}

const MAX_HOPS = 100;

/** The only await of this promise, through promises that pass it on: undefined when there is none or more than one. */
export function waiterOf(promise: PromiseRecord): PromiseRecord | undefined {
  let record: PromiseRecord | null = promise;
  for (let hops = 0; record !== null && hops < MAX_HOPS; hops++) {
    const waiter: PromiseRecord | null | undefined = onlyWaiter(record);
    if (waiter === null || waiter === undefined) return undefined;
    if (waiter.link) record = waiter.call?.owner ?? null;
    else if (waiter.waiters > 0) record = waiter;
    else return waiter;
  }
  return undefined;
}

/** How the line on which a candidate's promise is awaited fits an await. `same`: the very line that V8 saw; `unknown`: nothing against it. */
export type Fit = 'same' | 'unknown' | 'other';

/** Whether `candidate` can be the promise of the call suspended in `wait`: V8's chain of the await goes on with whoever awaits that promise. */
export function fitsAsOwner(candidate: PromiseRecord, wait: PromiseRecord): Fit {
  if (wait.sampled || wait.chain === null) return 'unknown';
  const next = wait.chain[1];
  const waiter = waiterOf(candidate);
  const line = waiter?.chain?.[0];
  if (line === undefined) {
    // A chain taken when the second waiter came may be older than the candidate's own waiters; one without lines has not been looked at.
    const isOld = wait.parent?.waiters !== 1;
    return next === undefined || waiter?.chain === null || (isOld && candidate.waiters > 1) ? 'unknown' : 'other';
  }
  return line === next ? 'same' : 'other';
}

/** Whether `candidate` can be a promise that the promise awaited in `wait` is passed on to: both are seen on the same line. */
export function fitsAsTarget(candidate: PromiseRecord, wait: PromiseRecord): boolean {
  const own = wait.chain?.[0];
  return own !== undefined && waiterOf(candidate)?.chain?.[0] === own;
}
