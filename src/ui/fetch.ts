/** Keeps the store up to date: fetches a program's view when its adapter says that it changed, as seldom as what is shown allows. */
import * as vscode from 'vscode';
import type { CustomRequests, CustomEvents } from '../protocol/dap.ts';
import { DEBUG_TYPE } from '../protocol/dap.ts';
import { rootOf } from './js-debug.ts';
import { SECTION } from './settings.ts';
import type { Program, Store } from './state.ts';
import { isWorker, settingsFor } from './workers.ts';

/** Shortest time between two fetches of one program, milliseconds: while a tree is visible, and for the status bar and Problems alone. */
const VISIBLE_MS = 250;
const HIDDEN_MS = 1000;
/** The adapter repeats itself about an open stall several times a second; after such a silence the state counts. */
const STALL_SILENCE_MS = 2000;

interface Schedule {
  lastMs: number;
  timer?: NodeJS.Timeout;
  /** The fetch under way. */
  running?: Promise<void>;
  /** Changed while a fetch was under way. */
  stale: boolean;
  /** Its program is gone: only the last state is missing. */
  last: boolean;
}

export interface Fetcher extends vscode.Disposable {
  /** Asks the programs now, instead of waiting for a change. */
  refresh(): Promise<void>;
}

/** Watches all sessions of the adapter's type. `isVisible`: a tree is on screen. */
export function startFetching(store: Store, log: vscode.LogOutputChannel, isVisible: () => boolean): Fetcher {
  const schedules = new Map<Program, Schedule>();

  const fetch = async (program: Program, fresh: boolean): Promise<void> => {
    const schedule = schedules.get(program);
    if (!schedule || program.ended) return;
    clearTimeout(schedule.timer);
    delete schedule.timer;
    if (schedule.running) {
      schedule.stale = true;
      return;
    }
    schedule.stale = false;
    schedule.running = load(program, fresh, schedule.last).catch((error: unknown) =>
      log.debug(`No answer from ${program.name}: ${String(error)}`),
    );
    await schedule.running;
    delete schedule.running;
    schedule.lastMs = Date.now();
    store.changed();
    if (!schedule.stale) return;
    if (schedule.last) await fetch(program, false);
    else later(program);
  };

  /** What is under way may have been asked before what the caller wants to see. */
  const fetchAnew = async (program: Program): Promise<void> => {
    for (let running; (running = schedules.get(program)?.running);) await running;
    await fetch(program, true);
  };

  const later = (program: Program): void => {
    const schedule = schedules.get(program);
    if (!schedule || store.paused || schedule.timer || program.ended) return;
    const interval = isVisible() ? VISIBLE_MS : HIDDEN_MS;
    const wait = Math.max(0, schedule.lastMs + interval - Date.now());
    schedule.timer = setTimeout(() => void fetch(program, false), wait);
  };

  const started = (session: vscode.DebugSession): void => {
    if (session.type !== DEBUG_TYPE || store.find(session.id)) return;
    if (!session.parentSession) store.beginSession();
    const program = store.add(session, rootOf(session).id);
    schedules.set(program, { lastMs: 0, stale: false, last: false });
    later(program);
  };

  const received = ({ session, event, body }: vscode.DebugSessionCustomEvent): void => {
    if (session.type !== DEBUG_TYPE) return;
    started(session);
    const program = store.find(session.id);
    if (!program) return;
    if (event === ('asyncLens/changed' satisfies keyof CustomEvents)) {
      const { state } = body as CustomEvents['asyncLens/changed'];
      // The session ends right after its program, so the last state cannot wait, not even while updates are paused.
      const schedule = schedules.get(program);
      if (state === 'ended' && schedule) {
        schedule.last = true;
        void fetch(program, false);
      } else later(program);
    } else if (event === ('asyncLens/stall' satisfies keyof CustomEvents)) {
      // To be blocked is what a worker is for.
      if (!isWorker(program)) stalled(program, body as CustomEvents['asyncLens/stall']);
      store.changed();
      later(program);
    }
  };

  const terminated = (session: vscode.DebugSession): void => {
    const program = store.find(session.id);
    if (!program) return;
    program.ended = true;
    program.endedMs = Date.now();
    delete program.stall;
    clearTimeout(schedules.get(program)?.timer);
    schedules.delete(program);
    store.changed();
  };

  const configured = (event: vscode.ConfigurationChangeEvent): void => {
    if (!event.affectsConfiguration(SECTION)) return;
    for (const { session } of store.live()) {
      const settings = settingsFor(session.parentSession ?? session);
      request(session, 'asyncLens/settings', { settings }).catch((error: unknown) =>
        log.debug(`Settings not taken by ${session.name}: ${String(error)}`),
      );
    }
  };

  const subscriptions = vscode.Disposable.from(
    vscode.debug.onDidStartDebugSession(started),
    vscode.debug.onDidReceiveDebugSessionCustomEvent(received),
    vscode.debug.onDidTerminateDebugSession(terminated),
    vscode.workspace.onDidChangeConfiguration(configured),
  );
  return {
    async refresh() {
      await Promise.all(store.live().map(fetchAnew));
    },
    dispose() {
      subscriptions.dispose();
      for (const { timer } of schedules.values()) clearTimeout(timer);
    },
  };
}

/** Sends a custom request of the adapter, typed by the contract. Rejects with the adapter's message. */
export async function request<R extends keyof CustomRequests>(
  session: vscode.DebugSession,
  name: R,
  args: CustomRequests[R]['arguments'],
): Promise<CustomRequests[R]['body']> {
  return (await session.customRequest(name, args)) as CustomRequests[R]['body'];
}

/** The adapter ends its session as soon as the last state was read, so the last report has to be there before that state is shown. */
async function load(program: Program, fresh: boolean, last: boolean): Promise<void> {
  const asked = last ? request(program.session, 'asyncLens/report', {}) : undefined;
  asked?.catch(() => undefined); // told below, unless the view fails before
  const view = await request(program.session, 'asyncLens/snapshot', fresh ? { fresh } : {});
  try {
    const report = asked ?? (view.state === 'ended' ? request(program.session, 'asyncLens/report', {}) : undefined);
    if (report) program.report = await report;
  } finally {
    program.view = view;
  }
  const { stall } = program;
  if (stall && view.status.stallMs === undefined && Date.now() - stall.toldMs > STALL_SILENCE_MS) delete program.stall;
}

function stalled(program: Program, stall: CustomEvents['asyncLens/stall']): void {
  if (!stall.open) {
    delete program.stall;
    if (stall.location) program.lastStall = { durationMs: stall.durationMs, location: stall.location };
    return;
  }
  const nowMs = Date.now();
  const before = program.stall;
  // The news may be late, so the earliest beginning of one stall counts; one that is shorter than before is another.
  const known = before !== undefined && before.durationMs <= stall.durationMs ? before.sinceMs : Infinity;
  program.stall = {
    sinceMs: Math.min(known, nowMs - stall.durationMs),
    toldMs: nowMs,
    durationMs: stall.durationMs,
    ...(stall.api === undefined ? {} : { api: stall.api }),
    ...(stall.location === undefined ? {} : { location: stall.location }),
  };
}
