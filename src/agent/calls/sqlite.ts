/** Tripwires on the synchronous queries of `node:sqlite` and `better-sqlite3`, once the program has loaded them. */
import { newBudget } from '../budget.ts';
import { sqlDetail, takeWord } from './call-details.ts';
import { guarded } from '../faults.ts';
import { flatCopy } from '../flat-copy.ts';
import { hasMethods, prototypeOf, textField } from '../libraries/fields.ts';
import type { Taken } from './timed-calls.ts';
import { install, type Way } from './tripwire.ts';

/** Texts longer than that stand for all of their length. Characters. */
const MAX_TEXT = 200;
const MAX_TEXTS = 500;
/** Announcements of what has been announced before: 50 to 100 us each, and most queries take a few. */
const again = newBudget(5, 5);

/** Of one function: whether this statement has not been announced. One that was short goes on to be, until one of its function was not. */
function unknownTexts(): (text: Taken, nowMs: number) => boolean {
  const announced = new Set<Taken>();
  return (text, nowMs) => {
    const key = typeof text === 'string' && text.length > MAX_TEXT ? text.length : text;
    if (announced.has(key) || announced.size >= MAX_TEXTS) return again.take(nowMs);
    // It may be a piece of a text of megabytes.
    announced.add(typeof key === 'string' ? flatCopy(key) : key);
    return true;
  };
}

/** A short query is what these are made for. Milliseconds. */
const FROM_MS = 5;

function watch(holder: object, key: string, name: string, way: Way): void {
  install(holder, key, name, { usesThis: true, isLong: unknownTexts(), fromMs: FROM_MS, detail: sqlDetail, ...way });
}

/** Their first argument is the statement. */
const DATABASE: Way = { take: takeWord };

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
  for (const key of ['exec', 'prepare']) watch(database, key, `sqlite.DatabaseSync.${key}`, DATABASE);
  // The engine's own getter; it fails for a statement of a closed database.
  const take = (_args: readonly unknown[], receiver: unknown): Taken =>
    guarded('sqlite', () => sourceOf?.call(receiver) as string | undefined, undefined);
  for (const key of STATEMENT) watch(statement, key, `sqlite.StatementSync.${key}`, { take });
}

const STATEMENT = ['run', 'get', 'all'];

/** `better-sqlite3` as loaded: its statements' class is known only from the first of them. */
export function watchBetterSqlite(members: object): void {
  const prototype = prototypeOf((members as { Database?: unknown }).Database);
  if (!hasMethods(prototype, 'prepare', 'exec', 'transaction')) return;
  let seen = false;
  const take = (_args: readonly unknown[], statement: unknown): Taken => textField(statement, 'source');
  const onResult = (statement: unknown): void => {
    if (seen) return;
    const methods = Object.getPrototypeOf(statement) as unknown;
    if (!hasMethods(methods, ...STATEMENT)) return;
    seen = true;
    for (const key of STATEMENT) watch(methods, key, `better-sqlite3.${key}`, { take });
  };
  const way = { ...DATABASE, ofPackage: true };
  for (const key of ['exec', 'pragma']) watch(prototype, key, `better-sqlite3.${key}`, way);
  watch(prototype, 'prepare', 'better-sqlite3.prepare', { ...way, onResult });
}
