/** Client of pg (8): which query a promise waits for, and what is before it. */
import type { Wait } from '../../protocol/agent.ts';
import { linkCallback } from '../resources/ties.ts';
import { describedBy, describeRequest } from './connection.ts';
import { statement } from './sql-text.ts';
import { field, hasMethods, lastOf, objectField, prototypeOf, textField } from './fields.ts';
import { patch, recordOf } from './patch.ts';

const streamOf = (client: object): object | undefined => objectField(objectField(client, 'connection'), 'stream');

/** The client's own note of the query that it was given last. */
function lastQuery(client: object): object | undefined {
  return (
    lastOf(client, '_queryQueue') ?? lastOf(client, 'queryQueue') ?? lastOf(client, '_sentQueryQueue') ?? active(client)
  );
}

/** The names without an underscore are those before 8.17. */
const active = (client: object): object | undefined =>
  objectField(client, '_activeQuery') ?? objectField(client, 'activeQuery');

function request(client: object, text: string, queued?: number): Wait {
  const isConnected = field(client, '_connected') !== false;
  return describeRequest({ library: 'pg', request: text, queued, stream: streamOf(client), isConnected });
}

/** A new connection is on its way. */
export function describeConnecting(client: object): Wait {
  return request(client, 'new connection');
}

/** What the client does now for the only one who uses it. */
export function describeLast(client: object): Wait {
  return describeQuery(client, lastQuery(client));
}

function describeQuery(client: object, query: object | undefined): Wait {
  const text = statement(textField(query, 'text') ?? textField(query, 'name'));
  const queue = field(client, '_queryQueue') ?? field(client, 'queryQueue');
  const place = Array.isArray(queue) ? queue.indexOf(query) : -1;
  const busy = active(client) === undefined ? 0 : 1;
  return place < 0 ? request(client, text) : request(client, text, place + busy);
}

const QUEUES = ['_queryQueue', 'queryQueue', '_sentQueryQueue'];

/** Whether the client has not answered it yet. */
function isAsked(client: object, query: object): boolean {
  if (active(client) === query) return true;
  return QUEUES.map((key) => field(client, key)).some((queue) => Array.isArray(queue) && queue.includes(query));
}

/** Whether it has something to answer. */
export const isBusy = (client: object): boolean => lastQuery(client) !== undefined;

/** A query on its way. */
interface Asked {
  client: WeakRef<object>;
  /** Undefined until the client has made its own object of it. */
  query: WeakRef<object> | undefined;
}

function describeAsked({ client, query }: Asked): Wait | undefined {
  const alive = client.deref();
  return alive === undefined ? undefined : describeQuery(alive, query?.deref());
}

/** Tells its result by a callback, as knex and sequelize want it. */
function isWithCallback([config, ...others]: readonly unknown[]): boolean {
  if (typeof field(config, 'submit') === 'function') return false;
  return others.some((each) => typeof each === 'function') || typeof field(config, 'callback') === 'function';
}

function isAnswered({ client, query }: Asked): boolean {
  if (query === undefined) return false;
  const [aliveClient, aliveQuery] = [client.deref(), query.deref()];
  return aliveClient === undefined || aliveQuery === undefined || !isAsked(aliveClient, aliveQuery);
}

/** Looks for the class among what the module exports. */
export function watchClient(members: object): void {
  const prototype = prototypeOf(field(members, 'Client'));
  if (!hasMethods(prototype, 'query', 'connect', '_pulseQueryQueue')) return;
  patch(prototype, 'query', {
    begin(client, args): Asked {
      const asked: Asked = { client: new WeakRef(client), query: undefined };
      if (isWithCallback(args))
        linkCallback(
          () => isAnswered(asked),
          () => describeAsked(asked),
        );
      return asked;
    },
    end(result, asked, receiver) {
      const query = lastQuery(receiver);
      if (query === undefined) return;
      asked.query = new WeakRef(query);
      const record = recordOf(result);
      if (record !== null) describedBy(record, () => describeAsked(asked));
    },
  });
}
