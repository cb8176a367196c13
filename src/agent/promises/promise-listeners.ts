/** Who is told by the hooks on promises of what they see. */
import type { PromiseRecord } from './promise-record.ts';

/** What can be listened to; the code that makes a promise, or waits for one, is on the stack. */
interface Listeners {
  /** Called for the first waiter of a promise that is still pending; answers whether to call for the next ones before the clock is read again. */
  onFirstWaiter(record: PromiseRecord, nowMs: number): boolean;
  /** As {@link Listeners.onFirstWaiter}, of a promise that is settled by then. */
  onReadyWaiter(record: PromiseRecord, nowMs: number): boolean;
  /** Called before a promise that is still pending gets its second or a further waiter. */
  onSecondWaiter(parent: PromiseRecord, record: PromiseRecord, nowMs: number): void;
  /** Called when a promise has settled of which something was noted. */
  onNotedEnd(record: PromiseRecord, promise: object): void;
}

export let onFirstWaiter: Listeners['onFirstWaiter'] = () => false;
export let onReadyWaiter: Listeners['onReadyWaiter'] = () => false;
export let onSecondWaiter: Listeners['onSecondWaiter'] = () => {};
export let onNotedEnd: Listeners['onNotedEnd'] = () => {};

/** Called for each promise made by neither `await` nor `then`. */
export let onMade: ((record: PromiseRecord) => void) | null = null;

/** To be called before the first promise is recorded. */
export function listenToPromises(listeners: Listeners): void {
  ({ onFirstWaiter, onReadyWaiter, onSecondWaiter, onNotedEnd } = listeners);
}

/** From now on `handler` is told of every promise that is made by neither `await` nor `then`, with the code that makes it on the stack. */
export function watchMade(handler: NonNullable<typeof onMade>): void {
  onMade = handler;
}
