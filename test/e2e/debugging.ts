/** Drives an ordinary debug session the way a user does, and records what the debugger says. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { workspaceFolder } from './places.ts';
import { eventually, within } from './waiting.ts';
import { page } from './workbench.ts';

/** The parts of a DAP event that the tests look at. */
interface DapEvent {
  type: string;
  event: string;
  body?: { reason?: string; threadId?: number; output?: string; category?: string };
}

interface StackFrame {
  id: number;
  name: string;
  line: number;
  source?: { path?: string };
}

/** Where the debugger holds the program. */
export interface Stop {
  session: vscode.DebugSession;
  threadId: number;
  reason: string;
  /** Function, file name and line of the innermost frame. */
  at: string;
}

export interface Run {
  /** Output of the program so far. */
  output(): string;
  /** Resolves once the output contains `text`; waits `limitMs` at most (default 30 s). */
  printed(text: string, limitMs?: number): Promise<void>;
  /** The next stop that was not asked for yet. */
  stopped(): Promise<Stop>;
  /** How often the program was stopped so far. */
  stopCount(): number;
  /** The program's own session, below the root that the user started. */
  program(): Promise<vscode.DebugSession>;
  /** Every session of this run, started so far, that has that type. */
  sessions(type: string): vscode.DebugSession[];
  evaluate(expression: string): Promise<string>;
  /** Resolves when every session of the run has ended. */
  ended(): Promise<void>;
}

const runs = new Set<vscode.Disposable>();
const changed = new vscode.EventEmitter<void>();
/** Sessions that have started and not ended, by id: `vscode.debug` itself doesn't tell. */
const live = new Map<string, vscode.DebugSession>();

vscode.debug.onDidStartDebugSession((session) => {
  live.set(session.id, session);
  changed.fire();
});
vscode.debug.onDidTerminateDebugSession((session) => {
  live.delete(session.id);
  changed.fire();
});

/** Starts the launch configuration of that name, with `changes`; ended by {@link stopAll} at the latest. */
export async function start(name: string, changes: Record<string, unknown> = {}): Promise<Run> {
  const folder = workspaceFolder();
  const known = vscode.workspace
    .getConfiguration('launch', folder.uri)
    .get<vscode.DebugConfiguration[]>('configurations');
  const configuration = known?.find((candidate) => candidate.name === name);
  assert.ok(configuration, `launch.json has no configuration ${name}`);
  const run = record();
  const started = await vscode.debug.startDebugging(folder, { ...configuration, ...changes });
  assert.ok(started, `${name} did not start`);
  return run;
}

/** Starts a compound of launch.json. */
export async function startCompound(name: string): Promise<Run> {
  const run = record();
  assert.ok(await vscode.debug.startDebugging(workspaceFolder(), name), `${name} did not start`);
  return run;
}

/** Presses F5, which starts the first configuration of launch.json. */
export async function pressF5(): Promise<Run> {
  const run = record();
  if (page) await page.press('F5');
  else await vscode.commands.executeCommand('workbench.action.debug.start');
  return run;
}

function record(): Run {
  const all: vscode.DebugSession[] = [];
  const stops: { session: vscode.DebugSession; threadId: number; reason: string }[] = [];
  let output = '';
  let stopCount = 0;
  const subscriptions = vscode.Disposable.from(
    vscode.debug.onDidStartDebugSession((session) => {
      all.push(session);
      changed.fire();
    }),
    vscode.debug.registerDebugAdapterTrackerFactory('*', {
      createDebugAdapterTracker: (session) => ({
        onDidSendMessage({ type, event, body }: DapEvent) {
          if (type !== 'event' || session.type === 'async-lens') return;
          if (event === 'output' && body?.category !== 'telemetry') output += body?.output ?? '';
          if (event === 'stopped') {
            stopCount++;
            stops.push({ session, threadId: body?.threadId ?? 0, reason: body?.reason ?? '' });
          }
          changed.fire();
        },
      }),
    }),
  );
  runs.add(subscriptions);
  const state = (): string =>
    `Sessions: ${all.map(({ name, type }) => `${name} (${type})`).join(', ')}. Output: ${output}`;
  const program = (): Promise<vscode.DebugSession> =>
    eventually(
      changed.event,
      () => [...live.values()].find(({ type, parentSession }) => type !== 'async-lens' && parentSession !== undefined),
      'the session of the program',
      state,
    );
  return {
    output: () => output,
    program,
    sessions: (type) => all.filter((session) => session.type === type),
    async printed(text, limitMs) {
      const isThere = (): true | undefined => (output.includes(text) ? true : undefined);
      await eventually(changed.event, isThere, `output "${text}"`, state, limitMs);
    },
    async stopped() {
      const stop = await eventually(changed.event, () => stops.shift(), 'a stop', state);
      const frame = await topFrame(stop.session, stop.threadId);
      // The debugger puts the receiver before the function's name.
      const name = frame.name.slice(frame.name.lastIndexOf('.') + 1);
      return { ...stop, at: `${name} ${path.basename(frame.source?.path ?? '?')}:${frame.line}` };
    },
    stopCount: () => stopCount,
    async evaluate(expression) {
      const session = await program();
      const answer: { result: string } = await session.customRequest('evaluate', { expression, context: 'repl' });
      return answer.result;
    },
    async ended() {
      await eventually(changed.event, () => (all.length > 0 && live.size === 0 ? true : undefined), 'the end', state);
    },
  };
}

async function topFrame(session: vscode.DebugSession, threadId: number): Promise<StackFrame> {
  const answer: { stackFrames: StackFrame[] } = await session.customRequest('stackTrace', { threadId, levels: 1 });
  const [frame] = answer.stackFrames;
  assert.ok(frame, 'a stop without a stack');
  return frame;
}

/** Sends one of the debugger's commands; the program runs on. */
export async function command(stop: Stop, name: 'continue' | 'next' | 'stepIn' | 'stepOut'): Promise<void> {
  await within(Promise.resolve(stop.session.customRequest(name, { threadId: stop.threadId })), name);
}

/** One step; resolves where it ended. */
export async function step(run: Run, stop: Stop, name: 'next' | 'stepIn' | 'stepOut'): Promise<Stop> {
  await command(stop, name);
  return run.stopped();
}

const STOP_TRIES = 3;
const STOP_LIMIT_MS = 9000;

/**
 * Ends whatever runs and forgets breakpoints; resolves when VS Code has no session left. A session of the JavaScript debugger that overlooked
 * the command gets it again; one of ours that outlives its program is a failure.
 */
export async function stopAll(): Promise<void> {
  vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
  const state = (): string => [...live.values()].map(({ name, type }) => `${name} (${type})`).join(', ');
  let gone = false;
  for (let attempt = 0; attempt < STOP_TRIES && !gone; attempt++) {
    await within(Promise.resolve(vscode.debug.stopDebugging()), 'the answer to Stop', state);
    const none = eventually(
      changed.event,
      () => (live.size === 0 ? true : undefined),
      'the end of all sessions',
      state,
    );
    gone = await Promise.race([none, delay(STOP_LIMIT_MS, false, { ref: false })]);
    none.catch(() => undefined); // told below
    const orphans = [...live.values()].filter(
      (session) => session.type === 'async-lens' && !isLive(session.parentSession),
    );
    assert.deepEqual(gone ? [] : orphans.map(({ name }) => name), [], 'left without its program');
  }
  assert.ok(gone, `still there after ${STOP_TRIES} times Stop: ${state()}`);
  for (const subscriptions of runs) subscriptions.dispose();
  runs.clear();
}

function isLive(session: vscode.DebugSession | undefined): boolean {
  return session !== undefined && live.has(session.id);
}

/** Sets a breakpoint as a click in the margin does. */
export function breakAt(file: string, line: number): void {
  const location = new vscode.Location(vscode.Uri.file(file), new vscode.Position(line - 1, 0));
  vscode.debug.addBreakpoints([new vscode.SourceBreakpoint(location)]);
}
