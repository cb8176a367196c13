/** Estimates the time each task has kept the thread busy: every poll that interrupts its code stands for the time since the last one. */
import { callOf, type Call } from '../promises/promise-record.ts';
import { runningAwait } from '../stops/running-task.ts';

/** Keyed by calls, so that it is forgotten with them. Milliseconds. */
const times = new WeakMap<Call, number>();
/** A watcher that was away for longer knows nothing of the time before. Milliseconds. */
const MAX_GAP_MS = 1000;
let lastMs: number | undefined;

/** A poll at `nowMs` that has interrupted whatever runs; `paused`: the time does not count. */
export function sampleBusy(nowMs: number, paused: boolean): void {
  const gap = lastMs === undefined ? 0 : nowMs - lastMs;
  lastMs = nowMs;
  const wait = paused || gap > MAX_GAP_MS ? null : runningAwait();
  if (wait === null) return;
  const call = callOf(wait);
  times.set(call, (times.get(call) ?? 0) + gap);
}

/** Milliseconds; undefined when no poll found it running. */
export function busyMs(call: Call | null): number | undefined {
  return call === null ? undefined : times.get(call);
}
