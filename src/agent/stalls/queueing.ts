/** Finds where a run of code queues the next one, while promises or ticks keep the loop from turning. */
import type { Frame } from '../../protocol/agent.ts';
import { lookAtQueueing } from '../promises/looks.ts';
import { isForeign } from '../stacks/origin.ts';
import { captureCallSites, toFrame } from '../stacks/stack.ts';
import { runningNow } from './runs.ts';

const STACK_DEPTH = 32;
/** Some are somebody else's. */
const MAX_LOOKS = 10;

let looksLeft = 0;

/**
 * `found` gets the stack of the code that makes a promise or tick, from within the same turn, from the program's function on that was run as a reaction or
 * tick. A few looks are taken; one function must be seen in two runs, else it only happened to be there.
 */
export function watchQueueing(found: (stack: Frame[]) => void): void {
  if (looksLeft > 0) return;
  looksLeft = MAX_LOOKS;
  const runs = new Map<string, string>();
  const look = (): void => {
    const stack = captureCallSites(STACK_DEPTH)
      .filter((site) => !site.isAsync())
      .map(toFrame);
    looksLeft--;
    // What it calls may only make promises, as an async function that awaits nothing.
    const run = stack.findLastIndex((frame) => !isForeign(frame));
    const isFound = run >= 0 && isInTwo(runs, stack, run);
    if (isFound || looksLeft <= 0) stopWaitingForQueueing();
    if (isFound) found(stack.slice(run));
  };
  lookAtQueueing(look);
}

/** Whether the function at that index has been seen in another run; notes it. */
function isInTwo(runs: Map<string, string>, stack: readonly Frame[], index: number): boolean {
  const key = `${stack[index]?.file}\n${stack[index]?.function}`;
  const { id } = runningNow(stack);
  const known = runs.get(key);
  if (known === undefined) runs.set(key, id);
  return known !== undefined && known !== id;
}

/** The turn is over. */
export function stopWaitingForQueueing(): void {
  looksLeft = 0;
  lookAtQueueing(null);
}
