/** Ties the promise that `fetch` gave to the inner tasks that will settle it: undici resolves it by a callback, which promises alone don't show. */
import type { AwaitGraph } from './owners.ts';
import type { PromiseRecord } from './promise-record.ts';
import type { Segments } from './segments.ts';
import { siteAt } from './sites.ts';

/** undici's tasks for a whole fetch and for reading a body; started in the same segment as the promise, right after it (undici lib/web/fetch, Node 20 to 26). */
const FETCH_TASKS: readonly string[] = ['mainFetch', 'readAllBytes'];
const FETCH_FILE = /undici/;

function isFetchTask(record: PromiseRecord): boolean {
  const first = record.chain?.[0];
  const frame = first === undefined ? undefined : siteAt(first).frame;
  return frame !== undefined && FETCH_TASKS.includes(frame.function) && FETCH_FILE.test(frame.file);
}

/** Promises between a fetch's own and its first task, at most. */
const MAX_STEPS = 8;

/** For each promise of a running fetch the task that works on it. */
export function fetchTasks(graph: AwaitGraph, segments: Segments): Map<PromiseRecord, PromiseRecord> {
  const tasks = new Map<PromiseRecord, PromiseRecord>();
  for (const record of graph.awaits) {
    if (!isFetchTask(record)) continue;
    const { segment, seq } = record.call ?? record;
    let steps = 0;
    for (const promise of segments.before(segment, seq)) {
      if (++steps > MAX_STEPS) break;
      if (promise.waiters === 0 || promise.source !== null || graph.suspendedIn.has(promise) || tasks.has(promise))
        continue;
      tasks.set(promise, record);
      break;
    }
  }
  return tasks;
}
