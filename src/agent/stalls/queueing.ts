/** Finds where a run of code queues the next one, while promises or ticks keep the loop from turning. */
import type { Frame } from '../../protocol/agent.ts';
import { lookAtQueueing } from '../promises/looks.ts';
import { isForeign } from '../stacks/origin.ts';
import { captureCallSites, toFrame } from '../stacks/stack.ts';

const STACK_DEPTH = 32;
/** The first may be somebody else's. */
const MAX_LOOKS = 5;

let looksLeft = 0;

/** `found` gets the stack of the code that makes a promise or tick, from within the same turn, from the program's function on that was run as a reaction or tick; a few looks are taken. */
export function watchQueueing(found: (stack: Frame[]) => void): void {
  if (looksLeft > 0) return;
  looksLeft = MAX_LOOKS;
  const look = (): void => {
    const stack = captureCallSites(STACK_DEPTH)
      .filter((site) => !site.isAsync())
      .map(toFrame);
    looksLeft--;
    // What it calls may only make promises, as an async function that awaits nothing.
    const run = stack.findLastIndex((frame) => !isForeign(frame));
    if (run >= 0 || looksLeft <= 0) stopWaitingForQueueing();
    if (run >= 0) found(stack.slice(run));
  };
  lookAtQueueing(look);
}

/** The turn is over. */
export function stopWaitingForQueueing(): void {
  looksLeft = 0;
  lookAtQueueing(null);
}
