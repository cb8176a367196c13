/** Client of pg (8): which query a promise waits for, and what is before it. */
import type { Wait } from '../../protocol/agent.ts';
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

/** Looks for the class among what the module exports. */
export function watchClient(members: object): void {
  const prototype = prototypeOf(field(members, 'Client'));
  if (!hasMethods(prototype, 'query', 'connect', '_pulseQueryQueue')) return;
  patch(prototype, 'query', {
    begin: () => {},
    end(result, _, receiver) {
      const record = recordOf(result);
      const query = lastQuery(receiver);
      if (record === null || query === undefined) return;
      const client = new WeakRef(receiver);
      const asked = new WeakRef(query);
      describedBy(record, () => {
        const alive = client.deref();
        return alive === undefined ? undefined : describeQuery(alive, asked.deref());
      });
    },
  });
}
