/** Pool of pg-pool (3), which pg's own Pool extends: who waits for a connection, and who has which. */
import type { Wait } from '../../protocol/agent.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import { field, hasMethods, lastOf, lengthOf, numberField, objectField, prototypeOf } from './fields.ts';
import { patch, recordOf } from './patch.ts';
import { promiseOf } from '../promises/promise-list.ts';
import { currentLeaf } from '../promises/promises.ts';
import { isInExecutor } from '../resources/ties.ts';
import { describedBy } from './connection.ts';
import { ask, describeLock, finish, lockOf, start, waitFor, type Grant, type Lock, type Numbers } from './lock.ts';
import { describeConnecting, describeLast, isBusy } from './pg.ts';

const POOL = { lock: 'pool', library: 'pg', name: 'Pool', gives: 'connection' } as const;

function numbers(pool: object): Numbers {
  const all = lengthOf(pool, '_clients');
  const idle = lengthOf(pool, '_idle');
  return {
    waiters: lengthOf(pool, '_pendingQueue'),
    inUse: all === undefined || idle === undefined ? undefined : all - idle,
    size: numberField(objectField(pool, 'options'), 'max'),
  };
}

/** Asked for a connection. */
interface Checkout {
  grant: Grant;
  client: WeakRef<object> | undefined;
}

/** By the pool's own note of it, and by the connection once it has one. */
const byItem = new WeakMap<object, Checkout>();
const byClient = new WeakMap<object, Checkout>();

/** The item for which a new connection is made in the call of `connect` that runs now. */
let newItem: object | undefined;
/** The call of `query` that runs now, which asks for a connection by a callback. */
let asking: Asking | undefined;

interface Asking {
  checkout: Checkout | undefined;
}

const lockOfPool = (pool: object): Lock => lockOf(pool, POOL, numbers);

/** In the queue, connecting, or at work. */
function describe({ grant, client }: Checkout, graph: AwaitGraph | undefined): Wait | undefined {
  const connection = client?.deref();
  if (grant.state === 'over') return undefined;
  if (grant.state === 'held') return connection === undefined ? undefined : describeLast(connection);
  return connection === undefined ? describeLock(grant, graph) : describeConnecting(connection);
}

function connected(pool: object, result: unknown, asker: object | undefined): void {
  const item = newItem ?? lastOf(pool, '_pendingQueue');
  newItem = undefined;
  if (item === undefined || byItem.has(item)) return;
  const grant = ask(lockOfPool(pool));
  const connecting = lastOf(pool, '_clients');
  const inQueue = lastOf(pool, '_pendingQueue') === item;
  const checkout: Checkout = { grant, client: inQueue || !connecting ? undefined : new WeakRef(connecting) };
  grant.isAtWork = () => {
    const client = checkout.client?.deref();
    return client !== undefined && isBusy(client);
  };
  byItem.set(item, checkout);
  const promise = recordOf(result) === null ? asker : result;
  if (asking !== undefined && promise === undefined) asking.checkout = checkout;
  else settledBy(checkout, promise);
}

/** A promise waits for the connection: what `connect` has returned or, when it tells by a callback as typeorm has it, the one whose executor asks. */
function settledBy(checkout: Checkout, promise: unknown): void {
  const record = recordOf(promise);
  if (record === null) return;
  waitFor(checkout.grant, promise as object);
  checkout.grant.answer = record;
  describedBy(record, (graph) => describe(checkout, graph));
}

/** The promise whose executor calls `connect` right now with this callback. */
function promiseOfExecutor(callback: unknown): object | undefined {
  const leaf = typeof callback === 'function' && asking === undefined && isInExecutor() ? currentLeaf() : null;
  return leaf === null ? undefined : promiseOf(leaf);
}

/** Looks for the class among what the module exports. */
export function watchPool(members: object): void {
  const prototype = prototypeOf(field(members, 'Pool'));
  if (!hasMethods(prototype, 'connect', 'query', 'newClient', '_acquireClient', '_release', '_pulseQueue')) return;
  patch(prototype, 'connect', {
    begin(_, [callback]) {
      newItem = undefined;
      return promiseOfExecutor(callback);
    },
    end: (result, asker, pool) => connected(pool, result, asker),
  });
  patch(prototype, 'newClient', {
    begin(_, [item]) {
      newItem = typeof item === 'object' && item !== null ? item : undefined;
      return newItem;
    },
    end(_, item, pool) {
      const checkout = item === undefined ? undefined : byItem.get(item);
      const client = lastOf(pool, '_clients');
      if (checkout !== undefined && client !== undefined) checkout.client = new WeakRef(client);
    },
  });
  patch(prototype, '_acquireClient', {
    begin(_, [client, item]) {
      const checkout = typeof item === 'object' && item !== null ? byItem.get(item) : undefined;
      if (checkout === undefined || typeof client !== 'object' || client === null) return;
      checkout.client = new WeakRef(client);
      byClient.set(client, checkout);
      if (field(item, 'timedOut') === true) finish(checkout.grant);
      else start(checkout.grant);
    },
  });
  patch(prototype, '_release', {
    begin(_, [client]) {
      const checkout = typeof client === 'object' && client !== null ? byClient.get(client) : undefined;
      if (checkout !== undefined) finish(checkout.grant);
    },
  });
  patch(prototype, 'query', {
    begin: (): Asking => (asking = { checkout: undefined }),
    end(result, { checkout }) {
      asking = undefined;
      const record = recordOf(result);
      if (record === null || checkout === undefined) return;
      checkout.grant.life = record;
      describedBy(record, (graph) => describe(checkout, graph));
    },
  });
}
