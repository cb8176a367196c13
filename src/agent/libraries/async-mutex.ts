/** Mutex and Semaphore of async-mutex (0.5). */
import { field, hasMethods, lengthOf, numberField, objectField, prototypeOf } from './fields.ts';
import { hooked, patch, recordOf } from './patch.ts';
import {
  ask,
  finish,
  heldByRunning,
  lockOf,
  refresh,
  waitFor,
  workFor,
  type Grant,
  type Lock,
  type Numbers,
} from './lock.ts';

const SEMAPHORE = { lock: 'semaphore', library: 'async-mutex', name: 'Semaphore' } as const;
const MUTEX = { lock: 'mutex', library: 'async-mutex', name: 'Mutex' } as const;

/** Semaphores that are the inside of a mutex. */
const inner = new WeakSet<object>();

function numbers(semaphore: object): Numbers {
  const waiters = lengthOf(semaphore, '_queue');
  if (inner.has(semaphore)) return { waiters };
  const free = numberField(semaphore, '_value');
  const inUse = lockOfSemaphore(semaphore).held.size;
  return { waiters, inUse, size: free === undefined || free < 0 ? undefined : inUse + free };
}

const lockOfSemaphore = (semaphore: object): Lock =>
  lockOf(semaphore, inner.has(semaphore) ? MUTEX : SEMAPHORE, numbers);

/** The last one asked for: the methods call one another, the innermost asks. */
let latest: Grant | null = null;

function released(semaphore: object): void {
  const lock = lockOfSemaphore(semaphore);
  refresh(lock, false);
  const [first] = lock.held;
  const grant = lock.held.size === 1 ? first : heldByRunning(lock);
  // One that has a promise of its own ends with it.
  if (grant !== undefined) finish(grant);
}

interface Run {
  grant: Grant | null;
}

function patchSemaphore(prototype: object): void {
  patch(prototype, 'acquire', {
    begin: (_, [, priority]) => priority !== undefined && priority !== 0,
    end(result, hasPriority, semaphore) {
      const record = recordOf(result);
      if (record === null) return;
      if (hasPriority) lockOfSemaphore(semaphore).hasPriorities = true;
      latest = ask(lockOfSemaphore(semaphore), record);
      waitFor(latest, result as object);
    },
  });
  patch(prototype, 'runExclusive', {
    begin(_, args): Run {
      const run: Run = { grant: null };
      const [work] = args;
      latest = null;
      if (typeof work !== 'function') return run;
      args[0] = hooked(work as () => unknown, 'runExclusive', {
        begin: () => {},
        end: (result) => {
          if (run.grant !== null) run.grant.work = recordOf(result);
        },
      });
      return run;
    },
    end(result, run) {
      const record = recordOf(result);
      if (latest === null || record === null) return;
      run.grant = latest;
      workFor(latest, record);
    },
  });
  const letGo = {
    begin: () => {},
    end: (_result: unknown, _: void, semaphore: object) => refresh(lockOfSemaphore(semaphore), false),
  };
  patch(prototype, 'release', { ...letGo, begin: released });
  patch(prototype, 'setValue', letGo);
  patch(prototype, 'cancel', {
    begin(semaphore) {
      const lock = lockOfSemaphore(semaphore);
      refresh(lock, true);
      for (const grant of lock.waiting) finish(grant);
    },
  });
}

function patchMutex(prototype: object): void {
  const mark = (mutex: object): void => {
    const semaphore = objectField(mutex, '_semaphore');
    if (semaphore !== undefined) inner.add(semaphore);
    latest = null;
  };
  patch(prototype, 'acquire', {
    begin: mark,
    end(result) {
      if (latest !== null && recordOf(result) !== null) waitFor(latest, result as object);
    },
  });
  patch(prototype, 'runExclusive', { begin: mark });
}

/** Looks for the classes among what a module of the package exports or defines. */
export function watchAsyncMutex(members: object): void {
  const semaphore = prototypeOf(field(members, 'Semaphore'));
  if (hasMethods(semaphore, 'acquire', 'runExclusive', 'release', 'isLocked', '_dispatchQueue'))
    patchSemaphore(semaphore);
  const mutex = prototypeOf(field(members, 'Mutex'));
  if (hasMethods(mutex, 'acquire', 'runExclusive', 'release', 'isLocked')) patchMutex(mutex);
}
