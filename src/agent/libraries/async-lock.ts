/** Locks of async-lock (1): one for each key, had while the function runs. */
import type { PromiseRecord, WaitSource } from '../promises/promise-record.ts';
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

/** Longer keys, and those with blanks or as in addresses, may say something of a person. */
const IS_TOLD = /^[^@\s]{1,20}$/;
const LIMITS = ['timeout', 'maxOccupationTime', 'maxExecutionTime'];

const hasLimit = (options: unknown): boolean => LIMITS.some((name) => (numberField(options, name) ?? 0) > 0);

/** Somebody who has a key: most are never waited for, and need no more than this. */
class Hold implements WaitSource {
  readonly fromPromiseFunction = false;
  readonly isStep = false;
  readonly key: string;
  readonly options: unknown;
  /** What the function returned, and what `acquire` returned. */
  work: PromiseRecord | null = null;
  life: PromiseRecord | null = null;
  /** Once somebody waits. */
  grant: Grant | undefined;

  constructor(key: string, options: unknown) {
    this.key = key;
    this.options = options;
  }

  isOver(): boolean {
    return false;
  }

  isWhole(): boolean {
    return false;
  }

  next(): PromiseRecord | null {
    return this.work?.isPending === true ? this.work : null;
  }

  describe(): undefined {
    return undefined;
  }
}

/** By the list of those who wait for the key. */
const holds = new WeakMap<object, Hold>();
/** Of the call that runs now, until its function does. */
let holding: Hold | undefined;

/** The package keeps a list for each key as long as somebody has it. What a time limit ends is no deadlock, so then not all holders are told. */
const numbers = (list: object): Numbers => ({
  waiters: lengthOf({ list }, 'list'),
  ...(limited.has(list) ? { holders: -1 } : {}),
});

const listOfKey = (owner: object, key: string): object | undefined => objectField(field(owner, 'queues'), key);

function lockOfKey(owner: object, key: string, isLimited: boolean): Lock | undefined {
  const list = listOfKey(owner, key);
  if (list === undefined) return undefined;
  const hold = holds.get(list);
  if (isLimited || (hold !== undefined && hasLimit(hold.options))) limited.add(list);
  const name = IS_TOLD.test(key) ? `AsyncLock '${key}'` : 'AsyncLock';
  const lock = lockOf(list, { lock: 'mutex', library: 'async-lock', name }, numbers);
  if (hold !== undefined) grantTo(hold, lock);
  holds.delete(list);
  return lock;
}

function grantTo(hold: Hold, lock: Lock): void {
  const { life, work } = hold;
  if (life?.isPending === false) return;
  const grant = ask(lock);
  start(grant);
  Object.assign(grant, { life, work }, life === null ? {} : { heldAtMs: life.atMs });
  hold.grant = grant;
}

/** The call has returned, its function with it. */
function returned(hold: Hold, owner: object, result: unknown): void {
  const record = recordOf(result);
  const { grant } = hold;
  hold.life = record;
  if (grant !== undefined) grant.life = record;
  if (record?.isPending === true) record.note().source = hold;
  if (record !== null) return;
  // The package makes promises of another kind: their end is not seen.
  if (grant !== undefined) finish(grant);
  const list = listOfKey(owner, hold.key);
  if (list !== undefined) holds.delete(list);
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
    begin(owner, args): Asked | Hold | undefined {
      const [key, work, callback, options] = args;
      holding = undefined;
      // Of an array it calls itself for each.
      if ((typeof key !== 'string' && typeof key !== 'number') || typeof work !== 'function') return undefined;
      const isPlain = asking === undefined && typeof callback !== 'function' && work.length !== 1;
      if (isPlain && listOfKey(owner, String(key)) === undefined) return (holding = new Hold(String(key), callback));
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
      if (asked instanceof Hold) return returned(asked, owner, result);
      const grant = asked && request(owner, asked);
      const record = recordOf(result);
      if (grant !== undefined && record !== null) workFor(grant, record);
    },
  });
  patch(prototype, '_promiseTry', {
    begin(owner): Hold | undefined {
      const hold = holding;
      holding = undefined;
      const list = hold && listOfKey(owner, hold.key);
      if (hold !== undefined && list !== undefined) holds.set(list, hold);
      return hold;
    },
    end(result, hold) {
      if (hold === undefined) return;
      hold.work = recordOf(result);
      if (hold.grant !== undefined) hold.grant.work = hold.work;
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
