/** Remembers what a debugger holds, from one stop to the next in the same reaction, and marks its task in a snapshot. */
import type { TaskNode } from '../../protocol/agent.ts';
import { taskId } from '../owners/owners.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { runningRecord } from '../promises/promises.ts';

/** A reaction in which the program is held, with the sites of its awaiters. */
interface Stop {
  record: PromiseRecord;
  known: number[];
}

let stop: Stop | undefined;

/** Notes a stop; undefined when the program is known to run. */
export function setStop(value: Stop | undefined): void {
  stop = value;
}

/** The stop in that reaction. */
export function stopIn(record: PromiseRecord): Stop | undefined {
  return stop?.record === record ? stop : undefined;
}

/** Marks the task that is held: it waits for nothing at this moment. */
export function markHeld(tasks: readonly TaskNode[]): void {
  if (stop === undefined || runningRecord() !== stop.record) return;
  const { record } = stop;
  const node = find(tasks, taskId(record));
  if (node === undefined) return;
  node.held = true;
  delete node.wait;
}

function find(nodes: readonly TaskNode[], id: number): TaskNode | undefined {
  for (const node of nodes) {
    const found = node.count === 1 && node.id === id ? node : find(node.children, id);
    if (found !== undefined) return found;
  }
  return undefined;
}
