/** Collects the pending promises in pieces: the program may settle some and make others in between. */
import { isEnd } from './await-chains.ts';
import { endWalk, goOnWalking, isOrphan, madeSince, onOrphan, startWalk } from './promise-list.ts';
import type { PromiseRecord } from './promise-record.ts';
import { nextPending, position, refreshClock } from './promises.ts';
import { keepSurvivors } from './recent.ts';
import { complete, each, PACE, sorted, type Steps } from './slices.ts';

/** How many promises a snapshot looks at; of more than both together those in the middle of time are only counted. A snapshot takes about 100 bytes for each. */
const LATEST = 500_000;
const OLDEST = 500_000;
/** Left out together, so that the others are moved seldom. */
const CHUNK = 50_000;

/** What a walk has found. */
export interface Walk {
  /** In order of creation; those settled meanwhile are still in it. */
  records: PromiseRecord[];
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
  for (let record = nextPending(); record !== null; record = nextPending()) {
    records.push(record);
    count++;
    if (records.length >= LATEST + OLDEST + CHUNK) leaveOut(CHUNK);
    if (count % PACE === 0) yield;
  }
  if (records.length > LATEST + OLDEST) leaveOut(records.length - LATEST - OLDEST);
  // Mostly they are in order now.
  records.reverse();
  const ordered = yield* sorted(records, ({ seq }) => seq);
  const live: PromiseRecord[] = [];
  // Parents were met after what derives from them.
  yield* each(ordered, (record) => {
    if (!record.isPending) return;
    if (isOrphan(record)) onOrphan(record);
    else live.push(record);
  });
  return { records: live, count: count + live.length - ordered.length, leftOut, untilSeq };
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
