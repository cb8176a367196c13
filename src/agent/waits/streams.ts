/** Tells waits for streams: `pipeline` and `finished`, and `for await`, whose iterators know their stream. */
import streamModule, { Readable } from 'node:stream';
import streamPromises from 'node:stream/promises';
import type { WaitFacts } from '../../protocol/agent.ts';
import type { AbortFacts } from '../../protocol/waits.ts';
import { callWait, likely, settles, weak, withAbort } from './call-wait.ts';
import { hasLeaf } from '../promises/promises.ts';
import { settlesExecutor } from '../resources/ties.ts';
import { emitterFacts } from './emitter-facts.ts';
import { watchGenerator } from './generators.ts';
import { isOutgoing, messageState } from './http-facts.ts';
import { plain } from './objects.ts';
import { observe, type Call } from './observe.ts';
import { earliest, noteSignal } from './signal-owners.ts';
import { abortOf, abortOfOwner, signalOf } from './signals.ts';
import { isStream, streamState } from './stream-facts.ts';

/** A function in a pipeline has no state; it is shown by its name. */
function stage(value: unknown): NonNullable<ReturnType<typeof streamState>> | undefined {
  const state = messageState(value) ?? streamState(value);
  if (state !== undefined || typeof value !== 'function') return state;
  const name: unknown = Object.getOwnPropertyDescriptor(value, 'name')?.value;
  return { class: typeof name === 'string' && name !== '' ? `${name}()` : 'function' };
}

function streamsFacts(direction: 'pipeline' | 'finished', streams: readonly (() => unknown)[]): WaitFacts {
  const states = streams.map((stream) => stage(stream())).filter((state) => state !== undefined);
  return { kind: 'stream', direction, ...(states.length === 0 ? {} : { streams: states }) };
}

/** The end of one stream is the end of the wait. */
function abortOfAny(signal: unknown, streams: readonly (() => unknown)[]): AbortFacts | undefined {
  const owners = streams.map((stream) => plain(stream())).filter((stream) => stream !== undefined);
  return earliest([abortOf(signal), ...owners.map(abortOfOwner)]);
}

/** `pipeline` takes its streams one by one or as a list; the last argument may be options. */
function pipeline({ args, result }: Call): void {
  const list: readonly unknown[] = args.length === 1 && Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  const last = list.at(-1);
  const hasOptions = !isStream(last) && !isOutgoing(last) && typeof last === 'object';
  const streams = (hasOptions ? list.slice(0, -1) : list).map(weak);
  const signal = weak(hasOptions ? signalOf(last) : undefined);
  settles(
    result,
    callWait(() => withAbort(streamsFacts('pipeline', streams), abortOfAny(signal(), streams))),
  );
}

function finished({ args: [stream, options], result }: Call): void {
  const streams = [weak(stream)];
  const signal = weak(signalOf(options));
  settles(
    result,
    callWait(() => withAbort(streamsFacts('finished', streams), abortOfAny(signal(), streams))),
  );
}

/** The same functions with a callback, called in an executor. */
function tieCallback(direction: 'pipeline' | 'finished', args: readonly unknown[]): void {
  if (typeof args.at(-1) !== 'function') return;
  const streams = (direction === 'pipeline' ? args.slice(0, -1).flat() : args.slice(0, 1)).map(weak);
  settlesExecutor(() => likely(() => withAbort(streamsFacts(direction, streams), abortOfAny(undefined, streams))));
}

/** What the next piece of a stream depends on: of a socket or a message more than the buffers is known. */
function readFacts(stream: unknown): WaitFacts | undefined {
  const facts = emitterFacts(stream);
  if (facts?.kind !== 'stream') return facts;
  return { ...facts, direction: 'readable' };
}

/** What the iterator of a stream waits for. */
function iterate({ self, result }: Call): void {
  if (!isStream(self)) return;
  const stream = weak(self);
  const wait = callWait(() => readFacts(stream()));
  watchGenerator(result, { returned: () => wait });
}

function aborted({ args: [signal], result }: Call): void {
  const ended = plain(result);
  if (ended !== undefined) noteSignal(ended, signalOf({ signal }));
}

/** What reads the whole stream until a signal ends it: the stream is destroyed then (Node 20 to 26). */
const READERS = ['toArray', 'reduce'];
/** What gives another stream, which the signal ends. */
const OPERATORS = ['map', 'filter', 'flatMap', 'take', 'drop', 'compose'];

/** The options come last. */
function noteLastSignal(stream: unknown, args: readonly unknown[]): void {
  const owner = plain(stream);
  if (owner !== undefined && isStream(owner)) noteSignal(owner, signalOf(args.at(-1)));
}

function watchHelpers(): void {
  const { prototype } = Readable;
  for (const name of READERS)
    observe(prototype, name, { returned: ({ self, args }) => noteLastSignal(self, args) }, true);
  for (const name of OPERATORS)
    observe(prototype, name, { returned: ({ result, args }) => noteLastSignal(result, args) }, true);
}

/** Starts telling; call before the program's own code runs. */
export function watchStreams(): void {
  observe(streamPromises, 'pipeline', { returned: pipeline });
  observe(streamPromises, 'finished', { returned: finished });
  for (const name of ['pipeline', 'finished'] as const)
    observe(streamModule, name, { isWanted: hasLeaf, returned: ({ args }) => tieCallback(name, args) });
  observe(streamModule, 'addAbortSignal', { returned: aborted });
  observe(Readable.prototype, Symbol.asyncIterator, { returned: iterate }, true);
  watchHelpers();
}
