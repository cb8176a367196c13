/** Follows a call of an async function from one await to the next. */
import { hasReturned, isOfThenable, withOther } from './calls.ts';
import { HAS_PROMISE, LINK, NOTED, SEEN } from './flags.ts';
import { Call, type PromiseRecord } from './promise-record.ts';
import { siteAt } from '../stacks/sites.ts';

/**
 * `tail`, the last await of a segment, is one more of the call that was resumed, not when that has ended by returning a promise before. What was resumed
 * may also have been a reaction that called an async function: only when a promise was made in this segment that nobody awaits.
 */
export function handOn(resumed: PromiseRecord, tail: PromiseRecord, unawaited: number): void {
  if ((tail.flags & (HAS_PROMISE | LINK)) !== 0) return;
  const owner = tail.held as PromiseRecord | null;
  const held = resumed.held as Call | PromiseRecord | null;
  if (owner !== null) {
    // An `await` of something that is no promise names its call; whoever keeps the one before it learns that here.
    if ((resumed.flags & SEEN) !== 0) resumed.owner ??= tail.owner;
    // Else it is the first await of a call made just now.
    if (owner.segment !== tail.segment) countFor(owner, held, resumed, tail);
    return;
  }
  let call: Call;
  // A younger one is a used record: see `validOwner`.
  if (held === null || held.seq > resumed.seq || hasReturned(held)) call = new Call(resumed.segment, resumed.seq);
  else if (held instanceof Call) call = held;
  else {
    call = new Call(resumed.segment, resumed.seq);
    call.owner = held;
    // What a snapshot has noted of the task finds it here (`memoryOf`).
    resumed.held = call;
  }
  if (unawaited > 0 || isOfThenable(tail)) call = withOther(call, resumed, tail);
  else if ((resumed.flags & NOTED) !== 0) handOnSite(resumed, tail);
  call.resumptions++;
  tail.held = call;
}

/** The line of a compiled function is that of the function: its next step has the same, without another look at the stack. */
function handOnSite({ chain }: PromiseRecord, tail: PromiseRecord): void {
  const site = chain?.[0];
  if (site === undefined || siteAt(site).isFunction !== true || tail.chain !== null) return;
  const notes = tail.note();
  notes.chain = [site];
  notes.sampled = true;
}

/** The call of a known owner has gone on; what does not fit it for certain is left alone. */
function countFor(
  owner: PromiseRecord,
  held: Call | PromiseRecord | null,
  resumed: PromiseRecord,
  tail: PromiseRecord,
): void {
  let call: Call;
  const begunHere = ({ segment, seq }: Call | PromiseRecord): boolean => segment === owner.segment && seq > owner.seq;
  if (held instanceof Call) {
    if (held.others.length > 0 || (held.owner !== owner && !(held.owner === null && begunHere(held)))) return;
    call = held;
  } else {
    if (held === null ? !begunHere(resumed) : held !== owner) return;
    call = new Call(resumed.segment, resumed.seq);
    resumed.held = call;
  }
  call.owner = owner;
  call.resumptions++;
  tail.held = call;
}
