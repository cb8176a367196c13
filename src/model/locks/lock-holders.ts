/** Finds the tasks that have what others wait for: locks, connections, places in a queue. */
import type { Wait, WaitFacts } from '../../protocol/agent.ts';
import type { ChainTask } from '../chains.ts';
import { walkChains } from '../chains.ts';

/** A task, or a group of equal ones, with how many of it are holders. */
export interface Holder {
  task: ChainTask;
  count: number;
}

/** By the id of a task: the row that shows it. */
export type TaskIndex = ReadonlyMap<number, ChainTask>;

const idsOf = (facts: WaitFacts | undefined): readonly number[] =>
  facts?.kind === 'lock' ? (facts.holders ?? (facts.holder === undefined ? [] : [facts.holder])) : [];

/** Of all tasks those that hold something others wait for; empty without any lock. */
export function indexHolders(tasks: readonly ChainTask[]): TaskIndex {
  const wanted = new Set<number>();
  walkChains(tasks, ({ wait }) => idsOf(wait?.facts).forEach((id) => wanted.add(id)));
  const index = new Map<number, ChainTask>();
  if (wanted.size === 0) return index;
  walkChains(tasks, (task) => {
    // A task awaited from several places has several rows: the first one counts.
    for (const id of task.covers) if (wanted.has(id) && !index.has(id)) index.set(id, task);
  });
  return index;
}

/** Who has what this wait is for, most members first; those that no row shows are left out. */
export function holdersOf(wait: Wait | undefined, index: TaskIndex): Holder[] {
  const holders = new Map<ChainTask, number>();
  for (const id of idsOf(wait?.facts)) {
    const task = index.get(id);
    if (task !== undefined) holders.set(task, (holders.get(task) ?? 0) + 1);
  }
  return [...holders].map(([task, count]) => ({ task, count })).toSorted((a, b) => b.count - a.count);
}
