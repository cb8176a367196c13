/** Tells what it costs the program to have its heap read. */
import type { Cdp } from '../cdp.ts';

/** Measured on Node 20 to 26, 2 cores: 0.2 s for the smallest program, and about so much for each megabyte in use. Milliseconds. */
const BASE_MS = 200;
const MS_PER_MB = 60;

/** How long the program would stand still for a reading now, milliseconds; a rough guess. */
export async function standstillMs(cdp: Cdp): Promise<number> {
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  return BASE_MS + (MS_PER_MB * Number(usedSize)) / 1e6;
}
