/** Keeps how late the loop comes to its timers, by Node's delay monitors; while the program rests they stand still, and while nobody looks one of them goes slowly: their timers wake it 100 times a second. */
import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import type { LoopStats } from '../../protocol/counts.ts';

/** Milliseconds; the monitor's timer adds this to every delay it sees. */
export const MONITOR_MS = 20;
/** The same while nobody looks: 0.07 to 0.1 % of a processor instead of 0.3 to 0.4. */
const UNWATCHED_MS = 100;
const NANOSECONDS = 1e6;

const unwatched = monitorEventLoopDelay({ resolution: UNWATCHED_MS });
const delay = monitorEventLoopDelay({ resolution: MONITOR_MS });
/** As `delay`, but since the last {@link takeDelay}. */
const recent = monitorEventLoopDelay({ resolution: MONITOR_MS });

/** What was seen before the last rest, and while nobody looked: how often each delay, milliseconds, three digits of it. */
const earlier = new Map<number, number>();
let firings = 0;
/** Of the turn that has ended a rest the monitors know nothing: their first firing after it tells nothing. */
let isFresh = false;
let isRecent = false;
let suspended = false;
let isWatched = false;
/** The longest turn while nobody looked, for the next who asks. */
let longestMs: number | undefined;

/** Whether the program rests. */
export const areSuspended = (): boolean => suspended;

/** How far apart the firings are while the loop turns freely. Milliseconds. */
export const monitorMs = (): number => (suspended ? Infinity : isWatched ? MONITOR_MS : UNWATCHED_MS);

/** Starts the slow monitor; its timer keeps nothing alive. */
export function startDelays(): void {
  unwatched.enable();
  // One that was never started would be among the program's active resources (Node 20 to 26).
  for (const monitor of [delay, recent]) {
    monitor.enable();
    monitor.disable();
  }
}

/** Somebody looks. */
export function watchDelays(): void {
  if (isWatched) return;
  keepEarlier();
  if (unwatched.count > 0) longestMs = unwatched.max / NANOSECONDS - UNWATCHED_MS;
  delay.enable();
  stop(unwatched);
  isWatched = true;
}

/** A reset is what makes the monitor forget its last firing, which would make one long delay of the time until it is started again. */
function stop(monitor: IntervalHistogram): void {
  monitor.disable();
  monitor.reset();
}

/** The longest turn that ended since the last call, less up to 20 ms; undefined when the monitors have nothing to tell. Milliseconds. */
export function takeDelay(): number | undefined {
  if (!isWatched || longestMs !== undefined) return takeLongest();
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

/** As {@link takeDelay}, less up to 100 ms. */
function takeLongest(): number | undefined {
  if (!isWatched && unwatched.count > 0) {
    longestMs = unwatched.max / NANOSECONDS - UNWATCHED_MS;
    keepEarlier();
    unwatched.reset();
  }
  const ms = longestMs;
  longestMs = undefined;
  return ms;
}

/** Firings so far: one every 20 ms while the loop turns freely, and every 100 ms while nobody looks. */
export const fired = (): number => firings + (isWatched ? delay : unwatched).count;

/** A rest begins; whoever looks has asked for it. */
export function suspendDelays(): void {
  keepEarlier();
  suspended = true;
  stop(delay);
  stop(recent);
}

/** The rest is over: a loop without work would have come in time. */
export function resumeDelays(restedMs: number): void {
  suspended = false;
  add(0, Math.round(restedMs / MONITOR_MS));
  delay.enable();
  isRecent = recent.enable();
  isFresh = true;
}

/** How long a turn was of which the monitors know nothing. Milliseconds. */
export function addDelay(ms: number): void {
  add(ms, 1);
}

function add(ms: number, count: number): void {
  const key = Number(ms.toPrecision(3));
  earlier.set(key, (earlier.get(key) ?? 0) + count);
}

/** To be followed by a reset. */
function keepEarlier(): void {
  for (const [ms, count] of seenNow()) add(ms, count);
  const { count } = isWatched ? delay : unwatched;
  // The first after a reset counts for nothing itself.
  firings += count + Math.min(1, count);
}

/** Of the monitor that goes are known the percentiles 0, 50, 75, 87.5...: up to each a share of all delays is at most so long. */
function seenNow(): (readonly [number, number])[] {
  const { count, percentiles } = isWatched ? delay : unwatched;
  const everyMs = isWatched ? MONITOR_MS : UNWATCHED_MS;
  if (count === 0) return [];
  let before = 0;
  const seen = [...percentiles].map(([percentile, nanoseconds]) => {
    const upTo = Math.round((percentile / 100) * count);
    const own = (upTo - before) * (everyMs / MONITOR_MS);
    before = upTo;
    return [Math.max(0, nanoseconds / NANOSECONDS - everyMs), own] as const;
  });
  return seen.filter(([, own]) => own > 0);
}

/** Of all since the agent started. A delay shorter than the monitor's 20 ms can be missed. */
export function delays(): LoopStats['delayMs'] {
  const seen = [...earlier, ...seenNow()].sort(([a], [b]) => a - b);
  const all = seen.reduce((sum, [, count]) => sum + count, 0);
  const percentile = (share: number): number => {
    let left = share * all;
    return seen.find(([, count]) => (left -= count) <= 0)?.[0] ?? 0;
  };
  return { p50: percentile(0.5), p99: percentile(0.99), max: seen.at(-1)?.[0] ?? 0 };
}
