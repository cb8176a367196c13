/** How busy the event loop is, in words. */
import type { LoopStats } from '../../protocol/counts.ts';
import { durationText } from '../wording/wording.ts';

/** "The event loop is busy for 12 % of the time. While there is something to do it is late by 1 ms (median), 4 ms (99 %), 512 ms at most." */
export function loopText({ utilization, notStarted, delayMs: { p50, p99, max } }: LoopStats): string {
  if (notStarted === true) return 'The event loop has not started: the program has been busy from its beginning.';
  return `The event loop is busy for ${Math.round(utilization * 100)} % of the time. While there is something to do it is late by ${durationText(p50)} (median), ${durationText(p99)} (99 %), ${durationText(max)} at most.`;
}
