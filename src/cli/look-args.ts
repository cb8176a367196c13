/** Reads the command line of `async-lens ps`. */
import { parseArgs } from 'node:util';
import { Failure, messageOf } from './failure.ts';

/** A way to a running program. */
export type Address = { pid: number } | { host?: string; port: number } | { url: string };

/** What `async-lens ps` was asked to do. */
export interface LookOptions {
  /** Show how to call it. */
  help?: true;
  /** Without one the processes are listed. */
  target?: Address;
  /** File for the report. */
  json?: string;
  /** Also when the program stands still for long. */
  anyway: boolean;
}

/** Answer to `async-lens ps --help`. */
export const LOOK_HELP = `Shows what a running Node.js program (20 or later) waits for at this moment, and lets go of it again. It need not have been
started with Async Lens.

Usage:
  async-lens ps                                    list the Node.js processes of this machine
  async-lens ps [--json FILE] [--anyway] PROCESS

PROCESS is a process id, HOST:PORT or :PORT of an open inspector, or its ws:// address.

Options:
  --json FILE  write the report as JSON, too
  --anyway     also when the heap is so large that the program stands still for more than 10 seconds

The program stands still for up to a second for each 20 MB of its heap, and goes on as before. With a process id its inspector is
opened for that time, on 127.0.0.1:9229 if nothing else was said at its start. Node.js then writes "Debugger listening on" and
"Debugger attached." to the program's error output. A program that handles SIGUSR1 itself gets that signal.
`;

/** Throws a {@link Failure} that says what is wrong. */
export function readLook(argv: readonly string[]): { command: 'ps'; options: LookOptions } {
  const { values, positionals } = parse([...argv]);
  const [target, ...more] = positionals;
  if (more.length > 0) throw new Failure('one process at a time: async-lens ps PROCESS');
  if (values.json === '') throw new Failure('--json needs the name of a file');
  if (target === undefined && values.json !== undefined)
    throw new Failure('--json needs a process: async-lens ps PROCESS');
  return {
    command: 'ps',
    options: {
      ...(values.help ? { help: true } : {}),
      ...(target === undefined ? {} : { target: addressOf(target) }),
      ...(values.json === undefined ? {} : { json: values.json }),
      anyway: values.anyway,
    },
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        json: { type: 'string' },
        anyway: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    const [line = ''] = messageOf(error).split(/[\n.]/);
    throw new Failure(`${line.charAt(0).toLowerCase()}${line.slice(1)}; 'async-lens ps --help' tells what there is`);
  }
}

function addressOf(text: string): Address {
  if (/^wss?:\/\/./.test(text)) return { url: text };
  if (/^[1-9]\d*$/.test(text)) return { pid: Number(text) };
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(text) ?? [];
  if (Number(port) < 1 || Number(port) > 65535)
    throw new Failure(`'${text}' is no process id, HOST:PORT, :PORT or ws:// address`);
  return { ...(host === '' ? {} : { host: host.replace(/^\[|\]$/g, '') }), port: Number(port) };
}
