/** Ends a program after a time: first its state is saved, then it is asked to end, then it is forced to. */
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from '../adapter/spool-folder.ts';
import { readSpool, type SpoolFile } from '../adapter/spool-reader.ts';
import type { Hello, Snapshot } from '../protocol/agent.ts';
import { isLauncher } from '../protocol/launchers.ts';
import type { Child } from './child.ts';

/** A program that blocks its loop cannot save its state; it is ended this long after its time. */
const SNAPSHOT_GRACE_MS = 8000;
/** Once it is at work on that: with a million tasks, or on a busy machine, it takes many seconds. */
const SNAPSHOT_WORK_MS = 60_000;
/** A thread that watches itself saves nothing while its loop is blocked, as that of many a worker that waits for work; the others have saved theirs. */
const SELF_GRACE_MS = 1500;
const TERMINATION_GRACE_MS = 3000;
const POLL_MS = 50;

/** Waits for the program's end, or ends it after `durationMs`; `true` when it was still running then. */
export async function limitTime(child: Child, spool: string, durationMs: number): Promise<boolean> {
  const stop = new AbortController();
  const gone = child.ended.then(() => stop.abort());
  try {
    await delay(durationMs, undefined, stop);
    const start = performance.now();
    let savedMs = Infinity;
    for (let state = stateOf(spool); state !== 'saved'; state = stateOf(spool)) {
      const now = performance.now();
      if (state === 'but-for-threads') savedMs = Math.min(savedMs, now);
      if (now - savedMs > SELF_GRACE_MS) break;
      if (now - start > (state === 'begun' ? SNAPSHOT_WORK_MS : SNAPSHOT_GRACE_MS)) break;
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

/** The state at the end of the time, of a thread; the last one before it when the loop was blocked then (`isLast` is false). */
export function snapshotAt(
  spool: string,
  { pid, threadId }: Pick<Hello, 'pid' | 'threadId'>,
  durationMs: number,
): { snapshot: Snapshot; isLast: boolean } | undefined {
  const snapshots = readSpool(spool)
    .filter((file) => file.pid === pid && (file.thread === threadId || (threadId === 0 && file.thread === 'watch')))
    .flatMap(({ events }) => events.filter((event) => event.event === 'snapshot'));
  const last = snapshots.find((event) => event.last === true);
  const found = last ?? snapshots.find(({ snapshot }) => snapshot.atMs >= durationMs) ?? snapshots.at(-1);
  return found && { snapshot: found.snapshot, isLast: last !== undefined };
}

/** How far the processes that run are with saving their last state. */
function stateOf(spool: string): 'awaited' | 'begun' | 'but-for-threads' | 'saved' {
  const all = readSpool(spool);
  const running = new Set(all.filter(isRunning).map(({ pid }) => pid));
  const files = all.filter(({ pid }) => running.has(pid));
  const watchdogs = files.filter(({ thread }) => thread === 'watch');
  const selves = files.filter((file) => watchesItself(file, watchdogs));
  const hasSaved = ({ events }: SpoolFile): boolean =>
    events.some((event) => event.event === 'snapshot' && event.last === true);
  if (watchdogs.length + selves.length > 0 && watchdogs.every(hasSaved)) {
    return selves.every(hasSaved) ? 'saved' : 'but-for-threads';
  }
  const hasBegun = files.some(({ events }) => events.some(({ event }) => event === 'last-snapshot-begun'));
  return hasBegun ? 'begun' : 'awaited';
}

/** Whether it is a thread of the program's that has no other to watch it, and has not ended by itself. */
function watchesItself({ pid, thread, events }: SpoolFile, watchdogs: readonly SpoolFile[]): boolean {
  const hello = events.find((event) => event.event === 'hello');
  if (thread === 'watch' || hello === undefined || hello.internal === true) return false;
  if (isLauncher(hello.argv, hello.execArgv) || events.at(-1)?.event === 'exit') return false;
  return thread > 0 || !watchdogs.some((watchdog) => watchdog.pid === pid);
}

/** Whether it is a main thread that has not said its last words, of a process that is there. */
const isRunning = ({ pid, thread, events }: SpoolFile): boolean =>
  thread === 0 && events.at(-1)?.event !== 'exit' && isAlive(pid);
