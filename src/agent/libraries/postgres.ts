/** Queries of postgres (3, "Postgres.js"): each is a promise of a class of its own. */
import { describedBy, describeRequest } from './connection.ts';
import { field, hasMethods, prototypeOf } from './fields.ts';
import { patch, recordOf } from './patch.ts';
import { statement } from './sql-text.ts';

/** The parts of a template, or the whole text. */
function textOf(query: object): string | undefined {
  const strings = field(query, 'strings');
  if (!Array.isArray(strings)) return undefined;
  const parts: unknown[] = strings.map((_, i) => field(strings, i));
  return parts.every((part) => typeof part === 'string') ? parts.join('?') : undefined;
}

/** It has a `state` once a connection has taken it, and is `active` once that has answered those before it. */
function placeOf(query: object): string {
  if (typeof field(query, 'state') !== 'object' || field(query, 'state') === null) return ', waiting for a connection';
  return field(query, 'active') === true ? '' : ', behind another one on its connection';
}

/** Looks for the class among what the module exports. */
export function watchPostgres(members: object): void {
  const prototype = prototypeOf(field(members, 'Query'));
  if (!hasMethods(prototype, 'handle', 'execute', 'cancel', 'then')) return;
  patch(prototype, 'handle', {
    begin(query) {
      const record = recordOf(query);
      if (record === null || record.source !== null) return;
      const asked = new WeakRef(query);
      describedBy(record, () => {
        const alive = asked.deref();
        if (alive === undefined) return undefined;
        const request = `${statement(textOf(alive))}${placeOf(alive)}`;
        return describeRequest({ library: 'postgres', request, stream: undefined, isConnected: true });
      });
    },
  });
}
