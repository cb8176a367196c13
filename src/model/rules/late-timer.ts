/** `late-timer`: a timer fired much later than it was to, because the loop did not turn. */
import type { Stall } from '../../protocol/agent.ts';
import type { LateTimer } from '../../protocol/stall-effects.ts';
import type { Finding } from '../../protocol/report.ts';
import { delayText } from '../wording/amounts.ts';
import type { Place } from '../place.ts';
import { lineKey, placeOf } from '../place.ts';
import { culprit, groupStalls } from '../stalls/stall-groups.ts';
import { durationText } from '../wording/wording.ts';
import type { Rule, RuleContext } from './rule.ts';

/** A timer never promises more than "not before". */
const LATE_MS = 100;

interface Line {
  place: Place;
  count: number;
  worst: LateTimer;
  stall: Stall;
}

/** One finding for each line of the program that sets timers; the stall to blame as related. */
export const lateTimer: Rule = ({ program, sources }) =>
  lateLines(program.stalls, sources).map(({ place, count, worst, stall }): Finding => {
    const [group] = groupStalls([stall], sources);
    const what = group === undefined ? 'The program' : culprit(group);
    const at = group?.place?.location;
    return {
      rule: 'late-timer',
      severity: 'info',
      confidence: 'likely',
      message: `${worst.api} ${delayText(worst.delayMs)} fired ${count > 1 ? `late ${count} times, up to ${durationText(worst.lateMs)}` : `${durationText(worst.lateMs)} late`}: ${what} held the event loop. Do not rely on its time, or split the work that held it up.`,
      ...(place.location === undefined ? {} : { location: place.location }),
      related: [
        {
          message: `${what} held the event loop for ${durationText(stall.durationMs)}`,
          ...(at === undefined ? {} : { location: at }),
        },
      ],
      data: { delayMs: worst.delayMs, lateMs: worst.lateMs, count, stallMs: stall.durationMs },
    };
  });

/** Timers of the program's own lines alone: nobody else can do anything about them. */
function lateLines(stalls: readonly Stall[], sources: RuleContext['sources']): Line[] {
  const lines = new Map<string, Line>();
  for (const stall of stalls) {
    if (stall.open || stall.kind === 'startup') continue;
    for (const timer of stall.effects?.timers ?? []) {
      const place = timer.lateMs < LATE_MS ? undefined : placeOf(timer.stack, sources);
      if (place === undefined || place.library !== undefined) continue;
      const key = `${timer.api} ${lineKey(place.location)}`;
      const line = lines.get(key);
      if (line === undefined) lines.set(key, { place, count: timer.count, worst: timer, stall });
      else {
        line.count += timer.count;
        if (timer.lateMs > line.worst.lateMs) Object.assign(line, { worst: timer, stall });
      }
    }
  }
  return [...lines.values()];
}
