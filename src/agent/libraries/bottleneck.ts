/** Bottleneck (2): `schedule` gives a promise of what a function makes when the limiter lets it run. */
import { field, hasMethods, numberField, objectField, prototypeOf } from './fields.ts';
import { ask, finish, lockOf, start, workFor, type Grant, type Numbers } from './lock.ts';
import { behindOf, hooked, patch, recordOf } from './patch.ts';

const LIMITER = { lock: 'queue', library: 'bottleneck' } as const;

const byJob = new WeakMap<object, Grant>();
/** Limiters with jobs that take more or less than one place: how many of its places are taken is no number of jobs. */
const weighted = new WeakSet<object>();

/** Jobs received, queued, waiting for their moment, and running. */
function numbers(limiter: object): Numbers {
  const counts = objectField(objectField(limiter, '_states'), 'counts');
  const at = (state: number): number | undefined => {
    const count = field(counts, state);
    return typeof count === 'number' ? count : undefined;
  };
  const [received, queued, scheduled] = [at(0), at(1), at(2)];
  const isKnown = received !== undefined && queued !== undefined && scheduled !== undefined;
  const options = objectField(objectField(limiter, '_store'), 'storeOptions');
  return {
    waiters: isKnown ? received + queued + scheduled : undefined,
    inUse: at(3),
    size: weighted.has(limiter) ? undefined : numberField(options, 'maxConcurrent'),
    paceMs: numberField(options, 'minTime'),
  };
}

/** The package's exports of `Bottleneck.js`. */
function watchLimiter(prototype: object): void {
  patch(prototype, '_receive', {
    begin(limiter, [job]) {
      const promise = field(job, 'promise');
      const record = recordOf(promise);
      if (typeof job !== 'object' || job === null || record === null) return;
      const lock = lockOf(limiter, LIMITER, numbers);
      const options = objectField(job, 'options');
      if (numberField(options, 'weight') !== 1) weighted.add(limiter);
      if (numberField(options, 'priority') !== DEFAULT_PRIORITY) lock.hasPriorities = true;
      const grant = ask(lock);
      // Bottleneck rejects it when that time is over.
      if (numberField(options, 'expiration') !== undefined) grant.expires = true;
      byJob.set(job, grant);
      workFor(grant, record);
    },
  });
}

const DEFAULT_PRIORITY = 5;

function watchJob(prototype: object): void {
  const names = behindOf(prototype);
  /** Under this key V8 looks for the running function, to name it in stacks. */
  const name = (value: unknown): void => {
    if (value === undefined) Reflect.deleteProperty(names, 'task');
    // Writable, or no job could be given a task meanwhile.
    else Object.defineProperty(names, 'task', { value, enumerable: true, configurable: true, writable: true });
  };
  patch(prototype, 'doExecute', {
    // The function runs within this call, so it is only for so long that another stands in its place. A limiter that is chained would keep that one.
    begin(job, [chained]) {
      const grant = byJob.get(job);
      const task = field(job, 'task');
      if (grant !== undefined) start(grant);
      const isChained = chained !== undefined && chained !== null;
      if (grant === undefined || typeof task !== 'function' || isChained) return undefined;
      Reflect.set(
        job,
        'task',
        hooked(task as () => unknown, 'bottleneck job', {
          begin: () => {},
          end: (result) => {
            grant.work = recordOf(result);
          },
        }),
      );
      const outer = field(names, 'task');
      name(task);
      return { task, outer };
    },
    end(_, call, job) {
      if (call === undefined) return;
      Reflect.set(job, 'task', call.task);
      name(call.outer);
    },
  });
  patch(prototype, 'doDrop', {
    begin(job) {
      const grant = byJob.get(job);
      if (grant !== undefined) finish(grant);
    },
  });
}

/** Looks for the classes among what a file of the package exports. */
export function watchBottleneck(members: object): void {
  const limiter = prototypeOf(field(members, 'Bottleneck'));
  if (hasMethods(limiter, '_receive', '_run', '_drainOne', 'schedule')) watchLimiter(limiter);
  const job = prototypeOf(field(members, 'Job'));
  if (hasMethods(job, 'doExecute', 'doDrop', 'doRun')) watchJob(job);
}
