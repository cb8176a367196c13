/** Long computations in pieces: generators that can be interrupted at every `yield`, and what runs them until a deadline. */
import { performance } from 'node:perf_hooks';
import { reportFault } from '../faults.ts';

/** The original: the program may put another function in the place of `call` later. */
const { apply } = Reflect;

/** A computation that may be interrupted; the program runs in between. What it yields is run at once, where the stack is short: V8's walks are cheaper there. */
export type Steps<T> = Generator<(() => void) | undefined, T, undefined>;

/** Cheap items between two yields: together far less than a millisecond. */
export const PACE = 128;

const { now } = performance;

/** Goes on until it is done, until `deadlineMs` or until there is something to run. */
function toWork<T>(steps: Steps<T>, deadlineMs: number): IteratorResult<(() => void) | undefined, T> {
  for (;;) {
    const result = steps.next();
    if (result.done === true || result.value !== undefined || apply(now, performance, []) >= deadlineMs) return result;
  }
}

/** Goes on until it is done or until `deadlineMs` (of `performance.now`); at least one step. */
export function advance<T>(steps: Steps<T>, deadlineMs: number): IteratorResult<unknown, T> {
  for (;;) {
    // The loop with many turns is in a function of its own: V8 walks slowly through a frame that it has optimised.
    const result = toWork(steps, deadlineMs);
    if (result.done === true || result.value === undefined) return result;
    result.value();
    if (apply(now, performance, []) >= deadlineMs) return result;
  }
}

/** All of it in one go. */
export function complete<T>(steps: Steps<T>): T {
  const result = advance(steps, Infinity);
  if (result.done !== true) throw new RangeError('no end');
  return result.value;
}

/** Calls `work` for each item, `pace` of them between two yields. Items added meanwhile are taken as well. */
export function* each<T>(items: readonly T[], work: (item: T, index: number) => void, pace = PACE): Steps<void> {
  for (let i = 0; i < items.length; yield) {
    for (const end = Math.min(i + pace, items.length); i < end; i++) work(items[i] as T, i);
  }
}

/** A failure is reported, and what follows goes on. */
export function* guardedSteps(where: string, steps: Steps<void>): Steps<void> {
  try {
    yield* steps;
  } catch (error) {
    reportFault(where, error);
  }
}

/** Numbers sorted before the first yield: about a millisecond. */
const RUN = 16_384;
/** The position is kept in the lower bits, the key, a whole number below 2^32, in the upper ones. */
const POSITIONS = 2 ** 20;

/** A sorted copy of at most 2^20 items; equal keys keep their order. */
export function* sorted<T>(items: readonly T[], key: (item: T) => number): Steps<T[]> {
  let isSorted = true;
  let last = -Infinity;
  yield* each(items, (item) => {
    const number = key(item);
    if (number < last) isSorted = false;
    last = number;
  });
  if (isSorted) return items.slice();
  let from = new Float64Array(items.length);
  yield* each(items, (item, i) => {
    from[i] = key(item) * POSITIONS + i;
  });
  let to = new Float64Array(items.length);
  for (let i = 0; i < from.length; i += RUN) {
    from.subarray(i, i + RUN).sort();
    yield;
  }
  for (let size = RUN; size < from.length; size *= 2) {
    for (let i = 0; i < from.length; i += 2 * size) yield* merge(from, to, i, i + size, i + 2 * size);
    [from, to] = [to, from];
  }
  const result: T[] = [];
  for (let i = 0; i < from.length; i++) {
    const item = items[(from[i] ?? 0) % POSITIONS];
    if (item !== undefined) result.push(item);
    if (i % PACE === 0) yield;
  }
  return result;
}

/** Merges two sorted runs of `from`, which meet at `middle`, into the same place of `to`. */
function* merge(from: Float64Array, to: Float64Array, start: number, middle: number, end: number): Steps<void> {
  let left = start;
  let right = middle;
  for (let i = start; i < end && i < to.length; i++) {
    const a = left < middle ? (from[left] ?? Infinity) : Infinity;
    const b = right < end ? (from[right] ?? Infinity) : Infinity;
    to[i] = a <= b ? a : b;
    if (a <= b) left++;
    else right++;
    if (i % RUN === 0) yield;
  }
}
