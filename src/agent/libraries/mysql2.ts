/** Pools and connections of mysql2 (3): its promise interface asks its callback interface, within the same call. */
import type { Wait } from '../../protocol/agent.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import { linkCallback } from '../resources/ties.ts';
import { describedBy, describeRequest } from './connection.ts';
import { statement } from './sql-text.ts';
import { field, hasMethods, numberField, objectField, prototypeOf } from './fields.ts';
import { hooked, patch, recordOf } from './patch.ts';
import { ask, describeLock, finish, lockOf, start, waitFor, type Grant, type Numbers } from './lock.ts';

const POOL = { lock: 'pool', library: 'mysql2', name: 'Pool', gives: 'connection' } as const;

/** mysql2's own queue keeps its length in a getter; before 3.17 it was the package denque. */
function lengthOfQueue(pool: object, key: string): number | undefined {
  const queue = objectField(pool, key);
  if (queue === undefined) return undefined;
  const prototype: unknown = Object.getPrototypeOf(queue);
  if (typeof prototype !== 'object' || prototype === null) return undefined;
  const get = Object.getOwnPropertyDescriptor(prototype, 'length')?.get;
  const length: unknown = get === undefined ? field(queue, 'length') : Reflect.apply(get, queue, []);
  return typeof length === 'number' ? length : undefined;
}

function numbers(pool: object): Numbers {
  const all = lengthOfQueue(pool, '_allConnections');
  const free = lengthOfQueue(pool, '_freeConnections');
  return {
    waiters: lengthOfQueue(pool, '_connectionQueue'),
    inUse: all === undefined || free === undefined ? undefined : all - free,
    size: numberField(objectField(pool, 'config'), 'connectionLimit'),
  };
}

interface Checkout {
  grant: Grant;
  inQueue: boolean;
  connection: WeakRef<object> | undefined;
}

const byConnection = new WeakMap<object, Grant>();
/** The call of the promise interface that runs now. */
let asking: Asking | undefined;

interface Asking {
  checkout: Checkout | undefined;
}

/** The connection that the promise interface asks right now, which describes its promise itself. */
let promised: object | undefined;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function request(connection: object | undefined, text: string, isConnected = true): Wait {
  return describeRequest({ library: 'mysql2', request: text, stream: objectField(connection, 'stream'), isConnected });
}

function describe(
  { grant, inQueue, connection }: Checkout,
  text: string,
  graph: AwaitGraph | undefined,
): Wait | undefined {
  if (grant.state === 'held') return request(connection?.deref(), text);
  return inQueue ? describeLock(grant, graph) : request(connection?.deref(), 'new connection', false);
}

function patchPool(prototype: object): void {
  patch(prototype, 'getConnection', {
    begin(pool, args) {
      const [callback] = args;
      const grant = ask(lockOf(pool, POOL, numbers));
      const checkout: Checkout = { grant, inQueue: false, connection: undefined };
      grant.isAtWork = () => objectField(checkout.connection?.deref(), '_command') !== undefined;
      if (asking !== undefined) asking.checkout = checkout;
      if (typeof callback === 'function') {
        args[0] = hooked(callback as () => unknown, 'connection', {
          begin(_, [error, connection]) {
            if (!isObject(connection) || error) return finish(grant);
            checkout.connection = new WeakRef(connection);
            byConnection.set(connection, grant);
            start(grant);
          },
        });
      }
      return { checkout, before: lengthOfQueue(pool, '_connectionQueue') };
    },
    end(_, { checkout, before }, pool) {
      checkout.inQueue = (lengthOfQueue(pool, '_connectionQueue') ?? 0) > (before ?? 0);
    },
  });
  patch(prototype, 'releaseConnection', {
    begin(_, [connection]) {
      const grant = isObject(connection) ? byConnection.get(connection) : undefined;
      if (grant !== undefined) finish(grant);
    },
  });
}

const textOf = (sql: unknown): string => statement(typeof sql === 'string' ? sql : field(sql, 'sql'), 'mysql');

function patchPromisePool(prototype: object): void {
  patch(prototype, 'getConnection', {
    begin: (): Asking => (asking = { checkout: undefined }),
    end(result, { checkout }) {
      asking = undefined;
      const record = recordOf(result);
      if (record === null || checkout === undefined) return;
      waitFor(checkout.grant, result as object);
      describedBy(record, (graph) => describe(checkout, 'new connection', graph));
    },
  });
  for (const key of ['query', 'execute']) {
    patch(prototype, key, {
      begin(_, [sql]): Asking & { text: string } {
        const call = { checkout: undefined, text: textOf(sql) };
        asking = call;
        return call;
      },
      end(result, { text, checkout }) {
        asking = undefined;
        const record = recordOf(result);
        if (record === null || checkout === undefined) return;
        checkout.grant.life = record;
        describedBy(record, (graph) => describe(checkout, text, graph));
      },
    });
  }
}

function patchPromiseConnection(prototype: object): void {
  for (const key of ['query', 'execute']) {
    patch(prototype, key, {
      begin(receiver, [sql]) {
        promised = objectField(receiver, 'connection');
        return textOf(sql);
      },
      end(result, text, receiver) {
        promised = undefined;
        const record = recordOf(result);
        const connection = objectField(receiver, 'connection');
        if (record === null || connection === undefined) return;
        const weak = new WeakRef(connection);
        describedBy(record, () => request(weak.deref(), text));
      },
    });
  }
}

/** By a callback, as knex and sequelize ask. */
function patchConnection(prototype: object): void {
  for (const key of ['query', 'execute']) {
    patch(prototype, key, {
      begin(receiver, args) {
        const isPromised = promised === receiver;
        promised = undefined;
        if (isPromised) return;
        const at = args.findLastIndex((arg) => typeof arg === 'function');
        if (at < 1) return;
        let isOver = false;
        args[at] = hooked(args[at] as () => unknown, 'query', { begin: () => (isOver = true) });
        const connection = new WeakRef(receiver);
        const text = textOf(args[0]);
        linkCallback(
          () => isOver,
          () => request(connection.deref(), text),
        );
      },
    });
  }
}

/** Looks for the classes among what a module of the package exports. */
export function watchMysql(members: object): void {
  const pool = prototypeOf(field(members, 'Pool'));
  if (hasMethods(pool, 'getConnection', 'releaseConnection', 'end')) patchPool(pool);
  const promisePool = prototypeOf(field(members, 'PromisePool'));
  if (hasMethods(promisePool, 'getConnection', 'query', 'execute')) patchPromisePool(promisePool);
  const base = prototypeOf(field(members, 'Connection'));
  if (hasMethods(base, 'query', 'execute', 'addCommand')) patchConnection(base);
  const connection = prototypeOf(field(members, 'PromiseConnection'));
  if (hasMethods(connection, 'query', 'execute', 'beginTransaction')) patchPromiseConnection(connection);
}
