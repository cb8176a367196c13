/** Pool of tarn (3), which knex uses: `acquire` gives an operation with a promise. */
import { field, hasMethods, lengthOf, numberField, objectField, prototypeOf } from './fields.ts';
import { patch, recordOf } from './patch.ts';
import { ask, finish, lockOf, start, waitFor, type Grant, type Numbers } from './lock.ts';

const POOL = { lock: 'pool', library: 'tarn', name: 'Pool', gives: 'resource' } as const;

const numbers = (pool: object): Numbers => ({
  waiters: lengthOf(pool, 'pendingAcquires'),
  inUse: lengthOf(pool, 'used'),
  size: numberField(pool, 'max'),
});

const byOperation = new WeakMap<object, Grant>();
const byResource = new WeakMap<object, Grant>();

function patchPool(prototype: object): void {
  patch(prototype, 'acquire', {
    begin: () => {},
    end(operation, _, pool) {
      const promise = objectField(operation, 'promise');
      if (promise === undefined || recordOf(promise) === null || typeof operation !== 'object' || operation === null)
        return;
      const grant = ask(lockOf(pool, POOL, numbers));
      byOperation.set(operation, grant);
      waitFor(grant, promise);
    },
  });
  patch(prototype, 'release', {
    begin(_, [resource]) {
      const grant = typeof resource === 'object' && resource !== null ? byResource.get(resource) : undefined;
      if (grant !== undefined) finish(grant);
    },
  });
}

function patchOperation(prototype: object): void {
  patch(prototype, 'resolve', {
    begin(operation, [resource]) {
      const grant = byOperation.get(operation);
      if (grant === undefined) return;
      start(grant);
      if (typeof resource === 'object' && resource !== null) byResource.set(resource, grant);
    },
  });
  patch(prototype, 'reject', {
    begin(operation) {
      const grant = byOperation.get(operation);
      if (grant !== undefined) finish(grant);
    },
  });
}

/** Looks for the classes among what a module of the package exports. */
export function watchTarn(members: object): void {
  const pool = prototypeOf(field(members, 'Pool'));
  if (hasMethods(pool, 'acquire', 'release', '_tryAcquireOrCreate', 'numPendingAcquires')) patchPool(pool);
  const operation = prototypeOf(field(members, 'PendingOperation'));
  if (hasMethods(operation, 'resolve', 'reject', 'abort')) patchOperation(operation);
}
