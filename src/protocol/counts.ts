/** The figures of a snapshot. */

export interface Counts {
  /** Suspended async functions. */
  pendingTasks: number;
  /** The most of all snapshots. */
  peakPendingTasks: number;
  pendingPromises: number;
  promisesCreated: number;
  /** Tasks or waits left out of the snapshot because of a limit. */
  droppedEvents: number;
  /** Groups of equal tasks beyond the most that a snapshot lists, the smallest; absent: none. */
  groupsLeftOut?: number;
  /** Tasks in those; they count as pending all the same. */
  tasksLeftOut?: number;
  /** Resources beyond the most that a snapshot lists; absent: none. */
  resourcesLeftOut?: number;
}

export interface LoopStats {
  /** Event-loop utilisation since start, 0 to 1. */
  utilization: number;
  /** It has not started yet: the program has kept the thread busy from its beginning. */
  notStarted?: true;
  delayMs: { p50: number; p99: number; max: number };
}
