/** Stops in the midst of a stall, at the line that runs, once for each turn of the loop. */
import { guarded } from '../faults.ts';
import { readLoop } from '../stalls/loop.ts';
import { isProbing } from '../walks/probe.ts';
import { poll } from '../stalls/stalls.ts';
import { stopInStall } from './stop-here.ts';
import { answerWithin } from '../stacks/within.ts';

/** Turn of the loop in which the user was led to the line already. */
let stopped: number | undefined;

/** For `Runtime.evaluate`, which interrupts what runs: stops there if the loop has not turned for `ms` milliseconds. Start-up is left alone. */
export function stopIfBlocked(ms: number): void {
  if (isToStop(ms)) stopInStall();
}

/** As {@link stopIfBlocked}, for whoever stops the program itself: whether it is to be stopped. `again`: the stop asked for last did not come about. */
export function isToStop(ms: number, again?: boolean): boolean {
  if (again === true) stopped = undefined;
  return guarded('stop in a stall', () => answerWithin(() => isBlocked(ms)), false);
}

function isBlocked(ms: number): boolean {
  if (isProbing()) return false;
  const { turn } = readLoop();
  if (turn === stopped) return false;
  const stall = poll(false);
  if (stall === undefined || stall.kind === 'startup' || stall.durationMs < ms) return false;
  stopped = turn;
  return true;
}
