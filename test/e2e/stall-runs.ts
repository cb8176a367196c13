/** Runs programs of the truth table of stalls in one debug session, and keeps what the editor was told of each, and when. */
import assert from 'node:assert/strict';
import { setInterval } from 'node:timers';
import * as vscode from 'vscode';
import type { CustomEvents } from '../../src/protocol/dap.ts';
import type { Report, ReportStall } from '../../src/protocol/report.ts';
import { programsFor, runsOf, stallOf, type Measured } from '../support/stall-truth.ts';
import { start, stopAll, type Run } from './debugging.ts';
import { viewWith } from './lens.ts';
import { workspaceFolder } from './places.ts';

/** A program that ran. */
export interface StallRun {
  measured: Measured;
  stall: ReportStall | undefined;
  /** How long the stall had lasted when the editor heard of it first, milliseconds; undefined when it was over by then. */
  heardMs: number | undefined;
  /** By how much the editor itself came late to a timer meanwhile, milliseconds. */
  hostLateMs: number;
  /** Lines and rules in Problems, "4 event-loop-stall". */
  problems: string[];
}

const LIMIT_MS = 120_000;
const TICK_MS = 20;

interface Heard {
  /** Events about stalls. */
  told: { atMs: number; open: boolean }[];
  /** Timers of the extension host. */
  late: { atMs: number; lateMs: number }[];
  stop(): void;
}

/** What happens in the extension host from now on, with the time by the clock of all processes. */
export function listen(): Heard {
  const told: Heard['told'] = [];
  const late: Heard['late'] = [];
  let dueMs = performance.now() + TICK_MS;
  const timer = setInterval(() => {
    late.push({ atMs: Date.now(), lateMs: performance.now() - dueMs });
    dueMs = performance.now() + TICK_MS;
  }, TICK_MS);
  const heard = vscode.debug.onDidReceiveDebugSessionCustomEvent(({ event, body }) => {
    if (event !== 'asyncLens/stall') return;
    told.push({ atMs: Date.now(), open: (body as CustomEvents['asyncLens/stall']).open });
  });
  const stop = (): void => {
    clearInterval(timer);
    heard.dispose();
  };
  return { told, late, stop };
}

/** So many ticks without a delay: nothing is being started any more. */
const QUIET_TICKS = 30;
/** A machine that is never quiet. Milliseconds. */
const QUIET_LIMIT_MS = 15_000;

/** Resolves when the extension host has had time for itself for a while: at the start of a session, editor, debugger and adapter have not. */
function quiet({ late }: Heard): Promise<void> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const latest = late.slice(-QUIET_TICKS);
      const isQuiet = latest.length === QUIET_TICKS && latest.every(({ lateMs }) => lateMs < TICK_MS);
      if (!isQuiet && performance.now() - begun < QUIET_LIMIT_MS) return;
      clearInterval(timer);
      resolve();
    }, TICK_MS);
  });
}

/** The report of the program as of now. */
export async function reportOf(run: Run): Promise<Report> {
  const [session] = run.sessions('async-lens');
  assert.ok(session, 'no companion session');
  return (await session.customRequest('asyncLens/report', {})) as Report;
}

function problemsIn(program: string): string[] {
  const uri = vscode.Uri.joinPath(workspaceFolder().uri, 'stalls', `${program}.cjs`);
  const ours = vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'Async Lens');
  return ours.map(
    ({ range, code }) => `${range.start.line + 1} ${String(typeof code === 'object' ? code.value : code)}`,
  );
}

/**
 * One session for the programs, by default all that the Node of `ASYNC_LENS_TEST_NODE` (default: the one that a launch finds) can run. Fails when the debugger
 * stopped the program.
 */
export async function runStalls(names?: readonly string[]): Promise<StallRun[]> {
  const heard = listen();
  const { told, late, stop } = heard;
  try {
    const node = process.env['ASYNC_LENS_TEST_NODE'];
    const run = await start('stalls', node ? { runtimeExecutable: node } : {});
    await run.printed('ready on Node');
    const [, major, pid, origin] = /ready on Node (\d+).*pid (\d+), started at ([\d.]+)/.exec(run.output()) ?? [];
    // Not that of the session before, which stays readable.
    await viewWith(`pid ${pid} `);
    late.length = 0;
    await quiet(heard);
    await run.evaluate(`stalls.run(${JSON.stringify(runsOf(names ?? programsFor(Number(major))))})`);
    await run.printed('all done', LIMIT_MS);
    const { stalls } = await reportOf(run);
    await vscode.commands.executeCommand('asyncLens.refresh');
    // The diagnostics are made from what that has fetched.
    await viewWith(`pid ${pid} `);
    const lines = run.output().split('\n');
    const outcomes = lines.filter((line) => line.startsWith('{"name"')).map((line) => JSON.parse(line) as Measured);
    assert.equal(run.stopCount(), 0, 'the debugger stopped the program');
    return outcomes.map((measured) => {
      const startMs = Number(origin) + measured.startMs;
      const isWithin = ({ atMs }: { atMs: number }): boolean => atMs > startMs && atMs < startMs + measured.durationMs;
      const first = told.find((one) => one.open && isWithin(one));
      return {
        measured,
        stall: stallOf(measured, stalls),
        heardMs: first && first.atMs - startMs,
        hostLateMs: Math.max(0, ...late.filter(isWithin).map(({ lateMs }) => lateMs)),
        problems: problemsIn(measured.name),
      };
    });
  } finally {
    stop();
    await stopAll();
  }
}
