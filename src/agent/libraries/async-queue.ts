/** `queue`, `priorityQueue`, `cargo` and `cargoQueue` of async (3.2, those with a `_createTaskItem`): so many jobs, or batches of jobs, at a time. */
import { field, hasMethods, numberField, objectField } from './fields.ts';
import { ask, finish, lockOf, start, workFor, type Grant, type Lock, type LockType, type Numbers } from './lock.ts';
import { hooked, patch, recordOf } from './patch.ts';

type Callable = (...args: never[]) => unknown;

/** By the queue's own note of it. */
const byItem = new WeakMap<object, Grant>();

/** One call that makes a queue: what its worker and the queue share. */
interface Making {
  queue: WeakRef<object> | undefined;
  /** Items put in by the call of `push` that runs now. */
  items: object[] | undefined;
}

/** What the queue's own method answers; it only counts, or gives the list that it keeps. */
function reader(queue: object, name: string): (self: object) => unknown {
  const method = field(queue, name) as Callable;
  return (self) => Reflect.apply(method, self, []) as unknown;
}

const makings = new WeakMap<object, Making>();
const workersLists = new WeakMap<object, (self: object) => unknown>();

/** The notes of the jobs that the queue has begun last, as many as its worker was given. */
function begun(queue: object, jobs: unknown): Grant[] {
  const list = workersLists.get(queue)?.(queue);
  if (!Array.isArray(list)) return [];
  const count = Array.isArray(jobs) ? Math.max(jobs.length, 1) : 1;
  const items: unknown[] = list.slice(-count);
  return items.map((item) => byItem.get(item as object)).filter((grant) => grant !== undefined);
}

function watchWorker(making: Making, args: unknown[], isCargo: boolean): void {
  const [worker] = args;
  if (typeof worker !== 'function') return;
  args[0] = hooked(worker as Callable, 'async worker', {
    begin(_, [jobs]) {
      const queue = making.queue?.deref();
      const grants = queue === undefined ? [] : begun(queue, isCargo ? jobs : undefined);
      grants.forEach(start);
      return grants;
    },
    end(result, grants) {
      const work = recordOf(result);
      for (const grant of grants) grant.work = work;
    },
  });
}

function watchItems(queue: object, making: Making): void {
  patch(queue, '_createTaskItem', {
    begin: () => {},
    end(item) {
      if (typeof item === 'object' && item !== null) making.items?.push(item);
    },
  });
}

function watchMethods(queue: object, lock: Lock, making: Making): void {
  for (const key of ['push', 'pushAsync', 'unshift', 'unshiftAsync']) {
    if (typeof field(queue, key) !== 'function') continue;
    patch(queue, key, {
      begin: () => (making.items = []),
      end(result, items) {
        making.items = undefined;
        if (!key.startsWith('push') || lock.type.name === 'priorityQueue') lock.hasPriorities = true;
        const promises: unknown[] = Array.isArray(result) ? result : [result];
        items.forEach((item, i) => {
          const record = recordOf(promises[i]);
          if (record === null) return;
          const grant = ask(lock);
          byItem.set(item, grant);
          workFor(grant, record);
        });
      },
    });
  }
  patch(queue, 'kill', { begin: () => lock.waiting.forEach(finish) });
}

function watchQueue(queue: object, name: string, making: Making): void {
  const type: LockType = { lock: 'queue', library: 'async', name };
  const known = makings.get(queue);
  if (known !== undefined) {
    // `priorityQueue` of its own file has it from another file's `queue`, and puts its own methods in.
    watchItems(queue, known);
    lockOf(queue, type, () => ({})).type = type;
    return;
  }
  makings.set(queue, making);
  watchItems(queue, making);
  making.queue = new WeakRef(queue);
  const running = reader(queue, 'running');
  const workersList = reader(queue, 'workersList');
  workersLists.set(queue, workersList);
  const numbers = (self: object): Numbers => {
    const inUse = running(self);
    const jobs = workersList(self);
    return {
      waiters: numberField(objectField(self, '_tasks'), 'length') ?? heapLength(self),
      inUse: typeof inUse === 'number' ? inUse : undefined,
      // A place runs a whole batch, and a job with a callback has no grant.
      holders: Array.isArray(jobs) ? jobs.length : undefined,
      size: numberField(self, 'concurrency'),
      paused: field(self, 'paused') === true,
    };
  };
  const lock = lockOf(queue, type, numbers);
  watchMethods(queue, lock, making);
}

/** Of a priority queue. */
function heapLength(queue: object): number | undefined {
  const heap = field(objectField(queue, '_tasks'), 'heap');
  return Array.isArray(heap) ? heap.length : undefined;
}

const makerOf = (
  name: string,
): { begin(_: object, args: unknown[]): Making; end(queue: unknown, making: Making): void } => ({
  begin(_, args) {
    const making: Making = { queue: undefined, items: undefined };
    watchWorker(making, args, name.startsWith('cargo'));
    return making;
  },
  end(queue, making) {
    if (isKnownQueue(queue)) watchQueue(queue, name, making);
  },
});

const NAMES = ['queue', 'priorityQueue', 'cargo', 'cargoQueue'];

const isKnownQueue = (queue: unknown): queue is object =>
  hasMethods(queue, '_createTaskItem', 'push', 'kill', 'running', 'workersList');

/** Whether it makes queues of the shape known here: then only is a worker of the program touched. */
function makesQueues(maker: unknown): boolean {
  return typeof maker === 'function' && isKnownQueue(Reflect.apply(maker as Callable, undefined, [() => {}]));
}

/** What the whole package exports; `default` has all of it once more. */
export function watchAsync(exports: object): void {
  const again = objectField(exports, 'default');
  for (const name of NAMES) {
    const maker = field(exports, name);
    if (!makesQueues(maker)) continue;
    patch(exports, name, makerOf(name));
    if (again !== undefined && field(again, name) === maker) Reflect.set(again, name, field(exports, name));
  }
}

/** The module object of a file that exports one of them, called like it. */
export function watchAsyncFile(members: object): void {
  const file = String(field(members, 'filename'));
  const name = NAMES.find((each) => file.endsWith(`${each}.js`) && /[\\/]/.test(file.at(-each.length - 4) ?? ''));
  if (name !== undefined && makesQueues(field(members, 'exports'))) patch(members, 'exports', makerOf(name));
}
