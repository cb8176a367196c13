/** The rows about what keeps the process alive. */
import type { Resource, Snapshot } from '../../protocol/agent.ts';
import type { TreeItem } from '../../protocol/dap.ts';
import { chainsOf } from '../chains.ts';
import { ownersOf } from '../owners.ts';
import type { Place } from '../place.ts';
import { framesOf, lineKey, placeOf, shortPlace } from '../place.ts';
import type { Sources } from '../sources.ts';
import { taskName, waitIcon } from './tree-tasks.ts';
import { described, EXACT_TIMES, labelled, type RowTimes } from '../wording/row-times.ts';
import { countOf, dotted } from '../wording/wording.ts';

interface Group {
  first: Resource;
  place: Place | undefined;
  count: number;
  /** Names of the tasks that wait for it. */
  owners: Set<string>;
}

/** One row per group of equal resources made at one line. */
export function resourceItems(
  resources: readonly Resource[],
  snapshot: Snapshot,
  sources: Sources,
  parentId: string,
  times: RowTimes,
): TreeItem[] {
  const groups = new Map<string, Group>();
  const owners = ownersOf(resources, snapshot, chainsOf(snapshot, sources));
  for (const resource of resources) {
    const place = placeOf(framesOf(resource.frames, snapshot), sources);
    const key = `${groupKey(resource)} ${lineKey(place?.location)}`;
    const group = groups.get(key);
    const owner = owners.get(resource.id);
    const names = owner === undefined ? [] : [taskName(owner)];
    if (group === undefined) groups.set(key, { first: resource, place, count: 1, owners: new Set(names) });
    else {
      group.count += 1;
      for (const name of names) group.owners.add(name);
    }
  }
  return [...groups.values()].map(({ first, place, count, owners: names }) => ({
    id: `${parentId}/${first.id}`,
    kind: 'resource',
    ...labelled((by) => (count > 1 ? `${whatAll(first, by)} ×${count}` : what(first, by)), times),
    ...described(
      (by) =>
        dotted(
          place?.library === 'node' ? undefined : place?.library,
          shortPlace(place?.location),
          ownersText([...names]),
          by.age(first.ageMs, first.fromBefore),
        ),
      times,
    ),
    tooltip: first.type,
    ...(place?.location === undefined ? {} : { location: place.location }),
    icon: waitIcon(first.facts.kind),
    children: [],
  }));
}

/** "for loadOrders", "for loadOrders and 2 others". */
function ownersText([first, ...others]: readonly string[]): string | undefined {
  if (first === undefined) return undefined;
  return `for ${first}${others.length === 0 ? '' : ` and ${countOf(others.length, 'other')}`}`;
}

/** Timers of one line and delay belong together however much is left of each, sockets of one peer however long each is idle. */
function groupKey(resource: Resource): string {
  const { facts } = resource;
  if (facts.kind === 'timer') return `${facts.api} ${facts.delayMs}`;
  if (facts.kind !== 'socket') return what(resource);
  if (facts.serving !== undefined) return `serving ${facts.serving.request} ${facts.serving.begun}`;
  return `${facts.family} ${facts.state} ${pipesOf(facts) ?? facts.remote ?? facts.local}`;
}

/** "child process 12 (cat)" of its stdin, stdout and stderr. */
const pipesOf = ({ output }: { output?: string }): string | undefined => output?.replace(/^.*? of /, '');

/** The members of a group in words: equal requests come from many clients. */
function whatAll(first: Resource, times: RowTimes): string {
  if (first.facts.kind === 'socket' && first.facts.serving !== undefined) {
    const { remote: _, ...facts } = first.facts;
    return what({ ...first, facts }, times);
  }
  const process = first.facts.kind === 'socket' ? pipesOf(first.facts) : undefined;
  return process === undefined ? what(first, times) : `pipe of ${process}`;
}

/** A resource in words; those of an unknown kind by their `async_hooks` type. */
export function what({ facts, type }: Resource, times: RowTimes = EXACT_TIMES): string {
  return facts.kind === 'unknown' && facts.type === undefined ? type : times.wait(facts);
}
