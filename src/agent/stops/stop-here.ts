/** Where the JavaScript debugger stops before a blocking call or in the midst of a stall, because the user asked to be led there. */
import { guarded } from '../faults.ts';
import { loopStartMs } from '../stalls/loop.ts';
import { captureFrames } from '../stacks/stack.ts';

const STACK_DEPTH = 16;
/** An ES module is being loaded. */
const LOADING = 'node:internal/modules/esm/module_job';

/** Whether the program is to stop before blocking calls; for the tripwires, which save a call. */
export let stopsBeforeCalls = false;

/** Of an object, or the build would leave out calls of what does nothing. */
export const { stopInStall, stopBeforeCall } = {
  /** Does nothing. Whoever wants to stop the program sets a breakpoint on it, which holds in files that the debugger skips, too. */
  stopInStall(): void {},
  /** As `stopInStall`. */
  stopBeforeCall(): void {},
};

/** From now on the program stops before each blocking call that its own code makes after start-up, or does so no more. */
export function stopBeforeCalls(on: boolean): void {
  stopsBeforeCalls = on;
}

/** To be called right before a call of `api` when {@link stopsBeforeCalls}. No regular expressions: the program could see the traces of them. */
export function beforeCall(api: string): void {
  if (blocks(api) && guarded('stop before a call', isOfProgram, false)) stopBeforeCall();
}

/** Whether it stops the loop each time it is called, however short; others only work on large data. */
const blocks = (api: string): boolean => api.includes('Sync') || api === 'Atomics.wait';

function isOfProgram(): boolean {
  if (loopStartMs() === undefined) return false;
  const stack = captureFrames(STACK_DEPTH);
  const caller = stack[0]?.file ?? '';
  const isNodes = caller === '' || caller === '<anonymous>' || caller.startsWith('node:');
  return !isNodes && stack.every(({ file }) => file !== LOADING);
}
