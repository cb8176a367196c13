/** Records every pending promise through `v8.promiseHooks`: a stamp on the promise and a linked list in order of creation; never a stack each. */
import { executionAsyncId } from 'node:async_hooks';
import v8 from 'node:v8';
import { performance } from 'node:perf_hooks';
import { isProbing } from './probe.ts';
import { PromiseRecord } from './promise-record.ts';
import { newStamp } from './stamp.ts';

const stamp = newStamp<PromiseRecord>();
let head: PromiseRecord | null = null;
let last: PromiseRecord | null = null;
/** First record that the sweep has not made weak yet. */
let strong: PromiseRecord | null = null;

let created = 0;
let pending = 0;
/** Derived promises without a waiter: suspended async functions and ends of `then` chains. */
let open = 0;
let peak = 0;
let nowMs = 0;

/** A segment is a run of synchronous code between two hooks' edges; numbers only grow. */
let segment = 0;
let current: PromiseRecord | null = null;
let following = false;
/** The last await or `then` made in this segment with nothing made or settled since: it belongs to the function that was resumed. */
let tail: PromiseRecord | null = null;
let leaf: PromiseRecord | null = null;
/** Async id of the callback that made the leaf: no hook tells where a callback of the loop begins. */
let leafCallback = 0;
/** The last of a row of reactions that begins at the leaf. */
let leafTip: PromiseRecord | null = null;
/** Told of the next promise made by neither `await` nor `then` in this segment. */
let expected: ((record: PromiseRecord) => void) | null = null;
let wrapper: PromiseRecord | null = null;
let wrapperOwner: PromiseRecord | null = null;

const INITS_PER_CLOCK = 64;
const INITS_PER_SWEEP = 8192;
const SWEEP_SLICE = 20_000;
const WEAK_AFTER_MS = 500;

/** Milliseconds since start, refreshed often enough for ages. */
export function coarseNow(): number {
  return nowMs;
}

/** Reads the clock. */
export function refreshClock(): number {
  nowMs = Math.round(performance.now());
  return nowMs;
}

/** Starts a new segment: a callback of the event loop begins or ends. */
export function newSegment(): void {
  segment++;
  current = null;
  following = false;
  tail = null;
  leaf = null;
  expected = null;
}

/** Calls `handler` with the next promise of this segment made by neither `await` nor `then`. */
export function expectLeaf(handler: (record: PromiseRecord) => void): void {
  expected = handler;
}


function isLeafOfNow(record: PromiseRecord | null): record is PromiseRecord {
  return record !== null && record.promise !== null && leafCallback === executionAsyncId();
}

/** The promise made last in this segment, when by neither `await` nor `then`: most likely the one whose executor runs now. */
export function currentLeaf(): PromiseRecord | null {
  return isLeafOfNow(leaf) && leaf.seq === created ? leaf : null;
}

/** As {@link currentLeaf}, but reactions of the promise itself may have been made since, as in `new Promise(...).catch(...)`. */
export function recentLeaf(): PromiseRecord | null {
  return isLeafOfNow(leaf) && (leafTip ?? leaf).seq === created ? leaf : null;
}

function append(record: PromiseRecord): void {
  record.prev = last;
  if (last === null) head = record;
  else last.next = record;
  last = record;
  strong ??= record;
}

function unlink(record: PromiseRecord): void {
  if (strong === record) strong = record.next;
  if (record.prev === null) head = record.next;
  else record.prev.next = record.next;
  if (record.next === null) last = record.prev;
  else record.next.prev = record.prev;
  record.prev = null;
  record.next = null;
}

function addWaiter(parent: PromiseRecord, record: PromiseRecord): void {
  if (parent.waiters === 0) {
    parent.first = record;
    if (parent.derived) open--;
  }
  parent.waiters++;
  if (parent.waiters > 1) onSecondWaiter(parent, record, nowMs);
}

function init(promise: object, parentPromise: object | undefined): void {
  if (isProbing()) return;
  const seq = ++created;
  if (seq % INITS_PER_CLOCK === 0) {
    refreshClock();
    if (seq % INITS_PER_SWEEP === 0) sweep();
  }
  const parent = parentPromise === undefined ? undefined : stamp.get(parentPromise);
  const record = new PromiseRecord(promise, seq, nowMs, segment, parentPromise !== undefined);
  stamp.put(promise, record);
  append(record);
  pending++;
  if (parentPromise === undefined) {
    leaf = record;
    leafCallback = executionAsyncId();
    leafTip = null;
    tail = null;
    if (expected !== null) {
      const handler = expected;
      expected = null;
      handler(record);
    }
    return;
  }
  open++;
  tail = record;
  if (parent !== undefined && leaf !== null && parent === (leafTip ?? leaf)) leafTip = record;
  if (parent === undefined) return;
  if (following && current !== null) {
    following = false;
    record.link = true;
    record.call = { segment, seq, owner: current };
  } else if (parent === wrapper && wrapperOwner !== null) {
    record.owner = wrapperOwner;
  }
  if (parent.promise === null) return;
  record.parent = parent;
  addWaiter(parent, record);
}

function forget(record: PromiseRecord): void {
  record.promise = null;
  unlink(record);
  pending--;
  const parent = record.parent;
  if (record.derived && record.waiters === 0) open--;
  if (parent !== null) {
    record.parent = null;
    parent.waiters--;
    if (parent.waiters === 0 && parent.derived && parent.promise !== null) open++;
    if (parent.first === record) parent.first = null;
  }
  record.first = null;
  record.notes = null;
}

function settled(promise: object): void {
  const record = stamp.get(promise);
  if (record === undefined || record.promise === null) return;
  if (record === tail && record.parent !== null && !record.parent.derived) {
    wrapper = record;
    wrapperOwner = record.parent;
  } else {
    wrapper = null;
    wrapperOwner = null;
  }
  if (record !== current) tail = null;
  forget(record);
}

function before(promise: object): void {
  if (isProbing()) return;
  newSegment();
  const record = stamp.get(promise);
  if (record === undefined) return;
  current = record;
  following = record.ran || !record.derived;
  record.ran = true;
}

function after(): void {
  if (isProbing()) return;
  // An await's own promise is settled by now; a `then` promise that is not follows another one.
  if (tail !== null && current !== null && tail.owner === null && current.derived && current.promise === null) {
    if (current.owner !== null) tail.owner = current.owner;
    else if (tail.call === null)
      tail.call = current.call ??= { segment: current.segment, seq: current.seq, owner: null };
  }
  newSegment();
}

/** The promise of a record; undefined once it was collected while pending. */
export function promiseOf(record: PromiseRecord): object | undefined {
  return record.promise instanceof WeakRef ? record.promise.deref() : (record.promise ?? undefined);
}

/** Makes references to survivors weak, so that watching a promise never keeps it alive; a bounded slice at a time. */
export function sweep(): void {
  const now = refreshClock();
  for (let i = 0; i < SWEEP_SLICE && strong !== null && now - strong.atMs >= WEAK_AFTER_MS; i++) {
    const record: PromiseRecord = strong;
    if (record.promise !== null && !(record.promise instanceof WeakRef)) record.promise = new WeakRef(record.promise);
    strong = record.next;
  }
}

/** All pending promises in order of creation; those collected meanwhile are dropped. */
export function pendingRecords(): PromiseRecord[] {
  const records: PromiseRecord[] = [];
  for (let record = head; record !== null;) {
    const next: PromiseRecord | null = record.next;
    if (promiseOf(record) === undefined) forget(record);
    else records.push(record);
    record = next;
  }
  return records;
}

/** Suspended async functions and unawaited `then` chains at this moment; keeps the peak of what was asked. */
export function openPromises(): number {
  peak = Math.max(peak, open);
  return open;
}

export function promiseCounts(): { created: number; pending: number; peak: number } {
  return { created, pending, peak };
}

/** Grows with every promise: whether anything happened since. */
export function promiseActivity(): number {
  return created + segment;
}

/** The four hooks; resources.ts installs them a second way on Node versions whose async_hooks would otherwise slow them down. */
export const promiseHooks = { init, before, after, settled };

/** Called before a promise that is still pending gets its second or a further waiter. */
let onSecondWaiter: (parent: PromiseRecord, record: PromiseRecord, nowMs: number) => void = () => {};

/** Starts recording. Promises made before are unknown. */
export function startPromises(secondWaiter: typeof onSecondWaiter): void {
  onSecondWaiter = secondWaiter;
  refreshClock();
  v8.promiseHooks.createHook(promiseHooks);
}
