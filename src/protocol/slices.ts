/** How a large snapshot is spread over time: whoever asks for one keeps to it. */
import type { UnfinishedSnapshot } from './agent.ts';

/** How long the program stands still at a time. A request can take twice as long when memory is collected during it. Milliseconds. */
export const SLICE_MS = 8;

const SHORT_PAUSE_MS = 4;
const LONG_PAUSE_MS = 20;

/** Milliseconds until the next slice: a program that is busy keeps about two thirds of its time, one that waits for something hardly notices. */
export function pauseAfter({ idle }: UnfinishedSnapshot): number {
  return idle ? SHORT_PAUSE_MS : LONG_PAUSE_MS;
}
