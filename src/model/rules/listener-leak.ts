/** `listener-leak`: one line adds ever more listeners to one emitter or signal. */
import type { Growth } from '../../protocol/growth.ts';
import { mayBeOwned } from '../owned.ts';
import { framesOf, placeOf } from '../place.ts';
import type { Rule } from './rule.ts';
import { LEAST, LEAST_TURNS } from './timer-leak.ts';

/** One finding per emitter, event and line; equal ones are counted. */
export const listenerLeak: Rule = ({ program: { snapshot }, sources }) =>
  (snapshot?.growth ?? []).flatMap((growth) => {
    if (snapshot === undefined || !isLeak(growth) || mayBeOwned(growth.live, snapshot)) return [];
    const place = placeOf(framesOf(growth.frames, snapshot), sources);
    if (place?.location === undefined || place.library !== undefined) return [];
    return [
      {
        rule: 'listener-leak',
        severity: 'warning',
        confidence: 'likely',
        message: `${growth.live} ${what(growth)} were added here, more and more. ${advice(growth)}`,
        location: place.location,
        related: [],
        data: { live: growth.live, turns: growth.turns, event: growth.event ?? '', emitter: growth.emitter ?? '' },
      },
    ];
  });

function isLeak({ kind, live, turns }: Growth): boolean {
  return kind === 'listener' && live >= LEAST && turns >= LEAST_TURNS;
}

function what({ event, emitter }: Growth): string {
  return `listeners for ${event === undefined ? 'an event' : `'${event}'`} of one ${emitter ?? 'emitter'}`;
}

function advice({ emitter }: Growth): string {
  return emitter === 'AbortSignal'
    ? 'Remove the listener when the work is done, or give each piece of work a signal of its own with AbortSignal.any.'
    : 'Remove the listener when the work is done, or add it only once.';
}
