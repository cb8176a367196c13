/** Words for a wait of which promises and resources tell nothing. */
import type { Wait } from '../protocol/agent.ts';
import { siteAt } from './sites.ts';

/** Other code must settle the promise. */
export const UNKNOWN: Wait = { facts: { kind: 'promise' }, confidence: 'exact' };
/** Perhaps a call whose await was taken for another's. */
export const DOUBTFUL: Wait = { facts: { kind: 'promise' }, confidence: 'inferred' };

/** What an await inside one of Node's own functions waits for. */
export function waitAt(site: number | undefined): Wait | undefined {
  const frame = site === undefined ? undefined : siteAt(site).frame;
  if (frame === undefined) return undefined;
  if (frame.function === 'readAllBytes') return { facts: { kind: 'http', phase: 'body' }, confidence: 'exact' };
  const isStream = frame.file.startsWith('node:internal/streams/');
  return isStream ? { facts: { kind: 'stream', direction: 'readable' }, confidence: 'exact' } : undefined;
}
