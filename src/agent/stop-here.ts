/** Where the JavaScript debugger stops before a blocking call or in the midst of a stall, because the user asked to be led there. */
import { guarded } from './faults.ts';
import { loopStartMs } from './loop.ts';
import { captureFrames } from './stack.ts';

const STACK_DEPTH = 16;
/** Functions that stop the loop each time they are called, however short; others only work on large data. */
const BLOCKS = /Sync\b|^Atomics\.wait$/;
/** The caller is Node itself, or an ES module that is just being loaded. */
const NODES_OWN = /^node:|^<anonymous>$/;
const LOADING = 'node:internal/modules/esm/module_job';

let wanted = false;

/** Does nothing. Whoever wants to stop the program sets a breakpoint on it, which holds in files that the debugger skips, too. */
export function stopInStall(): void {}

/** As {@link stopInStall}. */
export function stopBeforeCall(): void {}

/** From now on the program stops before each blocking call that its own code makes after start-up, or does so no more. */
export function stopBeforeCalls(on: boolean): void {
  wanted = on;
}

/** To be called right before a call of `api`. */
export function beforeCall(api: string): void {
  if (wanted && BLOCKS.test(api) && guarded('stop before a call', isOfProgram, false)) stopBeforeCall();
}

function isOfProgram(): boolean {
  if (loopStartMs() === undefined) return false;
  const stack = captureFrames(STACK_DEPTH);
  const caller = stack[0]?.file ?? '';
  return caller !== '' && !NODES_OWN.test(caller) && stack.every(({ file }) => file !== LOADING);
}
