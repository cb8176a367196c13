/** AwaitLock of await-lock (2 and 3). */
import { field, hasMethods, prototypeOf } from './fields.ts';
import { patch, recordOf } from './patch.ts';
import { runningRecord } from '../promises/promises.ts';
import {
  ask,
  finish,
  heldByRunning,
  lockOf,
  refresh,
  start,
  waitFor,
  workFor,
  type Lock,
  type Numbers,
} from './lock.ts';

const MUTEX = { lock: 'mutex', library: 'await-lock', name: 'AwaitLock' } as const;

/** The class keeps its numbers to itself. */
const numbers = (owner: object): Numbers => ({ waiters: lockOfOwner(owner).waiting.size });
const lockOfOwner = (owner: object): Lock => lockOf(owner, MUTEX, numbers);

/** Looks for the class among what a module of the package exports or defines. */
export function watchAwaitLock(members: object): void {
  const prototype = prototypeOf(field(members, 'AwaitLock'));
  if (!hasMethods(prototype, 'acquireAsync', 'tryAcquire', 'release')) return;
  patch(prototype, 'acquireAsync', {
    begin: (_, [options]) => field(options, 'timeout') !== undefined,
    end(result, hasLimit, owner) {
      const record = recordOf(result);
      if (record === null || typeof result !== 'object' || result === null) return;
      // With a time limit the end of the promise may also mean that it is not had; unless it has ended at once.
      if (hasLimit && record.isPending) workFor(ask(lockOfOwner(owner)), record);
      else waitFor(ask(lockOfOwner(owner), record), result);
    },
  });
  patch(prototype, 'tryAcquire', {
    begin: () => {},
    end(result, _, owner) {
      if (result !== true) return;
      const grant = ask(lockOfOwner(owner));
      grant.waiter = runningRecord();
      start(grant);
    },
  });
  patch(prototype, 'release', {
    begin(owner) {
      const lock = lockOfOwner(owner);
      refresh(lock, false);
      const [first] = lock.held;
      const grant = lock.held.size === 1 ? first : heldByRunning(lock);
      if (grant !== undefined) finish(grant);
    },
  });
}
