/** Fills in the awaiter chains of suspended awaits, a few at a time; what was learnt is kept with the record. */
import { performance } from 'node:perf_hooks';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { promiseOf } from '../promises/promise-list.ts';
import { awaiters, maskedRun } from './probe.ts';
import { useLine } from '../promises/shared-promises.ts';
import { chainOf, siteAt } from '../stacks/sites.ts';
import { PACE, type Steps } from '../tree/slices.ts';

/** Probes between two looks at the clock: 0.5 to 2 ms. */
const BATCH = 128;
/** Longer chains are cut off. */
export const CHAIN_DEPTH = 8;
/** So far V8 is asked: in a recursion nothing but their length tells chains apart. */
export const MAX_DEPTH = 32;
/** Awaits without a certain owner are looked at again, for somebody may await their call by now: so many in one snapshot, by turns. */
const SECOND_LOOKS = 2000;

/** Nobody can wait for it: an await's own promise, or the end of a `then` chain. */
export const isEnd = (record: PromiseRecord): boolean =>
  record.derived && record.waiters === 0 && (record.parent !== null || record.isReady);

/** Counts those who wait for a promise. */
type Count = (promise: PromiseRecord) => number;

/** V8 walks on only where there is one waiter. */
const isProbeable = (record: PromiseRecord, count: Count): boolean =>
  isEnd(record) && !record.link && record.parent !== null && count(record.parent) === 1;

const countAll: Count = ({ waiters }) => waiters;

/** What came second may be the only one by now. */
function isWorthASecondLook({ chain, owner, sampled }: PromiseRecord): boolean {
  const first = chain?.[0];
  return sampled || (owner === null && first !== undefined && siteAt(first).combinator === undefined);
}

/** Number of the last await looked at again. */
let lookedAgain = 0;

/**
 * Fills in the chains of those that have none yet and looks again at some others, for at most `limitMs` in all; whether that was enough. While a reaction
 * of the program runs there is only what was taken down before.
 */
export function* probeChains(records: readonly PromiseRecord[], limitMs: number, count = countAll): Steps<boolean> {
  const time = { leftMs: limitMs };
  let again = 0;
  let isComplete = true;
  const look = (batch: PromiseRecord[]): number => {
    const ms = probe(batch, count);
    if (ms === undefined) isComplete = false;
    return ms ?? 0;
  };
  let batch: PromiseRecord[] = [];
  const work = (): void => {
    time.leftMs -= look(batch);
    batch = [];
  };
  for (let i = 0; i < records.length && time.leftMs > 0; i++) {
    const record = records[i];
    if (record !== undefined) {
      // Most are known, and to look at what they await takes longer than all the rest.
      if (record.chain === null) {
        if (isProbeable(record, count)) batch.push(record);
        else if (record.isReady) useLine(record);
      } else if (
        again < SECOND_LOOKS &&
        isComplete &&
        record.seq > lookedAgain &&
        isWorthASecondLook(record) &&
        isProbeable(record, count)
      ) {
        again++;
        lookedAgain = record.seq;
        batch.push(record);
      }
    }
    if (batch.length >= BATCH) yield work;
    else if (i % PACE === 0) yield;
  }
  if (batch.length > 0) yield work;
  if (again < SECOND_LOOKS) lookedAgain = 0;
  return isComplete && time.leftMs > 0;
}

/** Those that ended since they were chosen are passed over. Answers the milliseconds it took; undefined when it was not possible. */
function probe(chosen: readonly PromiseRecord[], count: Count): number | undefined {
  const start = performance.now();
  const batch = chosen.filter((record) => isProbeable(record, count));
  const targets = batch.map(({ parent }) => (parent && promiseOf(parent)) ?? NOTHING);
  const chains = awaiters(targets, MAX_DEPTH);
  if (chains === undefined) {
    for (const record of batch) useLine(record);
    return undefined;
  }
  chains.forEach((chain, i) => {
    const record = batch[i];
    if (record === undefined) return;
    // What it awaited is there: V8 does not tell the line any more.
    if (targets[i] === NOTHING) return useLine(record);
    if (record.sampled && chain.length === 0) return;
    // V8 tells nothing either where a reaction that no hook has seen, as of a value in a `for await`, has joined the await.
    if (chain.length === 0 && isSeenAwait(record)) return useLine(record);
    const notes = record.note();
    notes.chain = chainOf(chain.length > CHAIN_DEPTH ? chain.slice(0, CHAIN_DEPTH) : chain);
    notes.depth = chain.length;
    notes.toldIn = maskedRun();
    notes.sampled = false;
  });
  return performance.now() - start;
}

/** Whether a stack has shown that a function awaits there; what else waits leads to whoever awaits in the end, which may change. */
function isSeenAwait({ line }: PromiseRecord): boolean {
  const site = line?.[0];
  return site !== undefined && siteAt(site).combinator === undefined;
}

/** Stands for a promise that was collected meanwhile; a settled promise has no awaiters. */
const NOTHING = Promise.resolve();
