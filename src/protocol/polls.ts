/** Polls: what is asked and answered, and how often the program is asked whether its loop still turns. Whoever watches keeps to it. */
import type { Stall } from './agent.ts';

/** Asks whether the loop turns. */
export interface PollRequest {
  request: 'poll';
  /** A debugger holds the program. */
  paused: boolean;
  /** By how much later than it meant to the watcher asks, milliseconds. */
  watcherLateMs?: number;
  /** The poll before was answered by a program that a debugger held, which the watcher did not know yet: what it saw does not count. */
  heldBefore?: true;
  /** Whoever watches hears of {@link Awake}, so that it need not ask while the program rests. */
  mayRest?: true;
}

export interface PollAnswer {
  /** When it was made: a debugger's proxy may deliver it after events that came later. */
  atMs: number;
  /** Tasks that have ended and whose outcome can be asked for by the endpoint's `settled` now. */
  settled?: number;
  /** The stall that is going on. */
  stall?: Stall;
  /** A call that was announced is about to begin or not over: the answer came from within it. */
  calling?: boolean;
  /** The program has had little to do since the last poll: the next one may come later. */
  idle?: boolean;
  /** The program rests; the number of this rest. Nothing happens until it tells that it goes on, by {@link Awake}. */
  rest?: number;
  /** Grows with every change worth a new snapshot. */
  activity: number;
  /** At the last snapshot. */
  pendingTasks: number;
}

/** Milliseconds between two polls. */
export const POLL_MS = 30;
/** Where a call is about to block: what follows is soon the stall. */
const CALLING_POLL_MS = 10;
/** A program that has nothing to do need not be looked at so often: a stall is still seen long before it counts as one. */
const IDLE_POLL_MS = 60;
/** One that rests tells when it goes on; what it cannot tell is found so late. */
export const REST_POLL_MS = 5000;

/**
 * Told to whoever asked with `mayRest`, at the beginning of the callback that ends the rest of that number. It may arrive before the answer in which the rest
 * began: a debugger's proxy delivers answers after events that came later.
 */
export interface Awake {
  event: 'awake';
  rest: number;
}

/** Milliseconds until the next poll; `ended`: number of the last rest of which the end was heard. */
export function pauseAfterPoll(answer: PollAnswer | undefined, ended: number): number {
  if (rests(answer, ended)) return REST_POLL_MS;
  if (answer?.calling === true) return CALLING_POLL_MS;
  return answer?.idle === true ? IDLE_POLL_MS : POLL_MS;
}

/** Whether nothing needs to be asked until the program tells that it goes on. */
export const rests = (answer: PollAnswer | undefined, ended: number): boolean =>
  answer?.rest !== undefined && answer.rest > ended;

/** Milliseconds until the first poll after a rest: a callback that lasts as long is not a stall yet. */
export const AWAKE_POLL_MS = IDLE_POLL_MS;
