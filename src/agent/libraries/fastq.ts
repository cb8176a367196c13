/** The promise queue of fastq (1): `fastq.promise(worker, n)` gives a queue whose `push` gives a promise of what the worker makes of a value. */
import { watchFirstWaiter } from '../promises/promises.ts';
import { field, hasMethods } from './fields.ts';
import { ask, finish, lockOf, start, waitForIdle, workFor, type Grant, type Lock, type Numbers } from './lock.ts';
import { hooked, patch, recordOf } from './patch.ts';
import { Turns } from './turns.ts';

type Callable = (...args: never[]) => unknown;

const QUEUE = { lock: 'queue', library: 'fastq' } as const;

/** One call of `fastq.promise`: what its worker and its queue share. */
interface Making {
  lock: Lock | undefined;
  turns: Turns;
  /** The job being pushed, until the worker has it: the queue calls the worker at once when there is room. */
  pushed: Grant | undefined;
}

/** Puts in the place of the worker one that tells which job it has begun. */
function watchWorker(making: Making, args: unknown[]): void {
  const at = typeof args[0] === 'function' ? 0 : 1;
  const worker = args[at];
  if (typeof worker !== 'function') return;
  args[at] = hooked(worker as Callable, 'fastq worker', {
    begin() {
      const grant = making.pushed ?? making.turns.take();
      making.pushed = undefined;
      if (grant !== undefined) start(grant);
      return grant;
    },
    end(result, grant) {
      if (grant !== undefined) grant.work = recordOf(result);
    },
  });
}

/** A reader of a method of the queue that only counts. */
function counter(queue: object, name: string): () => number | undefined {
  const method = field(queue, name) as Callable;
  return () => {
    const value: unknown = Reflect.apply(method, queue, []);
    return typeof value === 'number' ? value : undefined;
  };
}

function lockOfQueue(queue: object): Lock {
  const concurrency = Object.getOwnPropertyDescriptor(queue, 'concurrency')?.get as Callable;
  // Closures of the queue: they live as long as its lock does, which the queue itself keeps.
  const [waiters, inUse] = [counter(queue, 'length'), counter(queue, 'running')];
  const numbers = (self: object): Numbers => ({
    waiters: waiters(),
    inUse: inUse(),
    size: Reflect.apply(concurrency, self, []) as number,
    paused: field(self, 'paused') === true,
  });
  return lockOf(queue, QUEUE, numbers);
}

function watchQueue(queue: object, making: Making): void {
  const lock = lockOfQueue(queue);
  making.lock = lock;
  const add = (key: 'push' | 'unshift'): void =>
    patch(queue, key, {
      begin: () => (making.pushed = ask(lock)),
      end(promise, grant) {
        const record = recordOf(promise);
        if (making.pushed === grant) {
          making.pushed = undefined;
          if (key === 'push') making.turns.push(grant);
          else {
            making.turns.pushFront(grant);
            lock.hasPriorities = true;
          }
        }
        if (record === null) return;
        workFor(grant, record);
        // The first one to wait is fastq itself, so that a rejection is never called unhandled.
        watchFirstWaiter(promise as object, (waiter) => (grant.waiter = waiter));
      },
    });
  add('push');
  add('unshift');
  patch(queue, 'drained', { begin: () => {}, end: (promise) => waitForIdle(lock, promise) });
  for (const key of ['kill', 'killAndDrain', 'abort']) {
    patch(queue, key, { begin: () => making.turns.clear().forEach(finish) });
  }
}

/** The module object. */
export function watchFastq(members: object): void {
  const maker = field(members, 'exports');
  if (typeof maker !== 'function' || typeof field(maker, 'promise') !== 'function') return;
  patch(maker, 'promise', {
    begin(_, args): Making {
      const making: Making = { lock: undefined, turns: new Turns(), pushed: undefined };
      watchWorker(making, args);
      return making;
    },
    end(queue, making) {
      const isKnown = hasMethods(queue, 'push', 'unshift', 'drained', 'kill', 'killAndDrain', 'length', 'running');
      if (isKnown && Object.getOwnPropertyDescriptor(queue, 'concurrency')?.get !== undefined)
        watchQueue(queue, making);
    },
  });
}
