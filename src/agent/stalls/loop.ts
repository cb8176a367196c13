/** Reads the clocks of this thread's event loop: turns, idle time, processor time, delay. */
import { monitorEventLoopDelay, performance, type PerformanceNodeTiming } from 'node:perf_hooks';
import type { LoopStats } from '../../protocol/counts.ts';

/** Milliseconds; the monitor's timer adds this to every delay it sees. */
export const MONITOR_MS = 20;
const NANOSECONDS = 1e6;

const timing = performance.nodeTiming as PerformanceNodeTiming & { uvMetricsInfo?: { loopCount: number } };
const delay = monitorEventLoopDelay({ resolution: MONITOR_MS });
/** As `delay`, but since the last {@link takeDelay}. */
const recent = monitorEventLoopDelay({ resolution: MONITOR_MS });

/** Starts the delay monitors; their timers keep nothing alive. */
export function startLoop(): void {
  delay.enable();
  recent.enable();
}

/** The longest turn that ended since the last call, less up to 20 ms; undefined when the monitor has nothing to tell. Milliseconds. */
export function takeDelay(): number | undefined {
  if (recent.count === 0) return undefined;
  const ms = recent.max / NANOSECONDS - MONITOR_MS;
  // Not after every call: from here on the monitor needs two firings to see anything.
  if (ms >= MONITOR_MS) recent.reset();
  return ms;
}

/** One reading; all times in milliseconds. */
export interface LoopReading {
  nowMs: number;
  /** Equal in two readings of the same turn; 0 before the loop has started. From Node 20.18 the loop's own counter, before that the delay monitor's. */
  turn: number;
  /** Time the loop has waited for events. */
  idleMs: number;
  /** Whether `turn` is the loop's own count. */
  counted: boolean;
  /** Processor time of the whole process. */
  processorMs: number;
  /** For how long threads of ours have been at work so far, waiting for a processor included. */
  othersMs: number;
  /** How often the system took the processor away from the process; 0 on Windows. */
  takenAway: number;
  /** Firings of the delay monitor: one every 20 ms while the loop turns freely. */
  monitored: number;
}

let startedMs: number | undefined;

/** When the event loop started, milliseconds of `performance.now`; undefined until then. */
export function loopStartMs(): number | undefined {
  if (startedMs === undefined && timing.loopStart > 0) startedMs = timing.loopStart;
  return startedMs;
}

/** The number of this turn alone; about 1 us. */
export function turnNow(): number {
  return loopStartMs() === undefined ? 0 : (timing.uvMetricsInfo?.loopCount ?? delay.count) + 1;
}

let readOthers = (): number => 0;

/** `read` answers for how long a thread of ours has been at work so far, milliseconds: its processor time is not the program's. */
export function countOut(read: () => number): void {
  readOthers = read;
}

/** Costs about 4 us. */
export function readLoop(): LoopReading {
  const { userCPUTime, systemCPUTime, involuntaryContextSwitches } = process.resourceUsage();
  const loopCount = timing.uvMetricsInfo?.loopCount;
  return {
    nowMs: performance.now(),
    turn: turnNow(),
    counted: loopCount !== undefined,
    idleMs: performance.eventLoopUtilization().idle,
    processorMs: (userCPUTime + systemCPUTime) / 1000,
    othersMs: readOthers(),
    takenAway: involuntaryContextSwitches,
    monitored: delay.count,
  };
}

const milliseconds = (nanoseconds: number): number => {
  const value = nanoseconds / NANOSECONDS - MONITOR_MS;
  return Number.isFinite(value) && value > 0 ? value : 0;
};

/** Since the agent started. A delay shorter than the monitor's 20 ms can be missed. */
export function loopStats(): LoopStats {
  if (delay.count === 0) return { utilization: 0, delayMs: { p50: 0, p99: 0, max: 0 } };
  return {
    utilization: performance.eventLoopUtilization().utilization,
    delayMs: {
      p50: milliseconds(delay.percentile(50)),
      p99: milliseconds(delay.percentile(99)),
      max: milliseconds(delay.max),
    },
  };
}
