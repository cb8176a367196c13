/** Reads the command line. */
import { parseArgs } from 'node:util';
import { isProfilerMode, type ProfilerMode } from '../protocol/profile.ts';
import type { CreationStacks } from '../protocol/tasks.ts';
import { Failure, messageOf } from './failure.ts';
import { readLook, type LookOptions } from './look-args.ts';

/** What `async-lens run` was asked to do. */
export interface RunOptions {
  /** File for the report. */
  json?: string;
  /** Milliseconds after which the program is ended. */
  durationMs?: number;
  /** Take down where tasks are started. */
  creationStacks?: CreationStacks;
  /** Have V8 collect all garbage again and again, to find awaits that nothing can settle any more. */
  findDeadAwaits?: true;
  /** When V8's CPU profiler explains stalls; else as the settings say. */
  profiler?: ProfilerMode;
  /** JSON file with thresholds and severities. */
  settings?: string;
  /** Print nothing. */
  quiet: boolean;
  program: string;
  /** The program's own arguments. */
  args: string[];
}

/** One way to call the program. */
export type Command =
  | { command: 'help' }
  | { command: 'version' }
  | { command: 'run'; options: RunOptions }
  | { command: 'ps'; options: LookOptions };

/** Answer to `--help`. */
export const HELP = `async-lens: see what a Node.js program waits for, what blocks its event loop and what never finishes

Usage:
  async-lens run [options] -- PROGRAM [arguments]
  async-lens ps                                    list the Node.js processes of this machine
  async-lens ps [--json FILE] [--anyway] PROCESS   what a running process waits for now

PROCESS is a process id, HOST:PORT or :PORT of an open inspector, or its ws:// address. The program need not have been
started with Async Lens: 'async-lens ps --help' tells more.

PROGRAM is a JavaScript or TypeScript file, or a command that starts Node.js: node, npm, npx, tsx...
Its input, output, signals and exit code pass through; the report goes to the standard error stream when it has ended.

Options:
  --json FILE      write the report as JSON, too
  --duration TIME  report the state after that time and end the program: 10s, 2m, 500ms or a number of milliseconds
  --creation-stacks all|sampled
                   tell where tasks were started, in the JSON report ('all' costs about 8 us for each call
                   of an async function, 'sampled' at most 1 % of the time)
  --find-dead-awaits
                   have V8 collect all garbage every 10 seconds and before the end of --duration, to find awaits that
                   nothing can settle any more; the program stands still meanwhile, for about half a second per
                   100 MB. (At the end of --duration that is done anyway if it takes less than a second.)
  --profiler auto|on|off
                   explain stalls by V8's CPU profiler: 'auto' (the default) once a stall has come that nothing else
                   explains (in native code; others twice), 'on' all the time (1 %)
  --settings FILE  thresholds and severities of rules, as JSON: { "rules": { "long-wait": "off" } }
  --quiet          print no report
  --help           show this text
  --version        show the version

Exit code: that of the program, 128 + signal number when a signal ended it, 70 when Async Lens itself failed.
`;

/** The longest time a timer can take. */
const MAX_DURATION_MS = 2 ** 31 - 1;

/** Options of Async Lens end at the first word that is not one; the rest is the program's. Throws a {@link Failure} that says what is wrong. */
export function readCommand(argv: readonly string[]): Command {
  const [command, ...rest] = argv;
  if (command === undefined || command === '--help' || command === '-h' || command === 'help')
    return { command: 'help' };
  if (command === '--version' || command === '-v') return { command: 'version' };
  if (command.startsWith('-')) throw new Failure(`unknown option ${command}; ${SEE_HELP}`);
  if (command === 'ps' || command === 'attach') return readLook(rest);
  if (command !== 'run') throw new Failure(`unknown command ${command}; ${SEE_HELP}`);
  return readRun(rest);
}

const SEE_HELP = "'async-lens --help' tells what there is";

function readRun(argv: readonly string[]): Command {
  const end = endOfOptions(argv);
  const options = parse(argv.slice(0, end));
  const {
    help,
    version,
    json,
    duration,
    settings,
    quiet,
    profiler,
    'creation-stacks': stacks,
    'find-dead-awaits': find,
  } = options;
  if (help) return { command: 'help' };
  if (version) return { command: 'version' };
  const [program, ...args] = argv.slice(argv[end] === '--' ? end + 1 : end);
  if (program === undefined || program === '')
    throw new Failure('no program given: async-lens run -- PROGRAM [arguments]');
  if (json === '') throw new Failure('--json needs the name of a file');
  if (stacks !== undefined && stacks !== 'all' && stacks !== 'sampled')
    throw new Failure(`--creation-stacks needs 'all' or 'sampled', not '${stacks}'`);
  if (profiler !== undefined && !isProfilerMode(profiler))
    throw new Failure(`--profiler needs 'auto', 'on' or 'off', not '${profiler}'`);
  const durationMs = duration === undefined ? undefined : readDuration(duration);
  return {
    command: 'run',
    options: {
      ...(json === undefined ? {} : { json }),
      ...(durationMs === undefined ? {} : { durationMs }),
      ...(stacks === undefined ? {} : { creationStacks: stacks }),
      ...(find ? { findDeadAwaits: true } : {}),
      ...(profiler === undefined ? {} : { profiler }),
      ...(settings === undefined ? {} : { settings }),
      quiet,
      program,
      args,
    },
  };
}

const TAKES_VALUE: ReadonlySet<string> = new Set([
  '--json',
  '--duration',
  '--creation-stacks',
  '--profiler',
  '--settings',
]);

/** Index of `--` or of the program. */
function endOfOptions(argv: readonly string[]): number {
  let index = 0;
  while (index < argv.length) {
    const word = argv[index] ?? '';
    if (word === '--' || !word.startsWith('-')) break;
    index += TAKES_VALUE.has(word) ? 2 : 1;
  }
  return Math.min(index, argv.length);
}

function parse(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        json: { type: 'string' },
        duration: { type: 'string' },
        'creation-stacks': { type: 'string' },
        'find-dead-awaits': { type: 'boolean', default: false },
        profiler: { type: 'string' },
        settings: { type: 'string' },
        quiet: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', short: 'v', default: false },
      },
    });
    return values;
  } catch (error) {
    const [line = ''] = messageOf(error).split(/[\n.]/);
    throw new Failure(`${line.charAt(0).toLowerCase()}${line.slice(1)}; ${SEE_HELP}`);
  }
}

/** Milliseconds in the units of `--duration`; without one it is in milliseconds. */
const UNITS = new Map([
  ['', 1],
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

function readDuration(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(\D*)$/.exec(text) ?? [];
  // 16.1 * 1000 is not 16100.
  const ms = Number((Number(number) * (UNITS.get(unit) ?? NaN)).toFixed(6));
  if (Number.isInteger(ms) && ms > 0 && ms <= MAX_DURATION_MS) return ms;
  throw new Failure(`--duration needs a time from 1 ms to 24 days, such as 10s, 2m, 500ms or 10000, not '${text}'`);
}
