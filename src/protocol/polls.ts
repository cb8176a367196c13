/** How often the program is asked whether its loop still turns: whoever watches keeps to it. */
import type { PollAnswer } from './agent.ts';

/** Milliseconds between two polls. */
export const POLL_MS = 30;
/** Where a call is about to block: what follows is soon the stall. */
const CALLING_POLL_MS = 10;
/** A program that has nothing to do need not be looked at so often: a stall is still seen long before it counts as one. */
const IDLE_POLL_MS = 60;

/** Milliseconds until the next poll. */
export function pauseAfterPoll(answer: PollAnswer | undefined): number {
  if (answer?.calling === true) return CALLING_POLL_MS;
  return answer?.idle === true ? IDLE_POLL_MS : POLL_MS;
}
