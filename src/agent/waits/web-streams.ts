/** Tells waits for web streams: which promises a stream has given is read from the stream itself when somebody looks; seen are only the calls by which streams come into use. */
import type { StreamState, WaitFacts } from '../../protocol/waits.ts';
import { callWait, settles, weak, withAbort } from './call-wait.ts';
import { className, own, ownText, plain, readNode } from './objects.ts';
import { observe, observeGetter, type Call } from './observe.ts';
import { each, type Steps } from '../tree/slices.ts';
import { whenLoaded } from '../resources/when-loaded.ts';
import { abortOf, signalOf } from './signals.ts';
import { elementsOf, readsOf, stateOf, webStreamState, type Transform } from './web-stream-facts.ts';
import { newWeakList } from './weak-list.ts';

type Direction = 'read' | 'write' | 'room' | 'closed' | 'pipe';

const MAX_STREAMS = 500;
const MAX_ROW = 20;

/** Closed and failed ones give nothing any more. */
const streams = newWeakList((stream) => !['readable', 'writable'].includes(ownText(stateOf(stream), 'state') ?? ''));
/** By either of its streams. */
const transforms = new WeakMap<object, Transform>();
/** The stream that is piped into one. */
const sources = new WeakMap<object, WeakRef<object>>();
/** Where a body comes from. */
const addresses = new WeakMap<object, string>();

function note(stream: unknown): void {
  const object = plain(stream);
  if (object !== undefined && stateOf(object) !== undefined) streams.note(object);
}

/** Says of a body's stream which address it comes from. */
export function noteBody(stream: unknown, address: string | undefined): void {
  const object = plain(stream);
  if (object !== undefined && address !== undefined) addresses.set(object, address);
}

/** What flows into a stream, from the first known source on, and the stream itself: a transform is one of the row. */
function row(stream: object): StreamState[] {
  const states: StreamState[] = [];
  let next: object | undefined = stream;
  while (next !== undefined && states.length < MAX_ROW) {
    const transform: Transform | undefined = transforms.get(next);
    const state = webStreamState(next, transform);
    if (state === undefined) break;
    const path = addresses.get(next);
    // What a body's stream does is not the program's.
    if (path !== undefined) delete state.busy;
    states.unshift(path === undefined ? state : { ...state, path });
    const entrance: object | undefined = transform === undefined ? next : plain(transform.writable());
    next = entrance && sources.get(entrance)?.deref();
  }
  return states;
}

/** What a wait for this of a web stream is about; undefined when it is gone, or none of Node's. */
export function webStreamFacts(direction: Direction, stream: unknown): WaitFacts | undefined {
  const object = plain(stream);
  const states = object === undefined ? [] : row(object);
  return states.length === 0 ? undefined : { kind: 'stream', web: true, direction, streams: states };
}

/** Promises are given as `{ promise, resolve, reject }`. */
function link(deferred: unknown, direction: Direction, stream: object): void {
  const from = weak(stream);
  settles(
    own(deferred, 'promise'),
    callWait(() => webStreamFacts(direction, from()), false),
  );
}

function linkReader(stream: object, state: object): void {
  for (const request of readsOf(stream)) link(stateOf(request) ?? own(request, 'promise'), 'read', stream);
  link(own(stateOf(own(state, 'reader')), 'close'), 'closed', stream);
}

function linkWriter(stream: object, state: object): void {
  for (const request of elementsOf(own(state, 'writeRequests'))) link(request, 'write', stream);
  link(own(state, 'inFlightWriteRequest'), 'write', stream);
  for (const key of ['closeRequest', 'inFlightCloseRequest']) link(own(state, key), 'closed', stream);
  const writer = stateOf(own(state, 'writer'));
  link(own(writer, 'ready'), 'room', stream);
  link(own(writer, 'close'), 'closed', stream);
}

/** Streams between two looks at the clock: each has given some promises. */
const STREAMS = 8;

/** Ties the promises that web streams have given to their streams; nothing without such streams, some microseconds for each. */
export function* linkWebStreams(): Steps<void> {
  const linkOne = (stream: object): void => {
    const state = stateOf(stream);
    if (state === undefined) return;
    if (own(state, 'writeRequests') === undefined) linkReader(stream, state);
    else linkWriter(stream, state);
  };
  yield* each(streams.latest(MAX_STREAMS), linkOne, STREAMS);
}

function flows(from: unknown, into: unknown): void {
  const source = plain(from);
  const sink = plain(into);
  if (source !== undefined && sink !== undefined) sources.set(sink, new WeakRef(source));
}

/** `pipeTo(destination, options)` */
function piped({ self, args: [into, options], result }: Call): void {
  flows(self, into);
  const to = weak(into);
  const signal = weak(signalOf(options));
  settles(
    result,
    callWait(() => {
      const told = webStreamFacts('pipe', to());
      return told && withAbort(told, abortOf(signal()));
    }),
  );
}

/** Transforms of Node's whose classes are loaded by the time one is used. */
const PLAIN = 'TransformStream';
const NODES = new Set(['CompressionStream', 'DecompressionStream', 'TextDecoderStream', 'TextEncoderStream']);

/** The two streams of a transform of Node's, or of a plain pair. */
function sidesOf(transform: object): [unknown, unknown] {
  const pair = stateOf(transform) ?? transform;
  if (Object.hasOwn(pair, 'readable')) return [own(pair, 'readable'), own(pair, 'writable')];
  const name = className(transform) ?? '';
  const type: unknown = NODES.has(name) ? Object.getOwnPropertyDescriptor(globalThis, name)?.value : undefined;
  const prototype = plain(own(type, 'prototype'));
  if (prototype === undefined || Object.getPrototypeOf(transform) !== prototype) return [undefined, undefined];
  return [readNode(prototype, 'readable', transform), readNode(prototype, 'writable', transform)];
}

/** Notes which two streams belong together; answers the one that takes. */
function noteTransform(value: unknown): object | undefined {
  const transform = plain(value);
  const [readable, writable] = (transform === undefined ? [] : sidesOf(transform)).map(plain);
  if (transform === undefined || readable === undefined || writable === undefined) return undefined;
  const name = className(transform) ?? PLAIN;
  // Some are made of another.
  if (name === PLAIN && transforms.has(readable)) return writable;
  const known: Transform = {
    class: name === 'Object' ? PLAIN : name,
    isOwn: !NODES.has(name),
    readable: weak(readable),
    writable: weak(writable),
  };
  transforms.set(readable, known);
  transforms.set(writable, known);
  return writable;
}

/** `pipeThrough` looks at both sides, several times. After one that threw, transforms are noted again from the next one on. */
let isPiping = false;

const used = { returned: ({ self }: Call) => note(self) };

function watchReadable(readable: object): void {
  observe(readable, 'getReader', used, true);
  observe(readable, 'values', used, true);
  const values = Object.getOwnPropertyDescriptor(readable, 'values');
  Object.defineProperty(readable, Symbol.asyncIterator, { ...values, enumerable: false });
  observe(readable, 'pipeTo', { returned: piped }, true);
  const through = {
    called() {
      isPiping = true;
    },
    returned({ self, args: [transform] }: Call) {
      flows(self, noteTransform(transform));
      isPiping = false;
    },
  };
  observe(readable, 'pipeThrough', through, true);
}

function watchTransform(transform: object): void {
  const looked = { isWanted: () => !isPiping, returned: ({ self }: Call) => void noteTransform(self) };
  for (const key of ['readable', 'writable']) observeGetter(transform, key, looked);
}

interface WebStreams {
  ReadableStream?: { prototype: object };
  WritableStream?: { prototype: object };
  TransformStream?: { prototype: object };
}

let watched = false;

function watch({ ReadableStream: readable, WritableStream: writable, TransformStream: transform }: WebStreams): void {
  // Nothing is there yet while the module itself is being loaded.
  if (watched || !readable || !writable || !transform) return;
  watched = true;
  watchReadable(readable.prototype);
  observe(writable.prototype, 'getWriter', used, true);
  watchTransform(transform.prototype);
}

/**
 * Starts telling; call before the program's own code runs. The globals can't be looked at when the module behind them has just been loaded: V8 ends the
 * process when a property that is made on demand is asked for again meanwhile (Node 22 to 26). The public module takes 1 ms more.
 */
export function watchWebStreams(): void {
  const exported = (): WebStreams => require('node:stream/web') as WebStreams;
  whenLoaded('stream/web', watch, exported, false);
  whenLoaded('internal/webstreams/readablestream', watch, exported, false);
}
