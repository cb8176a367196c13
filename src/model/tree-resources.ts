/** The rows about what keeps the process alive. */
import type { Resource, Snapshot } from '../protocol/agent.ts';
import type { TreeItem } from '../protocol/dap.ts';
import type { Place } from './place.ts';
import { framesOf, lineKey, placeOf, shortPlace } from './place.ts';
import type { Sources } from './sources.ts';
import { waitIcon } from './tree-tasks.ts';
import { dotted, durationText, waitDetail } from './wording.ts';

interface Group {
  first: Resource;
  place: Place | undefined;
  count: number;
}

/** One row per group of equal resources made at one line. */
export function resourceItems(
  resources: readonly Resource[],
  snapshot: Snapshot,
  sources: Sources,
  parentId: string,
): TreeItem[] {
  const groups = new Map<string, Group>();
  for (const resource of resources) {
    const place = placeOf(framesOf(resource.frames, snapshot), sources);
    const key = `${groupKey(resource)} ${lineKey(place?.location)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: resource, place, count: 1 });
    else group.count += 1;
  }
  return [...groups.values()].map(({ first, place, count }) => ({
    id: `${parentId}/${first.id}`,
    kind: 'resource',
    label: `${what(first)}${count > 1 ? ` ×${count}` : ''}`,
    description: dotted(
      place?.library === 'node' ? undefined : place?.library,
      shortPlace(place?.location),
      durationText(first.ageMs),
    ),
    tooltip: first.type,
    ...(place?.location === undefined ? {} : { location: place.location }),
    icon: waitIcon(first.facts.kind),
    children: [],
  }));
}

/** Timers of one line and delay belong together however much is left of each, sockets of one peer however long each is idle. */
function groupKey(resource: Resource): string {
  const { facts } = resource;
  if (facts.kind === 'timer') return `${facts.api} ${facts.delayMs}`;
  return facts.kind === 'socket' ? `${facts.family} ${facts.state} ${facts.remote ?? facts.local}` : what(resource);
}

/** A resource in words; those of an unknown kind by their `async_hooks` type. */
export function what({ facts, type }: Resource): string {
  return facts.kind === 'unknown' && facts.type === undefined ? type : waitDetail(facts);
}
