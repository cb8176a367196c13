/** Tells by what happened since the last poll why this one comes late. */
import type { GapLoad } from './turn.ts';

/** A poll that comes after so much work was held up: by a native call, or because the watcher itself was. Milliseconds. */
export const LATE_MS = 90;

/** A look at the turn that goes on. */
export interface Look {
  late: boolean;
  /** It is late because of native code: JavaScript would have let it in as soon as the machine let it run at all. */
  isNative: boolean;
  /** The time since the last look in which the loop was at work. Milliseconds. */
  gapMs: number;
}

/** Of a poll whose watcher meant to ask `watcherLateMs` earlier. */
export function lookAt({ activeMs, processorMs, takenAway }: GapLoad, watcherLateMs: number): Look {
  const late = activeMs - watcherLateMs > LATE_MS;
  const isNative = late && (takenAway === 0 || processorMs - watcherLateMs > LATE_MS);
  return { late, isNative, gapMs: activeMs };
}
