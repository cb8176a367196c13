/** Piscina (4 and 5): `run` gives a promise of what a worker thread makes of a task; those for which no thread is free wait in a queue. */
import { types } from 'node:util';
import type { Wait } from '../../protocol/agent.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import { emitterFacts } from '../waits/emitter-facts.ts';
import { describedBy } from './connection.ts';
import { field, hasMethods, numberField, objectField, prototypeOf } from './fields.ts';
import {
  ask,
  describeLock,
  finish,
  lockOf,
  start,
  type Grant,
  type Lock,
  type LockType,
  type Numbers,
} from './lock.ts';
import { patch, recordOf } from './patch.ts';

const POOL: LockType = { lock: 'pool', library: 'piscina', gives: 'worker thread' };

/** A task, and the thread that works on it. */
interface Work {
  grant: Grant | undefined;
  thread: WeakRef<object> | undefined;
}

/** By the package's own note of the task. */
const byTask = new WeakMap<object, Work>();
/** The task of the call of `run` that goes on right now. */
let running: Work | undefined;

/** Prototypes of the package's own queues: only these keep tasks in the order of asking. */
const queues = new WeakSet<object>();

/** `run` hands its task to a thread or to the queue before it returns. */
function seen(task: unknown): Work | undefined {
  if (typeof task !== 'object' || task === null) return undefined;
  if (running !== undefined && !byTask.has(task)) {
    byTask.set(task, running);
    running = undefined;
  }
  return byTask.get(task);
}

function describe({ grant, thread }: Work, graph: AwaitGraph | undefined): Wait | undefined {
  if (grant === undefined || grant.state === 'over') return undefined;
  if (grant.state === 'waiting') return describeLock(grant, graph);
  const worker = objectField(thread?.deref(), 'worker');
  return { facts: (worker && emitterFacts(worker)) ?? { kind: 'worker' }, confidence: 'exact' };
}

/** Counted here: the package would ask the queue, which may be the program's. One that was aborted waits no more. */
function waitersOf(lock: Lock): number {
  for (const grant of lock.waiting) if (grant.life?.isPending === false) finish(grant);
  return lock.waiting.size;
}

function watchPool(prototype: object): void {
  const options = Object.getOwnPropertyDescriptor(prototype, 'options')?.get;
  const optionsOf = (pool: object): unknown => (options === undefined ? undefined : Reflect.apply(options, pool, []));
  const hasOwnQueue = (pool: object): boolean => {
    const queue = field(optionsOf(pool), 'taskQueue');
    if (queue === undefined || queue === null) return false;
    return types.isProxy(queue) || !queues.has(Object.getPrototypeOf(queue) as object);
  };
  const sizeOf = (pool: object): number | undefined => {
    const known = optionsOf(pool);
    const [threads, each] = [numberField(known, 'maxThreads'), numberField(known, 'concurrentTasksPerWorker')];
    return threads === undefined || each === undefined ? undefined : threads * each;
  };
  const numbers = (pool: object): Numbers => ({
    waiters: waitersOf(lockOfPool(pool)),
    inUse: lockOfPool(pool).held.size,
    size: sizeOf(pool),
  });
  const lockOfPool = (pool: object): Lock => lockOf(pool, POOL, numbers);
  patch(prototype, 'run', {
    begin: (): Work => (running = { grant: undefined, thread: undefined }),
    end(promise, work, pool) {
      const isSeen = running !== work && !hasOwnQueue(pool);
      running = undefined;
      const record = recordOf(promise);
      if (!isSeen || record?.isPending !== true) return;
      work.grant = ask(lockOfPool(pool));
      work.grant.life = record;
      if (work.thread !== undefined) start(work.grant);
      describedBy(record, (graph) => describe(work, graph));
    },
  });
}

/** Looks for the classes among what a file of the package exports. */
export function watchPiscina(exports: object): void {
  const pool = prototypeOf(field(exports, 'Piscina'));
  if (hasMethods(pool, 'run', 'destroy')) watchPool(pool);
  for (const name of ['FixedQueue', 'ArrayTaskQueue']) {
    const queue = prototypeOf(field(exports, name));
    if (!hasMethods(queue, 'push', 'shift')) continue;
    queues.add(queue);
    patch(queue, 'push', { begin: (_, [task]) => void seen(task) });
  }
  const thread = prototypeOf(field(exports, 'WorkerInfo'));
  if (!hasMethods(thread, 'postTask')) return;
  patch(thread, 'postTask', {
    begin(self, [posted]) {
      const work = seen(posted);
      if (work === undefined) return;
      work.thread = new WeakRef(self);
      if (work.grant !== undefined) start(work.grant);
    },
  });
}
