/** Runs expressions in a program that is being looked at or joined, where need be only when no code of its own is interrupted. */
import { setTimeout as delay } from 'node:timers/promises';
import { asJson, type Cdp } from '../cdp.ts';
import { noAnswer } from '../errors.ts';

/** What an expression for {@link whenFree} gives while code of the program is interrupted. */
export const BUSY = 'busy';
const PATIENCE_MS = 5000;
/** Pauses between two attempts, growing twofold. Milliseconds. */
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 500;

/** Its value, undefined when it throws. `require` is there, as on a command line. */
export async function evaluate(cdp: Cdp, expression: string): Promise<unknown> {
  const params = { expression, includeCommandLineAPI: true, returnByValue: true, silent: true, disableBreaks: true };
  return asJson((await cdp.send('Runtime.evaluate', params))['result'])['value'];
}

/** Its value once that is not {@link BUSY}; rejects with `noAnswer` after `patienceMs`. */
export async function whenFree(cdp: Cdp, expression: string, patienceMs = PATIENCE_MS): Promise<unknown> {
  const endMs = performance.now() + patienceMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const value = await evaluate(cdp, expression);
    if (value !== BUSY) return value;
    if (performance.now() >= endMs) throw noAnswer();
    await delay(pauseMs);
  }
}
