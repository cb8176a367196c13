/** Watches the main thread from a worker of the same process, for `async-lens run`, where no debugger client does. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import inspector from 'node:inspector';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { AgentEvent } from '../protocol/agent.ts';
import { isLauncher } from '../protocol/launchers.ts';
import { askOutcomes } from '../protocol/outcomes.ts';
import { AWAKE_POLL_MS, pauseAfterPoll, POLL_MS, REST_POLL_MS, rests } from '../protocol/polls.ts';
import { isProfilerMode } from '../protocol/profile.ts';
import { pauseAfter, SLICE_MS } from '../protocol/slices.ts';
import { WATCH_FILE, type WatchOptions } from '../protocol/watch.ts';
import { onAwake } from './rest/rest.ts';
import { openSpool } from './carriers/spool.ts';
import { countOut } from './stalls/loop.ts';
import { collectAndLook } from './collecting.ts';
import { changed, CONNECTED, connect, ENDED_REST, OPEN, PAUSED, STOP, STOPPED } from './watch-link.ts';
import type { WatchSwitch } from './watch-ends.ts';

interface WatchdogData {
  asyncLensWatchdog: WatchOptions & { folder: string; name: string; state: Int32Array };
}

/** A session still open at the end makes Node print "Waiting for the debugger to disconnect..."; it is closed within milliseconds, on a starved machine later. */
const STOP_TIMEOUT_MS = 5000;
/** The originals: the tripwires replace `wait` later. */
const { wait, notify, store, load } = Atomics;

/** Times of the first snapshots after the start; then one each second in which something happened. Milliseconds. */
const EARLY_SNAPSHOTS = [50, 100, 200, 500, 1000];
const SNAPSHOT_EVERY_MS = 1000;
/** The file of a program that runs for hours must not fill the disk: a second more between two snapshots for each megabyte that is in it. */
const SLOWER_MS_PER_BYTE = 1e-3;
/** A snapshot may cost the program at most this share of its time, as a divisor. */
const DUTY = 10;
/** A stall is made no longer by a snapshot, unless it seems to be for ever. Milliseconds. */
const SNAPSHOT_IN_STALL_MS = 2000;
/** The last state comes after a search for dead awaits, unless the program would stand still for longer than that. Milliseconds. */
const SHORT_MS = 1000;
/** Between two searches of those that the user has asked for. */
const FIND_EVERY_MS = 10_000;
const LAST_SLICE_MS = 1000;
const LAST_CHANCES = 5;

/** Nobody but the end waits for the last snapshot. Milliseconds. */
const LAST_PROBE_MS = 10_000;

/** The options in the folder of the event files, if this process or thread is to be watched, with the time from now on. Throws when they can't be read. */
export function watchOptionsIn(folder: string): WatchOptions | undefined {
  const file = join(folder, WATCH_FILE);
  if (isLauncher(process.argv, process.execArgv) || !existsSync(file)) return undefined;
  const options = JSON.parse(readFileSync(file, 'utf8')) as Partial<WatchOptions>;
  const { durationMs, sinceMs, findDeadAwaits, profiler } = options;
  const passedMs = sinceMs === undefined ? 0 : Date.now() - sinceMs;
  return {
    durationMs: typeof durationMs === 'number' ? Math.max(1, durationMs - passedMs) : null,
    ...(findDeadAwaits === true ? { findDeadAwaits } : {}),
    ...(isProfilerMode(profiler) ? { profiler } : {}),
  };
}

/** False in Node's own test runner and under the permission model: there a session from a thread would abort the process (20 to 26). */
export function hasInspector(): boolean {
  try {
    const session = new inspector.Session();
    session.connect();
    session.disconnect();
    return true;
  } catch {
    return false;
  }
}

/** Whether this thread was started by {@link startWatchdog}. */
export function isWatchdog(data: unknown): data is WatchdogData {
  return typeof data === 'object' && data !== null && 'asyncLensWatchdog' in data;
}

function takeInterrupts(turns = 2): void {
  if (turns > 0) takeInterrupts(turns - 1);
}

/** Starts the worker; it keeps nothing alive and prints nothing. `folder` is that of the event files. Answers how to close its session. */
export function startWatchdog(folder: string, options: WatchOptions): WatchSwitch {
  const state = new Int32Array(new SharedArrayBuffer(12));
  const asyncLensWatchdog = { ...options, folder, name: `${process.pid}-watch`, state };
  const worker = new Worker(__filename, {
    workerData: { asyncLensWatchdog } satisfies WatchdogData,
    execArgv: [],
    env: {},
    name: 'async-lens',
  });
  worker.on('error', () => {});
  countOut(() => worker.performance.eventLoopUtilization().active);
  worker.unref();
  onAwake(({ rest }) => {
    store(state, ENDED_REST, rest);
    notify(state, ENDED_REST);
  });
  // A worker's start queues a tick. Left in the queue it would make the program's first promises run from there, which shows in error stacks.
  (process as { _tickCallback?: () => void })._tickCallback?.();
  const close = (how: number): void => {
    if (load(state, STOP) === STOPPED) return;
    store(state, STOP, how);
    notify(state, STOP);
    wait(state, CONNECTED, 1, STOP_TIMEOUT_MS);
    // The main thread hears of the end of a session by an interrupt, which V8 takes up where a function begins: Node's own native ones do not (20).
    takeInterrupts();
  };
  return {
    stop: () => close(STOPPED),
    pause: () => close(PAUSED),
    resume() {
      if (load(state, STOP) !== PAUSED) return;
      store(state, STOP, OPEN);
      notify(state, STOP);
    },
  };
}

/** The worker's whole work; returns at once. */
export function watch({ asyncLensWatchdog }: WatchdogData): void {
  const { durationMs, findDeadAwaits = false, profiler, folder, name, state: cells } = asyncLensWatchdog;
  const spool = openSpool(folder, name);
  const { ask, send } = connect(cells);
  if (profiler !== undefined) ask({ request: 'profiler', mode: profiler }, () => {});
  const tell = (event: AgentEvent): void => {
    try {
      spool.send(event);
    } catch {
      // A full disk: what fails in an answer of the inspector would be printed as a warning of the program's.
    }
  };
  const early = [...EARLY_SNAPSHOTS];
  const begun = performance.now();
  let seen = -1;
  let asked = false;
  let nextMs = 0;
  let taking = false;
  let workMs = 0;
  let over = false;
  let collecting = false;
  let stalled = false;
  const slice = (): void => {
    if (over) return;
    const askedMs = performance.now();
    ask({ request: 'snapshot', budgetMs: SLICE_MS }, (answer) => {
      workMs += performance.now() - askedMs;
      if (answer !== undefined && 'done' in answer) {
        setTimeout(slice, pauseAfter(answer));
        return;
      }
      taking = false;
      if (answer !== undefined) tell({ event: 'snapshot', snapshot: answer });
      nextMs = Math.max(
        nextMs,
        performance.now() - begun + DUTY * workMs,
        askedMs - begun + bytes() * SLOWER_MS_PER_BYTE,
      );
    });
  };
  const snapshot = (): void => {
    if (taking) return;
    taking = true;
    workMs = 0;
    slice();
  };
  let asksOutcomes = false;
  /** One question at a time: the end of one lets go of what another has in hand. */
  const tellOutcomes = async (): Promise<void> => {
    if (asksOutcomes) return;
    asksOutcomes = true;
    try {
      const outcomes = await askOutcomes(send);
      if (outcomes.length > 0) tell({ event: 'outcomes', outcomes });
    } catch {
      // The program is ending.
    }
    asksOutcomes = false;
  };
  const bytes = (): number => statSync(join(folder, `${name}.ndjson`), { throwIfNoEntry: false })?.size ?? 0;
  let lastMs = begun;
  let lateMs = 0;
  const takeLate = (): { watcherLateMs?: number } => {
    const late = lateMs === 0 ? {} : { watcherLateMs: Math.round(lateMs) };
    lateMs = 0;
    return late;
  };
  let dueMs = 0;
  let ticks: NodeJS.Timeout | undefined;
  const tick = (): void => {
    lateMs += Math.max(0, performance.now() - lastMs - 2 * POLL_MS);
    lastMs = performance.now();
    if (asked || lastMs < dueMs) return;
    asked = true;
    ask({ request: 'poll', paused: collecting, mayRest: true, ...takeLate() }, (state) => {
      asked = false;
      const ended = load(cells, ENDED_REST);
      watchAfter(pauseAfterPoll(state, ended));
      if (state === undefined) return;
      stalled = state.stall !== undefined;
      if (state.settled !== undefined) void tellOutcomes();
      const sinceMs = performance.now() - begun;
      const due = early[0] ?? nextMs;
      if (rests(state, ended)) rest(ended, state.activity === seen ? REST_POLL_MS : due - sinceMs);
      if (taking || sinceMs < due || state.activity === seen) return;
      if (state.stall !== undefined && state.stall.durationMs < SNAPSHOT_IN_STALL_MS) return;
      while (early[0] !== undefined && early[0] <= sinceMs) early.shift();
      nextMs = sinceMs + SNAPSHOT_EVERY_MS;
      seen = state.activity;
      snapshot();
    });
  };
  /** Ticks are not exact. */
  const watchAfter = (ms: number): void => {
    dueMs = performance.now() + ms - POLL_MS / 2;
  };
  const watchOn = (): void => {
    lastMs = performance.now();
    ticks = setInterval(tick, POLL_MS);
  };
  let hears = false;
  let beat: NodeJS.Timeout | undefined;
  const goOn = (afterMs: number): void => {
    clearTimeout(beat);
    beat = undefined;
    watchAfter(afterMs);
    watchOn();
  };
  const rest = (ended: number, ms: number): void => {
    clearInterval(ticks);
    // A thread that waits for a cell alone has nothing to do, and would end.
    beat = setTimeout(goOn, Math.min(REST_POLL_MS, Math.max(POLL_MS, ms)), 0);
    if (hears) return;
    hears = true;
    void changed(cells, ENDED_REST, ended).then(() => {
      hears = false;
      if (beat !== undefined) goOn(AWAKE_POLL_MS);
    });
  };
  watchOn();
  /** The program is about to be ended: first with all lines, which there are only between two reactions, then in one go. */
  const last = (chances: number): void => {
    const limit = chances > 0 ? { budgetMs: LAST_SLICE_MS } : { probeMs: LAST_PROBE_MS };
    ask({ request: 'snapshot', ...limit }, (answer) => {
      if (answer !== undefined && !('done' in answer)) tell({ event: 'snapshot', snapshot: answer, last: true });
      else if (chances > 0) setTimeout(last, 1, chances - 1);
    });
  };
  const collect = async (limitMs: number): Promise<void> => {
    if (collecting) return;
    collecting = true;
    await collectAndLook({ ask, send }, limitMs);
    collecting = false;
    seen = -1;
  };
  if (findDeadAwaits) setInterval(() => void collect(Infinity), FIND_EVERY_MS);
  if (durationMs === null) return;
  setTimeout(() => {
    over = true;
    // Answered once the program listens, and by then it has the other question, too.
    ask({ request: 'hello' }, () => tell({ event: 'last-snapshot-begun' }));
    void collect(findDeadAwaits ? Infinity : stalled ? 0 : SHORT_MS).then(() => last(LAST_CHANCES));
  }, durationMs);
}
