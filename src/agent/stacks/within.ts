/** Knows when a request is answered in the middle of the program's own code. */
import { isProgramInterrupted } from './stack.ts';

/** Node 24 and later have a V8 in which regular expressions within others do no harm. */
const SAFE_NODE = 24;
const isSafe = Number.parseInt(process.versions.node, 10) >= SAFE_NODE;

let answering = false;
let within: boolean | undefined;

/** Runs the answer to a request. */
export function answerWithin<T>(work: () => T): T {
  answering = true;
  within = undefined;
  try {
    return work();
  } finally {
    answering = false;
  }
}

/**
 * Whether regular expressions must not run now: a request is being answered while code of the program is on the stack, which may be a regular expression
 * itself. Another within it crashes V8 11 and 12 (Node 20 and 22).
 */
export function isWithinProgram(): boolean {
  if (isSafe || !answering) return false;
  return (within ??= isProgramInterrupted());
}
