/** Keeps the lines of the waiters of one promise apart: V8's walker stops at a promise with two reactions, so the lines are taken when the second comes. */
import type { PromiseRecord } from './promise-record.ts';
import { newBudget } from './budget.ts';
import { guarded } from './faults.ts';
import { awaiters } from './probe.ts';
import { promiseOf } from './promises.ts';
import { awaitSiteOf, combinatorSite, siteOf } from './sites.ts';
import { captureCallSites, type CallSite } from './stack.ts';

/** About 10 us each: at most 0.5 % of the time. */
const budget = newBudget(500, 500);
const CHAIN_DEPTH = 8;

/**
 * `record` is about to become a further waiter of `parent`, still pending. The first waiter is probed now, the further ones leave their synchronous
 * stack. Without budget the chain stays null, which means unknown.
 */
export function onSecondWaiter(parent: PromiseRecord, record: PromiseRecord, nowMs: number): void {
  if (budget.take(nowMs)) guarded('waiter', () => takeLines(parent, record), undefined);
}

function takeLines(parent: PromiseRecord, record: PromiseRecord): void {
  const first = parent.first;
  if (parent.waiters === 2 && first !== null && first.chain === null) {
    const promise = promiseOf(parent);
    if (promise !== undefined) {
      const notes = first.note();
      notes.chain = (awaiters([promise], CHAIN_DEPTH)[0] ?? []).map(siteOf);
      notes.sampled = notes.chain.length <= 1;
    }
  }
  const notes = record.note();
  notes.chain = lineOf(captureCallSites(2));
  notes.sampled = true;
}

/** The line of the await; for an element of a combinator its name; nothing for a plain `then`. */
function lineOf([top, below]: CallSite[]): number[] {
  if (top === undefined) return [];
  if (top.getFileName() !== null || top.getPromiseIndex() !== null) return [awaitSiteOf(top)];
  const combinator = below?.getFileName() === null ? combinatorSite(below.getFunctionName()) : undefined;
  return combinator === undefined ? [] : [combinator];
}
