/** Puts the event files of all processes and workers of one run together and picks the process that the user means. */
import type { AgentEvent } from '../protocol/agent.ts';
import { isLauncher } from '../protocol/launchers.ts';
import type { Program } from './program.ts';
import { applyEvent, newProgram } from './program.ts';
import { countOf } from './wording/wording.ts';

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
  /** Worker threads of that process, then other processes, each with its own; launchers such as npm and Node's own threads left out. */
  others: Program[];
}

/** `directChild`: the process that was started; it is the root unless it only launches another one. */
export function groupProcesses(files: readonly EventFile[], directChild?: number): Processes {
  const mains = new Map<number, Program>();
  const workers: Program[] = [];
  for (const { pid, thread, events } of files) {
    const isWorker = typeof thread === 'number' && thread > 0;
    const program = (isWorker ? undefined : mains.get(pid)) ?? newProgram();
    if (isWorker) workers.push(program);
    else mains.set(pid, program);
    for (const event of events) applyEvent(program, event);
  }
  const programs = [...mains.values()];
  const real = programs.filter(({ hello }) => hello !== undefined && !isLauncher(hello.argv, hello.execArgv));
  const root = pickRoot(real, directChild) ?? mains.get(directChild ?? -1) ?? programs[0];
  const shown = workers.filter(({ hello }) => hello !== undefined && hello.internal !== true);
  const workersOf = ({ hello }: Program): Program[] => shown.filter((worker) => worker.hello?.pid === hello?.pid);
  const children = real.filter((program) => program !== root);
  const others = children.flatMap((child) => [child, ...workersOf(child)]);
  return root === undefined ? { others } : { root, others: [...workersOf(root), ...others] };
}

/** "2 other processes and 1 worker". */
export function countText(programs: readonly Program[]): string {
  const workers = programs.filter(({ hello }) => (hello?.threadId ?? 0) > 0).length;
  const processes = programs.length - workers;
  return [
    processes === 0 ? '' : processes === 1 ? '1 other process' : `${processes} other processes`,
    workers === 0 ? '' : countOf(workers, 'worker'),
  ]
    .filter((part) => part !== '')
    .join(' and ');
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
