/** Reads the state of web streams: what is queued, who has locked them, which function of the program is still at work (lib/internal/webstreams, Node 20 to 26). */
import type { StreamSide, StreamState } from '../../protocol/waits.ts';
import { className, own, ownBySymbol, ownNumber, ownText, plain } from './objects.ts';

/** The original: the program may put another function in the place of `call` later. */
const { apply } = Reflect;

/** A transform: two streams, of which one gives what the other takes. */
export interface Transform {
  class: string;
  /** Its functions are the program's. */
  isOwn: boolean;
  readable: () => unknown;
  writable: () => unknown;
}

const sourceText = Function.prototype.toString;

/** What Node keeps about a stream, reader, writer or controller. */
export function stateOf(value: unknown): object | undefined {
  return plain(ownBySymbol(value, 'kState'));
}

/** An array or, from Node 24 on, a queue with a ring of its own. */
export function elementsOf(queue: unknown): unknown[] {
  if (Array.isArray(queue)) return plain(queue) === undefined ? [] : (queue as unknown[]);
  const list = own(queue, 'list');
  return Array.isArray(list) ? list.filter((element) => element !== undefined) : [];
}

/** What a queue counts: bytes, chunks where the program gave no function for sizes, otherwise what that function says. */
function unitOf(controller: object): StreamSide['unit'] {
  const size = own(controller, 'sizeAlgorithm');
  if (size === undefined) return undefined;
  return typeof size === 'function' && plain(size) !== undefined && apply(sourceText, size, []) === '() => 1'
    ? 'chunk'
    : 'unknown';
}

function sideOf(state: object): StreamSide | undefined {
  const controller = stateOf(own(state, 'controller'));
  if (controller === undefined) return undefined;
  const unit = unitOf(controller);
  return {
    buffered: ownNumber(controller, 'queueTotalSize') ?? 0,
    highWaterMark: ownNumber(controller, 'highWaterMark') ?? 0,
    ...(unit === undefined ? {} : { unit }),
  };
}

/** Reads on their way, of either kind of reader. */
export function readsOf(stream: unknown): unknown[] {
  const reader = stateOf(own(stateOf(stream), 'reader'));
  return [...elementsOf(own(reader, 'readRequests')), ...elementsOf(own(reader, 'readIntoRequests'))];
}

function readableSide(stream: unknown): StreamState['readable'] {
  const state = stateOf(stream);
  const side = state && sideOf(state);
  if (state === undefined || side === undefined) return undefined;
  return {
    ...side,
    flowing: readsOf(stream).length > 0,
    ...(own(state, 'reader') === undefined ? {} : { locked: true }),
    ...(ownText(state, 'state') === 'readable' ? {} : { ended: true }),
  };
}

function writableSide(stream: unknown): StreamState['writable'] {
  const state = stateOf(stream);
  const side = state && sideOf(state);
  if (state === undefined || side === undefined) return undefined;
  const isClosing = own(own(state, 'closeRequest'), 'promise') ?? own(own(state, 'inFlightCloseRequest'), 'promise');
  return {
    ...side,
    ...(own(state, 'writer') === undefined ? {} : { locked: true }),
    ...(own(state, 'backpressure') === true ? { needDrain: true } : {}),
    ...(isClosing !== undefined || ownText(state, 'state') !== 'writable' ? { ended: true } : {}),
  };
}

/** Node wraps what was given to a constructor so; its own sources are other functions. */
const isGiven = (algorithm: unknown): boolean =>
  typeof algorithm === 'function' &&
  plain(algorithm) !== undefined &&
  apply(sourceText, algorithm, []).includes('thisArg');

/** The function given for the readable side that has not come to an end. */
function pulling(stream: unknown): string | undefined {
  const controller = stateOf(own(stateOf(stream), 'controller'));
  if (own(controller, 'started') === false) return 'start';
  return own(controller, 'pulling') === true && isGiven(own(controller, 'pullAlgorithm')) ? 'pull' : undefined;
}

/** The function given for the writable side that has not come to an end. */
function writing(stream: unknown): string | undefined {
  const state = stateOf(stream);
  if (own(stateOf(own(state, 'controller')), 'started') === false) return 'start';
  if (own(own(state, 'inFlightWriteRequest'), 'promise') !== undefined) return 'write';
  return own(own(state, 'inFlightCloseRequest'), 'promise') === undefined ? undefined : 'close';
}

const OF_TRANSFORM: Partial<Record<string, string>> = { start: 'start', write: 'transform', close: 'flush' };

/** A transform takes nothing while its other side has no room and nobody asks for more: then its function does not run. */
function transforming({ isOwn, readable, writable }: Transform): string | undefined {
  const side = readableSide(readable());
  if (!isOwn || (side !== undefined && !side.flowing && side.buffered >= side.highWaterMark)) {
    return undefined;
  }
  const busy = writing(writable());
  return busy === undefined ? undefined : OF_TRANSFORM[busy];
}

/** The state of a transform, or of a stream that belongs to none. */
export function webStreamState(stream: unknown, transform: Transform | undefined): StreamState | undefined {
  const object = plain(stream);
  if (object === undefined) return undefined;
  const state = stateOf(object);
  const isWritable = own(state, 'writeRequests') !== undefined;
  const readable = transform === undefined ? (isWritable ? undefined : object) : transform.readable();
  const writable = transform === undefined ? (isWritable ? object : undefined) : transform.writable();
  const source = readable === undefined ? undefined : readableSide(readable);
  const sink = writable === undefined ? undefined : writableSide(writable);
  if (source === undefined && sink === undefined) return undefined;
  const busy = transform === undefined ? (isWritable ? writing(object) : pulling(object)) : transforming(transform);
  return {
    class: transform?.class ?? publicName(className(object) ?? 'stream'),
    ...(source === undefined ? {} : { readable: source }),
    ...(sink === undefined ? {} : { writable: sink }),
    ...(busy === undefined ? {} : { busy }),
  };
}

/** Node's own subclasses are called `InternalReadableStream` and so on. */
function publicName(name: string): string {
  return name.startsWith('Internal') ? name.slice('Internal'.length) : name;
}
