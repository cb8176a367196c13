/** Describes a request on a connection of a package: the socket's own facts with what was asked for. */
import net from 'node:net';
import { types } from 'node:util';
import type { Wait, WaitFacts } from '../../protocol/agent.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import type { PromiseRecord, WaitSource } from '../promises/promise-record.ts';
import { ResourceStamp } from '../promises/stamp.ts';

/** What was asked, when, of whom. */
export interface RequestFacts {
  library: string;
  request: string;
  /** Requests before it that have not been answered; undefined once it has been sent. */
  queued?: number | undefined;
  /** The stream that it goes over, when there is one. */
  stream: object | undefined;
  isConnected: boolean;
  /** For as long as the stream tells none. */
  remote?: string | undefined;
  /** A request before it which holds up all others. */
  behind?: string | undefined;
}

/** Node's own getter (Node 20 to 26): the stream may be anything that the program gave to the package. */
function handleOf(stream: object | undefined): object | undefined {
  if (stream === undefined || types.isProxy(stream) || !(stream instanceof net.Socket)) return undefined;
  const handle: unknown = Reflect.get(net.Socket.prototype, '_handle', stream);
  return typeof handle === 'object' && handle !== null ? handle : undefined;
}

const NO_SOCKET = { kind: 'socket' as const, bytesRead: 0, bytesWritten: 0 };

/** The wait in facts. */
export function describeRequest({ library, request, queued, stream, isConnected, remote, behind }: RequestFacts): Wait {
  const handle = handleOf(stream);
  const socket = handle === undefined ? undefined : ResourceStamp.get(handle)?.describe();
  const known = socket?.facts.kind === 'socket' ? socket.facts : NO_SOCKET;
  const state = isConnected ? 'open' : 'connecting';
  const facts: WaitFacts = {
    ...(remote === undefined ? {} : { remote }),
    ...known,
    state,
    library,
    request,
    ...(queued === undefined ? {} : { queued }),
    ...(behind === undefined ? {} : { behind }),
  };
  return { facts, confidence: 'exact', ...(socket?.resource === undefined ? {} : { resource: socket.resource }) };
}

/** The promise waits for what `describe` tells at the time; undefined: the package's promise tells nothing any more. */
export function describedBy(promise: PromiseRecord, describe: (graph?: AwaitGraph) => Wait | undefined): void {
  if (!promise.isPending) return;
  const source: WaitSource = {
    fromPromiseFunction: false,
    isStep: false,
    isOver: () => false,
    isWhole: () => describe() !== undefined,
    describe,
  };
  promise.note().source = source;
}
