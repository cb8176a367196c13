/** Knows until when a wait with an `AbortSignal` can last: those of `AbortSignal.timeout` have a deadline. */
import { performance } from 'node:perf_hooks';
import type { AbortFacts } from '../../protocol/waits.ts';
import { observe } from './observe.ts';
import { own, plain } from './objects.ts';

const { isPrototypeOf } = Object.prototype;
const signalPrototype = AbortSignal.prototype;

/** By signal, in milliseconds of `performance.now()`. */
const deadlines = new WeakMap<object, number>();

function isSignal(value: unknown): value is object {
  const object = plain(value);
  return object !== undefined && isPrototypeOf.call(signalPrototype, object);
}

let noted = false;

/** Whether there was ever a signal with a deadline. */
export const hasDeadlines = (): boolean => noted;

/** The signal among the options of a call. */
export function signalOf(options: unknown): object | undefined {
  const signal = own(options, 'signal');
  return isSignal(signal) ? signal : undefined;
}

/** What a signal says about a wait; undefined without one. */
export function abortOf(signal: unknown): AbortFacts | undefined {
  if (!isSignal(signal)) return undefined;
  const at = deadlines.get(signal);
  return at === undefined ? {} : { leftMs: Math.round(at - performance.now()) };
}

/** `AbortSignal.any` follows its signals: the earliest deadline counts. */
function combine(signals: unknown, combined: unknown): void {
  if (!Array.isArray(signals) || !isSignal(combined)) return;
  const known = signals.flatMap((signal: unknown) => {
    const at = isSignal(signal) ? deadlines.get(signal) : undefined;
    return at === undefined ? [] : [at];
  });
  if (known.length > 0) deadlines.set(combined, Math.min(...known));
}

/** Signals that end an object itself, such as a request. */
const owned = new WeakMap<object, WeakRef<object>>();

/** Notes that a signal, when there is one, ends `owner`. */
export function noteSignal(owner: object, signal: object | undefined): void {
  if (signal !== undefined) owned.set(owner, new WeakRef(signal));
}

/** What the signal of an object says about waits for it. */
export function abortOfOwner(owner: object): AbortFacts | undefined {
  return abortOf(owned.get(owner)?.deref());
}

/** Starts noting deadlines. */
export function watchSignals(): void {
  observe(
    AbortSignal,
    'timeout',
    {
      returned({ args: [delay], result }) {
        if (typeof delay !== 'number' || !isSignal(result)) return;
        deadlines.set(result, performance.now() + delay);
        noted = true;
      },
    },
    true,
  );
  observe(AbortSignal, 'any', { returned: ({ args: [signals], result }) => combine(signals, result) }, true);
}
