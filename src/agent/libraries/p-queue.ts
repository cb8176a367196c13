/** PQueue of p-queue (6 to 9). */
import { field, getter, hasMethods, prototypeOf } from './fields.ts';
import { patch } from './patch.ts';
import { enqueue, enqueued } from './limiter.ts';
import { lockOf, type Numbers } from './lock.ts';

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
}
