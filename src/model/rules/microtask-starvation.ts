/** `microtask-starvation`: promises or `process.nextTick` callbacks that keep queueing the next one, so that the loop never turns. */
import type { Finding } from '../../protocol/report.ts';
import { groupStalls, ownerText, stallLength, type StallGroup } from '../stalls/stall-groups.ts';
import { load, ownMs, severityOf, starves } from './event-loop-stall.ts';
import type { Rule } from './rule.ts';

/** One finding per line that queues the next one, with a count and the worst. */
export const microtaskStarvation: Rule = ({ program, settings, sources }) =>
  groupStalls(
    program.stalls.filter((stall) => starves(stall, settings)),
    sources,
  ).map((group): Finding => {
    const { worst, place, count, totalMs } = group;
    return {
      rule: 'microtask-starvation',
      severity: severityOf(ownMs(worst), settings.stall),
      confidence: worst.confidence === 'inferred' || worst.overloaded === true ? 'likely' : 'proved',
      message: `${fact(group)}${load(group)}: no timer, request or other event got its turn. ${advice(group)}`,
      ...(place?.location === undefined ? {} : { location: place.location }),
      related: [],
      data: { kind: worst.kind, durationMs: worst.durationMs, totalMs, count },
    };
  });

function fact(group: StallGroup): string {
  const { worst, place, count } = group;
  const queue = worst.kind === 'ticks' ? 'process.nextTick callbacks' : 'promise callbacks';
  const held = `held the event loop ${count === 1 ? 'for ' : ''}${stallLength(group)}`;
  if (place === undefined) return `One after the other, ${queue} ${held}`;
  // Who queued them was not seen.
  if (worst.confidence === 'inferred')
    return `One after the other, ${queue} ${held}, most of it in ${ownerText(place)}`;
  return `${place.name} queued ever more ${queue}, which ${held}`;
}

function advice({ worst }: StallGroup): string {
  return worst.kind === 'ticks'
    ? 'Use setImmediate for the next round: its callbacks run after other events.'
    : 'Await setImmediate of node:timers/promises now and then: awaiting what is there already lets nobody else run.';
}
