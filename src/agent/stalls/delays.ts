/** Keeps how late the loop comes to its timers, by Node's delay monitors; while the program rests they stand still, for their timers would wake it 100 times a second. */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { LoopStats } from '../../protocol/counts.ts';

/** Milliseconds; the monitor's timer adds this to every delay it sees. */
export const MONITOR_MS = 20;
const NANOSECONDS = 1e6;
/** A mean is known no better than that. */
const PRECISION = 2e-3;
/** A turn that goes on counts from here. Milliseconds. */
const LATE_FROM_MS = 2 * MONITOR_MS;

const delay = monitorEventLoopDelay({ resolution: MONITOR_MS });
/** As `delay`, but since the last {@link takeDelay}. */
const recent = monitorEventLoopDelay({ resolution: MONITOR_MS });

/** What `delay` had seen before the last rest: how often each delay, milliseconds, three digits of it. */
const earlier = new Map<number, number>();
let firings = 0;
/** Of the turn that has ended a rest the monitors know nothing: their first firing after it tells nothing. */
let isFresh = false;
let isRecent = false;
let suspended = false;
/** A turn that nobody else tells of has ended a rest at that time. Milliseconds. */
let wokenMs: number | undefined;

/** Whether the program rests. */
export const areSuspended = (): boolean => suspended;

/** Starts the one monitor; its timer keeps nothing alive. */
export function startDelays(): void {
  delay.enable();
  // One that was never started would be among the program's active resources (Node 20 to 26).
  recent.enable();
  recent.disable();
}

/** The longest turn that ended since the last call, less up to 20 ms; undefined when the monitors have nothing to tell. Milliseconds. */
export function takeDelay(): number | undefined {
  // Until somebody asks, one of them is enough.
  const seen = isRecent ? recent : delay;
  const ms = seen.max / NANOSECONDS - MONITOR_MS;
  const isUnknown = seen.count === 0 || (isFresh && ms < MONITOR_MS);
  if (seen.count > 0) isFresh = false;
  // Not after every call: from here on the monitor needs two firings to see anything.
  if (isRecent && recent.count > 0 && ms >= MONITOR_MS) recent.reset();
  if (!isRecent) isRecent = recent.enable();
  return isUnknown ? undefined : ms;
}

/** Firings so far: one every 20 ms while the loop turns freely. */
export const fired = (): number => firings + delay.count;

/** A rest begins. A reset is what makes the monitor forget its last firing, which would make one long delay of the rest. */
export function suspendDelays(): void {
  keepEarlier();
  suspended = true;
  for (const monitor of [delay, recent]) {
    monitor.disable();
    monitor.reset();
  }
}

/**
 * The rest is over. It counts for nothing: how late a loop would have been that had nothing to do would hide how late it is when it has. `isWatched`: the turn
 * that has ended it is told by {@link addDelay}.
 */
export function resumeDelays(isWatched: boolean): void {
  suspended = false;
  delay.enable();
  if (isRecent) recent.enable();
  isFresh = true;
  wokenMs = isWatched ? undefined : performance.now();
}

/** The monitor's first firing after a rest is as late as the turn that ended it was long; call it soon after that. */
export function addFirstDelay(): void {
  if (wokenMs === undefined) return;
  const passedMs = performance.now() - wokenMs;
  wokenMs = undefined;
  const seenMs = delay.count === 0 ? 0 : (delay.count * delay.mean) / NANOSECONDS;
  // Up to 20 ms before the first firing and after the last one are nobody's fault.
  const ms = passedMs - seenMs - 2 * MONITOR_MS;
  if (ms > Math.max(MONITOR_MS, passedMs * PRECISION)) addDelay(ms);
}

/** How long a turn was of which the monitors know nothing. Milliseconds. */
export function addDelay(ms: number): void {
  add(ms, 1);
}

function add(ms: number, count: number): void {
  const key = Number(ms.toPrecision(3));
  earlier.set(key, (earlier.get(key) ?? 0) + count);
}

function keepEarlier(): void {
  addFirstDelay();
  for (const [ms, count] of seenNow()) add(ms, count);
  // The first after a reset counts for nothing itself.
  firings += delay.count + Math.min(1, delay.count);
}

/** Of `delay` are known the percentiles 0, 50, 75, 87.5...: up to each a share of all delays is at most so long. */
function seenNow(): (readonly [number, number])[] {
  const { count } = delay;
  if (count === 0) return [];
  let before = 0;
  const seen = [...delay.percentiles].map(([percentile, nanoseconds]) => {
    const upTo = Math.round((percentile / 100) * count);
    const own = upTo - before;
    before = upTo;
    return [lateMs(nanoseconds), own] as const;
  });
  return seen.filter(([, own]) => own > 0);
}

const lateMs = (nanoseconds: number): number => Math.max(0, nanoseconds / NANOSECONDS - MONITOR_MS);

/**
 * Of all looks, one every 20 ms but in a rest, since the agent started; a delay shorter than the monitor's 20 ms can be missed. `openMs`: for how long the loop
 * has not turned now, of which the monitors don't know yet.
 */
export function delays(openMs: number): LoopStats['delayMs'] {
  const isLate = openMs >= LATE_FROM_MS;
  // While the turn that has ended a rest goes on, it counts as the open one.
  if (!isLate) addFirstDelay();
  if (earlier.size === 0 && !isLate) {
    if (delay.count === 0) return { p50: 0, p99: 0, max: 0 };
    return { p50: lateMs(delay.percentile(50)), p99: lateMs(delay.percentile(99)), max: lateMs(delay.max) };
  }
  const open = isLate ? [[openMs, 1] as const] : [];
  const seen = [...earlier, ...seenNow(), ...open].sort(([a], [b]) => a - b);
  const all = seen.reduce((sum, [, count]) => sum + count, 0);
  const percentile = (share: number): number => {
    let left = share * all;
    return seen.find(([, count]) => (left -= count) <= 0)?.[0] ?? 0;
  };
  return { p50: percentile(0.5), p99: percentile(0.99), max: seen.at(-1)?.[0] ?? 0 };
}
