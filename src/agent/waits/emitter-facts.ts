/** Tells which resource an event emitter stands for, when it is one of Node's. */
import { Worker } from 'node:worker_threads';
import type { WaitFacts } from '../../protocol/agent.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import { withAbort } from './call-wait.ts';
import { httpFacts, isClientRequest } from './http-facts.ts';
import { own, ownBySymbol, plain, readNode } from './objects.ts';
import { isProcess, processFacts } from './process-facts.ts';
import { abortOfOwner } from './signals.ts';
import { isServer, isSocket, serverFacts, socketFacts, udpFacts } from './socket-facts.ts';
import { streamState } from './stream-facts.ts';

/** The original: the program may put another function in the place of `call` later. */
const { apply } = Reflect;

const { isPrototypeOf } = Object.prototype;

/** The number is -1 once the thread has ended. */
function workerFacts(worker: object): WaitFacts {
  const threadId = readNode(Worker.prototype, 'threadId', worker);
  return { kind: 'worker', ...(typeof threadId === 'number' && threadId > 0 ? { threadId } : {}) };
}

/** What a wait for an event of this emitter is about; undefined for a plain emitter. */
export function emitterFacts(emitter: unknown, graph?: AwaitGraph): WaitFacts | undefined {
  const object = plain(emitter);
  const facts = object && factsOf(object, graph);
  return object && facts && withAbort(facts, abortOfOwner(object));
}

/** A request of `http2` by the headers it has sent (lib/internal/http2/core.js, Node 20 to 26), until the answer begins. */
function http2Facts(stream: object): WaitFacts | undefined {
  const sent = ownBySymbol(stream, 'sent-headers');
  const [method, path] = [own(sent, ':method'), own(sent, ':path')];
  if (typeof method !== 'string' || typeof path !== 'string') return undefined;
  const [scheme, host] = [own(sent, ':scheme'), own(sent, ':authority')];
  const origin = typeof scheme === 'string' && typeof host === 'string' ? `${scheme}://${host}` : '';
  return { kind: 'http', method, url: `${origin}${path}`, phase: 'headers' };
}

function factsOf(object: object, graph: AwaitGraph | undefined): WaitFacts | undefined {
  const http = httpFacts(object, graph);
  if (http !== undefined) return http;
  if (isSocket(object)) return socketFacts(object);
  if (isServer(object)) return serverFacts(object);
  if (isProcess(object)) return processFacts(object);
  if (apply(isPrototypeOf, Worker.prototype, [object])) return workerFacts(object);
  const http2 = http2Facts(object);
  if (http2 !== undefined) return http2;
  const datagrams = plain(own(ownBySymbol(object, 'state symbol'), 'handle'));
  if (datagrams !== undefined) return udpFacts(datagrams);
  const request = requestInside(object, graph);
  if (request !== undefined) return request;
  const input = inputOf(object);
  if (input !== undefined) return socketFacts(input);
  const state = streamState(object);
  return state === undefined ? undefined : { kind: 'stream', class: state.class, streams: [state] };
}

/** The socket, terminal or pipe from which a readline interface takes its lines. */
function inputOf(object: object): object | undefined {
  const input = own(object, 'line') === undefined ? undefined : plain(own(object, 'input'));
  return input !== undefined && isSocket(input) ? input : undefined;
}

/** Where packages keep the request of a client that they put something around (got, ws). */
const REQUEST_KEYS = ['_request', '_req', 'request', 'req'];

/** The request that an emitter is about, until its answer is complete. */
function requestInside(object: object, graph: AwaitGraph | undefined): WaitFacts | undefined {
  for (const key of REQUEST_KEYS) {
    const request = own(object, key);
    const facts = isClientRequest(request) ? httpFacts(request, graph) : undefined;
    if (facts?.phase !== undefined) return facts;
  }
  return undefined;
}
