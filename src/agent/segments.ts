/** Finds the promises that a segment made by neither `await` nor `then`, going back from a given number, in about constant time a step. */
import type { PromiseRecord } from './promise-record.ts';
import { each, type Steps } from './slices.ts';

export interface Segments {
  /** Takes in pending promises in order of creation, made after those it has. */
  add(records: readonly PromiseRecord[]): Steps<void>;
  /**
   * Those of `segment` with a number below `seq` that are still pending, latest first. Once `taken` has said yes for a record it must go on saying so: the
   * record is left out from then on, but only for those who ask with `taken`.
   */
  before(segment: number, seq: number, taken?: (record: PromiseRecord) => boolean): Iterable<PromiseRecord>;
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

/** No promises yet. Segments follow each other, so that the promises of one lie side by side. */
export function newSegments(): Segments {
  const outers: PromiseRecord[] = [];
  /** For each position where to go on below it; skips the taken ones (path compression of union-find). */
  const below: number[] = [];
  return {
    add(records) {
      return each(records, (record) => {
        if (record.derived) return;
        below.push(outers.length - 1);
        outers.push(record);
      });
    },
    *before(segment, seq, taken) {
      let above = -1;
      for (let i = lastBefore(outers, seq); i >= 0;) {
        const record = outers[i];
        const next = taken === undefined ? i - 1 : (below[i] ?? -1);
        if (record?.segment !== segment) return;
        if (!record.isPending || taken?.(record)) {
          if (taken !== undefined && above >= 0) below[above] = next;
        } else {
          yield record;
          above = i;
        }
        i = next;
      }
    },
  };
}
