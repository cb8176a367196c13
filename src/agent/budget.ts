/** Limits how often something expensive may be done, so that a burst in the program never becomes a burst of ours. */
import { addOwnTime } from './own-time.ts';

/** A token bucket: `take` says yes at most `perSecond` times a second on average and `burst` times at once. `nowMs` never goes back. */
export interface Budget {
  take(nowMs: number): boolean;
}

/** A full bucket of `burst` tokens. */
export function newBudget(perSecond: number, burst: number): Budget {
  let tokens = burst;
  let last = 0;
  return {
    take(nowMs) {
      if (nowMs > last) {
        tokens = Math.min(burst, tokens + ((nowMs - last) * perSecond) / 1000);
        last = nowMs;
      }
      if (tokens < 1) return false;
      tokens--;
      return true;
    },
  };
}

/** As {@link Budget}, counted in time spent: cheap while the machine is fast, rare when it is slow. */
export interface TimeBudget extends Budget {
  /** Corrects the last `take`, which counts as {@link USUAL_MS}: what it did took `ms`, and none of the program's time. */
  spent(ms: number): void;
}

const USUAL_MS = 0.01;
/** The machine may have done something else meanwhile. */
const MAX_MS = 0.5;

/**
 * At most `share` (0 to 1) of the time on average and `burstMs` at once. The first `free` times count for nothing: code runs slowly at first, and what is
 * known of a small program must not depend on the machine.
 */
export function newTimeBudget(share: number, burstMs: number, free = 0): TimeBudget {
  let leftMs = burstMs;
  let last = 0;
  let freeLeft = free;
  return {
    take(nowMs) {
      if (nowMs > last) {
        leftMs = Math.min(burstMs, leftMs + (nowMs - last) * share);
        last = nowMs;
      }
      if (leftMs < USUAL_MS) return false;
      leftMs -= USUAL_MS;
      return true;
    },
    spent(ms) {
      addOwnTime(ms);
      if (freeLeft > 0) {
        freeLeft--;
        leftMs += USUAL_MS;
      } else leftMs -= Math.min(ms, MAX_MS) - USUAL_MS;
    },
  };
}
