/**
 * The list of all promise records. Records are used again: most promises live for microseconds, and a record made for each would cost more than all
 * the rest of the work. One that another file has seen is never used again, so what they keep stays true.
 */
import { COLLECTED, FREE, HAS_PROMISE, PENDING, PromiseRecord, SEEN, UNLISTED, WAITER } from './promise-record.ts';

let head: PromiseRecord | null = null;
const free: PromiseRecord[] = [];
let freeCount = 0;
/** The sweep goes on after this record. */
let swept: PromiseRecord | null = null;

const MAX_FREE = 4096;
const SWEEP_SLICE = 20_000;
const WEAK_AFTER_MS = 500;

function list(record: PromiseRecord): PromiseRecord {
  record.next = head;
  head = record;
  return record;
}

/** A blank record in the list; the caller sets its numbers and flags. */
export function takeRecord(): PromiseRecord {
  const record = freeCount === 0 ? undefined : free[--freeCount];
  return record ?? list(new PromiseRecord());
}

/** Gives back the record of a promise that is settled and has no waiters left. */
export function giveBack(record: PromiseRecord): void {
  record.near = null;
  record.notes = null;
  record.starter = null;
  // One that was seen goes on telling which call its await belonged to.
  if ((record.flags & (SEEN | UNLISTED)) !== 0 || freeCount >= MAX_FREE) return;
  record.held = null;
  record.flags = FREE;
  free[freeCount++] = record;
}

/** Says that code outside of the hooks has the record now and may keep it. */
export function seen<R extends PromiseRecord | null>(record: R): R {
  if (record !== null) record.flags |= SEEN;
  return record;
}

/** Notes the promise of a derived record, which is needed from its first waiter on. */
export function holdPromise(record: PromiseRecord, promise: object): void {
  record.held = promise;
  record.flags |= HAS_PROMISE;
  if ((record.flags & UNLISTED) === 0) return;
  record.flags &= ~UNLISTED;
  list(record);
}

/** The promise of a record; undefined when it is settled, was collected while pending, or nobody waits for it. */
export function promiseOf({ held, flags }: PromiseRecord): object | undefined {
  if ((flags & HAS_PROMISE) === 0) return undefined;
  return held instanceof WeakRef ? (held.deref() as object | undefined) : (held ?? undefined);
}

/** Neither pending, nor to be used again, nor still needed by a waiter that will run. */
const isOver = ({ flags }: PromiseRecord): boolean =>
  (flags & (PENDING | FREE)) === 0 && (flags < WAITER || (flags & COLLECTED) !== 0);

/**
 * Makes references to survivors weak, so that watching a promise never keeps it alive, and drops what is over, a bounded slice at a time. `busy` is the
 * record of the running job: it may be settled and still needed.
 */
export function sweepRecords(nowMs: number, busy: PromiseRecord | null): void {
  let previous = swept;
  let record = previous === null ? head : previous.next;
  for (let i = 0; i < SWEEP_SLICE && record !== null; i++) {
    const next: PromiseRecord | null = record.next;
    if (isOver(record) && record !== busy) {
      if (previous === null) head = next;
      else previous.next = next;
      record.next = null;
    } else {
      if ((record.flags & HAS_PROMISE) !== 0 && nowMs - record.atMs >= WEAK_AFTER_MS) makeWeak(record);
      previous = record;
    }
    record = next;
  }
  swept = record === null ? null : previous;
}

function makeWeak(record: PromiseRecord): void {
  if (record.held !== null && !(record.held instanceof WeakRef)) record.held = new WeakRef(record.held);
}

/** The promise was collected, or nobody can settle it any more because that it derives from was. */
function isLost(record: PromiseRecord): boolean {
  if ((record.flags & HAS_PROMISE) !== 0) return promiseOf(record) === undefined;
  return record.derived && record.near !== null && (record.near.flags & COLLECTED) !== 0;
}

/**
 * All pending promises in order of creation; `lose` is told of those that can never settle, because they were collected meanwhile. The list is rebuilt
 * without what is over.
 */
export function listPending(busy: PromiseRecord | null, lose: (record: PromiseRecord) => void): PromiseRecord[] {
  const records: PromiseRecord[] = [];
  const kept: PromiseRecord[] = [];
  for (let record = head; record !== null; record = record.next) {
    if ((record.flags & PENDING) !== 0) records.push(record);
    else if (!isOver(record) || record === busy) kept.push(record);
  }
  // Parents come before what derives from them.
  records.sort((a, b) => a.seq - b.seq);
  const live = records.filter((record) => {
    if (!isLost(record)) return true;
    if ((record.flags & HAS_PROMISE) === 0) record.flags |= UNLISTED;
    else lose(record);
    return false;
  });
  head = null;
  swept = null;
  for (const record of kept) list(record);
  for (let i = live.length - 1; i >= 0; i--) {
    const record = live[i];
    if (record !== undefined) list(seen(record));
  }
  return live;
}
