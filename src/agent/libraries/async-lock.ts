/** Locks of async-lock (1): one for each key, had while the function runs. */
import { field, hasMethods, lengthOf, numberField, objectField, prototypeOf } from './fields.ts';
import { announced, hooked, patch, recordOf } from './patch.ts';
import { ask, describeLock, finish, lockOf, start, workFor, type Grant, type Lock, type Numbers } from './lock.ts';

type Callable = (...args: never[]) => unknown;

/** Several keys at once: each is asked for when the one before is had. */
interface Batch {
  work: unknown;
  /** The key that it waits for or has got last. */
  grant: Grant | undefined;
  /** All that it has asked for. */
  all: Grant[];
}

interface Asked {
  grant: Grant | undefined;
  key: string;
  batch: Batch | undefined;
  hasLimit: boolean;
}

/** The batch whose next key is being asked for. */
let asking: Batch | undefined;
/** Lists of those who wait, where somebody has set a time limit. */
const limited = new WeakSet<object>();

const MAX_KEY = 50;
const LIMITS = ['timeout', 'maxOccupationTime', 'maxExecutionTime'];

const hasLimit = (options: unknown): boolean => LIMITS.some((name) => (numberField(options, name) ?? 0) > 0);

/** The package keeps a list for each key as long as somebody has it. What a time limit ends is no deadlock, so then not all holders are told. */
const numbers = (list: object): Numbers => ({
  waiters: lengthOf({ list }, 'list'),
  ...(limited.has(list) ? { holders: -1 } : {}),
});

function lockOfKey(owner: object, key: string, isLimited: boolean): Lock | undefined {
  const list = objectField(field(owner, 'queues'), key);
  if (list === undefined) return undefined;
  if (isLimited) limited.add(list);
  const text = key.length > MAX_KEY ? `${key.slice(0, MAX_KEY)}…` : key;
  return lockOf(list, { lock: 'mutex', library: 'async-lock', name: `AsyncLock '${text}'` }, numbers);
}

function request(owner: object, asked: Asked): Grant | undefined {
  const lock = asked.grant === undefined ? lockOfKey(owner, asked.key, asked.hasLimit) : undefined;
  if (lock === undefined) return asked.grant;
  asked.grant = ask(lock);
  if (asked.batch !== undefined) {
    asked.batch.grant = asked.grant;
    asked.batch.all.push(asked.grant);
  }
  return asked.grant;
}

/** The function tells by its beginning that the key is had, and, with a callback, by calling it back that it is not any more. */
function watchWork(owner: object, work: Callable, asked: Asked): Callable {
  return hooked(work, 'acquire', {
    begin(_, args): Grant | undefined {
      const grant = request(owner, asked);
      if (grant === undefined) return undefined;
      start(grant);
      const [done] = args;
      if (work.length === 1 && typeof done === 'function') args[0] = announced(done as Callable, () => finish(grant));
      // The function of a batch that asks for the next key, not the program's own.
      asking = asked.batch?.work === work ? undefined : asked.batch;
      return grant;
    },
    end(result, grant) {
      asking = undefined;
      if (grant !== undefined) grant.work = recordOf(result);
    },
  });
}

/** Looks for the class among what the module exports. */
export function watchAsyncLock(members: object): void {
  const prototype = prototypeOf(field(members, 'AsyncLock'));
  if (!hasMethods(prototype, 'acquire', '_acquireBatch', 'isBusy', '_promiseTry')) return;
  patch(prototype, 'acquire', {
    begin(owner, args): Asked | undefined {
      const [key, work, callback, options] = args;
      // Of an array it calls itself for each.
      if ((typeof key !== 'string' && typeof key !== 'number') || typeof work !== 'function') return undefined;
      const hasOptionsLimit = hasLimit(typeof callback === 'function' ? options : callback);
      const asked: Asked = {
        grant: undefined,
        key: String(key),
        batch: asking,
        hasLimit: hasOptionsLimit || hasLimit(owner),
      };
      asking = undefined;
      args[1] = watchWork(owner, work as Callable, asked);
      return asked;
    },
    end(result, asked, owner) {
      const grant = asked && request(owner, asked);
      const record = recordOf(result);
      if (grant !== undefined && record !== null) workFor(grant, record);
    },
  });
  patch(prototype, '_acquireBatch', {
    begin: (_, [, work]): Batch => (asking = { work, grant: undefined, all: [] }),
    end(result, batch) {
      asking = undefined;
      const record = recordOf(result);
      if (record?.isPending !== true) return;
      for (const grant of batch.all) grant.life = record;
      record.note().source = {
        fromPromiseFunction: false,
        isStep: false,
        isOver: () => false,
        isWhole: () => batch.grant?.state === 'waiting',
        describe: (graph) => batch.grant && describeLock(batch.grant, graph),
      };
    },
  });
}
