/** What had to wait because of a stall, in words and with lines. */
import type { Frame, Stall } from '../../protocol/agent.ts';
import type { LateTimer } from '../../protocol/stall-effects.ts';
import type { Location, ReportStall } from '../../protocol/report.ts';
import type { Place } from '../place.ts';
import { lineKey, placeOf } from '../place.ts';
import type { Sources } from '../sources.ts';
import { delayText } from '../wording/amounts.ts';
import { countOf, durationText } from '../wording/wording.ts';

/** One thing, or several equal ones, that had to wait. */
export interface Effect {
  kind: 'task' | 'timer' | 'requests';
  text: string;
  place?: Place;
}

/** Tasks first, then timers, then requests. */
export function effectsOf({ effects, open }: Stall, sources: Sources): Effect[] {
  if (effects === undefined) return [];
  const { tasks, timers, requests } = effects;
  const list: Effect[] = [];
  for (const { stack, count } of tasks) {
    const place = placeOf(stack, sources);
    const name = place?.name ?? (count === 1 ? 'a task' : 'tasks');
    const text = `${name}${count > 1 ? ` ×${count}` : ''} ${open ? 'could go on' : 'could have gone on'}`;
    list.push({ kind: 'task', text, ...(place === undefined ? {} : { place }) });
  }
  for (const { place, api, delayMs, lateMs, count } of timerLines(timers, sources)) {
    const name = `${api} ${delayText(delayMs)}${count > 1 ? ` ×${count}` : ''}`;
    const late = `${durationText(lateMs)} late`;
    list.push({
      kind: 'timer',
      text: `${name} ${open ? `is ${late}` : `fired ${count > 1 ? 'up to ' : ''}${late}`}`,
      ...(place === undefined ? {} : { place }),
    });
  }
  if (requests > 0) list.push({ kind: 'requests', text: `${countOf(requests, 'HTTP request')} had to wait` });
  return list;
}

type TimerLine = Omit<LateTimer, 'stack'> & { place: Place | undefined };

/** One for each line and delay, whatever called it. */
function timerLines(timers: readonly LateTimer[], sources: Sources): TimerLine[] {
  const lines = new Map<string, TimerLine>();
  for (const { stack, ...timer } of timers) {
    const place = placeOf(stack, sources);
    const key = `${timer.api} ${timer.delayMs} ${lineKey(place?.location)}`;
    const line = lines.get(key);
    const { count = 0, lateMs = 0 } = line ?? {};
    lines.set(key, { ...timer, place, count: timer.count + count, lateMs: Math.max(timer.lateMs, lateMs) });
  }
  return [...lines.values()];
}

/** As the report has it. */
export function reportEffects({ effects }: Stall, sources: Sources): Pick<ReportStall, 'effects'> {
  if (effects === undefined) return {};
  const { tasks, timers, requests } = effects;
  const at = (stack: readonly Frame[]): { location?: Location } => {
    const location = placeOf(stack, sources)?.location;
    return location === undefined ? {} : { location };
  };
  return {
    effects: {
      tasks: tasks.map(({ stack, count }) => ({ count, ...at(stack) })),
      timers: timerLines(timers, sources).map(({ place, api, delayMs, lateMs, count }) => ({
        detail: `${api} ${delayText(delayMs)}`,
        lateMs,
        count,
        ...(place?.location === undefined ? {} : { location: place.location }),
      })),
      requests,
    },
  };
}

/** "held up 3 tasks, 2 timers and 4 HTTP requests"; `undefined` when nothing is known to have waited. */
export function effectsText({ effects }: Stall): string | undefined {
  if (effects === undefined) return undefined;
  const sum = (list: readonly { count: number }[]): number => list.reduce((total, { count }) => total + count, 0);
  const counts = [
    [sum(effects.tasks), 'task'],
    [sum(effects.timers), 'timer'],
    [effects.requests, 'HTTP request'],
  ] as const;
  const parts = counts.filter(([count]) => count > 0).map(([count, noun]) => countOf(count, noun));
  if (parts.length === 0) return undefined;
  return `held up ${parts.length === 1 ? parts.join() : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`}`;
}
