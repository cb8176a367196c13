/** Follows for how long work waits for a thread of libuv's pool, from looks at what is in it; pure. */
import { shareOut, type Shares } from './pool-shares.ts';

/** One look. Times in milliseconds of one clock that never goes back. */
export interface PoolLook<T> {
  nowMs: number;
  /** Grows with every turn of the event loop. */
  turn: number;
  size: number;
  /** In the order in which it was given to the pool; undefined when there was no time to look. */
  items: readonly T[] | undefined;
}

interface Item {
  slow: boolean;
  sinceMs: number;
}

/** A time in which work had to wait. */
export interface Wait<T> extends Shares<T> {
  startMs: number;
  /** The longest so far. */
  waitMs: number;
}

/** What a look has found. */
export interface SaturationFacts<T> {
  /** Set when this is the longest wait that there has been, by far enough to be described anew. */
  worst?: Wait<T>;
  count: number;
  totalMs: number;
}

/** Shorter waits are usual. */
const TOLD_FROM_MS = 50;
/** After so long without a look the process may have been asleep. */
const ASLEEP_MS = 500;
/** Work that is back is taken in during a whole turn; the present one may have just begun. */
const TURNS = 2;
/** So much longer than the one before it must be to be described anew. */
const FURTHER = 1.2;

/**
 * A look is about the moment of the look before: what was in the pool then and still is now, a whole turn of the loop later, was not done at that moment.
 * Otherwise work that is done, and that a blocked loop has not taken in yet, would count as waiting.
 */
export function newSaturation<T extends Item>(): (look: PoolLook<T>) => SaturationFacts<T> {
  let before: { nowMs: number; turn: number } | undefined;
  let lookedMs = -Infinity;
  let awakeMs = 0;
  /** Since when work has been waiting; undefined when none is, or not long enough. */
  let startMs: number | undefined;
  let untilMs = 0;
  let count = 0;
  let endedMs = 0;
  let worstMs = 0;

  function end(): void {
    if (startMs !== undefined) endedMs += untilMs - startMs;
    startMs = undefined;
  }

  const facts = (worst?: Wait<T>): SaturationFacts<T> => ({
    count,
    totalMs: endedMs + (startMs === undefined ? 0 : untilMs - startMs),
    ...(worst === undefined ? {} : { worst }),
  });

  return ({ nowMs, turn, size, items }) => {
    if (nowMs - lookedMs > ASLEEP_MS) {
      end();
      awakeMs = nowMs;
      before = undefined;
    }
    lookedMs = nowMs;
    if (items === undefined) return facts();
    if (items.length === 0) {
      end();
      before = undefined;
      return facts();
    }
    if (before !== undefined && turn - before.turn < TURNS) return facts();
    const atMs = before?.nowMs ?? -Infinity;
    before = { nowMs, turn };
    const shares = shareOut(
      items.filter(({ sinceMs }) => sinceMs < atMs),
      size,
    );
    const [first] = shares.queued;
    const sinceMs = first === undefined ? Infinity : Math.max(first.sinceMs, awakeMs);
    const waitMs = atMs - sinceMs;
    if (first === undefined) end();
    if (waitMs < TOLD_FROM_MS || !Number.isFinite(waitMs)) return facts();
    if (startMs === undefined) {
      startMs = sinceMs;
      count++;
    }
    untilMs = atMs;
    if (waitMs < worstMs * FURTHER) return facts();
    worstMs = waitMs;
    return facts({ ...shares, startMs, waitMs });
  };
}
