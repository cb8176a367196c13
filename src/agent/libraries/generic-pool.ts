/** Pool of generic-pool (3). */
import { field, getter, hasMethods, objectField, prototypeOf } from './fields.ts';
import { patch, recordOf } from './patch.ts';
import { ask, finish, lockOf, start, waitFor, workFor, type Grant, type Numbers } from './lock.ts';

const POOL = { lock: 'pool', library: 'generic-pool', name: 'Pool', gives: 'resource' } as const;

/** By the promise of a request, and by the resource once it was given. */
const byPromise = new WeakMap<object, Grant>();
const byResource = new WeakMap<object, Grant>();
/** What was given before `acquire` returned. */
const given = new WeakMap<object, unknown>();
/** The last one asked for: `use` asks by `acquire`. */
let latest: Grant | undefined;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function give(grant: Grant, resource: unknown): void {
  start(grant);
  if (isObject(resource)) byResource.set(resource, grant);
}

function patchPool(prototype: object): void {
  const pending = getter(prototype, 'pending');
  const borrowed = getter(prototype, 'borrowed');
  const max = getter(prototype, 'max');
  const numbers = (pool: object): Numbers => ({ waiters: pending(pool), inUse: borrowed(pool), size: max(pool) });
  patch(prototype, 'acquire', {
    begin: (_, [priority]) => priority !== undefined,
    end(result, hasPriority, pool) {
      if (recordOf(result) === null || !isObject(result)) return;
      const grant = ask(lockOf(pool, POOL, numbers));
      if (hasPriority) grant.lock.hasPriorities = true;
      byPromise.set(result, grant);
      latest = grant;
      waitFor(grant, result);
      if (given.has(result)) give(grant, given.get(result));
    },
  });
  patch(prototype, 'use', {
    begin: () => (latest = undefined),
    end(result) {
      const record = recordOf(result);
      if (latest !== undefined && record !== null) workFor(latest, record);
    },
  });
  const over = (_: object, [resource]: unknown[]): void => {
    const grant = isObject(resource) ? byResource.get(resource) : undefined;
    if (grant !== undefined) finish(grant);
  };
  patch(prototype, 'release', { begin: over });
  patch(prototype, 'destroy', { begin: over });
}

function patchRequest(prototype: object): void {
  patch(prototype, 'resolve', {
    begin(request, [resource]) {
      const promise = objectField(request, '_promise');
      if (promise === undefined) return;
      const grant = byPromise.get(promise);
      if (grant === undefined) given.set(promise, resource);
      else give(grant, resource);
    },
  });
  patch(prototype, 'reject', {
    begin(request) {
      const promise = objectField(request, '_promise');
      const grant = promise && byPromise.get(promise);
      if (grant !== undefined) finish(grant);
    },
  });
}

/** Looks for the classes among what a module of the package exports. */
export function watchGenericPool(members: object): void {
  const pool = prototypeOf(field(members, 'Pool'));
  if (hasMethods(pool, 'acquire', 'release', 'destroy', '_dispense')) patchPool(pool);
  const request = prototypeOf(field(members, 'ResourceRequest'));
  if (hasMethods(request, 'resolve', 'reject', 'removeTimeout')) patchRequest(request);
}
