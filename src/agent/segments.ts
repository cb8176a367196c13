/** Finds the promises that a segment made by neither `await` nor `then`, going back from a given number, in about constant time a step. */
import type { PromiseRecord } from './promise-record.ts';

export interface Segments {
  /**
   * Those of `segment` with a number below `seq`, latest first. Once `taken` has said yes for a record it must go on saying so: the record is left out
   * from then on, but only for those who ask with `taken`.
   */
  before(segment: number, seq: number, taken?: (record: PromiseRecord) => boolean): Iterable<PromiseRecord>;
}

interface Outers {
  records: PromiseRecord[];
  /** For each position where to go on below it; skips the taken ones (path compression of union-find). */
  below: number[];
}

/** Index of the last record with a number below `seq`, or -1. */
function lastBefore(records: readonly PromiseRecord[], seq: number): number {
  let from = 0;
  let to = records.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((records[middle]?.seq ?? Infinity) < seq) from = middle + 1;
    else to = middle;
  }
  return from - 1;
}

/** `all` are the pending promises in order of creation. */
export function newSegments(all: readonly PromiseRecord[]): Segments {
  const segments = new Map<number, Outers>();
  for (const record of all) {
    if (record.derived) continue;
    let outers = segments.get(record.segment);
    if (outers === undefined) segments.set(record.segment, (outers = { records: [], below: [] }));
    outers.below.push(outers.records.length - 1);
    outers.records.push(record);
  }
  return {
    *before(segment, seq, taken) {
      const outers = segments.get(segment);
      if (outers === undefined) return;
      const { records, below } = outers;
      let above = -1;
      for (let i = lastBefore(records, seq); i >= 0;) {
        const record = records[i];
        const next = taken === undefined ? i - 1 : (below[i] ?? -1);
        if (record === undefined) return;
        if (taken?.(record)) {
          if (above >= 0) below[above] = next;
        } else {
          yield record;
          above = i;
        }
        i = next;
      }
    },
  };
}
