/** Measures how much of a stall went into V8's garbage collections; watches them only while there are stalls, because each then costs 0.1 ms. */
import { performance, PerformanceObserver } from 'node:perf_hooks';

const MAX_KEPT = 500;
/** Without a stall for so long nobody watches any more. Milliseconds. */
const WATCH_MS = 10_000;
/** Less of a stall seen is too little to judge by. */
const SEEN_SHARE = 0.3;

let kept: { startMs: number; endMs: number }[] = [];
let observer: PerformanceObserver | undefined;
let sinceMs = 0;
let neededMs = 0;

/** There is a stall at this moment; `onNews` is called after each turn with collections in it. */
export function watchGarbage(onNews: () => void): void {
  neededMs = performance.now();
  if (observer !== undefined) return;
  observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      kept.push({ startMs: startTime, endMs: startTime + duration });
    }
    if (kept.length > MAX_KEPT) kept = kept.slice(-MAX_KEPT / 2);
    onNews();
  });
  observer.observe({ entryTypes: ['gc'] });
  sinceMs = performance.now();
}

/** To be called now and then: ends what is not needed any more. */
export function restGarbage(nowMs: number): void {
  if (observer === undefined || nowMs - neededMs < WATCH_MS) return;
  observer.disconnect();
  observer = undefined;
  kept = [];
}

/** Share of the span in which V8 collected, 0 to 1, by the part of the span that was watched; known only after the turn. */
export function garbageShare(startMs: number, endMs: number): number {
  const fromMs = Math.max(startMs, sinceMs);
  if (observer === undefined || endMs - fromMs < (endMs - startMs) * SEEN_SHARE) return 0;
  let sum = 0;
  for (const each of kept) sum += Math.max(0, Math.min(each.endMs, endMs) - Math.max(each.startMs, fromMs));
  return sum / (endMs - fromMs);
}
