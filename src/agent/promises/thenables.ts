/** Which `await` of a thenable, such as the query builders of knex or drizzle, goes on by the reaction that the thenable's `then` has made. */
import { DERIVED, LINK, PENDING } from './flags.ts';
import type { PromiseRecord } from './promise-record.ts';

interface Settled {
  wrapper: PromiseRecord;
  /** Records are used again: these numbers tell. */
  wrapperSeq: number;
  seq: number;
}

const wrappers = new WeakMap<PromiseRecord, Settled>();

/** A job of `record` is over, and it is still pending; `tail` was made last: by `then` of the thenable, when `record` is what `await` has made for one. */
export function noteThenable(record: PromiseRecord, tail: PromiseRecord): void {
  const { near, flags } = record;
  if ((flags & LINK) !== 0 || (tail.flags & LINK) !== 0) return;
  // A derived one whose own promise is settled follows what its callback has returned.
  if ((flags & DERIVED) !== 0 && (near === null || (near.flags & PENDING) === 0)) return;
  wrappers.set(tail, { wrapper: record, wrapperSeq: record.seq, seq: tail.seq });
}

/** The promise that `await` has made for the thenable, if it is still pending. */
export function wrapperOf(reaction: PromiseRecord): PromiseRecord | undefined {
  const known = wrappers.get(reaction);
  if (known?.seq !== reaction.seq || known.wrapper.seq !== known.wrapperSeq) return undefined;
  return known.wrapper.isPending ? known.wrapper : undefined;
}
