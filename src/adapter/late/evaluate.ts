/** Runs expressions in a program that is being looked at or joined, where need be only when no code of its own is interrupted. */
import { setTimeout as delay } from 'node:timers/promises';
import { asJson, type Cdp, type Json } from '../cdp.ts';
import { noAnswer } from '../errors.ts';

/** What an expression for {@link whenFree} gives while code of the program is interrupted. */
export const BUSY = 'busy';
const PATIENCE_MS = 5000;
/** A program at work is met between two callbacks by many attempts; one that is held for longer is not worth so many. Milliseconds. */
const PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 500;

/** What came of an expression; `failed`: it threw, or no JavaScript can run any more because the program ends. */
interface Outcome {
  value?: unknown;
  failed?: true;
}

/** `more`: parameters of `Runtime.evaluate`. */
export async function outcomeOf(cdp: Cdp, expression: string, more: Json = {}): Promise<Outcome> {
  const params = { expression, returnByValue: true, silent: true, disableBreaks: true, ...more };
  const { result, exceptionDetails } = await cdp.send('Runtime.evaluate', params);
  return exceptionDetails === undefined ? { value: asJson(result)['value'] } : { failed: true };
}

/** Its value, undefined when it fails. */
export async function evaluate(cdp: Cdp, expression: string, more?: Json): Promise<unknown> {
  return (await outcomeOf(cdp, expression, more)).value;
}

interface WhenFree {
  /** Milliseconds. */
  patienceMs?: number | undefined;
  /** Parameters of `Runtime.evaluate`. */
  more?: Json;
}

/** Its value once that is not {@link BUSY}; rejects with `noAnswer` when that lasts too long. */
export async function whenFree(cdp: Cdp, expression: string, options: WhenFree = {}): Promise<unknown> {
  const { patienceMs = PATIENCE_MS, more } = options;
  const startMs = performance.now();
  for (let pauseMs = PAUSE_MS; ;) {
    const value = await evaluate(cdp, expression, more);
    if (value !== BUSY) return value;
    const ms = performance.now() - startMs;
    if (ms >= patienceMs) throw noAnswer();
    await delay(pauseMs);
    if (ms > PATIENCE_MS) pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
}
