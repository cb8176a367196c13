/** Puts together what is known about a program that has ended. */
import { readSpool } from '../adapter/spool-reader.ts';
import { groupProcesses } from '../model/processes.ts';
import type { ProcessEnd, Program } from '../model/program.ts';
import { endProgram, newProgram } from '../model/program.ts';
import type { Hello } from '../protocol/agent.ts';
import { snapshotAt } from './time-limit.ts';

/** What a run left behind. */
export interface Outcome {
  /** Folder of the event files. */
  spool: string;
  /** The process that was started. */
  pid: number;
  end: ProcessEnd;
  /** Set when the program was ended because this time was over. */
  cutOffMs?: number;
  /** Milliseconds since the epoch. */
  startTime: number;
  durationMs: number;
}

const OLDEST_NODE = 20;

/** The last state of all that ran. */
export interface Ended {
  /** What the user means. */
  program: Program;
  /** Its worker threads, and other processes. */
  others: Program[];
  /** Those among them whose event loop was blocked all the time. */
  silent: Program[];
  /** What to say of one of them. */
  notes: Map<Program, string>;
  /** What to say beside it. */
  note?: string;
}

/** Puts the last states together. */
export function lastStates({ spool, pid, end, cutOffMs, startTime }: Outcome): Ended {
  const { root: program = newProgram(), others } = groupProcesses(readSpool(spool), pid);
  const observed = program.hello?.pid ?? pid;
  // What a launcher such as npm launched has ended in its own way, which only it could tell.
  if (observed === pid) endProgram(program, end);
  else if (program.exit === undefined) endProgram(program, { code: null, signal: null });
  for (const other of others) if (other.exit === undefined) endProgram(other, { code: null, signal: null });
  const all = [program, ...others];
  const notes = new Map<Program, string>();
  if (cutOffMs !== undefined) {
    for (const each of all) {
      if (hasEndedBefore(each, startTime + cutOffMs)) continue;
      const note = showCutOff(each, spool, cutOffMs);
      if (note !== undefined) notes.set(each, note);
    }
  }
  const gone = new Set(all.filter((each) => isGone(each, all)));
  gone.forEach(forgetState);
  const silent = others.filter((each) => !gone.has(each) && isSilent(each, all));
  const note = unobserved(program);
  return { program, others, silent, notes, ...(note === undefined ? {} : { note }) };
}

/** Whether it was over by then. Milliseconds since the epoch. */
function hasEndedBefore({ atExit, hello, snapshot }: Program, timeMs: number): boolean {
  return atExit !== undefined && hello !== undefined && hello.startTime + (snapshot?.atMs ?? Infinity) < timeMs;
}

/** How the program went down after it was told to is not what was asked for. Answers what to say of a state that is an older one. */
function showCutOff(program: Program, spool: string, cutOffMs: number): string | undefined {
  const { hello } = program;
  const found = hello === undefined ? undefined : snapshotAt(spool, hello, cutOffMs);
  delete program.atExit;
  if (found === undefined || hello === undefined) return undefined;
  program.snapshot = found.snapshot;
  return found.isLast || hello.threadId === 0 ? undefined : SILENT;
}

const SILENT = 'It did not answer at the end, for its event loop was blocked: this is its state from before that';

/** Whether it is a worker that was terminated before the end, or that did not keep a program going which ended by itself: nothing hangs in it. */
function isGone({ hello, atExit }: Program, all: readonly Program[]): boolean {
  if (hello === undefined || hello.threadId === 0 || atExit !== undefined) return false;
  const main = all.find((each) => each.hello?.pid === hello.pid && each.hello.threadId === 0);
  return main?.atExit?.drained === true || !isListed(hello, all);
}

/** Whether a thread that runs has started it and not seen its end. */
function isListed({ pid, threadId }: Hello, all: readonly Program[]): boolean {
  return all.some(({ hello, snapshot }) => hello?.pid === pid && snapshot?.threads?.includes(threadId) === true);
}

/** Whether it is a worker that ran at the end and has never said what it waits for. */
const isSilent = ({ hello, snapshot }: Program, all: readonly Program[]): boolean =>
  hello !== undefined && hello.threadId > 0 && snapshot === undefined && isListed(hello, all);

/** What was pending in it is not any more. */
function forgetState(program: Program): void {
  delete program.snapshot;
  program.pendingTasks = 0;
}

function unobserved({ hello }: Program): string | undefined {
  if (hello === undefined) {
    return `Nothing was observed: it is not Node.js, or one older than ${OLDEST_NODE}, or it ended before it had begun`;
  }
  const major = Number(/^v(\d+)/.exec(hello.node)?.[1]);
  return major < OLDEST_NODE ? `Node.js ${hello.node} is too old to observe: use ${OLDEST_NODE} or later` : undefined;
}
