/** `event-loop-stall`: a turn of the loop took so long that everything else had to wait. */
import type { Severity } from '../../protocol/report.ts';
import type { LensSettings } from '../../protocol/settings.ts';
import type { StallGroup } from '../stall-groups.ts';
import { culprit, groupStalls, stallLength } from '../stall-groups.ts';
import { asyncAdvice } from './advice.ts';
import type { Rule } from './rule.ts';

/** One finding per line, with a count and the worst; start-up is never told. */
export const eventLoopStall: Rule = ({ program, settings, sources }) =>
  groupStalls(
    program.stalls.filter(({ kind, durationMs }) => kind !== 'startup' && durationMs >= settings.stall.infoMs),
    sources,
  ).map((group) => ({
    rule: 'event-loop-stall',
    severity: severityOf(group.worst.durationMs, settings.stall),
    confidence: group.worst.confidence === 'inferred' ? 'likely' : 'proved',
    message: `${cause(group)} held the event loop ${group.count === 1 ? 'for ' : ''}${stallLength(group)}. ${advice(group)}`,
    ...(group.place?.location === undefined ? {} : { location: group.place.location }),
    related: [],
    data: {
      kind: group.worst.kind,
      durationMs: group.worst.durationMs,
      totalMs: group.totalMs,
      count: group.count,
      ...(group.worst.api === undefined ? {} : { api: group.worst.api }),
    },
  }));

function severityOf(durationMs: number, limits: LensSettings['stall']): Severity {
  if (durationMs >= limits.errorMs) return 'error';
  return durationMs >= limits.warningMs ? 'warning' : 'info';
}

function cause(group: StallGroup): string {
  const { worst, place } = group;
  if (worst.api !== undefined) return place === undefined ? worst.api : `${worst.api} in ${place.name}`;
  if (worst.kind === 'gc') return 'Garbage collection';
  return worst.kind === 'microtasks' ? 'Promise callbacks' : culprit(group);
}

function advice({ worst }: StallGroup): string {
  if (worst.api !== undefined) return asyncAdvice(worst.api);
  switch (worst.kind) {
    case 'gc':
      return 'Keep fewer objects alive or allocate less at once.';
    case 'microtasks':
    case 'ticks':
      return 'Let the loop turn now and then, for example by awaiting setImmediate.';
    default:
      return 'Split the work into slices or move it to a worker thread.';
  }
}
