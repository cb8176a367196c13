/** Worker threads, child processes and programs that are started again: to which program they belong, and for how long they are worth showing. */
import type * as vscode from 'vscode';
import { DEBUG_TYPE } from '../protocol/dap.ts';
import type { LensSettings } from '../protocol/settings.ts';
import { isWorkerSession } from './js-debug.ts';
import { lensSettings, workerSettings } from './settings.ts';
import type { Program } from './state.ts';

/** One that ends so long before its parent, or before now, was not ended together with it. Milliseconds. */
const TOGETHER_MS = 2000;

/** Watched of one process at a time; each has an adapter of its own. */
export const MAX_WORKERS = 8;

/** All messages to a worker go through the main thread of its process, and its stalls are not told. */
export const WORKER_POLL_MS = 500;

/** The session of the JavaScript debugger that runs the program. */
function debuggerOf({ session }: Pick<Program, 'session'>): vscode.DebugSession | undefined {
  return session.type === DEBUG_TYPE ? session.parentSession : session;
}

/** Whether the program is a worker thread. */
export function isWorker(program: Pick<Program, 'session'>): boolean {
  const session = debuggerOf(program);
  return session !== undefined && isWorkerSession(session);
}

/** The settings for the companion of that session of the JavaScript debugger. */
export function settingsFor(session: vscode.DebugSession): LensSettings {
  const settings = lensSettings(session.workspaceFolder);
  return isWorkerSession(session) ? workerSettings(settings, session.workspaceFolder) : settings;
}

/** The program that started this one, if it is among the programs: the JavaScript debugger nests their sessions. */
export function parentOf(program: Program, programs: readonly Program[]): Program | undefined {
  let above = debuggerOf(program)?.parentSession;
  for (; above !== undefined; above = above.parentSession) {
    const { id } = above;
    const found = programs.find((other) => debuggerOf(other)?.id === id);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** One that has ended while the program that started it goes on is of no interest any more, and a thread of Node's own never is, unless something was found in it. */
export function isWorthShowing(program: Program, parent: Program | undefined): boolean {
  if (parent === undefined || (program.view?.findings.length ?? 0) > 0) return true;
  if (program.view?.internal === true) return false;
  if (!program.ended) return true;
  const untilMs = parent.ended ? (parent.endedMs ?? 0) : Date.now();
  return untilMs - (program.endedMs ?? 0) < TOGETHER_MS;
}

/** Whether a watch mode has started the program again: the same process began one of that script later. Child processes of a program that is shown are not meant. */
export function isSuperseded(program: Program, programs: readonly Program[]): boolean {
  if (!program.ended || program.view === undefined || isWorker(program)) return false;
  const above = debuggerOf(program)?.parentSession?.id;
  return programs
    .slice(programs.indexOf(program) + 1)
    .some(
      (later) =>
        later.view?.title === program.view?.title && debuggerOf(later)?.parentSession?.id === above && !isWorker(later),
    );
}
