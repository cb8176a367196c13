/** Knows when a request is answered in the middle of the program's own code. */
import { isProgramInterrupted } from './stack.ts';

/** Node 24 and later have a V8 in which regular expressions within others do no harm. */
const SAFE_NODE = 24;
const isSafe = Number.parseInt(process.versions.node, 10) >= SAFE_NODE;

let within = false;

/** Runs the answer to a request. What lies below is looked at first: parts of a snapshot stand some 40 frames deep. */
export function answerWithin<T>(work: () => T): T {
  within = !isSafe && isProgramInterrupted();
  try {
    return work();
  } finally {
    within = false;
  }
}

/**
 * Whether regular expressions must not run now: a request is being answered while code of the program is on the stack, which may be a regular expression
 * itself. Another within it crashes V8 11 and 12 (Node 20 and 22).
 */
export const isWithinProgram = (): boolean => within;
