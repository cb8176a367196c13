/** What one line of a program makes ever more of, and timers with a delay that is too long: for the rules about leaks. */

/** Listeners, live timers, or reactions on one pending promise, that one line made in several turns of the loop. */
export interface Growth {
  /** `timeout`: of those only the ones whose promise nobody waits for any more. */
  kind: 'interval' | 'timeout' | 'listener' | 'reaction';
  /** Where: indices into `Snapshot.frames`, innermost first. */
  frames: number[];
  /** How many there are now. */
  live: number;
  /** In how many different callbacks of the loop they were made, as far as counted. */
  turns: number;
  /** How many the line has made since the start, as far as their stacks were taken; absent for listeners and reactions. */
  made?: number;
  /** Of intervals: how many of them a task waits for by itself, as in `for await (const _ of setInterval(...))`. */
  awaited?: number;
  /** Of reactions: added by `then` and its like, not by races. */
  plain?: true;
  /** Of listeners: the event and the class of the emitter. */
  event?: string;
  emitter?: string;
}

/** Timers that fire at once because their delay does not fit into 31 bits; Node sets it to 1 ms. */
export interface TimerOverflow {
  frames: number[];
  /** What the program asked for, such as "3000000000" or "Infinity"; of the last one. */
  delay: string;
  count: number;
}
