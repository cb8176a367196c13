/** Records every pending promise through `v8.promiseHooks`: a stamp on the promise and a linked list in order of creation; never a stack each. */
import { executionAsyncId } from 'node:async_hooks';
import v8 from 'node:v8';
import { nowMs, refreshClock } from './clock.ts';
import { handOn } from './hand-on.ts';
import { onSomePromise, onStirring } from './looks.ts';
import { isProbing, probeOnlyWhen } from '../walks/probe.ts';
import { giveBack, holdPromise, seen, sweepRecords, takeRecord, walkOn } from './promise-list.ts';
import {
  COLLECTED,
  DERIVED,
  FIRST,
  FULL,
  HAS_PROMISE,
  IN_JOB,
  LINK,
  NOTED,
  PENDING,
  PER_CLOCK,
  PER_SWEEP,
  RAN,
  SEEN,
  WAITER,
} from './flags.ts';
import { Call, type PromiseRecord } from './promise-record.ts';
import { onFirstWaiter, onMade, onNotedEnd, onReadyWaiter, onSecondWaiter } from './promise-listeners.ts';
import { isOnStack } from '../stacks/stack.ts';
import { PromiseStamp } from './stamp.ts';
import { noteThenable } from './thenables.ts';

export { coarseNow, refreshClock } from './clock.ts';

let created = 0;

/** A segment is a run of synchronous code between two hooks' edges; numbers only grow, and are odd while a job of a promise runs. */
let segment = 0;
let current: PromiseRecord | null = null;
let following = false;
let jobStart = 0; // promises made before the job that runs, or ran last
/** The last await or `then` made in this segment with nothing made or settled since: it belongs to the function that was resumed. */
let tail: PromiseRecord | null = null;
let leaf: PromiseRecord | null = null;
let outer: PromiseRecord | null = null; // the leaf before that one
let leafCallback = 0; // the callback that made the leaf
/** The last of a row of reactions that begins at the leaf. */
let leafTip: PromiseRecord | null = null;
/** Told of the first await or `then` of this promise. */
let watched: object | null = null;
let onWatched: (waiter: PromiseRecord) => void = () => {};
/** Tells in which scope the code runs that makes a promise; null as long as there are none. */
let scope: (() => Call | PromiseRecord | null) | null = null;
/** What an `await` of something that is no promise makes first. */
let wrapper: object | null = null;
let wrapperOwner: PromiseRecord | null = null;
/** Promises of this segment made by neither `await` nor `then` that nobody awaits yet. */
let unawaited = 0;
/** When nobody wanted to hear of first waiters: budgets grow with the clock, so nobody does until it shows another time. */
let noLinesMs = -1;
let noReadyMs = -1; // the same of awaits of what is settled already

/** Async id of the running callback, because no hook tells where a callback of the loop begins. A small integer, as the clock. */
const callbackNow = (): number => ((segment & 1) === 0 ? executionAsyncId() | 0 : IN_JOB);

/** Calls `handler` with the first await or `then` of a promise, also when it is settled by then. Only the promise named last is watched. */
export function watchFirstWaiter(promise: object, handler: (waiter: PromiseRecord) => void): void {
  watched = promise;
  onWatched = handler;
}

/** The await or reaction that runs now. */
export const runningRecord = (): PromiseRecord | null => current;

function tellWatched(waiter: PromiseRecord): void {
  watched = null;
  onWatched(seen(waiter));
}

const isLeafOfNow = (record: PromiseRecord | null): record is PromiseRecord =>
  record !== null &&
  record.segment === segment &&
  (record.flags & (PENDING | DERIVED)) === PENDING &&
  leafCallback === callbackNow();

/** The promise made last in this segment, when by neither `await` nor `then`: most likely the one whose executor runs now. To be kept with its number, or as `seen`. */
export const currentLeaf = (): PromiseRecord | null => (hasLeaf() ? leaf : null);

/** Whether there is a {@link currentLeaf}. */
export const hasLeaf = (): boolean => leaf !== null && leaf.seq === created && isLeafOfNow(leaf);

/** As {@link currentLeaf}, but reactions of the promise itself may have been made since, as in `new Promise(...).catch(...)`. */
export const recentLeaf = (): PromiseRecord | null => (leafTip?.seq === created && isLeafOfNow(leaf) ? leaf : null);

function addWaiter(parent: PromiseRecord, promise: object, record: PromiseRecord): void {
  record.near = parent;
  const { flags } = parent;
  parent.flags = flags + WAITER;
  if (flags < WAITER) {
    if ((flags & DERIVED) === 0) {
      parent.near = record;
      if (parent.segment === segment) unawaited--;
    } else {
      holdPromise(parent, promise);
      parent.setFirst(record);
    }
    if (nowMs !== noLinesMs && !onFirstWaiter(record, nowMs)) noLinesMs = nowMs;
  } else if (current === null || (current.held !== parent && current.call?.owner !== parent)) {
    // Otherwise the running call awaits something that is no promise: what derives from its own promise then is no waiter.
    onSecondWaiter(seen(parent), seen(record), nowMs);
  }
}

/** The call whose code goes on right now, or its promise; null outside of promise jobs. */
export function runningCall(): Call | PromiseRecord | null {
  if (current === null || (current.flags & (DERIVED | HAS_PROMISE)) !== DERIVED) return null;
  return (current.held ??= new Call(current.segment, current.seq)) as Call | PromiseRecord;
}

function init(promise: object, parentPromise: object | undefined): void {
  if (isProbing()) return;
  const seq = ++created;
  // At the first one, too: when V8 comes to code that has never run it throws away what it has compiled of a function.
  if (seq % PER_CLOCK === 1) {
    refreshClock();
    if (onSomePromise !== null) onSomePromise();
    if (seq % PER_SWEEP === 1) sweep(true);
  }
  const record = takeRecord();
  record.seq = seq;
  record.atMs = nowMs;
  record.segment = segment;
  void new PromiseStamp(promise, record);
  if (parentPromise === undefined) {
    record.flags = seq === jobStart + 1 ? PENDING | HAS_PROMISE | FIRST : PENDING | HAS_PROMISE;
    record.held = promise;
    record.more = scope === null ? runningCall() : scope();
    if (onMade !== null) onMade(seen(record));
    outer = leaf;
    leaf = record;
    leafTip = record;
    const callback = callbackNow();
    // The first promise of a callback: the program may have slept before it.
    if (callback !== leafCallback && callback !== IN_JOB) {
      record.atMs = refreshClock();
      if (onStirring !== null) onStirring();
    }
    leafCallback = callback;
    tail = null;
    following = false;
    unawaited++;
    return;
  }
  record.flags = PENDING | DERIVED;
  tail = record;
  if (parentPromise === watched) tellWatched(record);
  const parent = PromiseStamp.get(parentPromise);
  if (parent === undefined) {
    holdPromise(record, promise);
    return;
  }
  if (following && current !== null) {
    following = false;
    record.flags |= LINK;
    const call = new Call(segment, seq);
    call.owner = current;
    record.held = call;
  } else if (parentPromise === wrapper) record.held = wrapperOwner;
  if ((parent.flags & PENDING) === 0) {
    if (nowMs !== noReadyMs && !onReadyWaiter(record, nowMs)) noReadyMs = nowMs;
    return;
  }
  if (parent.flags >= FULL) return;
  if (parent === leafTip) leafTip = record;
  addWaiter(parent, parentPromise, record);
}

const isDone = ({ flags }: PromiseRecord): boolean => (flags & PENDING) === 0 && flags < WAITER;

/** It is over. For what V8 made no promise no hook tells that. */
export function forget(record: PromiseRecord): void {
  const { flags } = record;
  record.flags = flags & ~(PENDING | HAS_PROMISE);
  if ((flags & HAS_PROMISE) !== 0) record.held = null;
  if ((flags & DERIVED) !== 0 && record.near !== null) {
    const parent = record.near;
    record.near = null;
    parent.flags -= WAITER;
    if (parent.near === record) parent.near = null;
    // What `await` of a value makes and settles at once.
    if (parent.segment === segment && (parent.flags & (PENDING | DERIVED)) === PENDING && parent.flags < WAITER)
      unawaited++;
    if (isDone(parent) && parent !== current) giveBack(parent);
  }
  if (flags < WAITER && record !== current) giveBack(record);
}

function settled(promise: object): void {
  // A look at a promise without a stamp, such as the probe's, would make all later looks slower.
  if (isProbing()) return;
  const record = PromiseStamp.get(promise);
  if (record === undefined || (record.flags & PENDING) === 0) return;
  PromiseStamp.clear(promise);
  if (record.segment === segment && (record.flags & DERIVED) === 0 && record.flags < WAITER) unawaited--;
  if ((record.flags & NOTED) !== 0) onNotedEnd(record, promise);
  if (record === tail && record.near !== null && (record.near.flags & DERIVED) === 0) {
    wrapper = promise;
    wrapperOwner = record.near;
  } else if (wrapper !== null) {
    wrapper = null;
    wrapperOwner = null;
  }
  if (record !== current) tail = null;
  forget(record);
}

function before(promise: object): void {
  if (isProbing()) return;
  segment = (segment + 1) | 1;
  unawaited = 0;
  const record = PromiseStamp.get(promise);
  if (record === undefined || (record.flags & PENDING) === 0) return;
  current = record;
  jobStart = created;
  following = (record.flags & (RAN | DERIVED)) !== DERIVED;
  record.flags |= RAN;
}

function after(): void {
  if (isProbing()) return;
  const record = current;
  if (record !== null && (record.flags & PENDING) === 0) {
    // An await's own promise is settled by now; a `then` promise that is not follows another one.
    if ((record.flags & DERIVED) !== 0 && tail !== null && tail.segment === segment) handOn(record, tail, unawaited);
    if (record.flags < WAITER) giveBack(record);
  } else if (record !== null && tail !== null && tail.segment === segment) noteThenable(record, tail);
  current = null;
  following = false;
  segment = (segment | 1) + 1;
  unawaited = 0;
}

/** Whether a question has interrupted the hook right before a reaction: for V8 the reaction has begun by then. */
export const isBeginningReaction = (): boolean => isOnStack(before);

/** Promises made in the segment of now by neither `await` nor `then` that nobody awaits yet. */
export const unawaitedNow = (): number => unawaited;

/** The segment of the code that runs now. */
export const segmentNow = (): number => segment;

/** Where in the order of events the code is that runs now: `seq` promises were made so far, the next has this segment. */
export const position = (): { segment: number; seq: number } => ({ segment, seq: created });

/** The number of the promise made last. */
export const lastSeq = (): number => created;

/** The promise made last in this segment by neither `await` nor `then`. */
export const promiseMadeHere = (): PromiseRecord | null =>
  leaf !== null && leaf.segment === segment && (leaf.flags & DERIVED) === 0 ? seen(leaf) : null;

/** The promise made before the {@link currentLeaf} by neither `await` nor `then`: its executor may be running, too. To be kept with its number. */
export const outerLeaf = (): PromiseRecord | null => (outer?.segment === segment ? outer : null);

/** From now on `find` is asked by whose code a promise is made that is neither an await's nor of a `then`. */
export function watchScopes(find: typeof scope): void {
  scope = find;
}

/** Makes references to survivors weak and drops what is over, a bounded slice at a time. `brief`: no more than needed. */
export function sweep(brief = false): void {
  watched = null;
  sweepRecords(refreshClock(), current, brief);
}

/** The next pending promise of the walk begun with `startWalk`; those collected meanwhile are dropped. */
export function nextPending(): PromiseRecord | null {
  return walkOn((record) => {
    record.flags |= SEEN | COLLECTED;
    forget(record);
  });
}

/** Numbers for promises made before there were records: so many, and as many segments in which no code ever runs. */
export function reservePositions(count: number): { segment: number; seq: number } {
  [created, segment] = [created + count, segment + 2 * count];
  return { segment: segment - 2 * count + 1, seq: created - count + 1 };
}

/** Grows with every promise: whether anything happened since. */
export const promiseActivity = (): number => created + segment;

/** The four hooks; resources.ts installs them a second way on Node versions whose async_hooks would otherwise slow them down. */
export const promiseHooks = { init, before, after, settled };

/** Starts recording. */
export function startPromises(): void {
  probeOnlyWhen(() => (segment & 1) === 0);
  refreshClock();
  v8.promiseHooks.createHook(promiseHooks);
}
