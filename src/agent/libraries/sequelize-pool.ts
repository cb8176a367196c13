/** Pool of sequelize-pool (7 and 8), which sequelize uses. */
import { field, hasMethods, lastOf, lengthOf, numberField, objectField, prototypeOf } from './fields.ts';
import { patch, recordOf } from './patch.ts';
import { ask, finish, lockOf, start, waitFor, type Grant, type Numbers } from './lock.ts';

const POOL = { lock: 'pool', library: 'sequelize-pool', name: 'Pool', gives: 'resource' } as const;

const numbers = (pool: object): Numbers => ({
  waiters: lengthOf(pool, '_pendingAcquires'),
  inUse: lengthOf(pool, '_inUseObjects'),
  size: numberField(field(pool, '_factory'), 'max'),
});

/** By the promise of who asked, and by the resource once it was given. */
const byPromise = new WeakMap<object, Grant>();
const byResource = new WeakMap<object, Grant>();
/** What was given before `acquire` returned. */
const given = new WeakMap<object, unknown>();

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function give(grant: Grant, resource: unknown): void {
  start(grant);
  if (isObject(resource)) byResource.set(resource, grant);
}

function patchPool(prototype: object): void {
  patch(prototype, 'acquire', {
    begin: () => {},
    end(result, _, pool) {
      if (recordOf(result) === null || !isObject(result)) return;
      // What draining refuses is not in the queue.
      const isGiven = given.has(result);
      const last = objectField(lastOf(pool, '_pendingAcquires'), '_promise');
      if (!isGiven && last !== result) return;
      const grant = ask(lockOf(pool, POOL, numbers));
      byPromise.set(result, grant);
      waitFor(grant, result);
      if (isGiven) give(grant, given.get(result));
    },
  });
  const over = (_: object, [resource]: unknown[]): void => {
    const grant = isObject(resource) ? byResource.get(resource) : undefined;
    if (grant !== undefined) finish(grant);
  };
  patch(prototype, 'release', { begin: over });
  patch(prototype, 'destroy', { begin: over });
}

function patchDeferred(prototype: object): void {
  patch(prototype, 'resolve', {
    begin(deferred, [resource]) {
      const promise = objectField(deferred, '_promise');
      if (promise === undefined) return;
      const grant = byPromise.get(promise);
      if (grant === undefined) given.set(promise, resource);
      else give(grant, resource);
    },
  });
  patch(prototype, 'reject', {
    begin(deferred) {
      const promise = objectField(deferred, '_promise');
      const grant = promise && byPromise.get(promise);
      if (grant !== undefined) finish(grant);
    },
  });
}

/** Looks for the classes among what a module of the package exports. */
export function watchSequelizePool(members: object): void {
  const pool = prototypeOf(field(members, 'Pool'));
  if (hasMethods(pool, 'acquire', 'release', 'destroy', '_dispense', '_createResource')) patchPool(pool);
  const deferred = prototypeOf(field(members, 'Deferred'));
  if (hasMethods(deferred, 'resolve', 'reject', 'promise', 'registerTimeout')) patchDeferred(deferred);
}
