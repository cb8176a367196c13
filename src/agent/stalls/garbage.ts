/** Measures how much of a stall went into V8's garbage collections: only from the moment that there is one until it is over, and while the program rests, for each then costs some 50 us. */
import { performance } from 'node:perf_hooks';
import v8 from 'node:v8';
import type { Stall } from '../../protocol/agent.ts';
import type { Turn } from './turn.ts';

/** Less of a stall seen is too little to judge by. */
const SEEN_SHARE = 0.3;
const MADE_SHARE = 0.5;
const MICROSECONDS = 1000;

/** No `PerformanceObserver`: its callback is an immediate, which would show in the stacks of the program's errors. */
let profiler: v8.GCProfiler | undefined;
let sinceMs = 0;

/** There is a stall at this moment. */
export function watchGarbage(): void {
  if (profiler !== undefined) return;
  profiler = new v8.GCProfiler();
  profiler.start();
  sinceMs = performance.now();
}

/** A program that rests is asked now: what was collected before is nobody's concern. */
export function watchGarbageAnew(): void {
  watchGarbageNoMore();
  watchGarbage();
}

/** As long as there is no stall. */
export function watchGarbageNoMore(): void {
  profiler?.stop();
  profiler = undefined;
}

/** Whether it went into collections. V8's helpers need processors, too: without them a collection takes long and is not to blame. */
export function isMadeByGarbage(
  { startMs, seenMs }: Pick<Turn, 'startMs' | 'seenMs'>,
  { kind, overloaded }: Stall,
): boolean {
  const share = garbageShare(startMs, seenMs);
  return share >= MADE_SHARE && overloaded !== true && (kind === 'javascript' || kind === 'callbacks');
}

/** Ends the watching. Answers the share of the stall's time, 0 to 1, by the part of it that was watched; 0 when that was too little. */
function garbageShare(startMs: number, endMs: number): number {
  const statistics = profiler?.stop()?.statistics ?? [];
  profiler = undefined;
  const seenMs = endMs - Math.max(startMs, sinceMs);
  if (seenMs < (endMs - startMs) * SEEN_SHARE) return 0;
  return statistics.reduce((sum, { cost }) => sum + cost / MICROSECONDS, 0) / seenMs;
}
