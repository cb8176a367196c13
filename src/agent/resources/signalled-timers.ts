/** Recognises `timers/promises` with a signal: Node passes the timer's promise on through promises of its own, which look like one more await. */
import type { PromiseRecord } from '../promises/promise-record.ts';
import { lastBefore } from '../promises/segments.ts';
import { each, type Steps } from '../tree/slices.ts';

/**
 * Node makes the timer's promise P, the promise F that the caller gets, and one more, and subscribes to P (`SafePromisePrototypeFinally`, Node 20 to 26):
 * numbers n, n + 1, n + 2, n + 3; then two more. V8's chain of P continues with whoever awaits F.
 */
const FORWARD = 1;
const SUBSCRIBE = 3;
const LAST = 5;

const equal = (a: readonly number[] | null, b: readonly number[] | null): boolean =>
  a !== null && b !== null && a.length === b.length && a.every((site, i) => site === b[i]);

/** Whether an await or `then` is most likely such a subscription. */
export const maySubscribe = ({ parent, seq }: PromiseRecord): boolean =>
  parent !== null && seq === parent.seq + SUBSCRIBE && parent.source?.fromPromiseFunction === true;

/** Of those that {@link maySubscribe} the subscriptions, which are no awaits, and their results; the promises they feed get the timer as their source. `records` are all, in order of creation. */
export function* signalledTimers(
  likely: readonly PromiseRecord[],
  records: readonly PromiseRecord[],
): Steps<Set<PromiseRecord>> {
  const subscriptions = new Set<PromiseRecord>();
  yield* each(likely, (record) => {
    const timer = record.parent;
    if (timer === null) return;
    const i = lastBefore(records, record.seq) + 1;
    // Numbers between the two: at most two records.
    const at = [i - 1, i - 2].find((index) => records[index]?.seq === timer.seq + FORWARD);
    const forward = at === undefined ? undefined : records[at];
    const waiter = forward?.first;
    if (at === undefined || !forward || !waiter || waiter.segment !== record.segment) return;
    // Whoever gets F comes later: in `Promise.race([sleep(1), other])` it is the race, right after its first element.
    if (waiter.seq <= timer.seq + LAST) return;
    const result = records[at + 1];
    if (forward.derived || result?.derived !== false || forward.waiters !== 1 || !equal(waiter.chain, record.chain))
      return;
    forward.note().source ??= timer.source;
    subscriptions.add(record);
    subscriptions.add(result);
    // `finally` and `then` of a subclass make promises without a parent.
    for (const next of [records[i + 1], records[i + 2]])
      if (next !== undefined && next.seq <= timer.seq + LAST) subscriptions.add(next);
  });
  return subscriptions;
}
