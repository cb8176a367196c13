/** Ties the promise that `fetch` gave to the inner tasks that will settle it: undici resolves it by a callback, which promises alone don't show. */
import type { AwaitGraph } from './owners.ts';
import type { PromiseRecord } from './promises.ts';
import { siteAt } from './sites.ts';

/** undici's task for a whole fetch; started in the same segment as the promise, right after it (undici lib/web/fetch/index.js, Node 20 to 26). */
const FETCH_TASK = 'mainFetch';
const FETCH_FILE = /undici/;

function isFetchTask(record: PromiseRecord): boolean {
  const first = record.chain?.[0];
  const frame = first === undefined ? undefined : siteAt(first).frame;
  return frame !== undefined && frame.function === FETCH_TASK && FETCH_FILE.test(frame.file);
}

/** For each promise of a running fetch the task that works on it. */
export function fetchTasks(
  graph: AwaitGraph,
  promises: (segment: number) => readonly PromiseRecord[],
): Map<PromiseRecord, PromiseRecord> {
  const tasks = new Map<PromiseRecord, PromiseRecord>();
  for (const record of graph.awaits) {
    if (!isFetchTask(record)) continue;
    const seq = record.call?.seq ?? record.seq;
    const before = promises(record.call?.segment ?? record.segment).filter((promise) => promise.seq < seq);
    const result = before.findLast(
      (promise) =>
        promise.waiters > 0 && promise.source === null && !graph.suspendedIn.has(promise) && !tasks.has(promise),
    );
    if (result !== undefined) tasks.set(result, record);
  }
  return tasks;
}
