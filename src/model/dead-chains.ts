/** The awaits that can never go on because their promise was garbage collected, as places of the program's own. */
import type { DeadAwait } from '../protocol/dead-awaits.ts';
import type { Snapshot } from '../protocol/agent.ts';
import type { Place } from './place.ts';
import { framesOf, lineKey, placeOf } from './place.ts';
import type { Sources } from './sources.ts';

/** One chain of lines. */
export interface DeadChain extends Omit<DeadAwait, 'frames' | 'behind'> {
  /** The innermost await. */
  place: Place & { location: NonNullable<Place['location']> };
  /** Those who await it, from the inside out; where several await one call, all of them. */
  callers: Place[];
}

/** Chains with a line of the program's own. */
export function deadChains(snapshot: Snapshot | undefined, sources: Sources): DeadChain[] {
  const placesOf = (frames: readonly number[]): Place[] =>
    snapshot === undefined
      ? []
      : framesOf(frames, snapshot).flatMap((frame) => (sources.isUser(frame) ? (placeOf([frame], sources) ?? []) : []));
  return (snapshot?.deadAwaits ?? []).flatMap(({ frames, behind = [], ...rest }) => {
    const [place, ...callers] = placesOf(frames);
    if (place?.location === undefined) return [];
    return [
      { ...rest, place: { ...place, location: place.location }, callers: [...callers, ...behind.flatMap(placesOf)] },
    ];
  });
}

/** Lines that wait for a dead await further in: nothing new about them. */
export function linesBehind(chains: readonly DeadChain[]): ReadonlySet<string> {
  const waiting = chains.filter(({ abandoned }) => abandoned !== true);
  return new Set(waiting.flatMap(({ callers }) => callers.map(({ location }) => lineKey(location))));
}
