/** Finds the promises that a segment made by neither `await` nor `then`, going back from a given number, in about constant time a step. */
import type { Position, PromiseRecord } from './promise-record.ts';
import { PACE, sorted, type Steps } from '../tree/slices.ts';

export interface Segments {
  /** All it has, in order of creation. */
  readonly all: readonly PromiseRecord[];
  /** Takes in pending promises made by neither `await` nor `then`, in order of creation, made after those it has. */
  add(made: readonly PromiseRecord[]): void;
  /**
   * Those of `segment` with a number below `seq` that are still pending, latest first. Once `taken` has said yes for a record it must go on saying so: the
   * record is left out from then on, but only for those who ask with `taken`.
   */
  before(segment: number, seq: number, taken?: (record: PromiseRecord) => boolean): Iterable<PromiseRecord>;
  /** Whether nobody has asked with `taken` yet, and so many lie before it in its segment that the first who does is held up: 30 ms for 300,000. */
  isLong(position: Position): boolean;
  /** Leaves these out, as `before` does, in pieces. */
  leaveOut(position: Position, taken: (record: PromiseRecord) => boolean): Steps<void>;
}

/** Index of the last of `records`, in order of creation, with a number below `seq`, or -1. */
export function lastBefore(records: readonly PromiseRecord[], seq: number): number {
  let from = 0;
  let to = records.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((records[middle]?.seq ?? Infinity) < seq) from = middle + 1;
    else to = middle;
  }
  return from - 1;
}

/** So many are put in their places one by one; more are sorted together with all. */
const FEW = 10_000;

/** Moves the elements from `from` until `end` up by `by` places. */
function moveUp(list: PromiseRecord[], from: number, end: number, by: number): void {
  for (let i = end - 1; i >= from; i--) list[i + by] = list[i] as PromiseRecord;
}

/** Moves between two yields: far less than a millisecond. */
const MOVES = 4096;

/** All in order of creation, as `ordered` are, which is worked on in place; `others` are mostly few. */
export function* inOrder(ordered: PromiseRecord[], others: readonly PromiseRecord[]): Steps<PromiseRecord[]> {
  if (others.length === 0) return ordered;
  if (others.length > Math.min(FEW, ordered.length)) return yield* sorted([...ordered, ...others], ({ seq }) => seq);
  const added = yield* sorted(others, ({ seq }) => seq);
  const begins = added.map(({ seq }) => lastBefore(ordered, seq) + 1);
  let end = ordered.length;
  for (const other of added) ordered.push(other);
  for (let i = added.length - 1; i >= 0; i--) {
    const [other, begin] = [added[i], begins[i]];
    if (other === undefined || begin === undefined) break;
    for (; end > begin; end = Math.max(begin, end - MOVES)) {
      moveUp(ordered, Math.max(begin, end - MOVES), end, i + 1);
      yield;
    }
    ordered[begin + i] = other;
  }
  return ordered;
}

/** Added promises are not many. */
const SPARE = 1024;

/** To pass over so many takes far less than a millisecond. */
const LONG = 4096;

/** With these promises, a list that it adds others to. Segments follow each other, so that the promises of one lie side by side. */
export function newSegments(outers: PromiseRecord[]): Segments {
  /** For each position how many to leave out below it, the taken ones (path compression of union-find); few of 200,000 are ever asked for. */
  let skipped = new Int32Array(outers.length + SPARE);
  let isAsked = false;
  return {
    all: outers,
    add(made) {
      for (const record of made) outers.push(record);
      if (outers.length <= skipped.length) return;
      const longer = new Int32Array(outers.length + SPARE);
      longer.set(skipped);
      skipped = longer;
    },
    isLong: ({ segment, seq }) => !isAsked && outers[lastBefore(outers, seq) - LONG]?.segment === segment,
    *leaveOut({ segment, seq }, taken) {
      const last = lastBefore(outers, seq);
      let begin = last;
      for (; outers[begin]?.segment === segment; begin--) if (begin % PACE === 0) yield;
      let kept = begin;
      for (let i = begin + 1; i <= last; i++) {
        const record = outers[i];
        skipped[i] = i - 1 - kept;
        if (record?.isPending === true && !taken(record)) kept = i;
        if (i % PACE === 0) yield;
      }
    },
    *before(segment, seq, taken) {
      let above = -1;
      if (taken !== undefined) isAsked = true;
      for (let i = lastBefore(outers, seq); i >= 0;) {
        const record = outers[i];
        const next = i - 1 - (taken === undefined ? 0 : (skipped[i] ?? 0));
        if (record?.segment !== segment) return;
        if (!record.isPending || taken?.(record)) {
          if (taken !== undefined && above >= 0) skipped[above] = above - 1 - next;
        } else {
          yield record;
          above = i;
        }
        i = next;
      }
    },
  };
}
