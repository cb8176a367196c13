/** Reads from a child process what a wait for it is about: its end, or output that nobody reads. */
import type { WaitFacts } from '../../protocol/agent.ts';
import { own, ownNumber, plain } from './objects.ts';
import { observe } from './observe.ts';
import { streamState } from './stream-facts.ts';
import { whenLoaded } from '../resources/when-loaded.ts';

/** The original: the program may put another function in the place of `call` later. */
const { apply } = Reflect;

const { isPrototypeOf } = Object.prototype;

let prototype: object | undefined;

/** Until somebody loads the module, there are no child processes. */
export function watchProcessClass(): void {
  whenLoaded<typeof import('node:child_process')>('child_process', (exported) => {
    ({ prototype } = exported.ChildProcess);
    observe(prototype, 'spawn', { returned: ({ self }) => noteOutputs(self) }, true);
  });
}

/** By socket. */
const outputs = new WeakMap<object, { child: WeakRef<object>; name: string }>();

function noteOutputs(value: unknown): void {
  const child = plain(value);
  const stdio = own(child, 'stdio');
  if (child === undefined || !Array.isArray(stdio)) return;
  stdio.forEach((stream: unknown, i) => {
    const socket = plain(stream);
    if (socket !== undefined) outputs.set(socket, { child: new WeakRef(child), name: nameOf(i) });
  });
}

const nameOf = (index: number): string => OUTPUTS[index] ?? `fd ${index}`;

/** "stdout of child process 12 (cat)", of a socket that is such a pipe. */
export function outputOf(socket: object): string | undefined {
  const output = outputs.get(socket);
  const child = output?.child.deref();
  if (output === undefined || child === undefined) return undefined;
  const [pid, command] = [ownNumber(child, 'pid'), commandOf(child)];
  return `${output.name} of child process${pid === undefined ? '' : ` ${pid}`}${command === undefined ? '' : ` (${command})`}`;
}

/** Whether it is a `ChildProcess`. */
export const isProcess = (value: object): boolean =>
  prototype !== undefined && apply(isPrototypeOf, prototype, [value]);

const MAX_COMMAND = 200;
const OUTPUTS = ['stdin', 'stdout', 'stderr'];

function commandOf(child: object): string | undefined {
  const args = own(child, 'spawnargs');
  if (!Array.isArray(args)) return undefined;
  return args
    .filter((part) => typeof part === 'string')
    .join(' ')
    .slice(0, MAX_COMMAND);
}

/** Outputs with data that nobody takes: the child stops when they are full, and `close` does not come. */
function unreadOf(child: object): string[] {
  const stdio = own(child, 'stdio');
  if (!Array.isArray(stdio)) return [];
  return stdio.flatMap((stream: unknown, i) => {
    const readable = i === 0 ? undefined : streamState(stream)?.readable;
    return readable !== undefined && !readable.flowing && readable.buffered > 0 ? [nameOf(i)] : [];
  });
}

/** A `ChildProcess`. */
export function processFacts(value: unknown): WaitFacts {
  const child = plain(value) ?? {};
  const pid = ownNumber(child, 'pid');
  const command = commandOf(child);
  const hasEnded = typeof own(child, 'exitCode') === 'number' || typeof own(child, 'signalCode') === 'string';
  const unread = unreadOf(child);
  return {
    kind: 'child-process',
    ...(pid === undefined ? {} : { pid }),
    ...(command === undefined ? {} : { command }),
    phase: hasEnded ? 'output' : 'exit',
    ...(unread.length === 0 ? {} : { unread }),
  };
}
