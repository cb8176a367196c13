/** Limits how often something expensive may be done, so that a burst in the program never becomes a burst of ours. */

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
