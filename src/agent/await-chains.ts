/** Fills in the awaiter chains of suspended awaits, a slice at a time; what was learnt is kept with the record. */
import { performance } from 'node:perf_hooks';
import type { PromiseRecord } from './promise-record.ts';
import { promiseOf } from './promises.ts';
import { awaiters } from './probe.ts';
import { siteOf } from './sites.ts';

/** Probes between two looks at the clock; few enough that the call sites die young. */
const SLICE = 256;
const CHAIN_DEPTH = 8;

/** Nobody can wait for it: an await's own promise, or the end of a `then` chain. */
export const isEnd = (record: PromiseRecord): boolean =>
  record.derived && record.waiters === 0 && record.parent !== null;

/** Fills in the chains of those that have none yet or whose owner is not certain, until `limitMs` have passed; says how many are left without. */
export function probeChains(records: readonly PromiseRecord[], limitMs: number): number {
  const waiting = records.filter(needsProbe);
  const deadline = performance.now() + limitMs;
  let next = 0;
  while (next < waiting.length && performance.now() < deadline) {
    const slice = waiting.slice(next, next + SLICE);
    const targets = slice.map(({ parent }) => (parent && promiseOf(parent)) ?? NOTHING);
    awaiters(targets, CHAIN_DEPTH).forEach((chain, i) => {
      const record = slice[i];
      if (record === undefined || targets[i] === NOTHING || (record.sampled && chain.length === 0)) return;
      const notes = record.note();
      notes.chain = chain.map(siteOf);
      notes.sampled = false;
    });
    next += slice.length;
  }
  return waiting.slice(next).filter(({ chain }) => chain === null).length;
}

/** Stands for a promise that was collected meanwhile; a settled promise has no awaiters. */
const NOTHING = Promise.resolve();

function needsProbe(record: PromiseRecord): boolean {
  if (!isEnd(record) || record.link || record.parent?.waiters !== 1) return false;
  // What came second may be the only one by now.
  return record.chain === null || record.sampled || record.owner === null;
}
