/** `busy-polling`: a task that sleeps a moment and looks again, over and over, and hardly ever finds something to do. */
import type { AwaitRow, AwaitStep } from '../../protocol/await-rows.ts';
import type { Snapshot } from '../../protocol/agent.ts';
import type { Finding } from '../../protocol/report.ts';
import { framesOf, lineKey, placeOf, type Place } from '../place.ts';
import { pollIntervalsIn } from '../source/poll-intervals.ts';
import { pollLoopsIn, type PollLoop } from '../source/poll-loops.ts';
import type { Sources } from '../sources.ts';
import { durationText } from '../wording/wording.ts';
import type { Rule } from './rule.ts';

/** Fewer rounds in vain are no waste. */
const LEAST_WAKES = 100;
/** Whoever sleeps longer costs next to nothing. Milliseconds. */
const LONGEST_SLEEP_MS = 50;
/** So many rounds without work for one with it. */
const IN_VAIN = 20;
/** Timers fire up to 1 ms early; with less there was work in between that no poll saw. */
const EXACT = 0.75;
/** A loop that hardly sleeps keeps the processor busy. Milliseconds. */
const SPIN_MS = 2;

interface Polling {
  place: Place;
  wakes: number;
  ms: number;
  /** Its wakes were not counted. */
  isInterval?: true;
}

/** One finding per line that sleeps or makes an interval, of the one that polled longest. */
export const busyPolling: Rule = ({ program: { snapshot }, sources }) => {
  if (snapshot === undefined) return [];
  const found = new Map<string, Polling>();
  const loops = (snapshot.awaitRows ?? []).flatMap((row) => pollingIn(row, snapshot, sources));
  for (const polling of [...loops, ...intervalsIn(snapshot, sources)]) {
    const key = lineKey(polling.place.location);
    if ((found.get(key)?.ms ?? 0) < polling.ms) found.set(key, polling);
  }
  return [...found.values()].map(findingOf);
};

function pollingIn({ steps, unseen }: AwaitRow, snapshot: Snapshot, sources: Sources): Polling[] {
  const placed = steps.map((step) => ({ step, place: placeOf(framesOf([step.frame], snapshot), sources) }));
  return placed.flatMap(({ step, place }): Polling[] => {
    const { count, ms } = step;
    const text = place?.location === undefined ? undefined : sources.textOf?.(place.location.file);
    if (place?.location === undefined || place.library !== undefined || text === undefined) return [];
    if (count < LEAST_WAKES || ms / count > LONGEST_SLEEP_MS) return [];
    const { file, line } = place.location;
    const loop = pollLoopsIn(text).find((each) => each.line === line);
    if (loop === undefined || (loop.sleepMs !== undefined && ms / count < EXACT * loop.sleepMs)) return [];
    const isWork = (other: (typeof placed)[number]): boolean =>
      other.step !== step && !(other.place?.location?.file === file && isOfHead(loop, other.place.location.line));
    const work = placed.filter(isWork).reduce((sum, other) => sum + other.step.count, 0);
    return (work + unseenWork(placed.length, unseen)) * IN_VAIN > count ? [] : [{ place, wakes: count, ms }];
  });
}

/** Those that are still there have found nothing so far; they tick while the loop has time for them. */
function intervalsIn(snapshot: Snapshot, sources: Sources): Polling[] {
  return snapshot.resources.flatMap(({ facts, frames, ageMs }): Polling[] => {
    if (facts.kind !== 'timer' || facts.api !== 'setInterval' || facts.delayMs > LONGEST_SLEEP_MS) return [];
    const ms = ageMs * (1 - snapshot.loop.utilization);
    const wakes = Math.floor(ms / Math.max(1, facts.delayMs));
    const place = wakes < LEAST_WAKES ? undefined : placeOf(framesOf(frames, snapshot), sources);
    if (place?.location === undefined || place.library !== undefined) return [];
    const text = sources.textOf?.(place.location.file);
    if (text === undefined || !pollIntervalsIn(text).has(place.location.line)) return [];
    return [{ place, wakes, ms: ageMs, isInterval: true }];
  });
}

const isOfHead = ({ line, head }: PollLoop, at: number): boolean => at === line || (at >= head.from && at <= head.to);

/** With one line alone there is nothing else that was not seen. */
const unseenWork = (lines: number, unseen: Pick<AwaitStep, 'count'> | undefined): number =>
  lines === 1 ? 0 : (unseen?.count ?? 0);

const ADVICE =
  'Await what brings the change instead: an event with events.once, or a promise that is resolved when there is something to do.';

function findingOf({ place, wakes, ms, isInterval }: Polling): Finding {
  const everyMs = ms / wakes;
  const often = everyMs < 1 ? 'more than 1000 times a second' : `about every ${durationText(everyMs)}`;
  const fact =
    isInterval === true
      ? `The interval made here has looked about ${wakes} times in ${durationText(ms)} for what has not come yet.`
      : `${place.name} woke up ${wakes} times in ${durationText(ms)}, ${often}, only to look again.`;
  return {
    rule: 'busy-polling',
    severity: everyMs <= SPIN_MS ? 'warning' : 'info',
    confidence: 'likely',
    message: `${fact} ${ADVICE}`,
    ...(place.location === undefined ? {} : { location: place.location }),
    related: [],
    data: { wakes, ms: Math.round(ms) },
  };
}
