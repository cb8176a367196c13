/** What is told of tasks beyond their places: names, states, who started them, how they ended. */

/**
 * Key (for `Symbol.for`) of the non-enumerable global function by which a program labels the task that runs:
 * `globalThis[Symbol.for('async-lens.label')]?.('import of shop 17')`.
 */
export const LABEL_SYMBOL = 'async-lens.label';

/** Environment variable that has the places taken down where tasks are started: `all`, or `sampled` for a small share of the time. */
export const CREATION_STACKS_VARIABLE = 'ASYNC_LENS_CREATION_STACKS';

/** For which tasks the place is taken down where they were started. */
export type CreationStacks = 'all' | 'sampled';

/** `running`: its code runs, or is interrupted, right now. `ready`: what it awaited is there, its code goes on soon. */
export type TaskState = 'running' | 'ready' | 'waiting';

/** A task that started another. */
export interface TaskCreator {
  id: number;
  /** Its name, when it was given one. */
  name?: string;
  /** Where it awaits, or awaited last: index into `Snapshot.frames`. */
  frame?: number;
  /** It is over, and one of `Snapshot.ended`. */
  ended?: true;
  /** `inferred` when a call that is over by now may have come in between. */
  confidence: 'exact' | 'inferred';
  /** How many of the members it started. */
  count: number;
}

/** How a promise settled; `cancelled`: rejected with an abort error. */
export interface Outcome {
  id: number;
  state: 'fulfilled' | 'rejected' | 'cancelled';
  /** Name and message of what it was rejected with. */
  error?: string;
}

/** A task that is over, of those that a snapshot had shown before. Times in milliseconds. */
export interface EndedTask {
  id: number;
  name?: string;
  /** Where it awaited last: index into `Snapshot.frames`. */
  frame?: number;
  startMs: number;
  durationMs: number;
  resumptions: number;
  /** By samples; absent when none found it running. */
  busyMs?: number;
  /** Absent: exact. `inferred`: the promise that has settled was only likely that of the task. */
  confidence?: 'inferred';
}

/** How tasks of `Snapshot.ended` settled; told by whoever looks from outside, for the program's own code cannot ask without taking part. */
export interface OutcomesEvent {
  event: 'outcomes';
  outcomes: Outcome[];
}

/** What a task, or a group of equal ones, is known by besides its place. */
export interface TaskFacts {
  /** Of a request (`GET /orders/17`) or given by the program; of a group what the names have in common (`GET /orders/*`). */
  name?: string;
  /** The first different names of the members, at most 10. */
  names?: string[];
  /** Of a group the most active of its members'. Absent: waiting. */
  state?: TaskState;
  /** For how long it has been at its present await; of a group the longest. Milliseconds. */
  awaitMs?: number;
  /** How often its code went on after an await; of a group the most. */
  resumptions?: number;
  /** Time for which its code ran, by samples of about 30 ms; of a group in all. Absent when no sample found it running. */
  busyMs?: number;
  /** The tasks that started its members, at most 5. */
  creators?: TaskCreator[];
  /** Where the oldest member known was started, when such places are taken down: indices into `Snapshot.frames`, innermost caller first. */
  startedAt?: number[];
  /** Of a task that nobody awaits and that is not new: where its function was seen to be called, indices into `Snapshot.frames`. */
  calledFrom?: number[];
}
