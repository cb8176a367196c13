/** p-limit (2 to 7): `pLimit(n)` gives a function that runs others, so many at a time. */
import { field, getter } from './fields.ts';
import { hooked, patch } from './patch.ts';
import { enqueue, enqueued } from './limiter.ts';
import { lockOf, type Numbers } from './lock.ts';

type Callable = (...args: never[]) => unknown;

const LIMIT = { lock: 'limit', library: 'p-limit', name: 'p-limit' } as const;

/** The limit itself, when it was given as a number or in `{ concurrency }`. */
function sizeOf(options: unknown): number | undefined {
  const size = typeof options === 'object' ? field(options, 'concurrency') : options;
  return typeof size === 'number' ? size : undefined;
}

function watchRunner(runner: Callable, size: number | undefined): Callable {
  const active = getter(runner, 'activeCount');
  const pending = getter(runner, 'pendingCount');
  const concurrency = getter(runner, 'concurrency');
  const numbers = (limit: object): Numbers => ({
    inUse: active(limit),
    waiters: pending(limit),
    size: concurrency(limit) ?? size,
  });
  return hooked(runner, 'p-limit', {
    begin: (_, args) => enqueue(lockOf(runner, LIMIT, numbers), args, true),
    end: (result, job) => enqueued(job, result),
  });
}

/** Around `pLimit` itself. */
const maker = {
  begin: (_: object, [options]: unknown[]) => sizeOf(options),
  end: (runner: unknown, size: number | undefined): unknown => {
    const known = typeof runner === 'function' && Object.getOwnPropertyDescriptor(runner, 'pendingCount')?.get;
    return known ? watchRunner(runner as Callable, size) : undefined;
  },
};

/** `members` is the module object of CommonJS, or the names of an ES module with a function that replaces `pLimit`. */
export function watchLimit(members: object): void {
  const original = field(members, 'pLimit');
  const replace = field(members, 'replace');
  if (typeof original === 'function' && typeof replace === 'function') {
    (replace as (value: unknown) => void)(hooked(original as Callable, 'p-limit', maker));
  } else if (typeof field(members, 'exports') === 'function') {
    patch(members, 'exports', maker);
  }
}
