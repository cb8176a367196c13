/** Commands of Redis that wait on the server, such as BLPOP: whatever is asked later on the same connection is answered after them. */
import type { PromiseRecord } from '../promises/promise-record.ts';
import { field } from './fields.ts';

const BLOCKING = new Set('blpop brpop blmove brpoplpush blmpop bzpopmin bzpopmax bzmpop wait waitaof'.split(' '));
/** Only with the word BLOCK. */
const READING = new Set(['xread', 'xreadgroup']);

interface Blocker {
  text: string;
  record: PromiseRecord;
}

const NONE: readonly Blocker[] = [];
/** Of each connection, oldest first. */
const blockers = new WeakMap<object, readonly Blocker[]>();

function isBlocking(command: string, args: unknown): boolean {
  const name = command.toLowerCase();
  if (BLOCKING.has(name)) return true;
  if (!READING.has(name) || !Array.isArray(args)) return false;
  return args.some((each) => typeof each === 'string' && each.toLowerCase() === 'block');
}

/** Those that wait on this connection now. What is asked now can ask it later which of them still does. */
export function blockersOn(connection: object): () => string | undefined {
  const known = blockers.get(connection) ?? NONE;
  if (known.length === 0) return () => undefined;
  const waiting = known.filter(({ record }) => record.isPending);
  if (waiting.length < known.length) blockers.set(connection, waiting);
  return () => waiting.find(({ record }) => record.isPending)?.text;
}

/** This command was asked: `text` is what is told of it, `args` come after its name. */
export function noteBlocker(connection: object, name: string, args: unknown, blocker: Blocker): void {
  if (!isBlocking(name, args)) return;
  blockers.set(connection, [...(blockers.get(connection) ?? NONE), blocker]);
}

/** "host:port", or the path of a socket, as the options of a client tell it. */
export function addressIn(options: unknown): string | undefined {
  const [host, port, path] = ['host', 'port', 'path'].map((key) => field(options, key));
  if (typeof path === 'string') return path;
  if (typeof host !== 'string' || (typeof port !== 'number' && typeof port !== 'string')) return undefined;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
