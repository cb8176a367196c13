/** The rows about who has what a task waits for. */
import type { TreeItem } from '../../protocol/dap.ts';
import type { ChainTask } from '../chains.ts';
import { usersOf, type RequestIndex } from '../locks/connection-users.ts';
import { holdersOf, type Holder, type TaskIndex } from '../locks/lock-holders.ts';
import { lineKey, placeOf, shortPlace, type Place } from '../place.ts';
import type { Sources } from '../sources.ts';
import { described, type RowTimes } from '../wording/row-times.ts';
import { dotted, httpText } from '../wording/wording.ts';

const MAX_ROWS = 10;

/** One row for each task that has it, below the row of the one that waits; a click goes to the line where the holder is. */
export function holderItems(
  task: ChainTask,
  parentId: string,
  path: readonly ChainTask[],
  { holders: index, times }: { holders: TaskIndex; times: RowTimes },
  nameOf: (task: ChainTask) => string,
): TreeItem[] {
  if (task.children.length > 0) return [];
  const holders = merged(holdersOf(task.wait, index), nameOf);
  const rows = holders.slice(0, MAX_ROWS).map(({ task: holder, count }): TreeItem => {
    const location = holder.place?.location;
    const countText = count > 1 ? ` ×${count}` : '';
    const own = path.includes(holder) && count === 1 && holder.node.count === 1;
    return {
      id: `${parentId}/held-by/${holder.node.id}`,
      kind: 'message',
      label: `held by ${own ? `${nameOf(holder)} itself` : nameOf(holder)}${countText}`,
      ...described((by) => dotted(shortPlace(location), by.age(holder.node.oldestMs, holder.node.fromBefore)), times),
      ...(location === undefined ? {} : { location }),
      icon: 'key',
      children: [],
    };
  });
  if (holders.length > MAX_ROWS) rows.push(more(parentId, holders.length - MAX_ROWS));
  return rows;
}

/** One row for each line that has taken what no task has any more: most likely it was forgotten to give that back. */
export function takenItems(
  task: ChainTask,
  parentId: string,
  { sources, times }: { sources: Sources; times: RowTimes },
): TreeItem[] {
  const facts = task.children.length > 0 ? undefined : task.wait?.facts;
  const rows = new Map<string, { place: Place; count: number; heldMs: number }>();
  for (const { frames, heldMs } of (facts?.kind === 'lock' ? facts.taken : undefined) ?? []) {
    const place = placeOf(frames, sources);
    if (place === undefined || place.library !== undefined) continue;
    const key = `${place.name} ${lineKey(place.location)}`;
    const row = rows.get(key);
    rows.set(key, { place, count: (row?.count ?? 0) + 1, heldMs: Math.max(row?.heldMs ?? 0, heldMs) });
  }
  return [...rows.values()].slice(0, MAX_ROWS).map(({ place, count, heldMs }, i): TreeItem => ({
    id: `${parentId}/taken-by/${i}`,
    kind: 'message',
    label: `taken by ${place.name}${count > 1 ? ` ×${count}` : ''}, not given back yet`,
    ...described((by) => dotted(shortPlace(place.location), by.age(heldMs)), times),
    ...(place.location === undefined ? {} : { location: place.location }),
    icon: 'key',
    children: [],
  }));
}

/** One row for each request that has a connection for which this task's request waits, with the task that waits for its answer. */
export function userItems(
  task: ChainTask,
  parentId: string,
  index: RequestIndex,
  nameOf: (task: ChainTask) => string,
): TreeItem[] {
  const users = task.children.length > 0 ? [] : usersOf(task.wait?.facts);
  return users.map((user, i): TreeItem => {
    const holder = user.request === undefined ? undefined : index.get(user.request);
    const location = holder?.place?.location;
    return {
      id: `${parentId}/held-by-request/${user.request ?? i}`,
      kind: 'message',
      label: `held by ${httpText(user)}`,
      description: dotted(holder && nameOf(holder), shortPlace(location)),
      ...(location === undefined ? {} : { location }),
      icon: 'key',
      children: [],
    };
  });
}

/** Holders at one line look alike, whatever they wait for. */
function merged(holders: readonly Holder[], nameOf: (task: ChainTask) => string): Holder[] {
  const rows = new Map<string, Holder>();
  for (const holder of holders) {
    const key = `${nameOf(holder.task)} ${lineKey(holder.task.place?.location)}`;
    const row = rows.get(key);
    rows.set(key, row === undefined ? holder : { task: row.task, count: row.count + holder.count });
  }
  return [...rows.values()];
}

function more(parentId: string, count: number): TreeItem {
  const id = `${parentId}/held-by/more`;
  return { id, kind: 'message', label: `and ${count} more`, description: '', icon: 'key', children: [] };
}
