/** How busy the event loop is, in words. */
import type { LoopStats } from '../../protocol/counts.ts';
import { durationText } from '../wording/wording.ts';

/** "The event loop is busy for 12 % of the time; it is late by up to 1 ms in half of the looks while it is awake, 4 ms in 99 of 100, 512 ms at most." */
export function loopText({ utilization, delayMs: { p50, p99, max } }: LoopStats): string {
  return `The event loop is busy for ${Math.round(utilization * 100)} % of the time; it is late by up to ${durationText(p50)} in half of the looks while it is awake, ${durationText(p99)} in 99 of 100, ${durationText(max)} at most.`;
}
