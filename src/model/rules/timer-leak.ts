/** `timer-leak`: one line makes ever more timers that nobody clears and nobody needs any more. */
import type { Growth } from '../../protocol/growth.ts';
import { mayBeOwned } from '../owned.ts';
import { framesOf, placeOf } from '../place.ts';
import type { Rule } from './rule.ts';

/** Fewer are no leak worth telling; those made in fewer callbacks of the loop came in one go and don't grow. */
export const LEAST = 50;
export const LEAST_TURNS = 10;
/** Of all that the line has made, at least this share is still there: they aren't cleared sooner or later. */
const KEPT = 0.9;

/** One finding per line. */
export const timerLeak: Rule = ({ program: { snapshot }, sources }) =>
  (snapshot?.growth ?? []).flatMap((growth) => {
    if (snapshot === undefined || !isLeak(growth) || mayBeOwned(growth.live, snapshot, growth.awaited)) return [];
    const place = placeOf(framesOf(growth.frames, snapshot), sources);
    if (place?.location === undefined || place.library !== undefined) return [];
    return [
      {
        rule: 'timer-leak',
        severity: 'warning',
        confidence: 'likely',
        message: growth.kind === 'interval' ? intervals(growth) : timeouts(growth),
        location: place.location,
        related: [],
        data: { live: growth.live, turns: growth.turns, kind: growth.kind },
      },
    ];
  });

function isLeak({ kind, live, turns, made }: Growth): boolean {
  if (kind === 'listener' || made === undefined) return false;
  return live >= LEAST && turns >= LEAST_TURNS && live >= KEPT * made;
}

function intervals({ live, awaited = 0 }: Growth): string {
  if (awaited * 2 > live)
    return `${live} loops over the ticks of a setInterval made here are running, and nobody awaits them. Leave the loop, or abort the signal given to setInterval, when what started one is done.`;
  return `${live} intervals made here are running, and none of them is cleared. Call clearInterval when what started one is done.`;
}

function timeouts({ live }: Growth): string {
  return `${live} time-outs made here are running, though nobody waits for them any more. Clear the time-out when the work it limits is done, or use AbortSignal.timeout.`;
}
