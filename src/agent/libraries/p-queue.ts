/** PQueue of p-queue (6 to 9). */
import { field, getter, hasMethods, prototypeOf } from './fields.ts';
import { patch } from './patch.ts';
import { enqueue, enqueued } from './limiter.ts';
import { lockOf, waitForIdle, type Numbers } from './lock.ts';

const QUEUE = { lock: 'queue', library: 'p-queue', name: 'PQueue' } as const;

/** Looks for the class among what the module exports or defines. */
export function watchQueue(members: object): void {
  const prototype = prototypeOf(field(members, 'PQueue'));
  if (!hasMethods(prototype, 'add', 'addAll', 'onIdle')) return;
  const waiters = getter(prototype, 'size');
  const inUse = getter(prototype, 'pending');
  const size = getter(prototype, 'concurrency');
  const paused = Object.getOwnPropertyDescriptor(prototype, 'isPaused')?.get;
  const numbers = (queue: object): Numbers => ({
    waiters: waiters(queue),
    inUse: inUse(queue),
    size: size(queue),
    paused: paused !== undefined && Reflect.apply(paused, queue, []) === true,
  });
  patch(prototype, 'add', {
    begin(queue, args) {
      const lock = lockOf(queue, QUEUE, numbers);
      if (args[1] !== undefined) lock.hasPriorities = true;
      return enqueue(lock, args, false);
    },
    end: (result, job) => enqueued(job, result),
  });
  // `onSizeLessThan` and `onPendingZero` are not in every version.
  patch(prototype, 'onIdle', {
    begin: () => {},
    end: (result, _, queue) => waitForIdle(lockOf(queue, QUEUE, numbers), result),
  });
  patch(prototype, 'onEmpty', {
    begin: () => {},
    end: (result, _, queue) => waitForIdle(lockOf(queue, QUEUE, numbers), result, { untilFewer: 1 }),
  });
  patch(prototype, 'onSizeLessThan', {
    begin: (_, [limit]) => limit,
    end(result, limit, queue) {
      if (typeof limit === 'number') waitForIdle(lockOf(queue, QUEUE, numbers), result, { untilFewer: limit });
    },
  });
  patch(prototype, 'onPendingZero', {
    begin: () => {},
    end: (result, _, queue) => waitForIdle(lockOf(queue, QUEUE, numbers), result, { untilNoneRuns: true }),
  });
}
