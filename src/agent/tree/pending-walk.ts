/** Collects the pending promises in pieces: the program may settle some and make others in between. */
import { isEnd } from '../walks/await-chains.ts';
import { endWalk, goOnWalking, isOrphan, madeSince, onOrphan, startWalk } from '../promises/promise-list.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { nextPending, position, refreshClock } from '../promises/promises.ts';
import { inOrder } from '../promises/segments.ts';
import { keepSurvivors } from '../resources/recent.ts';
import { complete, each, PACE, type Steps } from './slices.ts';

/** How many promises a snapshot looks at; of more than both together those in the middle of time are only counted. A snapshot takes about 100 bytes for each. */
const LATEST = 500_000;
const OLDEST = 500_000;
/** So few promises are not worth an interruption: the state is that of one moment. */
export const SMALL = 1000;
/** Left out together, so that the others are moved seldom. */
const CHUNK = 50_000;

/** Pending promises in order of creation, as many programs have hundreds of thousands: whatever can be told of each in passing is told here. */
export interface Pending {
  /** All; those settled meanwhile are still in it. */
  records: PromiseRecord[];
  /** Of these the ones made by `await` and `then`. */
  derived: PromiseRecord[];
  /** The other ones. */
  made: PromiseRecord[];
}

/** What a walk has found. */
export interface Walk extends Pending {
  /** Pending promises, also those left out. */
  count: number;
  /** Awaits among those left out. */
  leftOut: number;
  /** Number of the last promise made before the walk began. */
  untilSeq: number;
}

/** Collects them; call `endWalk` when what was made since is not wanted any more. */
export function* walkPending(thorough = false): Steps<Walk> {
  const untilSeq = position().seq;
  const records: PromiseRecord[] = [];
  let count = 0;
  let leftOut = 0;
  const leaveOut = (amount: number): void => {
    for (const record of records.splice(LATEST, amount)) if (isEnd(record)) leftOut++;
  };
  startWalk(refreshClock(), thorough);
  keepSurvivors();
  /** Records that were used again since: younger than their place in the list. */
  const younger: PromiseRecord[] = [];
  let last = Infinity;
  for (let record = nextPending(); record !== null; record = nextPending()) {
    if (record.seq > last) younger.push(record);
    else records.push(record);
    last = Math.min(last, record.seq);
    count++;
    if (records.length >= LATEST + OLDEST + CHUNK) leaveOut(CHUNK);
    if (count % PACE === 0 && count > SMALL) yield;
  }
  if (records.length > LATEST + OLDEST) leaveOut(records.length - LATEST - OLDEST);
  records.reverse();
  const walked = records.length + younger.length;
  const rest = putInOrder(records, younger);
  const pending = count <= SMALL ? complete(rest) : yield* rest;
  return { ...pending, count: count + pending.records.length - walked, leftOut, untilSeq };
}

function* putInOrder(records: PromiseRecord[], younger: readonly PromiseRecord[]): Steps<Pending> {
  const ordered = yield* inOrder(records, younger);
  // Parents were met after what derives from them.
  const isLive = (record: PromiseRecord): boolean => {
    if (!record.isPending) return false;
    if (!isOrphan(record)) return true;
    onOrphan(record);
    return false;
  };
  return yield* sortOut(ordered, isLive);
}

/** Those of `records` that count, a list of ours that is worked on in place: one as long costs a collection of V8's more. They are in order of creation. */
export function* sortOut(
  records: PromiseRecord[],
  counts: (record: PromiseRecord) => boolean = () => true,
): Steps<Pending> {
  const pending: Pending = { records, derived: [], made: [] };
  const { derived, made } = pending;
  let kept = 0;
  yield* each(records, (record) => {
    if (!counts(record)) return;
    records[kept++] = record;
    (record.derived ? derived : made).push(record);
  });
  records.length = kept;
  return pending;
}

/** All of this moment, in one go; a snapshot under way begins anew. */
export function pendingRecords(): PromiseRecord[] {
  const { records } = complete(walkPending());
  endWalk();
  return records;
}

/** More is not caught up with at once. */
const NEWS = 1000;

/** Tells each time the pending promises made since the last time, in order of creation; the latest 1000 of them. */
export function newsAfter(untilSeq: number): () => PromiseRecord[] {
  let seq = untilSeq;
  return () => {
    if (position().seq === seq) return [];
    if (!goOnWalking(refreshClock())) return [];
    const news: PromiseRecord[] = [];
    for (const record of madeSince(seq)) if (news.push(record) >= NEWS) break;
    seq = position().seq;
    return news.toReversed();
  };
}
