/** Words for a wait of which promises and resources tell nothing. */
import type { Wait } from '../../protocol/agent.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import { siteAt } from '../stacks/sites.ts';
import { outlined } from '../waits/outlines.ts';
import { promptOf } from '../waits/prompts.ts';
import type { Leaf } from './targets.ts';

/** Other code must settle the promise. */
export const UNKNOWN: Wait = { facts: { kind: 'promise' }, confidence: 'exact' };
/** Perhaps a call whose await was taken for another's. */
const DOUBTFUL: Wait = { facts: { kind: 'promise' }, confidence: 'inferred' };

/** What an await inside one of Node's own functions waits for. */
export function waitAt(site: number | undefined): Wait | undefined {
  const frame = site === undefined ? undefined : siteAt(site).frame;
  if (frame === undefined) return undefined;
  if (frame.function === 'readAllBytes') return { facts: { kind: 'http', phase: 'body' }, confidence: 'exact' };
  const isStream = frame.file.startsWith('node:internal/streams/');
  return isStream ? { facts: { kind: 'stream', direction: 'readable' }, confidence: 'exact' } : undefined;
}

/** What a promise waits for, as far as its source tells. */
export function describe({ record, source, inferred }: Leaf, graph: AwaitGraph): Wait {
  const isDoubtful = inferred || graph.inferred.has(record) || (graph.unseen > 0 && record.waiters > 0);
  const known = outlined(record, source?.describe(graph) ?? promptOf(record));
  if (known === undefined) return isDoubtful ? DOUBTFUL : UNKNOWN;
  return inferred && known.confidence === 'exact' ? { ...known, confidence: 'inferred' } : known;
}

/** The same, where the place of the await may tell it. */
export function waitOf(site: number | undefined, wait: Wait): Wait {
  return wait === UNKNOWN ? (waitAt(site) ?? UNKNOWN) : wait;
}
