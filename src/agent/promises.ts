/** Records every pending promise through `v8.promiseHooks`: a stamp on the promise and a linked list in order of creation; never a stack each. */
import { executionAsyncId } from 'node:async_hooks';
import v8 from 'node:v8';
import { performance } from 'node:perf_hooks';
import { isProbing } from './probe.ts';
import { PromiseRecord } from './promise-record.ts';
import { PromiseStamp } from './stamp.ts';

let head: PromiseRecord | null = null;
let last: PromiseRecord | null = null;
/** First record that the sweep has not made weak yet. */
let strong: PromiseRecord | null = null;

let created = 0;
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
let expectedIn = 0;
let wrapper: PromiseRecord | null = null;
let wrapperOwner: PromiseRecord | null = null;

const INITS_PER_CLOCK = 512;
const INITS_PER_SWEEP = 8192;
const SWEEP_SLICE = 20_000;
const WEAK_AFTER_MS = 500;

/** Milliseconds since start, refreshed often enough for ages. */
export function coarseNow(): number {
  return nowMs;
}

/** Reads the clock. A small integer (24 days fit), or V8 would box one number for every record. */
export function refreshClock(): number {
  nowMs = performance.now() | 0;
  return nowMs;
}

/** Calls `handler` with the next promise of this segment made by neither `await` nor `then`. */
export function expectLeaf(handler: (record: PromiseRecord) => void): void {
  expected = handler;
  expectedIn = segment;
}

function isLeafOfNow(record: PromiseRecord | null): record is PromiseRecord {
  return (
    record !== null && record.promise !== null && record.segment === segment && leafCallback === executionAsyncId()
  );
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
  if (parent.waiters === 0) parent.first = record;
  parent.waiters++;
  if (parent.waiters > 1) onSecondWaiter(parent, record, nowMs);
}

function tellExpected(record: PromiseRecord): void {
  const handler = expected;
  expected = null;
  if (expectedIn === segment) handler?.(record);
}

function init(promise: object, parentPromise: object | undefined): void {
  if (isProbing()) return;
  const seq = ++created;
  if (seq % INITS_PER_CLOCK === 0) {
    refreshClock();
    if (seq % INITS_PER_SWEEP === 0) sweep();
  }
  const parent = parentPromise === undefined ? undefined : PromiseStamp.get(parentPromise);
  const record = new PromiseRecord(promise, seq, nowMs, segment, parentPromise !== undefined);
  void new PromiseStamp(promise, record);
  append(record);
  if (parentPromise === undefined) {
    leaf = record;
    leafCallback = executionAsyncId();
    leafTip = null;
    tail = null;
    if (expected !== null) tellExpected(record);
    return;
  }
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
  const parent = record.parent;
  if (parent !== null) {
    record.parent = null;
    parent.waiters--;
    if (parent.first === record) parent.first = null;
  }
  record.first = null;
  record.notes = null;
}

function settled(promise: object): void {
  const record = PromiseStamp.get(promise);
  if (record === undefined || record.promise === null) return;
  if (record === tail && record.parent !== null && !record.parent.derived) {
    wrapper = record;
    wrapperOwner = record.parent;
  } else if (wrapper !== null) {
    wrapper = null;
    wrapperOwner = null;
  }
  if (record !== current) tail = null;
  forget(record);
}

function before(promise: object): void {
  if (isProbing()) return;
  segment++;
  const record = PromiseStamp.get(promise);
  if (record === undefined) return;
  current = record;
  following = record.ran || !record.derived;
  record.ran = true;
}

/** The last await of this segment is one more of the call that was resumed. */
function handOn(resumed: PromiseRecord): void {
  if (tail === null || tail.segment !== segment || tail.owner !== null) return;
  if (resumed.owner !== null) tail.owner = resumed.owner;
  else if (tail.call === null) {
    tail.call = resumed.call ??= { segment: resumed.segment, seq: resumed.seq, owner: null };
  }
}

function after(): void {
  if (isProbing()) return;
  // An await's own promise is settled by now; a `then` promise that is not follows another one.
  if (current !== null && current.promise === null && current.derived) handOn(current);
  current = null;
  following = false;
  segment++;
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

/** Promises made since the start. */
export function promisesCreated(): number {
  return created;
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
