/** Says what the callback of `write` and `end` waits for, where it settles a promise: `new Promise((resolve) => stream.write(chunk, () => resolve()))`. */
import { Duplex, Writable } from 'node:stream';
import type { WaitFacts } from '../../protocol/agent.ts';
import { newBudget } from '../budget.ts';
import { coarseNow, hasLeaf } from '../promises/promises.ts';
import { settlesExecutor } from '../resources/ties.ts';
import { likely, weak } from './call-wait.ts';
import { emitterFacts } from './emitter-facts.ts';
import { own } from './objects.ts';
import { observed, type Call } from './observe.ts';
import { streamState } from './stream-facts.ts';

/** An async handler that answers at once writes with its own promise just made, too: at high rates these looks must leave time for others. */
const calls = newBudget(100, 100);
const isWanted = (): boolean => hasLeaf() && calls.take(coarseNow());

type Direction = 'writable' | 'finished';

/** Whether the callback has been called or is about to be: the promise waits for something else. */
function isDone(stream: unknown, direction: Direction): boolean {
  const state = streamState(stream);
  if (state === undefined) return false;
  if (state.destroyed === true || state.writable?.finished === true) return true;
  return direction === 'writable' && state.busy !== 'write' && state.writable?.buffered === 0;
}

/** Of a socket or a message more than the buffers is known. */
function writeFacts(stream: unknown, direction: Direction): WaitFacts | undefined {
  if (isDone(stream, direction)) return undefined;
  const facts = emitterFacts(stream);
  return facts?.kind === 'stream' ? { ...facts, direction } : facts;
}

function tie(direction: Direction, { self, args }: Call): void {
  if (typeof args.at(-1) !== 'function') return;
  const stream = weak(self);
  // `console.log` writes with a callback of Node's own.
  settlesExecutor(() => likely(() => writeFacts(stream(), direction)), true);
}

/** Puts one stand-in in the place of both. */
function watch(key: 'write' | 'end', direction: Direction): void {
  const original: unknown = own(Writable.prototype, key);
  const standIn = observed(original, { isWanted, returned: (call) => tie(direction, call) }, true);
  for (const { prototype } of [Writable, Duplex]) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, key);
    if (descriptor?.configurable !== true || descriptor.value !== original) continue;
    Object.defineProperty(prototype, key, { ...descriptor, value: standIn });
  }
}

/** Starts noticing; 10 ns for a call where no promise is being made. A duplex stream has methods of its own, which are those of a writable one (Node 20 to 26). */
export function watchWriting(): void {
  watch('write', 'writable');
  watch('end', 'finished');
}
