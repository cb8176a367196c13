/** Works out whose code ran at a place in the order of events: who started a task, and whose label it is. */
import { taskId, type AwaitGraph } from './owners.ts';
import { PromiseRecord, validOwner, type Call } from '../promises/promise-record.ts';
import { Scope, scopesMade } from '../names/scopes.ts';
import { lastBefore, type Segments } from '../promises/segments.ts';
import { each, type Steps } from '../tree/slices.ts';

/** A task found as the one that ran. */
export interface Starter {
  /** Number of the task. */
  id: number;
  /** Its await, when it is pending. */
  wait?: PromiseRecord;
  /** No call that is over by now can have come in between. */
  certain: boolean;
}

/** Answers for one moment. */
export interface Creators {
  /**
   * Whose code ran in `segment` after promise number `seq`, in the job of `starter`. Calls nest: it is the innermost whose code before its first await lies
   * around it, else that call itself. Undefined when that was a callback of the loop.
   */
  runner(segment: number, seq: number, starter: Call | PromiseRecord | null): Starter | undefined;
  /** Who started the task with this promise. */
  creator(owner: PromiseRecord): Starter | undefined;
  /** The name of the scope that the task was started in, unless the one that started it was so, too. */
  scopeLabel(wait: PromiseRecord): string | undefined;
}

/** Promises looked at for one answer. */
const MAX_STEPS = 64;

/** Number of a call's first await; undefined when that is not known any more. */
function firstAwait(wait: PromiseRecord, owner: PromiseRecord): number | undefined {
  if (wait.call !== null && wait.call.segment === owner.segment) return wait.call.seq;
  return wait.segment === owner.segment ? wait.seq : undefined;
}

/** For the awaits of `graph`; `records` are all pending promises in order of creation. */
export function* newCreators(graph: AwaitGraph, records: readonly PromiseRecord[]): Steps<Creators> {
  const { segments } = graph;
  /** Calls whose promise is not known for certain. */
  const byCall = new Map<Call, PromiseRecord>();
  yield* each(graph.news, (wait) => {
    if (wait.call !== null && wait.call.owner === null) byCall.set(wait.call, wait);
  });
  /** Calls that have ended by returning a promise, which they follow, by the segment they began in. */
  const followers = new Map<number, PromiseRecord[]>();
  yield* each(graph.links, ({ owner }) => {
    if (owner === null) return;
    const known = followers.get(owner.segment);
    if (known === undefined) followers.set(owner.segment, [owner]);
    else known.push(owner);
  });
  const scopes = yield* scopesOf(graph.awaits, segments);

  /** Whether all promises from number `seq` down to `first`, or to the begin of the job, are pending: then no call in between is over. */
  function allPending(segment: number, seq: number, first: number): boolean {
    let index = lastBefore(records, seq + 1);
    for (let steps = 0, next = seq; steps < MAX_STEPS; steps++, next--, index--) {
      if (next < first) return true;
      const record = records[index];
      if (record?.seq !== next || !record.isPending) return false;
      if (record.segment < segment || record.isFirst) return true;
    }
    return false;
  }

  /** Whether a call that began in between, after number `from`, and that never awaited may have made it: nobody awaited its promise by then. */
  const isAroundFollower = (segment: number, seq: number, from: number): boolean =>
    followers
      .get(segment)
      ?.some((owner) => owner.seq > from && owner.seq <= seq && (owner.first?.seq ?? Infinity) > seq) === true;

  /** A call that has gone on and returned a promise since: most likely the latest that began before its first await and is not suspended. */
  function follower({ segment, seq }: Call): PromiseRecord | undefined {
    const known = followers.get(segment);
    if (known === undefined) return undefined;
    for (const owner of segments.before(segment, seq)) {
      const wait = graph.suspendedIn.get(owner);
      if (wait === undefined || wait.link) return known.includes(owner) ? owner : undefined;
    }
    return undefined;
  }

  function inBeginning(segment: number, seq: number): Starter | undefined {
    let steps = 0;
    for (const owner of segments.before(segment, seq + 1)) {
      if (++steps > MAX_STEPS) break;
      const wait = graph.suspendedIn.get(owner);
      if (wait === undefined || wait.link) continue;
      const isCertain = allPending(segment, seq, owner.seq + 1) && !isAroundFollower(segment, seq, owner.seq);
      const until = firstAwait(wait, owner);
      if (until !== undefined && until <= seq) continue;
      return { id: taskId(wait), wait, certain: until !== undefined && isCertain };
    }
    return undefined;
  }

  function ofOwner(owner: PromiseRecord, certain: boolean): Starter {
    const wait = graph.suspendedIn.get(owner);
    return wait === undefined ? { id: owner.seq, certain } : { id: taskId(wait), wait, certain };
  }

  function ofStarter(starter: Call | PromiseRecord | null, seq: number, certain: boolean): Starter | undefined {
    if (starter === null) return undefined;
    if (starter instanceof Scope) return ofStarter(starter.starter, seq, certain);
    if (starter instanceof PromiseRecord) {
      const owner = validOwner(starter, seq);
      return owner === null ? undefined : ofOwner(owner, certain);
    }
    if (starter.owner !== null) return ofOwner(starter.owner, certain);
    const wait = byCall.get(starter);
    if (wait !== undefined) return { id: taskId(wait), wait, certain };
    const owner = follower(starter);
    return owner === undefined ? { id: starter.seq, certain } : ofOwner(owner, false);
  }

  /** Whether no task is known that has begun this one: what the scope's callback has left to be done was a mere reaction, or is over. */
  function isOutermost(wait: PromiseRecord, { starter }: Scope): boolean {
    const { owner } = wait;
    if (owner === null || inBeginning(owner.segment, owner.seq - 1) !== undefined) return false;
    return ofStarter(starter, owner.seq, false)?.wait === undefined;
  }

  return {
    runner: (segment, seq, starter) =>
      inBeginning(segment, seq) ?? ofStarter(starter, seq, allPending(segment, seq, 0)),
    creator({ segment, seq, starter, isFirst }) {
      const around = inBeginning(segment, seq - 1);
      if (around !== undefined) return around;
      const isCertain = (isFirst || allPending(segment, seq - 1, 0)) && !isAroundFollower(segment, seq - 1, 0);
      return ofStarter(starter, seq, isCertain);
    },
    scopeLabel(wait) {
      const scope = scopes.of.get(wait);
      if (scope === undefined) return undefined;
      if (scope.isLater) return isOutermost(wait, scope) ? scope.label() : undefined;
      const outermost = scopes.outermost.get(scope.key);
      if (outermost === wait) return scope.label();
      const { owner } = wait;
      // Without certain owners it may have begun inside of the other.
      if (owner === null || (outermost?.owner?.seq ?? 0) < owner.seq) return undefined;
      const around = inBeginning(owner.segment, owner.seq - 1)?.wait;
      return around !== undefined && scopes.of.get(around)?.key === scope.key ? undefined : scope.label();
    },
  };
}

interface Scopes {
  of: Map<PromiseRecord, Scope>;
  /** Of each scope the await that came last in it: calls suspend innermost first. By key. */
  outermost: Map<number, PromiseRecord>;
}

/** The scopes in which the calls of `awaits` began: whatever was made right before a call's first await was made in the same callback. */
function* scopesOf(awaits: readonly PromiseRecord[], segments: Segments): Steps<Scopes> {
  const scopes: Scopes = { of: new Map(), outermost: new Map() };
  if (scopesMade() === 0) return scopes;
  const first = (wait: PromiseRecord): { segment: number; seq: number } => wait.call ?? wait;
  yield* each(awaits, (wait) => {
    const { segment, seq } = first(wait);
    // In a reaction the order of events may not tell the first await, but the promise of the call does.
    const later = wait.owner?.starter;
    if (later instanceof Scope && later.isLater) {
      scopes.of.set(wait, later);
      return;
    }
    for (const { starter } of segments.before(segment, seq)) {
      if (starter instanceof Scope && !starter.isLater) {
        scopes.of.set(wait, starter);
        const last = scopes.outermost.get(starter.key);
        if (last === undefined || first(last).seq < seq) scopes.outermost.set(starter.key, wait);
      }
      break;
    }
  });
  return scopes;
}
