/** `floating-promise`: an async function was called without await in code that could have awaited it, and it goes on unattended, or its result was lost. */
import type { Frame, Snapshot, TaskNode } from '../../protocol/agent.ts';
import type { Finding, Location } from '../../protocol/report.ts';
import { isInEndlessLoop, writingOf } from '../source/call-writing.ts';
import { framesOf, lineKey, placeOf, sameLine, type Place } from '../place.ts';
import { isForItsResult } from '../source/mere-results.ts';
import { isTakenForValue } from '../source/taken-for-value.ts';
import type { Sources } from '../sources.ts';
import { durationText } from '../wording/wording.ts';
import type { Rule, RuleContext } from './rule.ts';

/** A shorter one is over before anybody could mind. Milliseconds. */
const LEAST_MS = 1000;

/** One finding per line that calls; of what fails unhandled other rules tell. */
export const floatingPromise: Rule = (context) => {
  const running = runningCalls(context);
  const told = new Set(running.map(({ location }) => lineKey(location)));
  return [...running, ...lostResults(context).filter(({ location }) => !told.has(lineKey(location)))];
};

/** While the program runs or when it was ended in the middle; of what is pending when no work is left other rules tell. */
const runningCalls: Rule = ({ program: { snapshot, atExit }, sources }) =>
  snapshot === undefined || (atExit !== undefined && atExit.drained !== false)
    ? []
    : snapshot.tasks.flatMap((task) => findingOf(task, snapshot, sources));

/** Lines at which the calls wait that this rule tells of. */
export function floatingAwaits(context: RuleContext): ReadonlySet<string> {
  const told = context.settings.rules['floating-promise'] === 'off' ? [] : runningCalls(context);
  return new Set(told.flatMap(({ related }) => related.map(({ location }) => lineKey(location))));
}

/** Of calls that are over. That nobody looked at the result is said by the way the call is written, and that it matters by the function. */
const lostResults: Rule = ({ program: { snapshot }, sources }) =>
  (snapshot?.calls ?? []).flatMap(({ call, inside }): Finding[] => {
    const [at, within] = [call, inside].map((index) => snapshot?.frames[index]);
    if (snapshot === undefined || at === undefined || within === undefined) return [];
    if (!sources.isUser(at) || !sources.isUser(within)) return [];
    const [location, place] = [sources.locate(at), placeOf([within], sources)];
    if (location === undefined || place?.location === undefined) return [];
    if (isTakenForValue(location, sources)) return [takenForValue(place, location)];
    if (isUnderWay(within, snapshot)) return [];
    const writing = writingOf(location, sources);
    if (writing?.as !== 'statement' || !writing.inAsync) return [];
    if (failed(location, snapshot, sources) || !isForItsResult(place.location, sources)) return [];
    return [
      {
        rule: 'floating-promise',
        severity: 'info',
        confidence: 'likely',
        message: `${place.name} was called without await, so its result was lost, and it does nothing else. Await it, or write void before the call if that is meant.`,
        location,
        related: [{ message: `${place.name} waited here`, location: place.location }],
        data: { lost: true },
      },
    ];
  });

const takenForValue = ({ name, location: inside }: Place, location: Location): Finding => ({
  rule: 'floating-promise',
  severity: 'warning',
  confidence: 'likely',
  message: `${name} was called without await, and the promise is taken for its value: it counts as true whatever comes of it. Await it.`,
  location,
  related: inside === undefined ? [] : [{ message: `${name} waited here`, location: inside }],
  data: { taken: true },
});

/** Whether a call of the function may not be over yet. */
const isUnderWay = (within: Frame, { tasks, frames }: Snapshot): boolean =>
  tasks.some(({ frames: [first] }) => {
    const frame = first === undefined ? undefined : frames[first];
    return frame?.file === within.file && frame.function === within.function;
  });

/** Whether a rejection that nobody handled came by that line: it is told as an error. */
const failed = (location: Location, { rejections = [] }: Snapshot, sources: Sources): boolean =>
  rejections.some(({ stack, origins = [] }) =>
    [stack, ...origins.map((origin) => origin.stack)].some((frames) =>
      frames.some((frame) => sources.isUser(frame) && sameLine(sources.locate(frame), location)),
    ),
  );

function findingOf(task: TaskNode, snapshot: Snapshot, sources: Sources): Finding[] {
  const { detached, calledFrom = [], confidence, oldestMs, kind, count } = task;
  if (detached !== true || kind !== 'async' || confidence !== 'exact' || oldestMs < LEAST_MS) return [];
  const [frame] = framesOf(task.frames, snapshot);
  const place = frame !== undefined && sources.isUser(frame) ? placeOf([frame], sources) : undefined;
  if (place?.location === undefined || isInEndlessLoop(place.location, sources) !== false) return [];
  const lines = framesOf(calledFrom, snapshot).map((at) => (sources.isUser(at) ? sources.locate(at) : undefined));
  const location = callOf(lines, sources);
  if (location === undefined) return [];
  const times = count === 1 ? '' : ` (${count} times)`;
  return [
    {
      rule: 'floating-promise',
      severity: 'info',
      confidence: 'likely',
      message: `${place.name} was called without await and has been running for ${durationText(oldestMs)}${times}: nobody learns of its end or handles its failure. Await it, or write void before the call if that is meant.`,
      location,
      related: [{ message: `${place.name} waits here`, location: place.location }],
      data: { count, oldestMs },
    },
  ];
}

/** The only line, of those that don't await, from which the function is called, when it is forgetful for certain: a statement in an async function. */
function callOf(lines: readonly (Location | undefined)[], sources: Sources): Location | undefined {
  const suspects: Location[] = [];
  for (const line of lines) {
    const writing = line === undefined ? undefined : writingOf(line, sources);
    if (line === undefined || writing === undefined) return undefined;
    if (writing.as === 'awaited') continue;
    if (writing.as !== 'statement' || !writing.inAsync) return undefined;
    suspects.push(line);
  }
  return suspects.length === 1 ? suspects[0] : undefined;
}
