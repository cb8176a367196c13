/** `blocking-call`: a synchronous call held the loop, once for long or again and again at one line. */
import type { LensSettings } from '../../protocol/settings.ts';
import type { BlockingGroup } from '../stalls/blocking-groups.ts';
import { groupCalls } from '../stalls/blocking-groups.ts';
import { callText } from '../stalls/stall-groups.ts';
import { countOf, durationText } from '../wording/wording.ts';
import { asyncAdvice } from './advice.ts';
import type { Rule } from './rule.ts';

/** One finding per API and line; calls during start-up count only in strict mode. */
export const blockingCall: Rule = ({ program, settings, sources }) =>
  groupCalls(program.snapshot?.blockingCalls ?? [], sources)
    .filter((calls) => isTold(calls, settings.blockingCall))
    .map((calls) => ({
      rule: 'blocking-call',
      severity: calls.count > 0 && calls.maxMs >= settings.stall.warningMs ? 'warning' : 'info',
      confidence: 'proved',
      message: `${fact(calls)}. ${asyncAdvice(calls.api)}`,
      ...(calls.place?.location === undefined ? {} : { location: calls.place.location }),
      related: [],
      data: {
        api: calls.api,
        count: calls.count,
        totalMs: calls.totalMs,
        maxMs: calls.maxMs,
        startupCount: calls.startupCount,
      },
    }));

function isTold(calls: BlockingGroup, limits: LensSettings['blockingCall']): boolean {
  if (limits.strict) return true;
  if (calls.count === 0) return false;
  if (calls.maxMs >= limits.minMs) return true;
  // What packages do by themselves, nobody can change at once: there short calls count by their time only.
  return calls.count >= limits.minCount && (calls.place?.library === undefined || calls.totalMs >= limits.minMs);
}

function fact({ api, detail, count, startupCount, totalMs, maxMs }: BlockingGroup): string {
  if (count === 0) return `${api} was called ${countOf(startupCount, 'time')} during start-up`;
  if (count === 1) return `${callText(api, detail)} blocked the event loop for ${durationText(maxMs)}`;
  const times = `${api} blocked the event loop ${count} times`;
  if (totalMs < 1) return `${times}, less than 1 ms in all`;
  return `${times}, ${durationText(totalMs)} in all and up to ${durationText(maxMs)} at once${detail === undefined ? '' : `: ${detail}`}`;
}
