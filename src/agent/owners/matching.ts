/** Decides which call each await belongs to: what is the only possibility is certain, and what that rules out for others may make those certain too. */
import { firstPosition, isOfModule, isOutBefore, question, type Question, type Universe } from './candidates.ts';
import type { AwaitGraph } from './owners.ts';
import type { Position, PromiseRecord } from '../promises/promise-record.ts';
import { each, sorted, type Steps } from '../tree/slices.ts';
import { fitsAsOwner } from './waiters.ts';

/** Makes `element` one of those that settle `target`. */
export function addElement(graph: AwaitGraph, target: PromiseRecord, element: PromiseRecord): void {
  const elements = graph.elements.get(target);
  if (elements === undefined) graph.elements.set(target, [element]);
  else elements.push(element);
}

/** Finds the owners of the awaits in `open`, and which of them are no awaits but pass a promise on. */
export function* matchOwners(open: readonly PromiseRecord[], universe: Universe): Steps<void> {
  const { graph, segments, waiters, closed } = universe;
  const unanswered = new Set<Question>();
  const claims = new Map<PromiseRecord, Question[]>();
  const decided: Question[] = [];
  /** What was left when the guessing began: from then on nothing is certain that follows. */
  const possible = new Map<Question, readonly PromiseRecord[]>();

  function isDecided(asked: Question): boolean {
    const { wait, complete, owners, targets } = asked;
    const race = owners.length === 0 ? targets.find((target) => isNextElement(wait, target, graph)) : undefined;
    if (race !== undefined) asked.targets = [race];
    return race !== undefined || (complete && owners.length + targets.length === 1);
  }

  function answerOwner(asked: Question, owner: PromiseRecord, certain: boolean): void {
    const { wait } = asked;
    unanswered.delete(asked);
    graph.awaits.push(wait);
    graph.suspendedIn.set(owner, wait);
    if (certain) {
      wait.owner = owner;
      if (asked.position !== undefined) close(asked.position, owner);
      if (wait.call !== null) wait.call.owner = owner;
    } else {
      graph.likelyOwners.set(wait, owner);
      const candidates = [owner, ...(possible.get(asked) ?? [])];
      if (candidates.some((candidate) => waiters.count(candidate) > 0)) graph.inferred.add(wait);
      for (const other of candidates) if (other !== owner) graph.inferred.add(other);
    }
    for (const other of claims.get(owner) ?? []) {
      other.targets = other.targets.filter((candidate) => candidate !== owner);
      ruleOut(other, (candidate) => candidate === owner);
    }
    claims.delete(owner);
  }

  function ruleOut(asked: Question, isOut: (candidate: PromiseRecord) => boolean): void {
    asked.owners = asked.owners.filter((candidate) => !isOut(candidate));
    if (isDecided(asked)) decided.push(asked);
  }

  /** The call of `owner` ran from there to its first await at `end`: what began meanwhile was suspended or over by then, and what was suspended meanwhile had begun. */
  function close(end: Position, owner: PromiseRecord): void {
    for (const inner of segments.before(end.segment, end.seq, (candidate) => closed.has(candidate))) {
      if (inner.seq <= owner.seq) break;
      closed.add(inner);
    }
    if (unanswered.size > MAX_UNANSWERED) return;
    for (const other of unanswered) {
      const { position } = other;
      if (position?.segment !== end.segment || position.seq < owner.seq) continue;
      const isInside = position.seq < end.seq;
      ruleOut(other, ({ seq }) => (isInside ? seq < owner.seq : seq > owner.seq && seq < end.seq));
    }
  }

  function answerTarget(asked: Question, target: PromiseRecord, certain: boolean): void {
    unanswered.delete(asked);
    addElement(graph, target, asked.wait);
    if (!certain) graph.inferred.add(asked.wait);
  }

  /** What several functions wait for is often opened by other code: nothing is told to follow from a guess that it is this call. */
  const isGate = (candidate: PromiseRecord): boolean =>
    waiters.count(candidate) > 1 && (candidate.first?.line?.length ?? 0) > 0;

  function answer(asked: Question, certain: boolean): void {
    const owner =
      asked.owners.find((candidate) => fitsAsOwner(candidate, asked.wait, waiters) === 'same') ??
      asked.owners.find(
        (candidate) =>
          waiters.count(candidate) > 0 &&
          !isGate(candidate) &&
          candidate.source === null &&
          !leadsTo(asked.wait.parent, candidate),
      ) ??
      asked.owners.find((candidate) => waiters.count(candidate) === 0) ??
      asked.owners[0];
    const free = asked.elsewhere ? asked.targets.find((candidate) => !graph.elements.has(candidate)) : undefined;
    const target = free ?? asked.targets[0];
    if (owner !== undefined && !(target !== undefined && isNextElement(asked.wait, target, graph)))
      answerOwner(asked, owner, certain);
    else if (target !== undefined) answerTarget(asked, target, certain);
    else {
      const request = openRequest(asked.wait, universe);
      if (request !== undefined) answerOwner(asked, request, false);
      else {
        unanswered.delete(asked);
        if (isReaction(asked.wait)) return;
        graph.awaits.push(asked.wait);
        if (isAwaited(asked.wait)) graph.inferred.add(asked.wait);
      }
    }
  }

  /** A stack has shown that no function waits there: one that resolves a promise which is awaited where V8's chain begins (p-map has some for its error stacks). */
  const isReaction = ({ line }: PromiseRecord): boolean => line?.length === 0;

  /** Somebody may await the call, but which promise it returned is not known. A module has none. */
  function isAwaited({ chain, sampled }: PromiseRecord): boolean {
    return sampled || chain === null || chain.length > 1;
  }

  function propagate(): void {
    for (let asked = decided.pop(); asked !== undefined; asked = decided.pop())
      if (unanswered.has(asked) && isDecided(asked)) answer(asked, !possible.has(asked));
  }

  // Calls suspend innermost first: in the order of their first awaits each finds what the earlier ones have left.
  const ordered = yield* sorted(open, (wait) => firstPosition(wait).seq);
  const ask = (wait: PromiseRecord): void => {
    if (!wait.isPending) return;
    const asked = question(wait, universe);
    // By far the most: a map of 300,000 claims takes V8 50 ms when it grows.
    if (isDecided(asked)) {
      answer(asked, true);
      propagate();
      return;
    }
    unanswered.add(asked);
    for (const owner of [...asked.owners, ...asked.targets]) {
      const others = claims.get(owner);
      if (others === undefined) claims.set(owner, [asked]);
      else others.push(asked);
    }
  };
  yield* leaveOutBefore(ordered, universe);
  yield* each(ordered, ask, QUESTIONS);
  for (const group of yield* inSegments(unanswered)) {
    const pairs = yield* innermostFirst(group);
    yield* each(pairs, ([asked, owner]) => answerOwner(asked, owner, true), QUESTIONS);
    propagate();
  }
  yield* each([...unanswered], (asked) => possible.set(asked, asked.owners));
  const answerAnyhow = (asked: Question): void => {
    if (!unanswered.has(asked)) return;
    answer(asked, false);
    propagate();
  };
  yield* each([...unanswered], answerAnyhow, QUESTIONS);
}

/** In long segments, what is out for the first who asks there, and so for all. */
function* leaveOutBefore(ordered: readonly PromiseRecord[], universe: Universe): Steps<void> {
  const { segments } = universe;
  const firsts: Position[] = [];
  let last: number | undefined;
  yield* each(ordered, (wait) => {
    const position = firstPosition(wait);
    if (position.segment === last) return;
    last = position.segment;
    if (segments.isLong(position)) firsts.push(position);
  });
  for (const first of firsts)
    yield* segments.leaveOut(first, (candidate) => isOutBefore(candidate, first.seq, universe));
}

/** Whether a chain of reactions goes back to that promise: a call that waits for itself is the last thing to guess. */
function leadsTo(awaited: PromiseRecord | null, promise: PromiseRecord): boolean {
  let record = awaited;
  for (let hops = 0; record !== null && hops < MAX_REACTIONS; hops++) {
    if (record === promise) return true;
    record = record.derived ? record.parent : null;
  }
  return false;
}

const MAX_REACTIONS = 8;

/** With more open questions an answer is not held against each of the others: that would take too long. */
const MAX_UNANSWERED = 1000;
/** Questions between two looks at the clock: a few us each. */
const QUESTIONS = 16;

/** Nothing but its other elements was made since the promise: `Promise.race` subscribes to all of them right away. */
function isNextElement(element: PromiseRecord, target: PromiseRecord, graph: AwaitGraph): boolean {
  return element.seq === target.seq + 1 + (graph.elements.get(target)?.length ?? 0);
}

/** Those whose calls began in one segment, for certain. */
function* inSegments(questions: Iterable<Question>): Steps<Question[][]> {
  const groups = new Map<number, Question[]>();
  yield* each([...questions], (asked) => {
    if (asked.position === undefined || !asked.complete || asked.targets.length > 0) return;
    const group = groups.get(asked.position.segment);
    if (group === undefined) groups.set(asked.position.segment, [asked]);
    else group.push(asked);
  });
  return [...groups.values()];
}

/** As many promises as awaits: each has its own, and what began last was suspended first, as brackets close. Nothing when they don't close. */
function* innermostFirst(group: readonly Question[]): Steps<[Question, PromiseRecord][]> {
  const distinct = new Set<PromiseRecord>();
  yield* each(group, (asked) => asked.owners.forEach((owner) => distinct.add(owner)), QUESTIONS);
  const owners = yield* sorted([...distinct], ({ seq }) => seq);
  if (owners.length !== group.length) return [];
  const pairs: [Question, PromiseRecord][] = [];
  const running: PromiseRecord[] = [];
  let next = 0;
  yield* each(group, (asked) => {
    const seq = asked.position?.seq ?? 0;
    for (let owner = owners[next]; owner !== undefined && owner.seq < seq; owner = owners[++next]) running.push(owner);
    const owner = running.pop();
    if (owner !== undefined && asked.owners.includes(owner)) pairs.push([asked, owner]);
  });
  return pairs.length === group.length ? pairs : [];
}

/** Among more promises, to look at all of them for one await takes too long. */
const MAX_PROMISES = 5000;

/** An async generator goes on with requests made earlier, and some calls lose their track: the oldest promise that is awaited where V8 sees it. */
function openRequest(wait: PromiseRecord, { graph, waiters, segments, walks }: Universe): PromiseRecord | undefined {
  const { parent } = wait;
  if (parent === null || segments.all.length > MAX_PROMISES || isOfModule(wait)) return undefined;
  return segments.all.find(
    (promise) =>
      promise.seq < wait.seq &&
      !promise.ran &&
      !graph.suspendedIn.has(promise) &&
      !graph.elements.has(promise) &&
      fitsAsOwner(promise, wait, waiters) === 'same' &&
      walks.canOwn(parent, promise),
  );
}
