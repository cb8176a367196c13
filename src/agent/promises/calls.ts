/** What is known, when an await is made, of the call of an async function that it belongs to. */
import { DERIVED, RAN } from './flags.ts';
import { Call, type PromiseRecord } from './promise-record.ts';

/** A call that has as many possible beginnings is never certain. */
const MAX_OTHERS = 4;

/** The call may also have begun in the segment of `last`. */
export function withOther(call: Call | PromiseRecord, resumed: PromiseRecord, last: PromiseRecord): Call {
  const known = call instanceof Call ? call : new Call(resumed.segment, resumed.seq);
  if (known.others.length >= MAX_OTHERS) return known;
  const { segment, seq } = last;
  const other = { segment, seq, resumptions: known.resumptions + 1 };
  const wider = new Call(known.segment, known.seq, { others: [...known.others, other], base: known });
  wider.owner = call instanceof Call ? call.owner : call;
  wider.resumptions = known.resumptions;
  return wider;
}

/** Whether a thenable is awaited by a call made in the same segment: the wrapper's waiter seems to be the call's promise then. */
export function isOfThenable({ near, seq, segment }: PromiseRecord): boolean {
  if (near === null || (near.flags & DERIVED) === 0 || near.seq !== seq - 1) return false;
  return near.near !== null && near.near.segment === segment && (near.near.flags & DERIVED) === 0;
}

/** The call's promise follows another one by now, and it is not known where else the call may have begun. */
export function hasReturned(call: Call | PromiseRecord): boolean {
  if (call instanceof Call && call.others.length > 0) return false;
  const owner = call instanceof Call ? call.owner : call;
  return owner !== null && (owner.flags & RAN) !== 0;
}
