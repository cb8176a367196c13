/** Awaits of one call that came one after the other, as far as polls saw them: for the rule about awaits that need not wait for each other. */

/** The awaits of one call at one line. */
export interface AwaitStep {
  /** Index into `Snapshot.frames`. */
  frame: number;
  /** How many there were. */
  count: number;
  /** How long they took together, milliseconds, about. */
  ms: number;
  /** Of that, the time in which the loop was at work, for whomever; milliseconds. */
  loopMs: number;
}

/** One call of an async function: of equal ones the longest. */
export interface AwaitRow {
  /** In the order in which the lines were seen first. */
  steps: AwaitStep[];
  /** Awaits too short for the polls, at these lines or others in between. */
  unseen?: Omit<AwaitStep, 'frame'>;
  /** Calls that were seen at the same lines. */
  calls: number;
}
