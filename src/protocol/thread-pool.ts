/** What libuv's thread pool has to do for the program: files, look-ups of host names, cryptography, compression. */
import type { WaitFacts } from './waits.ts';

/** Work that was given to the pool and is not back yet; equal pieces together. */
export interface PoolWork {
  facts: WaitFacts;
  count: number;
  /** Since it was given to the pool, of the oldest piece; milliseconds. */
  ageMs: number;
  /** Where it was asked for or is awaited: indices into `Snapshot.frames`, innermost first; empty when unknown. */
  frames: number[];
  /** Ids of the tasks that wait for it, at most 50. */
  tasks?: number[];
}

/** Who has threads and who waits for one. Inferred: the pool starts its work in the order in which it came. */
export interface PoolState {
  /** Threads at work. */
  busy: number;
  /** Pieces of work that wait for a thread. */
  waiting: number;
  /** Oldest first. */
  running: PoolWork[];
  /** Oldest first, of at most the first 200 pieces. */
  queued: PoolWork[];
}

/** Times in which work had to wait for a thread for 50 ms and longer. */
export interface PoolSaturation {
  count: number;
  totalMs: number;
  /** The time with the longest wait. */
  worst: PoolState & {
    /** Since the start of the process, milliseconds. */
    startMs: number;
    /** For how long work had been waiting. */
    waitMs: number;
  };
}

/** The pool as one thread of the program knows it: what workers and native add-ons have given to the same pool is not seen. */
export interface ThreadPool extends PoolState {
  /** Threads of the pool; 4, or what UV_THREADPOOL_SIZE said when it was first used. */
  size: number;
  saturation?: PoolSaturation;
}
