/** Waits for streams in words: which of them is full or gives nothing, and who does not take what it has. */
import type { StreamSide, StreamState, WaitFacts } from '../../protocol/waits.ts';
import { bytesText, clauses, countOf, words } from './amounts.ts';

type StreamFacts = Extract<WaitFacts, { kind: 'stream' }>;

/** "16 KiB of 16 KiB", "16 of 16 objects", "2 of 1 chunk". */
export function fill({ buffered, highWaterMark, objects, unit }: StreamSide): string {
  if (unit === 'unknown') return `${buffered} of ${highWaterMark}`;
  if (unit === 'chunk') return `${buffered} of ${countOf(highWaterMark, 'chunk')}`;
  if (objects === true) return `${buffered} of ${countOf(highWaterMark, 'object')}`;
  return `${bytesText(buffered)} of ${bytesText(highWaterMark)}`;
}

/** Whether no more fits in. */
export const isFull = ({ buffered, highWaterMark }: StreamSide): boolean => buffered > 0 && buffered >= highWaterMark;
/** A stream by its class, and the file or address when there is one. */
export const named = ({ class: name, path }: StreamState): string => words(name, path);

/** Of streams in a row: the last one that can take no more, or the first one that gives nothing. */
export function culprit(streams: readonly StreamState[]): string | undefined {
  const full = streams.findLastIndex(
    ({ readable, writable }) =>
      (readable !== undefined && isFull(readable)) || (writable !== undefined && isFull(writable)),
  );
  const stream = streams[full];
  if (stream !== undefined) return fullText(stream, streams[full - 1], streams[full + 1]);
  const source = streams.find(({ readable, writable }) => readable?.ended !== true && writable?.ended !== true);
  if (source !== undefined) return `${source.class} gives nothing`;
  const last = streams.at(-1);
  return last?.writable === undefined ? undefined : `${last.class} does not finish`;
}

/** A stream is full for its reader when it can be read, otherwise because its own writing does not come to an end. */
function fullText(stream: StreamState, before: StreamState | undefined, after: StreamState | undefined): string {
  const { readable, writable, class: name } = stream;
  if (readable !== undefined && isFull(readable)) {
    const reader = after === undefined ? 'nobody reads it' : `${after.class} does not take it`;
    return `${name} is full (${fill(readable)}), ${reader}`;
  }
  const waiting = before?.readable !== undefined && isFull(before.readable) ? before : undefined;
  const own = writable === undefined ? name : `${name} does not drain (${fill(writable)})`;
  return clauses(
    waiting?.readable === undefined ? undefined : `${waiting.class} is full (${fill(waiting.readable)})`,
    own,
  );
}

function pipelineText(streams: readonly StreamState[]): string {
  if (streams.length === 0) return 'stream pipeline';
  const problem = culprit(streams);
  const name = `pipeline ${streams.map(named).join(' → ')}`;
  return problem === undefined ? name : `${name}: ${problem}`;
}

function finishedText(stream: StreamState): string {
  const { writable } = stream;
  return clauses(
    `finished(${named(stream)})`,
    writable !== undefined && isFull(writable) ? `it does not drain (${fill(writable)})` : busyText(stream),
    writable !== undefined && writable.ended !== true ? 'nobody has ended it' : undefined,
    unread(stream),
  );
}

const busyText = ({ busy }: StreamState): string | undefined => busy && `its ${busy}() has not ended`;

function unread({ readable }: StreamState): string | undefined {
  const isUnread = readable !== undefined && !readable.flowing && (readable.buffered > 0 || readable.ended !== true);
  return isUnread ? `nobody reads it (${fill(readable)})` : undefined;
}

/** What keeps a stream from an event of it: 'end' comes only to those who read. */
export function streamEventText(facts: StreamFacts, event: string | undefined): string {
  const [first] = facts.streams ?? [];
  const why = first !== undefined && event?.split("' or '").includes('end') === true ? unread(first) : undefined;
  return first === undefined || why === undefined ? streamText(facts) : clauses(named(first), why);
}

const DIRECTIONS: Partial<Record<string, string>> = { readable: 'read', writable: 'write' };

/** "ReadStream, waiting to read"; "pipeline A → B: A is full (16 KiB of 16 KiB), B does not drain (16 KiB of 16 KiB)". */
export function streamText({ class: name, direction, buffered, highWaterMark, streams = [] }: StreamFacts): string {
  const [first] = streams;
  if (direction === 'pipeline') return pipelineText(streams);
  if (direction === 'finished' && first !== undefined) return finishedText(first);
  const purpose = direction === undefined ? undefined : `waiting to ${DIRECTIONS[direction] ?? direction}`;
  const bytes =
    buffered === undefined
      ? undefined
      : `${buffered}${highWaterMark === undefined ? '' : ` of ${highWaterMark}`} buffered`;
  const state =
    bytes ?? stateOf(first) ?? (direction === 'writable' && first !== undefined ? busyText(first) : undefined);
  return clauses(first === undefined ? (name ?? 'stream') : named(first), purpose, state);
}

/** What else a stream's buffers say about a wait for an event of it. */
function stateOf(stream: StreamState | undefined): string | undefined {
  const side = [stream?.writable, stream?.readable].find((each) => each !== undefined && isFull(each));
  return side === undefined ? undefined : `full (${fill(side)})`;
}
