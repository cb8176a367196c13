/** Awaits that can never go on: what they awaited was garbage collected while pending, so nobody was left that could settle it. */

/** All of one chain of lines. */
export interface DeadAwait {
  /** The await and the awaits of its callers: indices into `Snapshot.frames`, innermost first. */
  frames: number[];
  count: number;
  /** Whoever awaited the call has gone on without it, as after a lost `Promise.race`. */
  abandoned?: true;
  /** Awaits of calls of it, as {@link DeadAwait.frames}, where several wait for one; at most 20. */
  behind?: number[][];
}
