/** Ends a program after a time: first its state is saved, then it is asked to end, then it is forced to. */
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from '../adapter/spool-folder.ts';
import { readSpool, type SpoolFile } from '../adapter/spool-reader.ts';
import type { Snapshot, SnapshotEvent } from '../protocol/agent.ts';
import type { Child } from './child.ts';

/** A program that blocks its loop cannot save its state; it is ended this long after its time. */
const SNAPSHOT_GRACE_MS = 8000;
/** Once it is at work on that: with a million tasks, or on a busy machine, it takes many seconds. */
const SNAPSHOT_WORK_MS = 60_000;
const TERMINATION_GRACE_MS = 3000;
const POLL_MS = 50;

/** Waits for the program's end, or ends it after `durationMs`; `true` when it was still running then. */
export async function limitTime(child: Child, spool: string, durationMs: number): Promise<boolean> {
  const stop = new AbortController();
  const gone = child.ended.then(() => stop.abort());
  try {
    await delay(durationMs, undefined, stop);
    const start = performance.now();
    for (let state = stateOf(spool); state !== 'saved'; state = stateOf(spool)) {
      if (performance.now() - start > (state === 'begun' ? SNAPSHOT_WORK_MS : SNAPSHOT_GRACE_MS)) break;
      await delay(POLL_MS, undefined, stop);
    }
    child.kill('SIGTERM');
  } catch {
    return false; // it ended by itself
  }
  try {
    await delay(TERMINATION_GRACE_MS, undefined, stop);
    child.kill('SIGKILL');
  } catch {
    // It ended in time.
  }
  await gone;
  await endOthers(spool, child.pid);
  return true;
}

/** Ends what a shell or a launcher left behind, as far as it runs Node.js. */
async function endOthers(spool: string, childPid: number): Promise<void> {
  const pids = readSpool(spool)
    .filter(isRunning)
    .map(({ pid }) => pid)
    .filter((pid) => pid !== childPid);
  for (const pid of pids) send(pid, 'SIGTERM');
  const latest = performance.now() + TERMINATION_GRACE_MS;
  while (performance.now() < latest && pids.some(isAlive)) await delay(POLL_MS);
  for (const pid of pids) if (isAlive(pid)) send(pid, 'SIGKILL');
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile, or has become another user's.
  }
}

/** The state at the end of the time, of process `pid`; the last one before it when the loop was blocked then. */
export function snapshotAt(spool: string, pid: number, durationMs: number): Snapshot | undefined {
  const snapshots = watched(spool).filter((file) => file.pid === pid);
  const found =
    snapshots.find(({ last }) => last === true) ?? snapshots.find(({ snapshot }) => snapshot.atMs >= durationMs);
  return (found ?? snapshots.at(-1))?.snapshot;
}

/** How far the processes that run are with saving their last state. */
function stateOf(spool: string): 'awaited' | 'begun' | 'saved' {
  const files = readSpool(spool);
  const running = new Set(files.filter(isRunning).map(({ pid }) => pid));
  const watchdogs = files.filter(({ thread, pid }) => thread === 'watch' && running.has(pid));
  const hasSaved = ({ events }: SpoolFile): boolean =>
    events.some((event) => event.event === 'snapshot' && event.last === true);
  if (watchdogs.length > 0 && watchdogs.every(hasSaved)) return 'saved';
  const hasBegun = watchdogs.some(({ events }) => events.some(({ event }) => event === 'last-snapshot-begun'));
  return hasBegun ? 'begun' : 'awaited';
}

/** Whether it is a main thread that has not said its last words, of a process that is there. */
const isRunning = ({ pid, thread, events }: SpoolFile): boolean =>
  thread === 0 && events.at(-1)?.event !== 'exit' && isAlive(pid);

function watched(spool: string): (SnapshotEvent & { pid: number })[] {
  return readSpool(spool)
    .filter(({ thread }) => thread === 'watch')
    .flatMap(({ pid, events }) => events.flatMap((event) => (event.event === 'snapshot' ? [{ ...event, pid }] : [])));
}
