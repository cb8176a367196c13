/** Whether there is enough going on in a program for each of many like things to belong to a task or connection that needs it. */
import type { Snapshot } from '../protocol/agent.ts';

/** True while as many tasks are pending, or connections open, as there are things: then nothing says that they were forgotten. `own` tasks are part of the things. */
export function mayBeOwned(live: number, { counts, resources }: Snapshot, own = 0): boolean {
  const connections = resources.filter(({ facts }) => facts.kind === 'socket').length;
  return counts.pendingTasks - own >= live || connections >= live;
}
