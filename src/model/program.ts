/** State of one thread of one process, put together from the agent's events, snapshots and poll answers. */
import type {
  AgentEvent,
  BlockingBegin,
  ExitEvent,
  Hello,
  PollAnswer,
  Resource,
  Snapshot,
  Stall,
} from '../protocol/agent.ts';
import type { Outcome } from '../protocol/tasks.ts';
import type { AsyncStack } from '../protocol/async-stack.ts';
import { isEvaluated, type Evaluation } from './stalls/evaluations.ts';

/** How a process ended: exit code, or `null` and the signal that killed it. */
export interface ProcessEnd {
  code: number | null;
  signal: string | null;
}

/** Everything known about one thread. Changed only by the functions of this file. */
export interface Program {
  hello?: Hello;
  /** The latest state. */
  snapshot?: Snapshot;
  /** The state with most tasks, if there were ever {@link CROWD} of them. */
  crowded?: Snapshot;
  /** What a debugger holds at this moment, of the same moment as the snapshot. */
  held?: AsyncStack;
  /** By start time, each id once; at most {@link MAX_STALLS}. */
  stalls: Stall[];
  /** The synchronous call that holds the thread at this moment, as far as known. */
  blocking?: BlockingBegin;
  /** Set when {@link Program.snapshot} is the state at an orderly exit. */
  atExit?: { exitCode: number; drained?: boolean };
  /** Set once the process or thread is gone. */
  exit?: ProcessEnd;
  /** Failures inside the agent, each once. */
  faults: string[];
  /** How ended tasks settled, by number; the last 2000. */
  outcomes: Map<number, Outcome>;
  /** Expressions that a debugger has evaluated in it; stalls of theirs are none. */
  evaluations: Evaluation[];
  /** From the last poll. */
  activity?: number;
  /** From the last poll or snapshot. */
  pendingTasks: number;
}

/** So many tasks are worth remembering. */
export const CROWD = 1000;

/** Shorter stalls are forgotten first. */
export const MAX_STALLS = 200;

/** Twice the tasks that the agent remembers; older ones are forgotten first. */
const MAX_OUTCOMES = 2000;

/** A program of which nothing is known yet. */
export function newProgram(): Program {
  return { stalls: [], faults: [], outcomes: new Map(), evaluations: [], pendingTasks: 0 };
}

/** Takes in one event; events of different files may come in any order. */
export function applyEvent(program: Program, event: AgentEvent): void {
  switch (event.event) {
    case 'hello':
      program.hello = event;
      break;
    case 'blocking-begin':
      if (program.atExit === undefined) program.blocking = event;
      break;
    case 'stall':
      mergeStall(program, event.stall);
      break;
    case 'snapshot':
      applySnapshot(program, event.snapshot);
      break;
    case 'last-snapshot-begun':
      break;
    case 'exit':
      applyExit(program, event);
      break;
    case 'outcomes':
      addOutcomes(program, event.outcomes);
      break;
    case 'fault':
      addFault(program, event.message);
      break;
  }
}

/** Takes in a whole state, unless a later one is there already; that of the exit is the last, though a watching thread may have asked in the middle of it. */
export function applySnapshot(program: Program, snapshot: Snapshot): void {
  for (const fault of snapshot.faults) addFault(program, fault);
  if (program.atExit !== undefined) return;
  if (program.snapshot !== undefined && program.snapshot.atMs > snapshot.atMs) return;
  // The agent has merged stalls of one turn that its events told apart.
  const listed = new Set(snapshot.stalls.map(({ id }) => id));
  program.stalls = program.stalls.filter((stall) => listed.has(stall.id) || endOf(stall) > snapshot.atMs);
  for (const stall of snapshot.stalls) mergeStall(program, stall);
  program.snapshot = snapshot;
  const { pendingTasks } = snapshot.counts;
  if (pendingTasks >= CROWD && pendingTasks >= (program.crowded?.counts.pendingTasks ?? 0)) program.crowded = snapshot;
  program.pendingTasks = snapshot.counts.pendingTasks;
  // The thread itself made the snapshot, so a call announced earlier is over.
  if (program.blocking !== undefined && program.blocking.atMs < snapshot.atMs) delete program.blocking;
}

/** Takes in the answer to a poll. */
export function applyPoll(program: Program, answer: PollAnswer): void {
  if (answer.calling !== true && (program.blocking?.atMs ?? 0) < answer.atMs) delete program.blocking;
  program.activity = answer.activity;
  program.pendingTasks = answer.pendingTasks;
  for (const stall of program.stalls) if (stall.id !== answer.stall?.id) stall.open = false;
  if (answer.stall !== undefined) mergeStall(program, answer.stall);
}

/** Marks the program as gone; the last state stays readable. What the operating system tells wins over what the agent announced. */
export function endProgram(program: Program, end: ProcessEnd): void {
  program.exit = end;
}

/** What keeps the process alive: after the loop ran dry that is nothing, whatever handles are still there. */
export function keptAliveBy({ snapshot, atExit }: Program): Resource[] {
  return atExit?.drained === true ? [] : (snapshot?.resources.filter(({ ref }) => ref) ?? []);
}

/** The stall that is going on. */
export function openStall(program: Program): Stall | undefined {
  return program.exit === undefined ? program.stalls.findLast((stall) => stall.open) : undefined;
}

function applyExit(program: Program, event: ExitEvent): void {
  delete program.atExit;
  delete program.snapshot;
  applySnapshot(program, event.snapshot);
  delete program.blocking;
  program.atExit = {
    exitCode: event.exitCode,
    ...(event.drained === undefined ? {} : { drained: event.drained }),
  };
  program.exit ??= announcedEnd(event);
}

/** The end that a program announced itself: jest tells that tests have failed in a listener of its own that comes later. */
export function announcedEnd({ exitCode, mayChange }: ExitEvent): ProcessEnd {
  return { code: mayChange === true ? null : exitCode, signal: null };
}

function addOutcomes({ outcomes }: Program, told: readonly Outcome[]): void {
  for (const outcome of told) outcomes.set(outcome.id, outcome);
  for (const id of outcomes.keys()) {
    if (outcomes.size <= MAX_OUTCOMES) break;
    outcomes.delete(id);
  }
}

function addFault(program: Program, message: string): void {
  if (!program.faults.includes(message)) program.faults.push(message);
}

function mergeStall(program: Program, stall: Stall): void {
  const { stalls, blocking, evaluations } = program;
  if (!stall.open && blocking !== undefined && blocking.atMs < endOf(stall)) delete program.blocking;
  if (isEvaluated(stall, evaluations)) return;
  const known = stalls.findIndex(({ id }) => id === stall.id);
  const before = stalls[known];
  if (before !== undefined) {
    if (!isNewer(stall, before)) return;
    stalls.splice(known, 1);
  }
  const after = stalls.findIndex(({ startMs }) => startMs > stall.startMs);
  stalls.splice(after < 0 ? stalls.length : after, 0, { ...stall });
  if (stalls.length > MAX_STALLS) stalls.splice(shortest(stalls), 1);
}

function endOf({ startMs, durationMs }: Stall): number {
  return startMs + durationMs;
}

function isNewer(stall: Stall, before: Stall): boolean {
  return stall.open ? before.open && stall.durationMs >= before.durationMs : true;
}

function shortest(stalls: Stall[]): number {
  let found = 0;
  stalls.forEach((stall, index) => {
    const best = stalls[found];
    if (best !== undefined && !stall.open && stall.durationMs < best.durationMs) found = index;
  });
  return found;
}
