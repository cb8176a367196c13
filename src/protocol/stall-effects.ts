/** What had to wait because of a stall. Times in milliseconds. */
import type { Frame } from './agent.ts';

/** Timers that fired late because of a stall, equal ones together. */
export interface LateTimer {
  api: 'setTimeout' | 'setInterval';
  delayMs: number;
  /** How late the latest of them was. */
  lateMs: number;
  count: number;
  /** Where they were set, innermost frame first; empty when that is not known. */
  stack: Frame[];
}

/** Tasks of one line that could have gone on. */
export interface HeldUp {
  /** The line where they await, innermost frame first; empty when it was not known yet. */
  stack: Frame[];
  count: number;
}

/** What had to wait because of a stall, as far as it was looked at while it lasted. */
export interface StallEffects {
  /** Tasks that could have gone on, most first; at most 10 lines. */
  tasks: HeldUp[];
  /** Timers that were due, the latest first; at most 10 lines. */
  timers: LateTimer[];
  /** Requests to HTTP servers of the program that were there when it was over. */
  requests: number;
}
