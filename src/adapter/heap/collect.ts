/** Has V8 collect all garbage of the program, so that weak references tell what nothing can reach any more. */
import { setTimeout as delay } from 'node:timers/promises';
import { asJson, type Cdp } from '../cdp.ts';

/** Measured on Node 20 to 26, 2 cores, of heaps of many small objects: V8 goes through all of it several times. Milliseconds. */
const BASE_MS = 50;
const MS_PER_MB = 5;

/** How long the program will stand still for a collection now, milliseconds; a rough guess. */
export async function collectionMs(cdp: Cdp): Promise<number> {
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  return BASE_MS + (MS_PER_MB * Number(usedSize)) / 1e6;
}

/**
 * Answers false when the program has not answered in time. `paused`: a debugger holds it; then V8 does not come to the task that `collectGarbage` posts,
 * but `queryObjects`, here for those that are like an object of which there is no other, collects at once (Node 20 to 26).
 */
export async function collectGarbage(cdp: Cdp, paused: boolean, limitMs: number): Promise<boolean> {
  const collected = paused ? askForObjects(cdp) : cdp.send('HeapProfiler.collectGarbage');
  const late = new AbortController();
  try {
    return await Promise.race([collected.then(() => true), delay(limitMs, false, { signal: late.signal })]);
  } finally {
    late.abort();
  }
}

const GROUP = 'async-lens-collect';

async function askForObjects(cdp: Cdp): Promise<void> {
  const params = { expression: 'Object.create(null)', silent: true, disableBreaks: true, objectGroup: GROUP };
  const { result } = await cdp.send('Runtime.evaluate', params);
  const prototypeObjectId = asJson(result)['objectId'];
  await cdp.send('Runtime.queryObjects', { prototypeObjectId, objectGroup: GROUP });
  await cdp.send('Runtime.releaseObjectGroup', { objectGroup: GROUP });
}
