/** Has V8 collect all garbage of the program, so that weak references tell what nothing can reach any more. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Cdp } from '../cdp.ts';

/** Measured on Node 20 to 26, 2 cores, of heaps of many small objects: V8 goes through all of it several times. Milliseconds. */
const BASE_MS = 50;
const MS_PER_MB = 5;

/** How long the program will stand still for a collection now, milliseconds; a rough guess. */
export async function collectionMs(cdp: Cdp): Promise<number> {
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  return BASE_MS + (MS_PER_MB * Number(usedSize)) / 1e6;
}

/** Answers false when the program has not answered in time: V8 collects in a turn of the event loop, not while the program is blocked or held by a debugger (Node 20 to 26). */
export async function collectGarbage(cdp: Cdp, limitMs: number): Promise<boolean> {
  const late = new AbortController();
  try {
    return await Promise.race([
      cdp.send('HeapProfiler.collectGarbage').then(() => true),
      delay(limitMs, false, { signal: late.signal }),
    ]);
  } finally {
    late.abort();
  }
}
