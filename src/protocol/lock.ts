/** What is known of a lock, pool or queue of a package that a task waits for. */

import type { Frame } from './agent.ts';

/** `limit`: runs functions, so many at a time. `queue`: as that, with an order of its own. */
export type LockKind = 'mutex' | 'semaphore' | 'pool' | 'queue' | 'limit';

/** Who has it is no task that waits: it has ended, and most likely has forgotten to give it back. */
export interface TakenFacts {
  /** Where it was asked for, innermost first. */
  frames: Frame[];
  /** Since when it is had, milliseconds. */
  heldMs: number;
}

/** Absent means unknown. */
export interface LockFacts {
  kind: 'lock';
  holder?: number;
  /** Number of the lock, for its life. */
  id?: number;
  lock?: LockKind;
  /** The package it comes from, and its class. */
  library?: string;
  name?: string;
  /** What a pool gives out, such as `connection`. */
  gives?: string;
  /** Ids of the tasks that have it, as far as known. */
  holders?: number[];
  /** The tasks of all who have it are known. */
  allHolders?: true;
  /** Of those that no task has any more. */
  taken?: TakenFacts[];
  /** Since when the last holder has it, milliseconds. */
  heldMs?: number;
  waiters?: number;
  inUse?: number;
  size?: number;
  /** Place in its queue, from 1. */
  position?: number;
  paused?: boolean;
  /** It lets one begin only so often, milliseconds. */
  paceMs?: number;
  /** The wait is not for a place: until it has nothing more to do. */
  untilIdle?: true;
  /** Neither: until fewer than so many wait for a place, or until none has one. */
  untilFewer?: number;
  untilNoneRuns?: true;
  /** How long one has it unless that is renewed, milliseconds. */
  leaseMs?: number;
}
