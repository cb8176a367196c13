/** Lists the promises that can belong to the call suspended in an await, leaving out only those of which it is certain that they can't. */
import type { AwaitGraph } from './owners.ts';
import type { Position, PromiseRecord } from '../promises/promise-record.ts';
import { isOfOwnClass } from '../promises/own-class.ts';
import { promiseOf } from '../promises/promise-list.ts';
import { wrapperOf } from '../promises/thenables.ts';
import { siteAt } from '../stacks/sites.ts';
import type { Segments } from '../promises/segments.ts';
import type { Walks } from './walks.ts';
import { fitsAsOwner, fitsAsTarget, type Waiters } from './waiters.ts';
import type { LargeSet } from '../tree/large.ts';

/** One await and what it may be. */
export interface Question {
  wait: PromiseRecord;
  /** Promises of the call that awaits, the likeliest first. */
  owners: PromiseRecord[];
  /** It may be no await at all but pass a promise on to one of these, as `Promise.race` does. */
  targets: PromiseRecord[];
  /** The targets were made long before; each is most likely settled by one of those that are found on its line. */
  elsewhere: boolean;
  /** Nothing was left out: one of these it must be. */
  complete: boolean;
  /** Where the call was suspended for the first time, when that is certain. */
  position: Position | undefined;
}

/** As in promises.ts: there may be more that were not noted. */
const MAX_OTHERS = 4;
/** More candidates than this are not looked at for one await. */
const MAX_CANDIDATES = 64;
/** Of more wrappers none is looked at: each await would be compared with each of them. */
const MAX_WRAPPERS = 1000;

/** Its call has ended by returning another promise, or is suspended elsewhere. */
function isTaken(candidate: PromiseRecord, graph: AwaitGraph): boolean {
  return candidate.ran || graph.suspendedIn.has(candidate);
}

/** Whether no async function can have returned it. To look is not worth its time where somebody is known to wait. */
function isNoCall(candidate: PromiseRecord): boolean {
  const promise = candidate.waiters === 0 ? promiseOf(candidate) : undefined;
  return promise !== undefined && isOfOwnClass(promise);
}

/** Whether it is of no call that is suspended for the first time after that number: all who ask later hear the same. */
export function isOutBefore(candidate: PromiseRecord, seq: number, { graph, closed, waiters }: Universe): boolean {
  return isTaken(candidate, graph) || closed.has(candidate) || isAwaitedBefore(candidate, seq, waiters);
}

function isAwaitedBefore(candidate: PromiseRecord, seq: number, waiters: Universe['waiters']): boolean {
  return (waiters.first(candidate)?.seq ?? Infinity) < seq;
}

/** What there is at this moment. */
export interface Universe {
  graph: AwaitGraph;
  segments: Segments;
  waiters: Waiters;
  /** How many awaits there are on each line. */
  onLine: Map<number, number>;
  /** The first of them, at most {@link MAX_ON_LINE}. */
  firstOnLine: Map<number, PromiseRecord[]>;
  /** Pending promises made by `await` of a thenable. */
  wrappers: PromiseRecord[];
  /** Made while a call ran that is suspended since: not of a call that is suspended later. */
  closed: LargeSet<PromiseRecord>;
  walks: Walks;
}

/** Looked at for one that passes a promise on to a promise made earlier. */
export const MAX_ON_LINE = 64;

/** Whether the stack has told that it was made by `await`, or by `then`; undefined when no stack was taken. */
function kindOf({ line }: PromiseRecord): 'await' | 'then' | 'element' | undefined {
  const site = line?.[0];
  if (site === undefined) return line === null ? undefined : 'then';
  return siteAt(site).combinator === undefined ? 'await' : 'element';
}

/** Whether it is outside of functions: a module's promise is V8's own, and whatever is left over belongs to others. */
export function isOfModule({ chain }: PromiseRecord): boolean {
  const own = chain?.[0];
  return own !== undefined && siteAt(own).isModule === true;
}

/** Where the call's first await was, as far as the order of events tells. */
export function firstPosition(wait: PromiseRecord): Position {
  return wait.call ?? wait;
}

/**
 * A call's promise is made when the call begins, in the segment of its first await, and nobody has it before the call is suspended: so no promise counts
 * that was awaited by then. To be called in the order of first positions.
 */
export function question(wait: PromiseRecord, universe: Universe): Question {
  const { graph, segments, waiters, onLine, wrappers } = universe;
  const position = firstPosition(wait);
  const own = wait.chain?.[0];
  const kind = kindOf(wait);
  const mayPassOn = kind !== 'await' && own !== undefined && (onLine.get(own) ?? 0) > 1;
  const others = wait.call?.others ?? [];
  const asked: Question = {
    wait,
    owners: [],
    targets: [],
    elsewhere: false,
    complete: others.length < MAX_OTHERS,
    position,
  };

  const thenable = kind === 'await' ? undefined : wrapperOf(wait);
  if (thenable !== undefined && fitsAsTarget(thenable, wait, waiters))
    return { ...asked, targets: [thenable], complete: true };

  const isModule = isOfModule(wait);

  function look(candidate: PromiseRecord, isPlace: boolean): void {
    if (candidate === wait.parent || isTaken(candidate, graph)) return;
    if (
      kind !== 'then' &&
      !isModule &&
      !graph.elements.has(candidate) &&
      fitsAsOwner(candidate, wait, waiters) !== 'other' &&
      !isNoCall(candidate)
    )
      asked.owners.push(candidate);
    if (isPlace && mayPassOn && fitsAsTarget(candidate, wait, waiters)) asked.targets.push(candidate);
  }

  const isOut = (candidate: PromiseRecord): boolean => isOutBefore(candidate, position.seq, universe);

  function lookAt(place: Position, isPlace: boolean, taken?: typeof isOut): void {
    let seen = 0;
    for (const candidate of segments.before(place.segment, place.seq, taken)) {
      if (++seen > MAX_CANDIDATES) {
        asked.complete = false;
        return;
      }
      if (taken !== undefined || !isAwaitedBefore(candidate, place.seq, waiters)) look(candidate, isPlace);
    }
  }

  for (const other of others.toReversed()) lookAt(other, other.segment === wait.segment);
  if (asked.owners.length > 0 || !asked.complete) asked.position = undefined;
  if (wait.call?.owner?.ran !== true) lookAt(position, position.segment === wait.segment, isOut);
  if (mayPassOn && position.segment !== wait.segment) lookForTargets();
  if (mayPassOn) {
    if (wrappers.length > MAX_WRAPPERS) asked.complete = false;
    else for (const wrapper of wrappers) if (fitsAsTarget(wrapper, wait, waiters)) asked.targets.push(wrapper);
  }
  if (kind === 'then' && asked.targets.length === 0) lookOnLine();
  if (asked.owners.length + asked.targets.length > 1) compareWalks(asked, universe.walks);
  return asked;

  /** As in `new Promise((resolve) => setTimeout(() => work().then(resolve)))`: the promise that is awaited on this line was made earlier. */
  function lookOnLine(): void {
    asked.elsewhere = true;
    const resolved: PromiseRecord[] = [];
    for (const awaited of (own === undefined ? undefined : universe.firstOnLine.get(own)) ?? []) {
      const parent = followed(awaited.parent);
      if (parent === null || parent.derived || parent.seq > wait.seq || parent === wait.parent) continue;
      if (isTaken(parent, graph) || !fitsAsTarget(parent, wait, waiters)) continue;
      (graph.elements.has(parent) ? resolved : asked.targets).push(parent);
    }
    if (asked.targets.length === 0) asked.targets = resolved;
  }

  /** What an async function has returned instead of a value, `return new Promise(...)`. */
  function followed(promise: PromiseRecord | null): PromiseRecord | null {
    const link = promise === null ? undefined : graph.suspendedIn.get(promise);
    return link?.link === true ? link.parent : promise;
  }

  function lookForTargets(): void {
    let seen = 0;
    for (const candidate of segments.before(wait.segment, wait.seq)) {
      if (++seen > MAX_CANDIDATES) return;
      if (candidate === wait.parent || isTaken(candidate, graph) || asked.targets.includes(candidate)) continue;
      if (!isAwaitedBefore(candidate, wait.seq, waiters) && fitsAsTarget(candidate, wait, waiters))
        asked.targets.push(candidate);
    }
  }
}

function compareWalks(asked: Question, walks: Walks): void {
  const awaited = asked.wait.parent;
  if (awaited === null) return;
  asked.owners = asked.owners.filter((owner) => walks.canOwn(awaited, owner));
  asked.targets = asked.targets.filter((target) => walks.canPassOn(awaited, target));
}
