/** Foresees which calls of `JSON.stringify` will last: estimates how much there is in a value from samples of it. Also in the middle of the program: no code of it runs. */
import { performance } from 'node:perf_hooks';
import { types } from 'node:util';
import { newTimeBudget } from '../budget.ts';
import { sizeOf } from './call-details.ts';

/** So many values take 10 ms or longer; as a list, known without an estimate. */
const MANY = 20_000;
/** Text is written as fast as one value for so many characters. */
const CHARACTERS = 50;
/** An estimate looks at so many values at most, so far down, and at so many of those side by side. */
const MAX_LOOKS = 300;
const MAX_DEPTH = 8;
const SIDE_BY_SIDE = 8;
/** An estimate takes 1 us for a small object, 50 us for a large one: at most 0.05 % of the time. */
const estimates = newTimeBudget(0.0005, 2);

/** Whether this call will probably last. */
export function foreseesJson(args: readonly unknown[], nowMs: number): boolean {
  const value = args[0];
  if (typeof value !== 'object' || value === null || isExotic(value)) return false;
  if (Array.isArray(value) && value.length >= MANY) return true;
  if (!estimates.take(nowMs)) return false;
  const isLarge = newEstimate()(value, 0) >= MANY;
  estimates.spent(performance.now() - nowMs);
  return isLarge;
}

/** To look at a proxy runs code of the program; at a module that has yet to run, fails. */
const isExotic = (value: object): boolean => types.isProxy(value) || types.isModuleNamespaceObject(value);

/** How many values there are, from a sample of each object's own. */
function newEstimate(): (value: unknown, depth: number) => number {
  let looks = 0;
  const count = (value: unknown, depth: number): number => {
    const size = sizeOf(value);
    if (size !== undefined) return 1 + (typeof value === 'string' ? size / CHARACTERS : size);
    if (typeof value !== 'object' || value === null || depth > MAX_DEPTH || isExotic(value)) return 1;
    const keys = Array.isArray(value) ? value : Object.keys(value);
    const { length } = keys;
    const step = Math.max(1, length / SIDE_BY_SIDE);
    let sum = 0;
    let seen = 0;
    for (let i = 0; i < length && looks < MAX_LOOKS; i += step) {
      const at = Math.floor(i);
      const key = keys === value ? at : (keys[at] as string);
      looks++;
      seen++;
      // A getter is not asked.
      sum += count(Object.getOwnPropertyDescriptor(value, key)?.value, depth + 1);
    }
    return 1 + (seen === 0 ? length : (sum / seen) * length);
  };
  return count;
}
