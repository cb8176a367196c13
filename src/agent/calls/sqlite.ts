/** Tripwires on the synchronous queries of `node:sqlite` and `better-sqlite3`, once the program has loaded them. */
import { sqlDetail, takeWord } from './call-details.ts';
import { guarded } from '../faults.ts';
import { hasMethods, prototypeOf, textField } from '../libraries/fields.ts';
import type { Taken } from './timed-calls.ts';
import { always, install, type Way } from './tripwire.ts';

/** A short query is what these are made for. Milliseconds. */
const WAY: Way = { usesThis: true, isLong: always, fromMs: 5 };
/** Their first argument is the statement. */
const DATABASE: Way = { ...WAY, take: takeWord, detail: sqlDetail };

/** What of `node:sqlite` is looked at. */
export interface SqliteModule {
  DatabaseSync?: unknown;
  StatementSync?: unknown;
}

/** `node:sqlite` as loaded. */
export function watchSqlite({ DatabaseSync, StatementSync }: SqliteModule): void {
  const database = prototypeOf(DatabaseSync);
  const statement = prototypeOf(StatementSync);
  if (database === undefined || statement === undefined) return;
  const sourceOf = Object.getOwnPropertyDescriptor(statement, 'sourceSQL')?.get;
  for (const key of ['exec', 'prepare']) install(database, key, `sqlite.DatabaseSync.${key}`, DATABASE);
  // The engine's own getter; it fails for a statement of a closed database.
  const take = ([receiver]: readonly unknown[]): Taken =>
    guarded('sqlite', () => sourceOf?.call(receiver) as string | undefined, undefined);
  for (const key of STATEMENT)
    install(statement, key, `sqlite.StatementSync.${key}`, { ...WAY, take, detail: sqlDetail });
}

const STATEMENT = ['run', 'get', 'all'];

/** `better-sqlite3` as loaded: its statements' class is known only from the first of them. */
export function watchBetterSqlite(members: object): void {
  const prototype = prototypeOf((members as { Database?: unknown }).Database);
  if (!hasMethods(prototype, 'prepare', 'exec', 'transaction')) return;
  let seen = false;
  const take = ([statement]: readonly unknown[]): Taken => textField(statement, 'source');
  const onResult = (statement: unknown): void => {
    if (seen) return;
    const methods = Object.getPrototypeOf(statement) as unknown;
    if (!hasMethods(methods, ...STATEMENT)) return;
    seen = true;
    for (const key of STATEMENT) install(methods, key, `better-sqlite3.${key}`, { ...WAY, take, detail: sqlDetail });
  };
  const way = { ...DATABASE, ofPackage: true };
  for (const key of ['exec', 'pragma']) install(prototype, key, `better-sqlite3.${key}`, way);
  install(prototype, 'prepare', 'better-sqlite3.prepare', { ...way, onResult });
}
