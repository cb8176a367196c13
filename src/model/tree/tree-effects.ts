/** The rows below a stall: what had to wait because of it. */
import type { Stall } from '../../protocol/agent.ts';
import type { TreeItem } from '../../protocol/dap.ts';
import { effectsOf, type Effect } from '../stalls/effects.ts';
import { shortPlace } from '../place.ts';
import type { Sources } from '../sources.ts';

const ICONS: Record<Effect['kind'], string> = { task: 'circle-outline', timer: 'watch', requests: 'globe' };

/** One row for each line that had to wait. */
export function effectItems(stall: Stall, sources: Sources, parentId: string): TreeItem[] {
  return effectsOf(stall, sources).map(({ kind, text, place }, index) => {
    const location = place?.library === undefined ? place?.location : undefined;
    return {
      id: `${parentId}/effect/${index}`,
      kind: 'message',
      label: text,
      description: shortPlace(location) ?? '',
      ...(location === undefined ? {} : { location }),
      icon: ICONS[kind],
      children: [],
    };
  });
}
