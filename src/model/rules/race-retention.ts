/** `race-retention`: one promise that stays pending is put into ever more races, or gets ever more reactions, and holds what each of them leaves behind. */
import { mayBeOwned } from '../owned.ts';
import { framesOf, placeOf } from '../place.ts';
import type { Rule } from './rule.ts';
import { LEAST_TURNS } from './timer-leak.ts';

/** Fewer reactions hold little. */
const LEAST = 1000;

/** One finding per line, while the promise is pending. */
export const raceRetention: Rule = ({ program: { snapshot }, sources }) =>
  (snapshot?.growth ?? []).flatMap(({ kind, live, turns, frames, plain = false }) => {
    if (snapshot === undefined || kind !== 'reaction' || live < LEAST || turns < LEAST_TURNS) return [];
    if (mayBeOwned(live, snapshot)) return [];
    const place = placeOf(framesOf(frames, snapshot), sources);
    if (place?.location === undefined || place.library !== undefined) return [];
    return [
      {
        rule: 'race-retention',
        severity: 'warning',
        confidence: 'likely',
        message: plain ? reactions(live) : races(live),
        location: place.location,
        related: [],
        data: { live, turns },
      },
    ];
  });

const races = (live: number): string =>
  `${live} races have been left behind on one promise that is still pending, each with its result and what waits for it. Make a new promise for each race and settle it at its end, or use a signal or an event that can be unsubscribed from.`;

const reactions = (live: number): string =>
  `${live} reactions have been added to one promise that is still pending, and each keeps what its function refers to until the promise settles. Use an event or a signal that can be unsubscribed from, or add one reaction for all.`;
