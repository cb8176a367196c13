/** Knows the signals that end an object itself: a request, a stream, a reader of lines. */
import { executionAsyncId } from 'node:async_hooks';
import type { AbortFacts } from '../../protocol/waits.ts';
import type { CallSite } from '../stacks/stack.ts';
import { plain } from './objects.ts';

const owned = new WeakMap<object, WeakRef<object>>();

/** Notes that a signal, when there is one, ends `owner`. */
export function noteSignal(owner: object, signal: object | undefined): void {
  if (signal !== undefined) owned.set(owner, new WeakRef(signal));
}

/** The signal that ends an object, if that is known. */
export const signalOfOwner = (owner: object): object | undefined => owned.get(owner)?.deref();

/*
 * What is made with a `signal` subscribes to it in its constructor, and right after that listens for its own end, so as to unsubscribe (Node 20 to 26:
 * lib/internal/streams/add-abort-signal.js, lib/internal/readline/interface.js).
 */
const SUBSCRIBERS = ['node:internal/streams/add-abort-signal', 'node:internal/readline/interface'];

let expected: { signal: WeakRef<object>; asyncId: number } | undefined;

/** Whether the next emitter that gets a listener may be one that a signal ends. */
export const expectsOwner = (): boolean => expected !== undefined;

/** Somebody with these frames has subscribed to a signal. */
export function expectOwner(signal: object, sites: readonly CallSite[]): void {
  const isSubscriber = sites.some((site) => SUBSCRIBERS.includes(site.getFileName() ?? ''));
  if (isSubscriber) expected = { signal: new WeakRef(signal), asyncId: executionAsyncId() };
}

/** An emitter gets a listener. */
export function findOwner(emitter: unknown): void {
  const owner = plain(emitter);
  if (owner !== undefined && expected?.asyncId === executionAsyncId()) noteSignal(owner, expected.signal.deref());
  expected = undefined;
}

/** The earliest of what several signals say. */
export function earliest(aborts: readonly (AbortFacts | undefined)[]): AbortFacts | undefined {
  const known = aborts.filter((abort) => abort !== undefined);
  return known.toSorted((a, b) => (a.leftMs ?? Infinity) - (b.leftMs ?? Infinity))[0];
}
