/** Takes down where tasks are started, when the user has asked for it: a stack for every promise made by neither `await` nor `then`, or for a sample of them. */
import { performance } from 'node:perf_hooks';
import { CREATION_STACKS_VARIABLE } from '../../protocol/tasks.ts';
import { newTimeBudget } from '../budget.ts';
import { guarded } from '../faults.ts';
import type { PromiseRecord } from './promise-record.ts';
import { watchMade } from './promise-listeners.ts';
import { coarseNow } from './promises.ts';
import { siteOf } from '../stacks/sites.ts';
import { captureCallSites } from '../stacks/stack.ts';

/** The function that was called, who called it, and a few callers more: the first of them that is the user's counts. */
const DEPTH = 8;
/** Share of the time that `sampled` may cost. */
const SAMPLED_SHARE = 0.01;

function takeDown(record: PromiseRecord): void {
  const [, ...callers] = captureCallSites(DEPTH).filter((site) => site.getFileName() !== null);
  if (callers.length > 0) record.note().started = callers.map(siteOf);
}

/** Starts taking stacks if the environment says so; to be called after `startPromises`. */
export function startCreationStacks(): void {
  const mode = process.env[CREATION_STACKS_VARIABLE];
  if (mode === 'all') watchMade((record) => guarded('creation', () => takeDown(record), undefined));
  if (mode !== 'sampled') return;
  const budget = newTimeBudget(SAMPLED_SHARE, 50);
  watchMade((record) => {
    if (!budget.take(coarseNow())) return;
    const start = performance.now();
    guarded('creation', () => takeDown(record), undefined);
    budget.spent(performance.now() - start);
  });
}
