/** Finds the record behind a task id, for whoever wants to look at the task itself through the inspector. */
import type { PromiseRecord } from '../promises/promise-record.ts';
import { isEnd } from '../walks/await-chains.ts';
import { pendingRecords } from './pending-walk.ts';
import { taskId } from '../owners/owners.ts';

/**
 * The record of the promise that a task's `await` made; for a combinator or a nameless promise that of the promise itself. Undefined once the task has gone
 * on or ended. In the heap the promise refers to it, and from there the way leads to the suspended call.
 */
export function recordOfTask(id: number): PromiseRecord | undefined {
  let own: PromiseRecord | undefined;
  for (const record of pendingRecords()) {
    if (isEnd(record) && !record.link && taskId(record) === id) return record;
    if (record.seq === id) own = record;
  }
  return own;
}
