/** Numbers of what was there before the agent: times and positions that no recorded promise has. */

/** In place of the time at which it was made, which nobody knows; set when something is adopted. Milliseconds. */
let beforeMs: number | undefined;

/** Whether something made at that time was there before the agent; then how long it has waited is not known. */
export const isFromBefore = (atMs: number): boolean => beforeMs !== undefined && atMs <= beforeMs;

/** The time given to all that is adopted; `startMs`: when the agent began to record, or looks. */
export function timeBefore(startMs: number): number {
  return (beforeMs ??= startMs);
}

/** Everything adopted was forgotten. */
export function forgetBefore(): void {
  beforeMs = undefined;
}
