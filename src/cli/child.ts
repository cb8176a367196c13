/** Starts the program with the caller's own streams, passes signals on and tells how it ended. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { ProcessEnd } from '../model/program.ts';
import { Failure, messageOf } from './failure.ts';
import type { Target } from './target.ts';

/** A running program. */
export interface Child {
  pid: number;
  /** Settles when it is gone. */
  ended: Promise<ProcessEnd>;
  kill(signal: NodeJS.Signals): void;
}

/** Sent by others to this process alone. */
const FORWARDED = ['SIGTERM', 'SIGHUP', 'SIGUSR2'] as const;
/** A terminal sends these to the program as well. */
const FROM_TERMINAL = ['SIGINT', 'SIGQUIT'] as const;
/** Ctrl+C, Ctrl+Break, and the console's being closed. */
const OF_WINDOWS = ['SIGINT', 'SIGBREAK', 'SIGHUP'] as const;

/** Starts the program; rejects with a {@link Failure} when that is not possible. From then on signals to this process go to the program, and only there. */
export async function startChild(target: Target, name: string, env: NodeJS.ProcessEnv): Promise<Child> {
  const child = spawn(target.file, target.args, { stdio: 'inherit', env, shell: target.shell });
  forwardSignals(child);
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid ?? 0));
    child.once('error', (error) => reject(new Failure(reasonOf(error, name))));
  });
  return { pid, ended, kill: (signal) => child.kill(signal) };
}

/** The exit code by which a shell tells the same end. */
export function exitCodeOf({ code, signal }: ProcessEnd): number {
  if (signal === null) return code ?? 1;
  const numbers: Partial<Record<string, number>> = constants.signals;
  return 128 + (numbers[signal] ?? 0);
}

/** Kept until this process ends, so that no signal can interrupt the report and leave temporary files behind. */
function forwardSignals(child: ChildProcess): void {
  if (process.platform === 'win32') {
    // There they come from the console alone, and to the program as well; what is sent to a process just ends it.
    for (const signal of OF_WINDOWS) process.on(signal, () => undefined);
    return;
  }
  const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  for (const signal of FORWARDED) process.on(signal, () => child.kill(signal));
  for (const signal of FROM_TERMINAL) process.on(signal, () => terminal || child.kill(signal));
}

function reasonOf(error: unknown, name: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return `there is no program ${name}, neither here nor on PATH`;
  if (code === 'EACCES') return `${name} cannot be executed: permission denied`;
  return `${name} cannot be started: ${messageOf(error)}`;
}
