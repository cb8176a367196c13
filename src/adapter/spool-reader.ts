/** Reads the event files that the agents of a program and of its workers and children leave in the spool folder. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentEvent } from '../protocol/agent.ts';

/** The events of one thread, in the order written. */
export interface SpoolFile {
  pid: number;
  /** Thread number (0: main thread), or `watch` for the watchdog that observes the main thread from beside it. */
  thread: number | 'watch';
  events: AgentEvent[];
}

const FILE_NAME = /^(\d+)-(\d+|watch)\.ndjson$/;
/** All of them, as the compiler checks. */
const EVENTS: Record<AgentEvent['event'], true> = {
  hello: true,
  'blocking-begin': true,
  stall: true,
  exit: true,
  snapshot: true,
  'last-snapshot-begun': true,
  outcomes: true,
  fault: true,
};

/**
 * All event files of a spool folder, by process and thread. A missing folder is an empty one; a half-written last line, which a killed process
 * leaves behind, and lines that are no event are passed over.
 */
export function readSpool(folder: string): SpoolFile[] {
  const files: SpoolFile[] = [];
  for (const name of orEmpty(() => readdirSync(folder), [])) {
    const match = FILE_NAME.exec(name);
    if (match === null) continue;
    const text = orEmpty(() => readFileSync(join(folder, name), 'utf8'), '');
    const thread = match[2] === 'watch' ? 'watch' : Number(match[2]);
    files.push({ pid: Number(match[1]), thread, events: parseEvents(text) });
  }
  return files.sort((a, b) => a.pid - b.pid || order(a.thread) - order(b.thread));
}

/**
 * The files of one process's main thread: its own and its watchdog's. Without `pid`, those of the process that none of the others started, first; undefined when
 * no process has said hello yet.
 */
export function mainThreadOf(files: SpoolFile[], pid?: number): { pid: number; events: AgentEvent[] } | undefined {
  const hellos = files
    .flatMap((file) => (file.thread === 0 ? file.events : []))
    .filter((event) => event.event === 'hello');
  const pids = new Set(hellos.map((hello) => hello.pid));
  const chosen = pid ?? hellos.find((hello) => !pids.has(hello.ppid))?.pid;
  if (chosen === undefined || !pids.has(chosen)) return undefined;
  const own = files.filter((file) => file.pid === chosen && (file.thread === 0 || file.thread === 'watch'));
  return { pid: chosen, events: own.flatMap((file) => file.events) };
}

function parseEvents(text: string): AgentEvent[] {
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    try {
      const value: unknown = JSON.parse(line);
      return isEvent(value) ? [value] : [];
    } catch {
      return []; // cut off in the middle, or not ours
    }
  });
}

function isEvent(value: unknown): value is AgentEvent {
  return typeof value === 'object' && value !== null && 'event' in value && Object.hasOwn(EVENTS, String(value.event));
}

function order(thread: number | 'watch'): number {
  return thread === 'watch' ? Number.MAX_SAFE_INTEGER : thread;
}

function orEmpty<T>(read: () => T, empty: T): T {
  try {
    return read();
  } catch {
    return empty; // the folder or file was removed, or never written
  }
}
