/** Puts the event files of all processes and workers of one run together and picks the process that the user means. */
import type { AgentEvent } from '../protocol/agent.ts';
import { isLauncher } from '../protocol/launchers.ts';
import type { Program } from './program.ts';
import { applyEvent, newProgram } from './program.ts';

/** The events of one thread, or of the watchdog beside a main thread. */
export interface EventFile {
  pid: number;
  thread: number | 'watch';
  events: readonly AgentEvent[];
}

/** All threads of one run. */
export interface Processes {
  /** Main thread of the process that the user means; `undefined` when none has spoken. */
  root?: Program;
  /** Other processes, launchers such as npm not counted. */
  otherProcesses: number;
  /** Worker threads of all processes, Node's own not counted. */
  workers: number;
}

/** `directChild`: the process that was started; it is the root unless it only launches another one. */
export function groupProcesses(files: readonly EventFile[], directChild?: number): Processes {
  const mains = new Map<number, Program>();
  let workers = 0;
  for (const file of files) {
    if (typeof file.thread === 'number' && file.thread > 0) {
      if (!file.events.some((event) => event.event === 'hello' && event.internal === true)) workers += 1;
      continue;
    }
    const program = mains.get(file.pid) ?? newProgram();
    mains.set(file.pid, program);
    for (const event of file.events) applyEvent(program, event);
  }
  const programs = [...mains.values()];
  const real = programs.filter(({ hello }) => hello !== undefined && !isLauncher(hello.argv, hello.execArgv));
  const root = pickRoot(real, directChild) ?? mains.get(directChild ?? -1) ?? programs[0];
  const others = real.filter((program) => program !== root).length;
  return { ...(root === undefined ? {} : { root }), otherProcesses: others, workers };
}

/** "2 child processes and 1 worker are not shown"; `undefined` when there are none. */
export function notShown({ otherProcesses, workers }: Processes): string | undefined {
  const parts: string[] = [];
  if (otherProcesses > 0) parts.push(otherProcesses === 1 ? '1 other process' : `${otherProcesses} other processes`);
  if (workers > 0) parts.push(workers === 1 ? '1 worker' : `${workers} workers`);
  if (parts.length === 0) return undefined;
  return `${parts.join(' and ')} ${otherProcesses + workers === 1 ? 'is' : 'are'} not shown`;
}

/** The direct child; else the first process that none of the others started. A shell in between hides who started whom. */
function pickRoot(programs: readonly Program[], directChild: number | undefined): Program | undefined {
  const pids = new Set(programs.map(({ hello }) => hello?.pid));
  return (
    programs.find(({ hello }) => hello?.pid === directChild) ??
    programs
      .filter(({ hello }) => !pids.has(hello?.ppid))
      .toSorted((a, b) => (a.hello?.startTime ?? 0) - (b.hello?.startTime ?? 0))[0]
  );
}
