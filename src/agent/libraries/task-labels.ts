/** Names that packages give to their tasks, such as the job that a worker is at, by the promise of the call. */
import { seen } from '../promises/promise-list.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';

const labels = new WeakMap<PromiseRecord, string>();
let given = false;

/** Whether there was ever one. */
export const tasksLabelled = (): boolean => given;

/** Names the task whose call gave this promise; a label of the program's own counts more. */
export function labelTask(promise: PromiseRecord, label: string): void {
  given = true;
  labels.set(seen(promise), label);
}

/** The label of the task whose call gave this promise. */
export function taskLabel(promise: PromiseRecord | null): string | undefined {
  return promise === null ? undefined : labels.get(promise);
}
