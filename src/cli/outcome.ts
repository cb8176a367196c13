/** Puts together what is known about a program that has ended. */
import { readSpool } from '../adapter/spool-reader.ts';
import { groupProcesses } from '../model/processes.ts';
import type { ProcessEnd, Program } from '../model/program.ts';
import { endProgram, newProgram } from '../model/program.ts';
import type { Snapshot } from '../protocol/agent.ts';
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
  /** What to say beside it. */
  note?: string;
}

/** Puts the last states together. */
export function lastStates({ spool, pid, end, cutOffMs }: Outcome): Ended {
  const { root: program = newProgram(), others } = groupProcesses(readSpool(spool), pid);
  const observed = program.hello?.pid ?? pid;
  // What a launcher such as npm launched has ended in its own way; without a word about that, the launcher's end is the best guess.
  if (observed === pid || program.exit === undefined) endProgram(program, end);
  for (const other of others) if (other.exit === undefined) endProgram(other, { code: null, signal: null });
  if (cutOffMs !== undefined) {
    showCutOff(program, snapshotAt(spool, observed, cutOffMs));
    for (const other of others) {
      const { pid: otherPid = 0, threadId = 0 } = other.hello ?? {};
      if (threadId === 0) showCutOff(other, snapshotAt(spool, otherPid, cutOffMs));
    }
  }
  const note = unobserved(program);
  return note === undefined ? { program, others } : { program, others, note };
}

/** How the program went down after it was told to is not what was asked for. */
function showCutOff(program: Program, snapshot: Snapshot | undefined): void {
  if (snapshot !== undefined) program.snapshot = snapshot;
  delete program.atExit;
}

function unobserved({ hello }: Program): string | undefined {
  if (hello === undefined) {
    return `Nothing was observed: it is not Node.js, or one older than ${OLDEST_NODE}, or it ended before it had begun`;
  }
  const major = Number(/^v(\d+)/.exec(hello.node)?.[1]);
  return major < OLDEST_NODE ? `Node.js ${hello.node} is too old to observe: use ${OLDEST_NODE} or later` : undefined;
}
