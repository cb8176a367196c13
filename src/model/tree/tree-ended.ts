/** The rows of tasks that are over. */
import type { Outcome } from '../../protocol/tasks.ts';
import type { TreeItem } from '../../protocol/dap.ts';
import type { Ended } from '../ended.ts';
import { shortPlace } from '../place.ts';
import { dotted, durationText } from '../wording/wording.ts';

const ICONS: Record<Outcome['state'], string> = { fulfilled: 'pass', rejected: 'close', cancelled: 'circle-slash' };

const MAX_ROWS = 100;

/** One row per place, name and outcome; the group that ended last first. `ended` is newest first. */
export function endedItems(ended: readonly Ended[], parentId: string): TreeItem[] {
  const groups = new Map<string, Ended[]>();
  for (const each of ended) {
    const { name, place, outcome } = each;
    const key = [name, shortPlace(place?.location), outcome?.state, outcome?.error, each.task.confidence].join('\n');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  const rows = [...groups.values()].map((group) => item(group, parentId));
  return rows.length <= MAX_ROWS ? rows : [...rows.slice(0, MAX_ROWS), more(rows.length - MAX_ROWS, parentId)];
}

function more(count: number, parentId: string): TreeItem {
  const label = `${count} more in the report`;
  return { id: `${parentId}/more`, kind: 'message', label, description: '', icon: 'ellipsis', children: [] };
}

function item(group: readonly Ended[], parentId: string): TreeItem {
  const [latest] = group;
  if (latest === undefined) throw new RangeError('an empty group');
  const { task, name, place, outcome } = latest;
  const times = group.map((each) => each.task.durationMs);
  const least = durationText(times.reduce((a, b) => Math.min(a, b)));
  const most = durationText(times.reduce((a, b) => Math.max(a, b)));
  const location = place?.location;
  return {
    // The oldest of the group: it stays the same when others join.
    id: `${parentId}/${group.at(-1)?.task.id ?? task.id}`,
    kind: 'task',
    label: group.length > 1 ? `${name} ×${group.length}` : name,
    description: dotted(
      task.name === undefined ? undefined : place?.name,
      shortPlace(location),
      least === most ? most : `${least} to ${most}`,
      outcomeText(outcome),
      task.confidence === 'inferred' ? 'likely' : undefined,
    ),
    tooltip: tooltip(group),
    ...(location === undefined ? {} : { location }),
    icon: outcome === undefined ? 'circle-outline' : ICONS[outcome.state],
    children: [],
  };
}

function outcomeText(outcome: Outcome | undefined): string | undefined {
  if (outcome === undefined) return undefined;
  return outcome.error === undefined ? outcome.state : `${outcome.state}: ${outcome.error}`;
}

function tooltip([latest]: readonly Ended[]): string {
  if (latest === undefined) return '';
  const { task, outcome } = latest;
  const { startMs, durationMs, resumptions, busyMs } = task;
  return [
    `The last one ended ${durationText(startMs + durationMs)} after the program's start`,
    `went on ${resumptions === 1 ? 'once' : `${resumptions} times`}`,
    busyMs === undefined ? undefined : `busy for about ${durationText(busyMs)} (by samples)`,
    outcome === undefined ? 'How it settled is not known: nobody asked in time' : undefined,
    'The place is that of its last await',
    task.confidence === 'inferred' ? 'Which call has ended is only likely: more than one fitted' : undefined,
  ]
    .filter((line) => line !== undefined)
    .join('\n');
}
