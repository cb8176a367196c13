/** `lock-cycle`: tasks that have locks, connections or places in a queue and wait for each other's. */
import type { LockFacts } from '../../protocol/lock.ts';
import type { Finding, Location } from '../../protocol/report.ts';
import { namesInCode } from '../locks/code-names.ts';
import type { Deadlocks, Link, LockWait } from '../locks/deadlocks.ts';
import { deadlocksIn } from '../locks/deadlocks.ts';
import { handDeadlocks, type HandWait } from '../locks/hand-locks.ts';
import type { Sources } from '../sources.ts';
import { taskName } from '../tree/tree-tasks.ts';
import { countOf } from '../wording/wording.ts';
import { lockName } from '../wording/wording-locks.ts';
import type { Rule } from './rule.ts';

/** While the program runs somebody else may give back a lock, as a timer does; one that waits this long gets nothing any more. Milliseconds. */
const PATIENCE_MS = 1000;

/** One finding per circle: proved when the program ran out of work in it, else likely. */
export const lockCycle: Rule = ({ program: { snapshot, atExit }, sources }) => {
  if (snapshot === undefined) return [];
  const isOver = atExit?.drained === true;
  const deadlocks = deadlocksIn(snapshot, sources);
  const known = deadlocks.circles
    .filter((circle) => isOver || circle.every(({ wait }) => wait.task.node.youngestMs >= PATIENCE_MS))
    .map((circle) => findingOf(circle, deadlocks, isOver, sources));
  return [...known, ...handDeadlocks(snapshot, sources, isOver).map(handFinding)];
};

/** Of locks made by hand: who has what is told by the source alone. */
function handFinding(circle: readonly HandWait[]): Finding {
  const location = circle[0]?.caller.place?.location;
  const names = [...new Set(circle.map(({ by }) => taskName(by)))];
  const isSelf = circle.every(({ wants, has }) => has.includes(wants));
  const who = names.length > 1 ? names.join(' and ') : isSelf ? names[0] : `calls of ${names[0]}`;
  return {
    rule: 'lock-cycle',
    severity: 'error',
    confidence: 'likely',
    message: isSelf
      ? `Deadlock: ${who} waits for ${circle[0]?.wants}, which it has itself. Let the inner code run without taking it again.`
      : `Deadlock: ${who} have locks that they wait for from each other. Take them in the same order everywhere.`,
    ...(location === undefined ? {} : { location }),
    related: circle.map(({ caller, by, has, wants }) => ({
      message: `${taskName(by)} has taken ${has.join(' and ')} and waits here for ${wants}`,
      ...(caller.place?.location === undefined ? {} : { location: caller.place.location }),
    })),
    data: { locks: isSelf ? 1 : 2, waiting: circle.reduce((sum, { caller }) => sum + caller.node.count, 0) },
  };
}

function findingOf(circle: readonly Link[], { waits }: Deadlocks, isOver: boolean, sources: Sources): Finding {
  const locks = new Set(circle.map(({ wait }) => wait.facts.id));
  const count = waits.filter(({ facts }) => locks.has(facts.id)).reduce((sum, { task }) => sum + task.node.count, 0);
  const location = circle.map(({ wait }) => placeOf(wait)).find((place) => place !== undefined);
  const places = new Map(circle.map(({ wait }) => [wait.facts.id, placeOf(wait)]));
  const names = places.size > 1 ? namesInCode(places, sources) : undefined;
  const nameOf = (lock: LockFacts): string => inWords(lock, names?.get(lock.id ?? 0));
  const isExact = circle.every(({ wait }) => [wait.task, ...wait.ancestors].every(isCertain));
  return {
    rule: 'lock-cycle',
    severity: 'error',
    confidence: isOver && isExact ? 'proved' : 'likely',
    message: `${fact(circle)} ${advice(circle)}`,
    ...(location === undefined ? {} : { location }),
    related: [...circle.map((link) => linkText(link, nameOf)), ...behind(count - circle.length)],
    data: { locks: locks.size, waiting: count },
  };
}

const isCertain = ({ node }: LockWait['task']): boolean => node.confidence === 'exact';

/** The user's line nearest to the wait. */
function placeOf({ task, ancestors }: LockWait): Location | undefined {
  return [task, ...ancestors.toReversed()].find(({ place }) => place !== undefined && place.library === undefined)
    ?.place?.location;
}

function isShared({ has }: Link): boolean {
  return has.lock !== 'mutex' && has.size !== 1;
}

function fact(circle: readonly Link[]): string {
  const [first] = circle;
  if (first === undefined) return 'Deadlock.';
  const names = [...new Set(circle.map(({ holder }) => taskName(holder)))];
  if (circle.length === 1) {
    const { has, holder } = first;
    if (!isShared(first)) return `Deadlock: ${taskName(holder)} waits for ${lockName(has)}, which it has itself.`;
    return `Deadlock: all ${has.size ?? ''} ${placesOf(first)} are taken by tasks that wait for another one.`;
  }
  if (names.length === 1) return `Deadlock: calls of ${names[0]} have locks that they wait for from each other.`;
  return `Deadlock: ${names.slice(0, -1).join(', ')} and ${names.at(-1)} have locks that they wait for from each other.`;
}

function placesOf({ has }: Link): string {
  const { gives, library, name } = has;
  return gives === undefined ? `places of ${lockName(has)}` : `${gives}s of ${library} ${name ?? 'pool'}`;
}

const isPlace = ({ lock }: LockFacts): boolean => lock === 'limit' || lock === 'queue';

function advice(circle: readonly Link[]): string {
  const [first] = circle;
  if (circle.length > 1) return 'Take them in the same order everywhere.';
  return first !== undefined && isShared(first)
    ? 'Give yours back before you ask for another one, or do the inner work without asking.'
    : 'Let the inner code run without taking it again.';
}

/** "accounts (Mutex of async-mutex)". */
function inWords(lock: LockFacts, name: string | undefined): string {
  const kind = lockName(lock);
  return `${isPlace(lock) ? 'a place in ' : ''}${name === undefined ? kind : `${name} (${kind})`}`;
}

function linkText({ holder, has, wait }: Link, nameOf: (lock: LockFacts) => string): Finding['related'][number] {
  const location = placeOf(wait);
  return {
    message: `${taskName(holder)} has ${nameOf(has)} and waits here for ${nameOf(wait.facts)}`,
    ...(location === undefined ? {} : { location }),
  };
}

function behind(count: number): Finding['related'] {
  return count > 0 ? [{ message: `${countOf(count, 'more task')} wait${count === 1 ? 's' : ''} for the same` }] : [];
}
