/** Piscina (4 and 5): `run` gives a promise of what a worker thread makes of a task; those for which no thread is free wait in a queue. */
import type { Wait } from '../../protocol/agent.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import { emitterFacts } from '../waits/emitter-facts.ts';
import { describedBy } from './connection.ts';
import { field, getter, hasMethods, numberField, objectField, prototypeOf } from './fields.ts';
import { ask, describeLock, lockOf, start, type Grant, type Lock, type LockType, type Numbers } from './lock.ts';
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

function watchPool(prototype: object): void {
  const waiters = getter(prototype, 'queueSize');
  const options = Object.getOwnPropertyDescriptor(prototype, 'options')?.get;
  const sizeOf = (pool: object): number | undefined => {
    const known: unknown = options === undefined ? undefined : Reflect.apply(options, pool, []);
    const [threads, each] = [numberField(known, 'maxThreads'), numberField(known, 'concurrentTasksPerWorker')];
    return threads === undefined || each === undefined ? undefined : threads * each;
  };
  const numbers = (pool: object): Numbers => ({
    waiters: waiters(pool),
    inUse: lockOfPool(pool).held.size,
    size: sizeOf(pool),
  });
  const lockOfPool = (pool: object): Lock => lockOf(pool, POOL, numbers);
  patch(prototype, 'run', {
    begin: (): Work => (running = { grant: undefined, thread: undefined }),
    end(promise, work, pool) {
      // With a queue of the program's own, the task is not seen.
      const isSeen = running !== work;
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
    if (hasMethods(queue, 'push', 'shift')) patch(queue, 'push', { begin: (_, [task]) => void seen(task) });
  }
  const task = prototypeOf(field(exports, 'TaskInfo'));
  if (hasMethods(task, 'setAbortListener')) patch(task, 'setAbortListener', { begin: (self) => void seen(self) });
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
