/** Reads the state of Node's streams: what lies in their buffers, who does not read, who must wait before writing. */
import { Readable, Transform, Writable } from 'node:stream';
import type { StreamSide, StreamState } from '../../protocol/waits.ts';
import { className, own, ownText, plain, readNode } from './objects.ts';

/** Node's own classes of states, whose getters are read (lib/internal/streams, Node 20 to 26). */
const { ReadableState } = Readable as unknown as { ReadableState: { prototype: object } };
const { WritableState } = Writable as unknown as { WritableState: { prototype: object } };

type Read = (key: string) => unknown;

/** How to read a state; undefined when it isn't Node's, such as that of a package's copy of the streams. */
function reader(state: unknown, prototype: object): Read | undefined {
  const object = plain(state);
  if (object === undefined || Object.getPrototypeOf(object) !== prototype) return undefined;
  return (key) => (Object.hasOwn(object, key) ? own(object, key) : readNode(prototype, key, object));
}

function side(read: Read): StreamSide {
  const number = (key: string): number => {
    const value = read(key);
    return typeof value === 'number' ? value : 0;
  };
  return {
    buffered: number('length'),
    highWaterMark: number('highWaterMark'),
    ...(read('objectMode') === true ? { objects: true as const } : {}),
  };
}

function readableSide(stream: object): StreamState['readable'] {
  const read = reader(own(stream, '_readableState'), ReadableState.prototype);
  if (read === undefined) return undefined;
  const flowing = read('flowing') === true || read('readableListening') === true;
  return { ...side(read), flowing, ...(read('ended') === true ? { ended: true } : {}) };
}

function writableSide(stream: object): StreamState['writable'] {
  const read = reader(own(stream, '_writableState'), WritableState.prototype);
  // `process.stdin` of a pipe is a socket that has no such side: it is no socket that somebody has ended.
  if (read === undefined || read('writable') === false) return undefined;
  return {
    ...side(read),
    ...(read('needDrain') === true ? { needDrain: true } : {}),
    ...(read('ending') === true ? { ended: true } : {}),
    ...(read('finished') === true ? { finished: true } : {}),
  };
}

/** What the stream has called of its own class, or of its options, that has not called back. */
function busyWith(stream: object): 'write' | 'final' | undefined {
  const read = reader(own(stream, '_writableState'), WritableState.prototype);
  if (read?.('writing') === true) return 'write';
  return read?.('finalCalled') === true && read('prefinished') !== true ? 'final' : undefined;
}

function isDestroyed(stream: object): boolean {
  return (
    reader(own(stream, '_readableState'), ReadableState.prototype)?.('destroyed') === true ||
    reader(own(stream, '_writableState'), WritableState.prototype)?.('destroyed') === true
  );
}

/** Whether this looks like a stream of Node's. */
export function isStream(value: unknown): boolean {
  return own(value, '_readableState') !== undefined || own(value, '_writableState') !== undefined;
}

/** Whether somebody has paused it: nothing is read then, and nobody waits for more. */
export function isPaused(stream: object): boolean {
  const read = reader(own(stream, '_readableState'), ReadableState.prototype);
  return read?.('flowing') === false && read('readableListening') !== true;
}

const MAX_PIPES = 10;

/** Whether nobody has begun to read the stream, nor what it is piped through. */
export function isNeverRead(value: unknown): boolean {
  let stream = plain(value);
  for (let i = 0; i < MAX_PIPES && stream !== undefined; i++) {
    const read = reader(own(stream, '_readableState'), ReadableState.prototype);
    if (read === undefined || read('endEmitted') === true || read('destroyed') === true) return false;
    const pipes = read('pipes');
    if (!Array.isArray(pipes) || pipes.length === 0) {
      const isAsked = read('flowing') !== null || read('readableListening') === true;
      return !isAsked && read('dataEmitted') !== true;
    }
    // What is written to any other stream may end there.
    const next: unknown = pipes.length === 1 ? pipes[0] : undefined;
    stream = plain(next);
    if (stream === undefined || !Object.prototype.isPrototypeOf.call(Transform.prototype, stream)) return false;
  }
  return false;
}

/** The state of a stream; undefined when it isn't one of Node's. A side that was switched off (`readable: false`) is left out. */
export function streamState(value: unknown): StreamState | undefined {
  const stream = plain(value);
  if (stream === undefined || !isStream(stream)) return undefined;
  const path = ownText(stream, 'path');
  const readable = readableSide(stream);
  const writable = writableSide(stream);
  const busy = busyWith(stream);
  return {
    class: className(stream) ?? 'stream',
    ...(path === undefined ? {} : { path }),
    ...(readable === undefined ? {} : { readable }),
    ...(writable === undefined ? {} : { writable }),
    ...(isDestroyed(stream) ? { destroyed: true } : {}),
    ...(busy === undefined ? {} : { busy }),
  };
}
