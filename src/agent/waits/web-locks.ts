/** Tells who has and who waits for a lock of `navigator.locks` (Web Locks, from Node 24.5 on). */
import threads from 'node:worker_threads';
import {
  ask,
  finish,
  lockOf,
  refresh,
  start,
  workFor,
  type Grant,
  type Lock,
  type Numbers,
} from '../libraries/lock.ts';
import { hooked, patch, recordOf } from '../libraries/patch.ts';
import { whenLoaded } from '../resources/when-loaded.ts';
import { own, plain } from './objects.ts';
import { canObserve } from './observe.ts';

const MAX_NAME = 40;
/** From so many names on, those that nobody has or waits for are forgotten. */
const PRUNE_AT = 1000;

interface Named {
  lock: Lock;
  /** What the lock is known by: lives as long as the name. */
  anchor: object;
}

const named = new Map<string, Named>();
let pruneAt = PRUNE_AT;

function prune(): void {
  for (const [name, { lock }] of named) {
    refresh(lock, true);
    if (lock.waiting.size === 0 && lock.held.size === 0) named.delete(name);
  }
  pruneAt = 2 * named.size + PRUNE_AT;
}

function lockNamed(name: string): Lock {
  const known = named.get(name);
  if (known !== undefined) return known.lock;
  if (named.size >= pruneAt) prune();
  const anchor = {};
  const type = { lock: 'mutex', library: 'navigator.locks', name: `lock '${name.slice(0, MAX_NAME)}'` } as const;
  const lock: Lock = lockOf(anchor, type, (): Numbers => ({ waiters: lock.waiting.size }));
  named.set(name, { lock, anchor });
  return lock;
}

/** Replaces the function among the arguments by one that tells when the lock is had; it is given `null` when it is not to be had at once. */
function requested(args: unknown[]): Grant | undefined {
  const [name, options] = args;
  const index = args[2] === undefined ? 1 : 2;
  const work = args[index];
  if (typeof name !== 'string' || typeof work !== 'function') return undefined;
  const lock = lockNamed(name);
  // Whoever shares it or steals it does not wait for its turn.
  if (index === 2 && (own(options, 'mode') === 'shared' || own(options, 'steal') === true)) lock.hasPriorities = true;
  const grant = ask(lock);
  args[index] = hooked(work as () => unknown, 'lock', {
    begin: (_, [given]) => (given === null ? finish(grant) : start(grant)),
    end: (result) => void (grant.work = recordOf(result)),
  });
  return grant;
}

let watched = false;

function watch(manager: unknown): void {
  const locks = plain(manager);
  const prototype = locks && plain(Object.getPrototypeOf(locks));
  if (watched || prototype === undefined || !canObserve()) return;
  watched = true;
  patch(prototype, 'request', {
    begin: (_, args) => requested(args),
    end(result, grant) {
      const record = recordOf(result);
      if (grant !== undefined && record !== null) workFor(grant, record);
    },
  });
}

const { moduleLoadList } = process as unknown as { moduleLoadList?: string[] };

/** Starts telling; call before the program's own code runs. Node 24 loads the module with `node:worker_threads`, Node 26 when somebody asks for its property. */
export function watchWebLocks(): void {
  const isLoaded = moduleLoadList?.includes('NativeModule internal/locks') === true;
  const exported = (): unknown =>
    isLoaded
      ? (threads as { locks?: unknown }).locks
      : (globalThis as { navigator?: { locks?: unknown } }).navigator?.locks;
  whenLoaded('internal/locks', watch, exported, false);
}
