/** Puts together what is known about a program that has ended. */
import { readSpool } from '../adapter/spool-reader.ts';
import { groupProcesses, notShown } from '../model/processes.ts';
import type { ProcessEnd, Program } from '../model/program.ts';
import { endProgram, newProgram } from '../model/program.ts';
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

/** The program that the user means, in its last state, and what to say beside it. */
export function programOf({ spool, pid, end, cutOffMs }: Outcome): { program: Program; notes: string[] } {
  const processes = groupProcesses(readSpool(spool), pid);
  const program = processes.root ?? newProgram();
  const observed = program.hello?.pid ?? pid;
  // What a launcher such as npm launched has ended in its own way; without a word about that, the launcher's end is the best guess.
  if (observed === pid || program.exit === undefined) endProgram(program, end);
  if (cutOffMs !== undefined) {
    // How the program went down after it was told to is not what was asked for.
    const snapshot = snapshotAt(spool, observed, cutOffMs);
    if (snapshot !== undefined) program.snapshot = snapshot;
    delete program.atExit;
  }
  return { program, notes: [unobserved(program), notShown(processes)].filter((note) => note !== undefined) };
}

function unobserved({ hello }: Program): string | undefined {
  if (hello === undefined) {
    return `Nothing was observed: it is not Node.js, or one older than ${OLDEST_NODE}, or it ended before it had begun`;
  }
  const major = Number(/^v(\d+)/.exec(hello.node)?.[1]);
  return major < OLDEST_NODE ? `Node.js ${hello.node} is too old to observe: use ${OLDEST_NODE} or later` : undefined;
}
