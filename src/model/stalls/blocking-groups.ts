/** Merges the calls of one synchronous API at one line, whatever their column and the library frames below. */
import type { BlockingCall } from '../../protocol/agent.ts';
import type { Place } from '../place.ts';
import { lineKey, placeOf } from '../place.ts';
import type { Sources } from '../sources.ts';

/** Equal calls; counts and times as in {@link BlockingCall}. */
export interface BlockingGroup extends Omit<BlockingCall, 'stack'> {
  place?: Place;
}

/** The groups in order of their first call. */
export function groupCalls(calls: readonly BlockingCall[], sources: Sources): BlockingGroup[] {
  const groups = new Map<string, BlockingGroup>();
  for (const { stack, ...call } of calls) {
    const place = placeOf(stack, sources);
    const key = `${call.api} ${lineKey(place?.location)}`;
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, { ...call, ...(place === undefined ? {} : { place }) });
      continue;
    }
    group.count += call.count;
    group.startupCount += call.startupCount;
    group.totalMs += call.totalMs;
    if (call.maxMs > group.maxMs && call.detail !== undefined) group.detail = call.detail;
    group.maxMs = Math.max(group.maxMs, call.maxMs);
  }
  return [...groups.values()];
}
