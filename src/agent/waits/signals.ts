/** Knows until when a wait with an `AbortSignal` can last: those of `AbortSignal.timeout` have a deadline. */
import { executionAsyncId } from 'node:async_hooks';
import { performance } from 'node:perf_hooks';
import type { AbortFacts } from '../../protocol/waits.ts';
import { newTimeBudget } from '../budget.ts';
import { captureCallSites } from '../stacks/stack.ts';
import { observe, observeGetter } from './observe.ts';
import { own, plain } from './objects.ts';
import { watchClones } from './request-clones.ts';
import { expectOwner, signalOfOwner } from './signal-owners.ts';

/** The original: the program may put another function in the place of `call` later. */
const { apply } = Reflect;

const { isPrototypeOf } = Object.prototype;
const signalPrototype = AbortSignal.prototype;

/** By signal, in milliseconds of `performance.now()`. */
const deadlines = new WeakMap<object, number>();

function isSignal(value: unknown): value is object {
  const object = plain(value);
  return object !== undefined && apply(isPrototypeOf, signalPrototype, [object]);
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

/** The signal that an `AbortController` gave last, as long as its code runs. */
let given: { signal: WeakRef<object>; asyncId: number } | undefined;

const UNDICI = 'node:internal/deps/undici/undici';
const FRAMES = 4;
/** For stacks, 5 us each. */
const budget = newTimeBudget(0.002, 4);

/**
 * To be called when somebody subscribes to a signal. A `Request` has a signal of its own, which follows the one it was made with: its constructor makes that
 * signal and subscribes to the other one right after that (undici, Node 20 to 26).
 */
export function followSignal(leader: unknown): void {
  if (!isSignal(leader) || !deadlines.has(leader)) return;
  const follower = given?.asyncId === executionAsyncId() ? given.signal.deref() : undefined;
  const startMs = performance.now();
  if (!budget.take(startMs)) return;
  const sites = captureCallSites(FRAMES);
  const isRequest = sites.some((site) => site.getFileName() === UNDICI && site.getFunctionName() === 'Request');
  if (isRequest) {
    handOnDeadline(leader, follower);
    watchClones(handOnDeadline);
  } else expectOwner(leader, sites);
  budget.spent(performance.now() - startMs);
}

function handOnDeadline(from: unknown, to: unknown): void {
  const at = isSignal(from) ? deadlines.get(from) : undefined;
  if (at !== undefined && isSignal(to) && !deadlines.has(to)) deadlines.set(to, at);
}

/** What the signal of an object says about waits for it. */
export function abortOfOwner(owner: object): AbortFacts | undefined {
  return abortOf(signalOfOwner(owner));
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
  observeGetter(AbortController.prototype, 'signal', {
    isWanted: hasDeadlines,
    returned({ result }) {
      if (isSignal(result)) given = { signal: new WeakRef(result), asyncId: executionAsyncId() };
    },
  });
  observe(AbortSignal, 'any', { returned: ({ args: [signals], result }) => combine(signals, result) }, true);
}
