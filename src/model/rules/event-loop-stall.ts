/** `event-loop-stall`: a turn of the loop took so long that everything else had to wait. */
import type { Stall } from '../../protocol/agent.ts';
import type { Severity } from '../../protocol/report.ts';
import type { LensSettings } from '../../protocol/settings.ts';
import type { Place } from '../place.ts';
import { relatedFunctions } from '../stalls/hot-functions.ts';
import type { StallGroup } from '../stalls/stall-groups.ts';
import { culprit, groupStalls, ownerText, stallCall, stallLength, within } from '../stalls/stall-groups.ts';
import { asyncAdvice } from './advice.ts';
import type { Rule } from './rule.ts';

/** One finding per line, with a count and the worst; start-up is never told, nor a short stall of which not even the place is known, or only that Node's own code or many callbacks of packages ran, or packages loaded modules. */
export const eventLoopStall: Rule = ({ program, settings, sources }) =>
  groupStalls(
    program.stalls.filter(
      (stall) => stall.kind !== 'startup' && !starves(stall, settings) && stall.durationMs >= settings.stall.infoMs,
    ),
    sources,
  )
    .filter(
      ({ worst, place }) =>
        (place !== undefined && place.library !== 'node' && !isOfPackages(worst, place)) ||
        ownMs(worst) >= settings.stall.warningMs,
    )
    .map((group) => ({
      rule: 'event-loop-stall',
      severity: isOfPackages(group.worst, group.place) ? 'info' : severityOf(ownMs(group.worst), settings.stall),
      confidence: group.worst.confidence === 'inferred' || group.worst.overloaded === true ? 'likely' : 'proved',
      message: `${cause(group)}${within(group)} held the event loop ${group.count === 1 ? 'for ' : ''}${stallLength(group)}${load(group)}. ${advice(group)}`,
      ...(group.place?.location === undefined ? {} : { location: group.place.location }),
      related: relatedFunctions(group, sources),
      data: {
        kind: group.worst.kind,
        durationMs: group.worst.durationMs,
        totalMs: group.totalMs,
        count: group.count,
        ...(group.worst.api === undefined ? {} : { api: group.worst.api }),
        ...(group.worst.overloaded === undefined ? {} : { overloaded: group.worst.overloaded }),
      },
    }));

/**
 * Many callbacks of packages in one turn are how linters and watchers of files work, and test runners load their modules when they come to them: no line of the user's
 * could change it.
 */
const isOfPackages = ({ kind, api }: Stall, place: Place | undefined): boolean =>
  place?.library !== undefined && (kind === 'callbacks' || api === 'require' || api === 'import');

/** Whether it is one for `microtask-starvation` to tell: in a short one two callbacks that follow each other by chance look the same. */
export const starves = (found: Stall, { stall }: LensSettings): boolean =>
  (found.kind === 'microtasks' || found.kind === 'ticks') && ownMs(found) >= stall.warningMs;

/** What other processes took is not the program's. Milliseconds. */
export function ownMs({ durationMs, processorMs = durationMs }: Stall): number {
  return Math.min(durationMs, processorMs);
}

/** What to add when the machine is to blame, too. */
export function load({ worst }: StallGroup): string {
  return worst.overloaded === true ? ' while the machine was busy with other work' : '';
}

/** By the limits of the user. */
export function severityOf(durationMs: number, limits: LensSettings['stall']): Severity {
  if (durationMs >= limits.errorMs) return 'error';
  return durationMs >= limits.warningMs ? 'warning' : 'info';
}

function cause(group: StallGroup): string {
  const { worst, place } = group;
  const call = stallCall(worst);
  if (call !== undefined) {
    const begin = worst.repeated === true ? capital(call) : call;
    return place === undefined ? begin : `${begin} in ${ownerText(place)}`;
  }
  const text = culprit(group);
  // The name of a function stays as it is.
  const isName = place !== undefined && (worst.kind === 'javascript' || worst.kind === 'ticks');
  return isName ? text : capital(text);
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function advice({ worst, call }: StallGroup): string {
  if (worst.api !== undefined) return asyncAdvice(worst.api);
  if (call?.startsWith('console.') === true) return 'Print less, or many lines in one call.';
  switch (worst.kind) {
    case 'gc':
      return 'Keep fewer objects alive or allocate less at once.';
    case 'microtasks':
    case 'ticks':
      return 'Let the loop turn now and then, for example by awaiting setImmediate.';
    case 'callbacks':
      return 'Spread them over several turns, or let one callback do the work of many.';
    default:
      return 'Split the work into slices or move it to a worker thread.';
  }
}
