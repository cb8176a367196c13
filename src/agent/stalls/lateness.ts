/** Tells by what happened since the last poll why this one comes late. */
import type { GapLoad } from './turn.ts';

/** A poll that comes after so much work was held up: by a native call, or because the watcher itself was. Milliseconds. */
export const LATE_MS = 90;

/** The same, where the program has only just entered a function: the longest time between two polls, and some. Milliseconds. */
export const HELD_MS = 65;

/** A look at the turn that goes on. */
export interface Look {
  late: boolean;
  /** It is late because of native code: JavaScript would have let it in as soon as the machine let it run at all. */
  isNative: boolean;
  /** So it is if the program has only just entered a function. */
  isHeldUp: boolean;
  /** The time since the last look in which the loop was at work. Milliseconds. */
  gapMs: number;
}

/** Of a poll whose watcher meant to ask `watcherLateMs` earlier. */
export function lookAt({ activeMs, processorMs, takenAway }: GapLoad, watcherLateMs: number): Look {
  const heldUp = (ms: number): boolean =>
    activeMs - watcherLateMs > ms && (takenAway === 0 || processorMs - watcherLateMs > ms);
  const late = activeMs - watcherLateMs > LATE_MS;
  return { late, isNative: heldUp(LATE_MS), isHeldUp: heldUp(HELD_MS), gapMs: activeMs };
}
