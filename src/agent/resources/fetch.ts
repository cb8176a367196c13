/** Ties the promise that `fetch` gave to the inner tasks that will settle it: undici resolves it by a callback, which promises alone don't show. */
import type { AwaitGraph } from '../owners/owners.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { newSegments, type Segments } from '../promises/segments.ts';
import { each, type Steps } from '../tree/slices.ts';
import { siteAt } from '../stacks/sites.ts';
import { isFetch } from '../waits/fetches.ts';

/** undici's tasks for a whole fetch and for reading a body; started in the same segment as the promise, right after it (undici lib/web/fetch, Node 20 to 26). */
const FETCH_TASKS: readonly string[] = ['mainFetch', 'readAllBytes'];
const FETCH_FILE = 'undici';

function isFetchTask(site: number): boolean {
  const { frame } = siteAt(site);
  return frame !== undefined && FETCH_TASKS.includes(frame.function) && frame.file.includes(FETCH_FILE);
}

/** Whether this is for certain the promise of a fetch, or of reading its body: their calls were seen. */
const isKnown = ({ source }: PromiseRecord): boolean => source?.isWhole?.() === true || isFetch(source);

/** Promises between a fetch's own and its first task, at most: when its call was seen, and otherwise. */
const MAX_STEPS = 64;
const MAX_UNSEEN = 8;

/** The promise that this task will settle. */
function promiseOfTask(
  record: PromiseRecord,
  segments: Segments,
  isTaken: (promise: PromiseRecord) => boolean,
): PromiseRecord | undefined {
  const { segment, seq } = record.call ?? record;
  let steps = 0;
  let likely: PromiseRecord | undefined;
  for (const promise of segments.before(segment, seq)) {
    if (++steps > MAX_STEPS) break;
    if (promise.waiters === 0 || isTaken(promise)) continue;
    if (isKnown(promise)) return promise;
    if (steps <= MAX_UNSEEN && promise.source === null) likely ??= promise;
  }
  return likely;
}

/** For each promise of a running fetch the task that works on it; `sites` are those of all awaits. */
export function* fetchTasks(graph: AwaitGraph, sites: Iterable<number>): Steps<Map<PromiseRecord, PromiseRecord>> {
  const tasks = new Map<PromiseRecord, PromiseRecord>();
  const running: PromiseRecord[] = [];
  const wanted = new Set([...sites].filter(isFetchTask));
  if (wanted.size === 0) return tasks;
  yield* each(graph.awaits, (record) => {
    const first = record.chain?.[0];
    if (first !== undefined && wanted.has(first)) running.push(record);
  });
  if (running.length === 0) return tasks;
  // New ones: what was left out in the search for owners counts here.
  const segments = newSegments([...graph.segments.all]);
  for (const record of running) {
    const found = promiseOfTask(record, segments, (promise) => graph.suspendedIn.has(promise) || tasks.has(promise));
    if (found !== undefined) tasks.set(found, record);
  }
  return tasks;
}
