/** What the program did from one look at its loop to the next. */
import { callsWithin } from '../calls/blocking-calls.ts';
import { openCall } from '../calls/timed-calls.ts';
import type { LoopReading } from './loop.ts';
import type { GapLoad } from './turn.ts';

/** So much work is not done without the processor. Milliseconds. */
const ASLEEP_FROM_MS = 50;
/** With a smaller share of processor time the process did not run: stopped, suspended, or starved by the machine. */
const RUNNING_SHARE = 0.1;
/** So many times as long idle as at work is as good as idle. */
const IDLE_TIMES = 20;

/** Milliseconds. */
export interface Gap extends GapLoad {
  idleMs: number;
  /** The process itself hardly ran. */
  asleep: boolean;
}

/** `ownMs`: what our own work took of it. */
export function gapBetween(
  before: LoopReading,
  now: LoopReading,
  { ownMs, watcherLateMs }: { ownMs: number; watcherLateMs: number },
): Gap {
  const idleMs = now.idleMs - before.idleMs;
  const activeMs = Math.max(0, now.nowMs - before.nowMs - idleMs - ownMs);
  const inCalls = callsWithin(before.nowMs, now.nowMs).totalMs > activeMs / 2 || openCall() !== undefined;
  const idleProcessor = now.processorMs - before.processorMs < activeMs * RUNNING_SHARE;
  const processorMs = now.processorMs - before.processorMs - (now.othersMs - before.othersMs);
  const load = { activeMs, processorMs, takenAway: now.takenAway - before.takenAway, watcherLateMs };
  return { idleMs, ...load, asleep: activeMs >= ASLEEP_FROM_MS && !inCalls && idleProcessor };
}

/** Whether the program had next to nothing to do. */
export function wasIdleIn({ idleMs, activeMs, processorMs }: Gap): boolean {
  // What the program needs of the processor a busy machine leaves as it is.
  const needsLittle = idleMs > activeMs && processorMs < idleMs * RUNNING_SHARE;
  return needsLittle || idleMs > IDLE_TIMES * activeMs;
}
