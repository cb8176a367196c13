/** Finds the tasks for which the process is kept alive. */
import type { Resource, Snapshot } from '../protocol/agent.ts';
import type { ChainTask } from './chains.ts';
import { walkChains } from './chains.ts';
import { framesOf } from './place.ts';

/** By resource id: the task that waits for it. Of a group of equal tasks only one resource is named, the others are those made at the same place. */
export function ownersOf(
  resources: readonly Resource[],
  snapshot: Snapshot,
  chains: readonly ChainTask[],
): ReadonlyMap<number, ChainTask> {
  const owners = new Map<number, ChainTask>();
  const known = new Map(resources.map((resource) => [resource.id, resource]));
  const groups = new Map<string, { task: ChainTask; left: number }>();
  walkChains(chains, (task) => {
    const resource = known.get(task.wait?.resource ?? -1);
    if (resource === undefined || owners.has(resource.id)) return;
    owners.set(resource.id, task);
    const key = keyOf(resource, snapshot);
    if (task.node.count > 1 && key !== undefined) groups.set(key, { task, left: task.node.count - 1 });
  });
  for (const resource of resources) {
    const group = owners.has(resource.id) ? undefined : groups.get(keyOf(resource, snapshot) ?? '');
    if (group === undefined || group.left === 0) continue;
    group.left--;
    owners.set(resource.id, group.task);
  }
  return owners;
}

/** What is made at one place for one purpose; undefined when the place is not known. */
function keyOf({ type, frames }: Resource, snapshot: Snapshot): string | undefined {
  if (frames.length === 0) return undefined;
  const places = framesOf(frames, snapshot).map(({ file, line, column }) => `${file}:${line}:${column}`);
  return `${type} ${places.join()}`;
}
