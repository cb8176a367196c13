/** Connections of mongodb (6 and 7): who waits for a server or for a connection of the pool, who has which, and what was asked of the server. */
import type { Wait } from '../../protocol/agent.ts';
import type { WaitFacts } from '../../protocol/waits.ts';
import { coarseNow } from '../promises/promises.ts';
import { describedBy, describeRequest } from './connection.ts';
import { field, hasMethods, sizeOf, numberField, objectField, prototypeOf, textField, textKeys } from './fields.ts';
import { oncePerSnapshot } from '../waits/snapshot-views.ts';
import {
  ask,
  describeLock,
  finish,
  lockOf,
  refresh,
  start,
  waitFor,
  type Grant,
  type Lock,
  type Numbers,
} from './lock.ts';
import { patch, recordOf } from './patch.ts';

const POOL = { lock: 'pool', library: 'mongodb', name: 'ConnectionPool', gives: 'connection' } as const;
const LIBRARY = 'mongodb';

/** Zero is no limit. */
const limitOf = (pool: object): number | undefined => numberField(field(pool, 'options'), 'maxPoolSize') || undefined;

const numbers = (pool: object): Numbers => ({
  waiters: numberField(field(pool, 'waitQueue'), 'count'),
  inUse: sizeOf(field(pool, 'checkedOut')),
  size: limitOf(pool),
});

const byConnection = new WeakMap<object, Grant>();

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** The package's own note of who waits: the last one in its list. */
function lastMember(pool: object): object | undefined {
  const head = field(field(pool, 'waitQueue'), 'head');
  const member = objectField(field(head, 'prev'), 'value');
  return typeof field(member, 'resolve') === 'function' ? member : undefined;
}

/** Those taken out of the list have a connection made for them; it is in the order of asking. */
const connectingOf = oncePerSnapshot((lock: Lock): Set<Grant> => {
  refresh(lock, true);
  const taken = lock.waiting.size - (lock.numbers().waiters ?? Infinity);
  return new Set([...lock.waiting].slice(0, Math.max(0, taken)));
});

/** A plain function in the place of the package's own: it calls nothing of the program's, so nobody sees it in a stack, and a hook as elsewhere takes 5 us to make. */
function tellResolve(member: object, grant: Grant): void {
  const resolve = field(member, 'resolve') as (connection: unknown) => void;
  const value = (connection: unknown): void => {
    start(grant);
    grant.life = null;
    if (isObject(connection)) byConnection.set(connection, grant);
    resolve(connection);
  };
  Object.defineProperty(member, 'resolve', { value });
}

function watchCheckOut(prototype: object): void {
  patch(prototype, 'checkOut', {
    begin: () => {},
    end(result, _, pool) {
      const member = lastMember(pool);
      const record = recordOf(result);
      if (member === undefined || record === null || !isObject(result)) return;
      const grant = ask(lockOf(pool, POOL, numbers));
      tellResolve(member, grant);
      waitFor(grant, result);
      // One that is not granted, in time or at all, is over when the promise is.
      grant.life = record;
      describedBy(record, (graph) => {
        if (grant.state !== 'waiting' || !connectingOf(grant.lock, graph).has(grant)) return describeLock(grant, graph);
        return describeRequest({ library: LIBRARY, request: 'new connection', stream: undefined, isConnected: false });
      });
    },
  });
  patch(prototype, 'checkIn', {
    begin(_, [connection]) {
      const grant = isObject(connection) ? byConnection.get(connection) : undefined;
      if (grant !== undefined) finish(grant);
    },
  });
}

/** Commands whose own value is the name of a collection; that of others may be anything, such as the name of a user. */
const OF_COLLECTIONS = new Set(
  (
    'find insert update delete aggregate count distinct findAndModify create drop ' +
    'createIndexes listIndexes dropIndexes collMod validate collStats mapReduce'
  ).split(' '),
);

/** "find shop.orders": never what is looked for. */
function commandText(namespace: unknown, command: unknown): string {
  const [name = 'command'] = textKeys(command);
  // The value of `getMore` is the number of a cursor.
  const collection = OF_COLLECTIONS.has(name)
    ? textField(command, name)
    : name === 'getMore'
      ? textField(command, 'collection')
      : undefined;
  const database = textField(namespace, 'db');
  return collection === undefined ? name : `${name} ${database === undefined ? '' : `${database}.`}${collection}`;
}

function watchCommands(prototype: object): void {
  patch(prototype, 'command', {
    begin: (_, [namespace, command]) => commandText(namespace, command),
    end(result, text, connection) {
      const record = recordOf(result);
      if (record === null) return;
      const from = new WeakRef(connection);
      describedBy(record, () =>
        describeRequest({
          library: LIBRARY,
          request: text,
          stream: objectField(from.deref(), 'socket'),
          isConnected: true,
        }),
      );
    },
  });
}

/** What it knows of the servers so far is often why there is none: "ReplicaSetNoPrimary". */
function selection(topology: object | undefined, operation: string | undefined, endMs: number | undefined): Wait {
  const servers = textKeys(field(field(topology, 's'), 'servers'));
  const type = textField(field(topology, 'description'), 'type');
  const isUnknown = type === undefined || type === 'Unknown';
  const purpose = operation === undefined ? '' : ` for ${operation}`;
  const facts: WaitFacts = {
    kind: 'socket',
    bytesRead: 0,
    bytesWritten: 0,
    state: isUnknown ? 'connecting' : 'open',
    library: LIBRARY,
    request: `selection of a server${purpose}${isUnknown ? '' : ` (${type})`}`,
    ...(servers.length === 0 ? {} : { remote: servers.join(', ') }),
    ...(endMs === undefined ? {} : { abort: { leftMs: Math.round(endMs - coarseNow()) } }),
  };
  return { facts, confidence: 'exact' };
}

/** With a limit for the whole operation (`timeoutMS`) what is left of it is not known here: zero. */
function limitsOf(options: unknown): number | undefined {
  const context = objectField(options, 'timeoutContext');
  if (context === undefined) return numberField(options, 'serverSelectionTimeoutMS');
  const isWhole = numberField(context, 'timeoutMS') !== undefined;
  return isWhole ? 0 : (numberField(field(context, 'options'), 'serverSelectionTimeoutMS') ?? 0);
}

function watchSelection(prototype: object): void {
  patch(prototype, 'selectServer', {
    begin: (_, [, options]) => ({ operation: textField(options, 'operationName'), own: limitsOf(options) }),
    end(result, { operation, own }, topology) {
      const record = recordOf(result);
      if (record === null) return;
      const limitMs = own ?? numberField(field(topology, 's'), 'serverSelectionTimeoutMS') ?? 0;
      const endMs = limitMs > 0 ? coarseNow() + limitMs : undefined;
      const from = new WeakRef(topology);
      describedBy(record, () => selection(from.deref(), operation, endMs));
    },
  });
}

/** Looks for the classes among what a module of the package exports. */
export function watchMongodb(members: object): void {
  const pool = prototypeOf(field(members, 'ConnectionPool'));
  if (hasMethods(pool, 'checkOut', 'checkIn', 'createConnection', 'processWaitQueue')) watchCheckOut(pool);
  const connection = prototypeOf(field(members, 'Connection'));
  if (hasMethods(connection, 'command', 'sendCommand', 'writeCommand')) watchCommands(connection);
  const topology = prototypeOf(field(members, 'Topology'));
  if (hasMethods(topology, 'selectServer', 'connect', 'close')) watchSelection(topology);
}
