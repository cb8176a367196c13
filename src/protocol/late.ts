/** What a heap tells of the promises that were pending before the agent came; told to the agent, which was not there when they were made. */
import type { Combinator, Frame } from './agent.ts';

/**
 * Key (for `Symbol.for`) of a global that is there only while the agent is loaded into a running program: then it starts nothing. It answers questions, and
 * records only once it is told to.
 */
export const LATE_SYMBOL = 'async-lens.late';

/** Promises by their index in the list that V8 gave of them, resources by theirs. All are pending. */
export interface LatePlan {
  /** Suspended calls of async functions: the promise each awaits and the one it returned, which an async generator and a module do not have; `own`: what V8 makes for an await while there are hooks. */
  awaits: { on: number; of?: number; own?: number; frame?: Frame }[];
  /** What `then`, `catch` and `finally` made of a promise; `follows`: `to` was resolved with `on`. */
  reactions: { on: number; to: number; follows?: true }[];
  /** Elements of a combinator, or of what is settled by `then(resolve, reject)` (`race`). */
  elements: { on: number; of: number; combinator: Combinator }[];
  /** The nearest timer, handle or request that holds the functions which settle the promise; `exact` for a timer whose callback they are. */
  settledBy: { promise: number; resource: number; exact?: true }[];
  /** A suspended call has a local variable by which the promise can be settled: `by` is the promise it returned. */
  heldBy: { promise: number; by: number }[];
}

/** What became of a plan. `busy`: code of the program was interrupted, and the chains of its awaits cannot be walked then: ask again. */
export type LateAnswer = { ok: true } | { ok: false; error: string; busy?: true };
