/** Keeps who waits for a lock, pool or queue of a package and who has it, and describes the wait when somebody looks. */
import type { Wait } from '../../protocol/agent.ts';
import type { LockFacts, LockKind } from '../../protocol/lock.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import type { PromiseRecord, WaitSource } from '../promises/promise-record.ts';
import { promiseOf } from '../promises/promise-list.ts';
import { coarseNow, refreshClock, runningRecord, watchFirstWaiter } from '../promises/promises.ts';
import { oncePerSnapshot } from '../waits/snapshot-views.ts';
import { recordOf } from './patch.ts';
import { holderId, isSameCall } from './holder.ts';
import { askingLines, NO_LINES, takenFacts } from './taken.ts';

/** What the package's own object tells at this moment. */
export interface Numbers {
  waiters?: number | undefined;
  inUse?: number | undefined;
  /** How many have a place, where several can have one together; otherwise `inUse`. */
  holders?: number | undefined;
  size?: number | undefined;
  paused?: boolean | undefined;
  paceMs?: number | undefined;
}

/** What stays the same. */
export interface LockType {
  lock: LockKind;
  library: string;
  name?: string;
  gives?: string;
}

/** One asked for, then had. */
export interface Grant {
  lock: Lock;
  /** Its settling is the grant; null when the package tells in another way. */
  asked: PromiseRecord | null;
  /** The await that asked: the task it belongs to is the holder. */
  waiter: PromiseRecord | null;
  /** It is had until this settles, by whoever awaits it. */
  life: PromiseRecord | null;
  /** What runs meanwhile. */
  work: PromiseRecord | null;
  /** What the program waits for: when it settles before anything was granted, the grant was refused. */
  answer: PromiseRecord | null;
  state: 'waiting' | 'held' | 'over';
  /** The package takes it back by itself after some time. */
  expires?: true;
  heldAtMs?: number;
  /** Of what a pool gives out: the lines of the program that asked. */
  lines: readonly number[];
  /** Whether what was given out is at work right now, where it tells: then somebody has it, who may not be known. */
  isAtWork?: () => boolean;
}

export interface Lock {
  id: number;
  type: LockType;
  numbers(): Numbers;
  /** In the order of asking. */
  waiting: Set<Grant>;
  held: Set<Grant>;
  /** Somebody asked with a priority: the order of asking says nothing. */
  hasPriorities: boolean;
  pruneAt: number;
  trimAt: number;
}

/** What all who wait for a lock see at one moment: put together once for all of them. */
interface View {
  facts: LockFacts;
  /** Places in the queue; undefined when the package counts others than those known here. */
  positions: Map<Grant, number> | undefined;
}

/** Holders that were never seen to give back are forgotten beyond this number. */
const MAX_HELD = 1000;
const PRUNE_AT = 1024;
const TRIM_AT = 64;

let made = 0;
const locks = new WeakMap<object, Lock>();

/** The lock of a package's object, made when first seen. `numbers` must not keep the object alive: it gets it. */
export function lockOf<T extends object>(object: T, type: LockType, numbers: (object: T) => Numbers): Lock {
  let lock = locks.get(object);
  if (lock === undefined) {
    const target = new WeakRef(object);
    const read = (): Numbers => {
      const alive = target.deref();
      return alive === undefined ? {} : numbers(alive);
    };
    lock = {
      id: ++made,
      type,
      numbers: read,
      waiting: new Set(),
      held: new Set(),
      hasPriorities: false,
      pruneAt: PRUNE_AT,
      trimAt: TRIM_AT,
    };
    locks.set(object, lock);
  }
  return lock;
}

/** A new entry of the queue. With `asked` the promise tells by settling that it is granted. */
export function ask(lock: Lock, asked: PromiseRecord | null = null): Grant {
  const lines = lock.type.lock === 'pool' ? askingLines() : NO_LINES;
  const grant: Grant = { lock, asked, waiter: null, life: null, work: null, answer: null, state: 'waiting', lines };
  lock.waiting.add(grant);
  if (lock.waiting.size >= lock.pruneAt) prune(lock);
  if (asked?.isPending === false) start(grant);
  return grant;
}

/** Forgets those who were taken out of a queue without a word. */
function prune(lock: Lock): void {
  for (const grant of lock.waiting) {
    const until = grant.life ?? grant.answer;
    if (until !== null && (!until.isPending || promiseOf(until) === undefined)) finish(grant);
  }
  lock.pruneAt = 2 * lock.waiting.size + PRUNE_AT;
}

/** It is granted. */
export function start(grant: Grant): void {
  const { lock } = grant;
  if (grant.state !== 'waiting') return;
  grant.state = 'held';
  grant.heldAtMs = refreshClock();
  lock.waiting.delete(grant);
  lock.held.add(grant);
  if (lock.held.size >= lock.trimAt) trim(lock);
}

/** Forgets those whose work is over, and of the others the oldest. */
function trim(lock: Lock): void {
  for (const grant of lock.held) {
    if (lock.held.size > MAX_HELD || grant.life?.isPending === false) finish(grant);
  }
  lock.trimAt = 2 * lock.held.size + TRIM_AT;
}

/** It is given back, or will never be had. */
export function finish(grant: Grant): void {
  grant.state = 'over';
  grant.lock.waiting.delete(grant);
  grant.lock.held.delete(grant);
}

/** The promise that the program got waits for the grant; whoever awaits it will be the holder. */
export function waitFor(grant: Grant, promise: object): void {
  const record = recordOf(promise);
  if (record?.isPending === true) record.note().source = newLockWait(grant);
  watchFirstWaiter(promise, (waiter) => (grant.waiter = waiter));
}

/** As {@link waitFor}, for a promise that settles when it is given back. */
export function workFor(grant: Grant, promise: PromiseRecord): void {
  grant.life = promise;
  if (promise.isPending) promise.note().source = newLockWait(grant);
}

function newLockWait(grant: Grant): WaitSource {
  return {
    fromPromiseFunction: false,
    isStep: false,
    isOver: () => false,
    isWhole: () => isWaiting(grant),
    next: () => (grant.state !== 'waiting' && grant.work?.isPending === true ? grant.work : null),
    describe: (graph) => describeLock(grant, graph),
  };
}

/** Notes what was granted by settling or given back since. With `all` also behind one that still waits, for queues with priorities. */
export function refresh(lock: Lock, all: boolean): void {
  for (const grant of lock.waiting) {
    // Without a promise it is granted in another way, and over when what follows has settled.
    if (grant.asked?.isPending === false) start(grant);
    else if (!all) break;
    else if (grant.asked === null && (grant.life ?? grant.answer)?.isPending === false) finish(grant);
  }
  for (const grant of lock.held) if (grant.life?.isPending === false) finish(grant);
}

/** Of those who have it the one whose task runs now. */
export function heldByRunning(lock: Lock): Grant | undefined {
  const running = runningRecord();
  if (running === null) return undefined;
  for (const grant of lock.held) {
    if (grant.waiter !== null && isSameCall(grant.waiter, running)) return grant;
  }
  return undefined;
}

/** Whether it has not been granted yet. */
function isWaiting(grant: Grant): boolean {
  if (grant.state === 'waiting' && grant.asked?.isPending === false) start(grant);
  return grant.state === 'waiting';
}

/** The wait in facts; undefined once it is over. */
export function describeLock(grant: Grant, graph?: AwaitGraph): Wait | undefined {
  if (!isWaiting(grant)) return undefined;
  const { facts, positions } = viewOf(grant.lock, graph);
  const position = positions?.get(grant);
  return { facts: position === undefined ? facts : { ...facts, position }, confidence: 'exact' };
}

type Until = Pick<LockFacts, 'untilIdle' | 'untilFewer' | 'untilNoneRuns'>;

/** The promise waits until the queue has nothing more to do, or for what `until` says. */
export function waitForIdle(lock: Lock, promise: unknown, until: Until = { untilIdle: true }): void {
  const record = recordOf(promise);
  if (record?.isPending !== true) return;
  const describe = (graph?: AwaitGraph): Wait => ({
    facts: { ...viewOf(lock, graph).facts, ...until },
    confidence: 'exact',
  });
  record.note().source = {
    fromPromiseFunction: false,
    isStep: false,
    isOver: () => false,
    isWhole: () => true,
    describe,
  };
}

const viewOf = oncePerSnapshot((lock: Lock, graph): View => {
  refresh(lock, true);
  const atMs = coarseNow();
  const { waiters, inUse, size, paused, paceMs, holders: places = inUse ?? lock.held.size } = lock.numbers();
  const holders = new Set<number>();
  let heldAtMs: number | undefined;
  let known = 0;
  const ownerless: { lines: readonly number[]; heldMs: number }[] = [];
  for (const held of lock.held) {
    const id = graph && holderId(held, graph);
    if (id !== undefined) holders.add(id);
    if (id !== undefined && held.expires !== true) known++;
    // What is had until a promise settles is given back by itself.
    if (id === undefined && graph !== undefined && held.life === null && held.isAtWork?.() !== true)
      ownerless.push({ lines: held.lines, heldMs: Math.max(0, atMs - (held.heldAtMs ?? atMs)) });
    heldAtMs = Math.max(heldAtMs ?? 0, held.heldAtMs ?? 0);
  }
  const taken = takenFacts(ownerless);
  const facts: LockFacts = {
    kind: 'lock',
    id: lock.id,
    ...lock.type,
    ...(holders.size === 0 ? {} : { holders: [...holders] }),
    ...(known > 0 && known === places ? { allHolders: true } : {}),
    ...(taken.length === 0 ? {} : { taken }),
    ...(heldAtMs === undefined ? {} : { heldMs: Math.max(0, atMs - heldAtMs) }),
    ...(waiters === undefined ? {} : { waiters }),
    ...(inUse === undefined ? {} : { inUse }),
    ...(size === undefined || !Number.isFinite(size) ? {} : { size }),
    ...(paused === true ? { paused } : {}),
    ...(paceMs === undefined || paceMs <= 0 ? {} : { paceMs }),
  };
  const isKnown = !lock.hasPriorities && waiters === lock.waiting.size;
  const positions = isKnown ? new Map([...lock.waiting].map((each, i) => [each, i + 1])) : undefined;
  return { facts, positions };
});
