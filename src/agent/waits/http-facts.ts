/** Reads from requests and responses of `node:http` who asks whom for what, and how far that has come. */
import http from 'node:http';
import type { StreamState, WaitFacts } from '../../protocol/waits.ts';
import { own, ownNumber, ownText, plain, readNode } from './objects.ts';
import { isSocket, socketFacts } from './socket-facts.ts';
import { streamState } from './stream-facts.ts';

type HttpFacts = Extract<WaitFacts, { kind: 'http' }>;

const { isPrototypeOf } = Object.prototype;
const { getHeader } = http.OutgoingMessage.prototype;

const isOf = (value: unknown, { prototype }: { prototype: object }): value is object => {
  const object = plain(value);
  return object !== undefined && isPrototypeOf.call(prototype, object);
};

/** A data property or, since Node 22 for some of them, a getter of Node's. */
function read(request: object, key: 'path' | 'socket'): unknown {
  return Object.hasOwn(request, key) ? own(request, key) : readNode(http.ClientRequest.prototype, key, request);
}

function hostOf(request: object): string {
  const header: unknown = Reflect.apply(getHeader, request, ['host']);
  return typeof header === 'string' ? header : (ownText(request, 'host') ?? '');
}

function isFull(stream: StreamState | undefined): boolean {
  const readable = stream?.readable;
  return readable !== undefined && !readable.flowing && readable.buffered > 0;
}

/** What the reader of a message waits for. */
function bodyPhase(message: object): 'body' | 'reader' | undefined {
  if (isFull(streamState(message))) return 'reader';
  return own(message, 'complete') === true ? undefined : 'body';
}

function clientPhase(request: object): HttpFacts['phase'] {
  const response = plain(own(request, 'res'));
  if (response !== undefined) return bodyPhase(response);
  const socket = read(request, 'socket');
  if (!isSocket(socket)) return 'socket';
  const { phase } = socketFacts(socket);
  if (phase !== undefined) return phase;
  if (own(request, 'finished') !== true) return 'program';
  return isSent(request) ? 'headers' : 'send';
}

/** What was written is with the system: none of it lies in the message's own buffer or the socket's. */
function isSent(request: object): boolean {
  const waiting = own(request, 'outputSize');
  const socket = read(request, 'socket');
  return (waiting === 0 || waiting === undefined) && (!isSocket(socket) || socketFacts(socket).unsent === undefined);
}

function clientFacts(request: object): HttpFacts {
  const method = ownText(request, 'method');
  const phase = clientPhase(request);
  const path = read(request, 'path');
  const status = ownNumber(own(request, 'res'), 'statusCode');
  return {
    kind: 'http',
    ...(method === undefined ? {} : { method }),
    url: `${ownText(request, 'protocol') ?? 'http:'}//${hostOf(request)}${typeof path === 'string' ? path : ''}`,
    ...(phase === undefined ? {} : { phase }),
    ...(status === undefined ? {} : { status }),
  };
}

function serverSide(message: object, phase: HttpFacts['phase']): HttpFacts {
  const method = ownText(message, 'method');
  const url = ownText(message, 'url');
  return {
    kind: 'http',
    ...(method === undefined ? {} : { method }),
    ...(url === undefined ? {} : { url }),
    ...(phase === undefined ? {} : { phase }),
    server: true,
  };
}

/** A request or response of either side; undefined for anything else. */
export function httpFacts(value: unknown): HttpFacts | undefined {
  if (isOf(value, http.ClientRequest)) return clientFacts(value);
  if (isOf(value, http.ServerResponse)) {
    const request = plain(own(value, 'req'));
    return request === undefined ? undefined : serverSide(request, 'response');
  }
  if (!isOf(value, http.IncomingMessage)) return undefined;
  const request = plain(own(value, 'req'));
  return request === undefined ? serverSide(value, bodyPhase(value)) : clientFacts(request);
}
