/** Waits for web streams in words: what is asked of which stream, and who lets it wait. */
import type { StreamState, WaitFacts } from '../../protocol/waits.ts';
import { clauses } from './amounts.ts';
import { culprit, fill, isFull, named } from './wording-streams.ts';

type StreamFacts = Extract<WaitFacts, { kind: 'stream' }>;

const running = ({ busy }: StreamState): string | undefined =>
  busy === undefined ? undefined : `its ${busy}() has not ended`;

/** Who keeps a stream from taking what is written. */
function sink(stream: StreamState): string | undefined {
  const { readable, writable } = stream;
  if (readable === undefined || stream.busy !== undefined || readable.flowing) return running(stream);
  if (writable === undefined || !isFull(writable)) return undefined;
  return readable.locked === true ? 'its reader does not read' : 'nobody reads it';
}

/** Who keeps a stream from giving something. */
function source(streams: readonly StreamState[], stream: StreamState): string | undefined {
  const [first] = streams;
  if (stream.busy !== undefined) return running(stream);
  if (first !== undefined && first !== stream)
    return running(first) ? `${named(first)}: ${running(first)}` : culprit(streams);
  return stream.writable === undefined || stream.writable.buffered > 0 ? undefined : unwritten(stream.writable);
}

/** Whoever wrote a moment ago may do so again, with the same writer or a new one: what is told is this moment. */
const unwritten = ({ locked }: NonNullable<StreamState['writable']>): string =>
  locked === true ? 'its writer is not writing now' : 'it has no writer now';

function closing({ writable, readable, ...stream }: StreamState): string | undefined {
  if (writable !== undefined && readable === undefined) {
    if (stream.busy !== undefined) return running(stream);
    return writable.ended === true ? undefined : 'nobody has closed it';
  }
  return readable !== undefined && readable.buffered > 0 && !readable.flowing
    ? `nobody reads it (${fill(readable)})`
    : undefined;
}

/** "ReadableStream, waiting to read, its pull() has not ended"; "pipe A → B: B does not drain (1 of 1 chunk)". */
export function webStreamText({ direction, streams = [] }: StreamFacts): string {
  const stream = streams.at(-1);
  if (stream === undefined) return 'stream';
  const { writable } = stream;
  const room = writable === undefined ? undefined : fill(writable);
  switch (direction) {
    case 'pipe': {
      const problem = clauses(culprit(streams), sink(stream));
      return `pipe ${streams.map(named).join(' → ')}${problem === '' ? '' : `: ${problem}`}`;
    }
    case 'write':
      return clauses(named(stream), `waiting for a write (${room})`, sink(stream));
    case 'room':
      return clauses(named(stream), `full (${room})`, sink(stream));
    case 'closed':
      return clauses(named(stream), 'waiting for its end', closing(stream));
    default:
      return clauses(named(stream), 'waiting to read', source(streams, stream));
  }
}
