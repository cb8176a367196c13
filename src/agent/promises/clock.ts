/** The time for ages: read seldom, because a clock read for every promise would show. */
import { performance } from 'node:perf_hooks';

/** Milliseconds since start, as {@link coarseNow}; for the hooks, which save the call. */
export let nowMs = 0;

/** Milliseconds since start, refreshed often enough for ages. */
export function coarseNow(): number {
  return nowMs;
}

/** Reads the clock. A small integer (24 days fit), or V8 would box one number for every record. */
export function refreshClock(): number {
  nowMs = performance.now() | 0;
  return nowMs;
}
