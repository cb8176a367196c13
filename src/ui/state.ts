/** The one store of what the extension shows: the programs of the running and of the last session, and notes about skipped ones. */
import * as vscode from 'vscode';
import { isLauncher as isLauncherProcess } from '../protocol/launchers.ts';
import type { LensView } from '../protocol/dap.ts';
import type { Location, Report } from '../protocol/report.ts';
import { isSuperseded, isWorker, isWorthShowing, parentOf } from './workers.ts';

/** A stall that goes on; times are milliseconds since the epoch by the clock of the extension host. */
export interface OpenStall {
  sinceMs: number;
  /** When it was last told, and how long it was by then. */
  toldMs: number;
  durationMs: number;
  api?: string;
  location?: Location;
}

/** One program and the debug session of type `async-lens` that watches it. */
export interface Program {
  /** Unique within the extension's life. */
  readonly key: string;
  readonly session: vscode.DebugSession;
  /** Session the user started. */
  readonly rootId: string;
  /** Number of the run it belongs to: every session the user starts begins a new one. */
  readonly run: number;
  readonly name: string;
  /** The last state known; kept after the end. */
  view?: LensView;
  /** Asked for when the program ends, since nobody answers later. */
  report?: Report;
  stall?: OpenStall;
  /** The last stall that is over and has a place. */
  lastStall?: { durationMs: number; location: Location };
  ended: boolean;
  /** When it ended, milliseconds since the epoch. */
  endedMs?: number;
  /** Its session was restarted: another one takes its place. */
  replaced?: boolean;
}

export interface Store extends vscode.Disposable {
  readonly onDidChange: vscode.Event<void>;
  /** A new run began: what ended before and all notes are forgotten. */
  readonly onDidBegin: vscode.Event<void>;
  /** Number of the current run. */
  readonly run: number;
  /** The user wants what is shown to stand still. */
  readonly paused: boolean;
  setPaused(paused: boolean): void;
  programs(): readonly Program[];
  /** The programs that are worth showing: a package manager or loader gives way to what it started. */
  shown(): readonly Program[];
  notes(): readonly string[];
  live(): readonly Program[];
  find(sessionId: string): Program | undefined;
  /** `restarted`: the session that begins again, its programs give way. */
  beginSession(restarted?: { rootId: string }): void;
  add(session: vscode.DebugSession, rootId: string): Program;
  /** Whether the root session was restarted after that run began. */
  wasRestarted(rootId: string, since: number): boolean;
  /** A program that ended before anybody could watch it; `session` is the debugger's own. What was noted about that session is dropped. */
  addEnded(session: vscode.DebugSession, rootId: string, last: { view: LensView; report: Report }): void;
  /** A line for the view: why a session is not watched. */
  note(text: string): void;
  /** Tells the listeners, after a program was changed in place. */
  changed(): void;
}

/** Companion sessions are named after their program, with this before it. */
export const COMPANION_PREFIX = 'Async Lens: ';

/** More ended programs of one run than this are forgotten, oldest first. */
const ENDED_LIMIT = 20;

/** An empty store. */
export function createStore(): Store {
  const change = new vscode.EventEmitter<void>();
  const begin = new vscode.EventEmitter<void>();
  let programs: Program[] = [];
  let notes: string[] = [];
  /** Run that a restart began, by root session id. */
  const restarts = new Map<string, number>();
  let made = 0;
  let run = 0;
  let paused = false;
  return {
    onDidChange: change.event,
    onDidBegin: begin.event,
    get run() {
      return run;
    },
    get paused() {
      return paused;
    },
    setPaused(value) {
      paused = value;
      change.fire();
    },
    programs: () => programs,
    shown() {
      const working = programs.filter((program) => !isLauncher(program));
      return programs.filter((program) => {
        if (program.replaced) return false;
        if (isLauncher(program) && programs.some((other) => replaces(other, program))) return false;
        const parent = parentOf(program, working);
        return isWorthShowing(program, parent) && !(parent === undefined && isSuperseded(program, programs));
      });
    },
    notes: () => notes,
    live: () => programs.filter(({ ended }) => !ended),
    find: (sessionId) => programs.find(({ session }) => session.id === sessionId),
    beginSession(restarted) {
      run++;
      if (restarted) restarts.set(restarted.rootId, run);
      for (const program of programs) if (program.rootId === restarted?.rootId) program.replaced = true;
      programs = programs.filter(({ ended }) => !ended);
      if (programs.length === 0) notes = [];
      begin.fire();
      change.fire();
    },
    add(session, rootId) {
      const name = session.name.replace(COMPANION_PREFIX, '');
      const program: Program = { key: String(++made), session, rootId, run, name, ended: false };
      programs = programs.filter((other) => !other.ended || (other.run === run && !other.replaced));
      const ended = programs.filter((other) => other.ended);
      const forgotten = new Set(ended.slice(0, Math.max(0, ended.length - ENDED_LIMIT)));
      programs = [...programs.filter((other) => !forgotten.has(other)), program];
      change.fire();
      return program;
    },
    wasRestarted: (rootId, since) => (restarts.get(rootId) ?? 0) > since,
    addEnded(session, rootId, last) {
      const name = session.name.split(' « ')[0] ?? '';
      programs = [...programs, { key: String(++made), session, rootId, run, name, ended: true, ...last }];
      notes = notes.filter((note) => !note.startsWith(`${session.name} `));
      change.fire();
    },
    note(text) {
      if (!notes.includes(text)) notes = [...notes, text];
      change.fire();
    },
    changed: () => change.fire(),
    dispose() {
      change.dispose();
      begin.dispose();
    },
  };
}

/** The title is the base name of the script, all that is needed of the command line; loaders that go by a path have none. */
function isLauncher({ view }: Program): boolean {
  return view !== undefined && isLauncherProcess(['node', view.title]);
}

function replaces(program: Program, launcher: Program): boolean {
  return program.rootId === launcher.rootId && program.view !== undefined && !isLauncher(program) && !isWorker(program);
}
