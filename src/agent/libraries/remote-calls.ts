/** Calls of @grpc/grpc-js (1) and requests of nats (2): what was asked of whom, and until when somebody waits for the answer. */
import type { Wait } from '../../protocol/agent.ts';
import { coarseNow } from '../promises/promises.ts';
import { isInExecutor, linkLeaf } from '../resources/ties.ts';
import { callWait } from '../waits/call-wait.ts';
import { watchGenerator } from '../waits/generators.ts';
import { describedBy } from './connection.ts';
import { field, hasMethods, numberField, objectField, prototypeOf, textField } from './fields.ts';
import { patch, recordOf } from './patch.ts';

interface Asked {
  library: string;
  request: string;
  remote?: string | undefined;
  isConnected: boolean;
  lasting?: true | undefined;
  /** When the call is given up, as the clock of the agent counts. */
  endMs?: number | undefined;
}

/** In the words of requests over a socket. */
export function askedFacts({ library, request, remote, isConnected, lasting, endMs }: Asked): Wait['facts'] {
  return {
    kind: 'socket',
    bytesRead: 0,
    bytesWritten: 0,
    state: isConnected ? 'open' : 'connecting',
    library,
    request,
    ...(remote === undefined ? {} : { remote }),
    ...(lasting === undefined ? {} : { lasting }),
    ...(endMs === undefined ? {} : { abort: { leftMs: Math.round(endMs - coarseNow()) } }),
  };
}

/** `ConnectivityState.READY` and `SHUTDOWN`. */
const IS_CONNECTED = [2, 4];

/** The channel is kept under a symbol without a name. */
function channelOf(client: object | undefined): object | undefined {
  if (client === undefined) return undefined;
  for (const key of Object.getOwnPropertySymbols(client)) {
    const channel = objectField(field(client, key), 'internalChannel');
    if (channel !== undefined) return channel;
  }
  return undefined;
}

/** A date or milliseconds since 1970. */
function endOf(deadline: unknown): number | undefined {
  const end = deadline instanceof Date ? Date.prototype.getTime.call(deadline) : deadline;
  return typeof end === 'number' && Number.isFinite(end) ? coarseNow() + end - Date.now() : undefined;
}

/** Calls with one answer: they tell it by a callback, which most likely settles the promise whose executor makes the call. */
function called(client: object, [path]: readonly unknown[], options: readonly unknown[]): void {
  if (typeof path !== 'string') return;
  const deadline = options.map((each) => field(each, 'deadline')).find((each) => each !== undefined);
  settleByCallback(client, `call ${path}`, endOf(deadline));
}

function settleByCallback(client: object, request: string, endMs: number | undefined): void {
  const from = new WeakRef(client);
  const confidence = isInExecutor() ? 'exact' : 'inferred';
  const describe = (): Wait => {
    const channel = channelOf(from.deref());
    const isConnected = IS_CONNECTED.includes(numberField(channel, 'connectivityState') ?? -1);
    const remote = textField(field(channel, 'target'), 'path');
    return { facts: askedFacts({ library: 'grpc', request, remote, isConnected, endMs }), confidence };
  };
  linkLeaf({ fromPromiseFunction: false, isStep: false, isOfCall: true, isOver: () => false, describe }, true);
}

/** Looks for the class among what the module exports. */
export function watchGrpc(members: object): void {
  const prototype = prototypeOf(field(members, 'Client'));
  if (!hasMethods(prototype, 'makeUnaryRequest', 'makeClientStreamRequest', 'waitForReady')) return;
  // Options come after the functions that make bytes of messages and back, and the message: that one is the program's own.
  patch(prototype, 'makeUnaryRequest', { begin: (client, args) => called(client, args, args.slice(4)) });
  patch(prototype, 'makeClientStreamRequest', { begin: (client, args) => called(client, args, args.slice(3)) });
  patch(prototype, 'waitForReady', {
    begin: (client, [deadline]) => settleByCallback(client, 'new connection', endOf(deadline)),
  });
}

/** After that long nats gives a request up. */
const DEFAULT_MS = 1000;

/** Messages of a subscription, one by one. */
function watchMessages(prototype: object): void {
  patch(prototype, 'iterate', {
    begin: () => {},
    end(result, _, messages) {
      const subject = textField(messages, 'subject');
      if (subject === undefined) return;
      const asked = { library: 'nats', request: `messages of ${subject}`, isConnected: true, lasting: true as const };
      const facts = askedFacts(asked);
      watchGenerator(result, { returned: () => callWait(() => facts) });
    },
  });
}

function asks(result: unknown, connection: object, request: string, endMs?: number): void {
  const record = recordOf(result);
  if (record === null) return;
  const from = new WeakRef(connection);
  describedBy(record, () => {
    const isConnected = field(field(from.deref(), 'protocol'), 'connected') !== false;
    const lasting = endMs === undefined ? true : undefined;
    return { facts: askedFacts({ library: 'nats', request, isConnected, lasting, endMs }), confidence: 'exact' };
  });
}

/** Looks for the classes among what a module of the package exports. */
export function watchNats(members: object): void {
  const iterator = prototypeOf(field(members, 'QueuedIteratorImpl'));
  if (hasMethods(iterator, 'iterate', 'push', 'stop')) watchMessages(iterator);
  const prototype = prototypeOf(field(members, 'NatsConnectionImpl'));
  if (!hasMethods(prototype, 'request', 'publish', 'subscribe', 'drain', 'closed')) return;
  patch(prototype, 'closed', {
    begin: () => {},
    end: (result, _, connection) => asks(result, connection, 'end of the connection'),
  });
  patch(prototype, 'request', {
    // Zero is the default for nats, too.
    begin: (_, [subject, , options]) => ({ subject, limitMs: numberField(options, 'timeout') || DEFAULT_MS }),
    end(result, { subject, limitMs }, connection) {
      if (typeof subject === 'string') asks(result, connection, `request ${subject}`, coarseNow() + limitMs);
    },
  });
}
