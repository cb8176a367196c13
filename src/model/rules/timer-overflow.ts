/** `timer-overflow`: a delay that a timer can't take, so that it fires at once. */
import { framesOf, placeOf } from '../place.ts';
import { countOf } from '../wording/wording.ts';
import type { Rule } from './rule.ts';

/** One finding per line; a fact of the past. */
export const timerOverflow: Rule = ({ program: { snapshot }, sources }) =>
  (snapshot?.timerOverflows ?? []).map(({ frames, delay, count }) => {
    const place = snapshot === undefined ? undefined : placeOf(framesOf(frames, snapshot), sources);
    const times = count === 1 ? '' : ` (${countOf(count, 'time')})`;
    return {
      rule: 'timer-overflow',
      severity: 'warning',
      confidence: 'proved',
      message: `A delay of ${delay} ms is more than a timer can take: it fired after 1 ms${times}. Use at most 2147483647 ms, 24.8 days, and check again when it fires.`,
      ...(place?.location === undefined ? {} : { location: place.location }),
      related: [],
      data: { delay, count },
    };
  });
