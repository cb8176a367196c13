/** Tells a program's start-up, in which it may block, from the work that follows. */
import { performance } from 'node:perf_hooks';
import type { Frame } from '../../protocol/agent.ts';
import { loopStartMs } from './loop.ts';

let isOver = false;

/** The loop may never start. */
export function endStartup(): void {
  isOver = true;
}

/** Whether the loop has not started, nor been kept from it. */
export const isStarting = (): boolean => loopStartMs() === undefined && !isOver;

/**
 * Whether such a stack belongs to start-up. So does what runs when the loop has started: the script of a worker thread, the top level of the main ES module
 * and its imports, and that of all modules that are loaded before the program first waits, as command-line tools do.
 */
export function isStartup(stack: readonly Frame[]): boolean {
  if (isStarting() || stack.some(({ file }) => file === WORKER)) return true;
  if (!stack.some(isLoading)) return false;
  return stack.some(({ file }) => file === MAIN) || isBeforeFirstWait();
}

/** Below it on the stack somebody asked for a module, Node 20 to 26. */
export const isLoading = ({ file }: Frame): boolean =>
  file === 'node:internal/modules/esm/module_job' || file === 'node:internal/modules/cjs/loader';

/** Whether the program has not waited for anything yet, but for its own files. */
export const isBeforeFirstWait = (): boolean => performance.eventLoopUtilization().idle < LOADING_IDLE_MS;

/** Runs the script of a worker thread when the main thread has sent it, Node 20 to 26. */
const WORKER = 'node:internal/main/worker_thread';
/** Below the main module on the stack, Node 20 to 26. */
const MAIN = 'node:internal/modules/run_main';
/** The loop waits for so long at most while it reads the files of a large program. Milliseconds. */
const LOADING_IDLE_MS = 250;
