/** `floating-promise`: an async function was called without await in code that could have awaited it, and it goes on unattended. */
import type { Snapshot, TaskNode } from '../../protocol/agent.ts';
import type { Finding, Location } from '../../protocol/report.ts';
import { isInEndlessLoop, writingOf } from '../source/call-writing.ts';
import { framesOf, lineKey, placeOf } from '../place.ts';
import type { Sources } from '../sources.ts';
import { durationText } from '../wording/wording.ts';
import type { Rule, RuleContext } from './rule.ts';

/** A shorter one is over before anybody could mind. Milliseconds. */
const LEAST_MS = 1000;

/** One finding per line that calls, while the program runs or when it was ended in the middle; of what fails unhandled, or is pending when no work is left, other rules tell. */
export const floatingPromise: Rule = ({ program: { snapshot, atExit }, sources }) =>
  snapshot === undefined || (atExit !== undefined && atExit.drained !== false)
    ? []
    : snapshot.tasks.flatMap((task) => findingOf(task, snapshot, sources));

/** Lines at which the calls wait that this rule tells of. */
export function floatingAwaits(context: RuleContext): ReadonlySet<string> {
  const told = context.settings.rules['floating-promise'] === 'off' ? [] : floatingPromise(context);
  return new Set(told.flatMap(({ related }) => related.map(({ location }) => lineKey(location))));
}

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
