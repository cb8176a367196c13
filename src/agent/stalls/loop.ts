/** Reads the clocks of this thread's event loop: turns, idle time, processor time. */
import { performance, type PerformanceNodeTiming } from 'node:perf_hooks';
import type { LoopStats } from '../../protocol/counts.ts';
import { delays, fired } from './delays.ts';

const timing = performance.nodeTiming as PerformanceNodeTiming & { uvMetricsInfo?: { loopCount: number } };

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

/** Whether the loop counts its turns itself: Node 20.18, 22.8 and later. */
export const isCounted = (): boolean => timing.uvMetricsInfo !== undefined;

/** The number of this turn alone; about 1 us. */
export function turnNow(): number {
  return loopStartMs() === undefined ? 0 : (timing.uvMetricsInfo?.loopCount ?? fired()) + 1;
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
    monitored: fired(),
  };
}

/** Since the agent started. `openMs`: for how long the present turn has lasted. */
export function loopStats(openMs: number): LoopStats {
  const { utilization } = performance.eventLoopUtilization();
  const delayMs = delays(openMs);
  return loopStartMs() === undefined ? { notStarted: true, utilization: 1, delayMs } : { utilization, delayMs };
}
