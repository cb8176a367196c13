/**
 * The list of all promise records. Records are used again: most promises live for microseconds, and a record made for each would cost more than all
 * the rest of the work. One that another file has seen is never used again, so what they keep stays true.
 */
import { onSweep } from './looks.ts';
import { COLLECTED, DERIVED, FREE, HAS_PROMISE, NOTED, PENDING, SEEN, UNLISTED, WAITER } from './flags.ts';
import { PromiseRecord } from './promise-record.ts';

let head: PromiseRecord | null = null;
const free: PromiseRecord[] = [];
let freeCount = 0;
/** The sweep goes on after this record. */
let swept: PromiseRecord | null = null;
/** A walk goes on with this record. */
let cursor: PromiseRecord | null = null;

const MAX_FREE = 4096;
/** During a walk none is used again: then all that are made meanwhile are at the head of the list. */
let maxFree = MAX_FREE;
let freeAside = 0;
let walkedAtMs = -Infinity;
/** Makes up to 5 ms: a weak reference costs 0.1 to 0.3 us, on a busy machine more. */
const SWEEP_SLICE = 10_000;
/** While promises are made: of a list that does not grow only so much, for most of it are records that wait to be used again. */
const BRIEF_SLICE = 1000;
/** Records added to the list since the last slice. */
let added = 0;
const WEAK_AFTER_MS = 500;
/**
 * Until the line is known that waits for it, so that it can be told if the promise is collected; who watches takes a snapshot each second, if the machine
 * allows. Only while somebody takes snapshots: else the line is never looked for.
 */
const UNPROBED_MS = 60_000;
/** So many are kept for that at once: each may hold much of the program's. */
const MAX_UNPROBED = 1000;
let unprobed = 0;
/** A walk that nobody has gone on with for so long is given up. */
const WALK_MS = 5000;

function list(record: PromiseRecord): PromiseRecord {
  record.next = head;
  head = record;
  added++;
  return record;
}

/** A blank record in the list; the caller sets its numbers and flags. */
export function takeRecord(): PromiseRecord {
  const record = freeCount === 0 ? undefined : free[--freeCount];
  if (record !== undefined) return record;
  const made = new PromiseRecord();
  // As one that is used again: not yet pending, and not over.
  made.flags = FREE;
  return list(made);
}

/** Gives back the record of a promise that is settled and has no waiters left. */
export function giveBack(record: PromiseRecord): void {
  record.near = null;
  record.more = null;
  // One that was seen goes on telling which call its await belonged to.
  if ((record.flags & (SEEN | UNLISTED)) !== 0 || freeCount >= maxFree) {
    record.flags &= ~NOTED;
    return;
  }
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
 * record of the running job: it may be settled and still needed. `brief`: as much as keeps up with the list.
 */
export function sweepRecords(nowMs: number, busy: PromiseRecord | null, brief: boolean): void {
  if (onSweep !== null) onSweep();
  const slice = brief ? Math.min(SWEEP_SLICE, BRIEF_SLICE + 4 * added) : SWEEP_SLICE;
  added = 0;
  if (maxFree === 0 && nowMs - walkedAtMs > WALK_MS) endWalk();
  let previous = swept;
  if (previous === null) unprobed = 0;
  let record = previous === null ? head : previous.next;
  for (let i = 0; i < slice && record !== null; i++) {
    const next: PromiseRecord | null = record.next;
    if (isOrphan(record)) {
      onOrphan(record);
      record.flags |= UNLISTED;
    }
    if ((isOver(record) && record !== busy) || (record.flags & UNLISTED) !== 0) {
      if (previous === null) head = next;
      else previous.next = next;
      record.next = null;
      if (cursor === record) cursor = next;
    } else {
      if ((record.flags & HAS_PROMISE) !== 0 && nowMs - record.atMs >= WEAK_AFTER_MS) makeWeak(record, nowMs);
      previous = record;
    }
    record = next;
  }
  swept = record === null ? null : previous;
}

/** Whether the last sweep has come to the end of the list. */
export const isSwept = (): boolean => swept === null;

/** Until then a line that no stack has shown may be proved in another way (proved-awaits.ts), milliseconds. */
const PROVED_MS = 5000;

/** Whether the line is known that waits for it first, or will not be learnt from it. */
function isProbed({ first, atMs }: PromiseRecord, nowMs: number): boolean {
  if (first === null || first.link || first.waiters > 0) return true;
  const { notes } = first;
  if (notes === null || notes.chain === null) return false;
  return notes.line !== null || notes.chain.length === 0 || nowMs - atMs >= PROVED_MS;
}

function makeWeak(record: PromiseRecord, nowMs: number): void {
  if (record.held === null || record.held instanceof WeakRef) return;
  const isNew = nowMs - record.atMs < UNPROBED_MS && nowMs - walkedAtMs < UNPROBED_MS;
  const isKept = isNew && !isProbed(record, nowMs) && ++unprobed <= MAX_UNPROBED;
  if (!isKept) record.held = new WeakRef(record.held);
}

/** Nobody waits for it and nobody can settle it any more, because the promise it derives from was collected. */
export const isOrphan = ({ flags, near }: PromiseRecord): boolean =>
  (flags & (PENDING | DERIVED | HAS_PROMISE)) === (PENDING | DERIVED) &&
  near !== null &&
  (near.flags & COLLECTED) !== 0;

/** Told of what waits for a promise that was collected while pending, as soon as it is met; of each more than once. */
export let onOrphan: (record: PromiseRecord) => void = () => {};

/** Sets {@link onOrphan}. */
export function watchOrphans(handler: typeof onOrphan): void {
  onOrphan = handler;
}

/** Of more promises only a quarter is looked at in each walk: whether they were collected is asked with 0.1 us each, and memory. */
const MANY = 30_000;
const TURNS = 4;
let walked = 0;
let turn = 0;
let turns = 1;

/** Begins a walk through all pending promises; one that is under way is given up. `thorough`: none that was collected is to be met. */
export function startWalk(nowMs: number, thorough: boolean): void {
  cursor = head;
  walkedAtMs = nowMs;
  turns = thorough || walked < MANY ? 1 : TURNS;
  turn = (turn + 1) % turns;
  walked = 0;
  if (maxFree === 0) return;
  maxFree = 0;
  freeAside = freeCount;
  freeCount = 0;
}

/** To be called at least every 5 seconds while a walk lasts; false when it was given up. */
export function goOnWalking(nowMs: number): boolean {
  walkedAtMs = nowMs;
  return maxFree === 0;
}

/** From now on records are used again. */
export function endWalk(): void {
  cursor = null;
  if (maxFree !== 0) return;
  maxFree = MAX_FREE;
  freeCount = freeAside;
}

/** The next pending promise, roughly from the latest to the oldest; `lose` is told of those that were collected while pending, of many promises by and by. */
export function walkOn(lose: (record: PromiseRecord) => void): PromiseRecord | null {
  while (cursor !== null) {
    const record: PromiseRecord = cursor;
    cursor = record.next;
    if ((record.flags & PENDING) === 0) continue;
    if (isOrphan(record)) {
      onOrphan(record);
      continue;
    }
    walked++;
    const isAsked = (record.flags & HAS_PROMISE) !== 0 && record.seq % turns === turn;
    if (!isAsked || promiseOf(record) !== undefined) return seen(record);
    lose(record);
  }
  return null;
}

/** Calls `visit` with the latest pending promises, of at most `limit` records; nothing is kept of those that it does not mark as seen. */
export function eachOfLatest(limit: number, visit: (record: PromiseRecord) => void): void {
  let left = limit;
  for (let record = head; record !== null && left > 0; record = record.next, left--) {
    if ((record.flags & PENDING) !== 0) visit(record);
  }
}

/** During a walk: the pending promises made after number `seq`, latest first. */
export function* madeSince(seq: number): Iterable<PromiseRecord> {
  for (let record = head; record !== null && record.seq > seq; record = record.next) {
    if ((record.flags & PENDING) !== 0) yield seen(record);
  }
}
