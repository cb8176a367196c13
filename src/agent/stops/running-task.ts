/** Finds the task whose code runs at this moment, and its line: when a debugger holds the program, or a question interrupts its code. */
import type { PromiseRecord } from '../promises/promise-record.ts';
import { seen } from '../promises/promise-list.ts';
import { runningRecord } from '../promises/promises.ts';
import { siteOf } from '../stacks/sites.ts';
import { captureCallSites } from '../stacks/stack.ts';

/** A task that runs. */
export interface RunningTask {
  /** The await from which it goes on. */
  record: PromiseRecord;
  site: number;
}

/** More than V8's stack has room for: the outermost frame counts. */
const MAX_FRAMES = 20_000;

/** The await whose code goes on right now; null outside of promise jobs. */
export function runningAwait(): PromiseRecord | null {
  const record = seen(runningRecord());
  return record !== null && record.derived && record.ran && !record.link ? record : null;
}

/** Undefined when no async function goes on right now. */
export function runningTask(): RunningTask | undefined {
  const record = runningAwait();
  if (record === null) return undefined;
  // The outermost frame is the function that goes on; Node's queue below it, and the functions that await it, are not. Between two reactions there is only the
  // inspector's nameless script that asked.
  const frame = captureCallSites(MAX_FRAMES).findLast((site) => !site.isAsync() && isProgram(site.getFileName()));
  if (frame === undefined) return undefined;
  const site = siteOf(frame);
  if (record.chain === null) {
    const notes = record.note();
    notes.chain = [site];
    notes.sampled = true;
  }
  return { record, site };
}

const isProgram = (file: string | null | undefined): boolean =>
  file !== null && file !== undefined && file !== '' && !file.startsWith('node:internal/');
