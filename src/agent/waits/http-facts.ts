/** Reads from requests and responses of `node:http` who asks whom for what, and how far that has come. */
import type {
  ClientRequestFacts,
  ConnectionsFacts,
  ServingFacts,
  StreamState,
  WaitFacts,
} from '../../protocol/waits.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import { requestName } from '../names/request-names.ts';
import { agentQueue, type AgentQueue } from './http-agents.ts';
import { className, own, ownNumber, ownText, plain, readNode } from './objects.ts';
import { requestNumber } from './request-numbers.ts';
import { isSocket, socketFacts } from './socket-facts.ts';
import { oncePerSnapshot } from './snapshot-views.ts';
import { isNeverRead, streamState } from './stream-facts.ts';
import { whenLoaded } from '../resources/when-loaded.ts';

/** The original: the program may put another function in the place of `call` later. */
const { apply } = Reflect;

type HttpFacts = Extract<WaitFacts, { kind: 'http' }>;

const { isPrototypeOf } = Object.prototype;

type Http = typeof import('node:http');

let http: Http | undefined;
let getHeader: Http['OutgoingMessage']['prototype']['getHeader'] | undefined;

/** Until somebody loads the module, nothing is of its classes. */
export function watchHttpClasses(): void {
  whenLoaded<Http>('http', (exported) => {
    http = exported;
    ({ getHeader } = exported.OutgoingMessage.prototype);
  });
}

type MessageClass = 'ClientRequest' | 'ServerResponse' | 'IncomingMessage' | 'OutgoingMessage';

const isOf = (value: unknown, name: MessageClass): value is object => {
  const object = plain(value);
  return http !== undefined && object !== undefined && apply(isPrototypeOf, http[name].prototype, [object]);
};

/** A request that the program makes. */
export const isClientRequest = (value: unknown): value is object => isOf(value, 'ClientRequest');

/** A data property or, since Node 22 for some of them, a getter of Node's. */
function read(request: object, key: 'path' | 'socket'): unknown {
  if (Object.hasOwn(request, key)) return own(request, key);
  return http && readNode(http.ClientRequest.prototype, key, request);
}

function hostOf(request: object): string {
  const header: unknown = getHeader && Reflect.apply(getHeader, request, ['host']);
  return typeof header === 'string' ? header : (ownText(request, 'host') ?? '');
}

function isFull(stream: StreamState | undefined): boolean {
  const readable = stream?.readable;
  return readable !== undefined && !readable.flowing && readable.buffered > 0;
}

/** What the reader of a message waits for. */
function bodyPhase(message: object): 'body' | 'reader' | undefined {
  if (isFull(streamState(message)) || isNeverRead(message)) return 'reader';
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

function requestFacts(request: object): ClientRequestFacts {
  const method = ownText(request, 'method');
  const phase = clientPhase(request);
  const path = read(request, 'path');
  const status = ownNumber(own(request, 'res'), 'statusCode');
  return {
    request: requestNumber(request),
    ...(method === undefined ? {} : { method }),
    url: `${ownText(request, 'protocol') ?? 'http:'}//${hostOf(request)}${typeof path === 'string' ? path : ''}`,
    ...(phase === undefined ? {} : { phase }),
    ...(status === undefined ? {} : { status }),
  };
}

const MAX_USERS = 5;

/** Those whose response nobody reads are told first: they need a change of the program. */
const connectionsOf = oncePerSnapshot((queue: AgentQueue): ConnectionsFacts => {
  const { inUse, size, queued, isTotal } = queue;
  const users = queue.users().filter(isClientRequest);
  const unread = users.filter((user) => isNeverRead(own(user, 'res')));
  const first = [...new Set([...unread, ...users])].slice(0, MAX_USERS).map(requestFacts);
  return {
    inUse,
    size,
    ...(isTotal ? { total: true } : {}),
    queued,
    ...(unread.length === 0 ? {} : { unread: unread.length }),
    ...(first.length === 0 ? {} : { users: first }),
  };
});

function clientFacts(request: object, graph: AwaitGraph | undefined): HttpFacts {
  const facts = requestFacts(request);
  const queue = facts.phase === 'socket' ? agentQueue(request, graph) : undefined;
  const connections = queue && connectionsOf(queue, graph);
  return { kind: 'http', ...facts, ...(connections === undefined ? {} : { connections }) };
}

const readOutgoing = (message: object, key: string): unknown =>
  http && readNode(http.OutgoingMessage.prototype, key, message);

/** Bytes of a message that are not with the system yet, and how many it should be at most. */
function outgoing(message: object): { buffered: number; highWaterMark: number } {
  const number = (key: string): number => {
    const value = readOutgoing(message, key);
    return typeof value === 'number' ? value : 0;
  };
  return { buffered: number('writableLength'), highWaterMark: number('writableHighWaterMark') };
}

function remoteOf(message: object): string | undefined {
  const socket = read(message, 'socket');
  return isSocket(socket) ? socketFacts(socket).remote : undefined;
}

/** A message that is being written, as a stream: it has no state as Node's other streams have (lib/_http_outgoing.js, Node 20 to 26). */
function outgoingState(message: object): StreamState {
  return {
    class: className(message) ?? 'OutgoingMessage',
    writable: {
      ...outgoing(message),
      ...(readOutgoing(message, 'writableNeedDrain') === true ? { needDrain: true } : {}),
      ...(own(message, 'finished') === true ? { ended: true } : {}),
      ...(readOutgoing(message, 'writableFinished') === true ? { finished: true } : {}),
    },
    ...(own(message, 'destroyed') === true ? { destroyed: true } : {}),
  };
}

/** What a stream of a message is about: "GET /orders to 127.0.0.1:5000". */
function messageName(message: object): string | undefined {
  const facts = httpFacts(message);
  if (facts === undefined) return undefined;
  const { method, url, remote } = facts;
  const name = [method, url].filter((part) => part !== undefined).join(' ');
  return remote === undefined ? name : `${name} to ${remote}`;
}

/** A message that is being written. */
export const isOutgoing = (value: unknown): value is object => isOf(value, 'OutgoingMessage');

/** A request or response as a stream; undefined for anything else. */
export function messageState(value: unknown): StreamState | undefined {
  if (!isOutgoing(value) && !isOf(value, 'IncomingMessage')) return undefined;
  const state = isOutgoing(value) ? outgoingState(value) : streamState(value);
  const name = messageName(value);
  return state && { ...state, ...(name === undefined ? {} : { path: name }) };
}

/** The response of a server, with what the client has not taken. */
function responseFacts(response: object, request: object): HttpFacts {
  const { buffered } = outgoing(response);
  const remote = remoteOf(response);
  return {
    ...serverSide(request, isBegun(response) ? 'response' : 'answer'),
    ...(remote === undefined ? {} : { remote }),
    ...(buffered === 0 ? {} : { unsent: buffered }),
  };
}

/** Express and others shorten `url` for what is mounted below a path, and keep the whole. */
const urlOf = (message: object): string | undefined => ownText(message, 'originalUrl') ?? ownText(message, 'url');

/** Headers have been given: they are kept as text then (lib/_http_outgoing.js, Node 20 to 26). */
const isBegun = (response: object): boolean => ownText(response, '_header') !== undefined;

/** What a server's connection has to answer; Node keeps the response with it until that has ended (lib/_http_server.js, Node 20 to 26). */
export function servingFacts(socket: object): ServingFacts | undefined {
  const response = plain(own(socket, '_httpMessage'));
  const request = isOf(response, 'ServerResponse') ? plain(own(response, 'req')) : undefined;
  if (response === undefined || request === undefined || own(response, 'finished') === true) return undefined;
  const [method, url] = [ownText(request, 'method'), urlOf(request)];
  if (method === undefined || url === undefined) return undefined;
  return { request: requestName(method, url), ...(isBegun(response) ? { begun: true } : {}) };
}

function serverSide(message: object, phase: HttpFacts['phase']): HttpFacts {
  const method = ownText(message, 'method');
  const url = urlOf(message);
  return {
    kind: 'http',
    ...(method === undefined ? {} : { method }),
    ...(url === undefined ? {} : { url }),
    ...(phase === undefined ? {} : { phase }),
    server: true,
  };
}

/** A request or response of either side; undefined for anything else. */
export function httpFacts(value: unknown, graph?: AwaitGraph): HttpFacts | undefined {
  if (isOf(value, 'ClientRequest')) return clientFacts(value, graph);
  if (isOf(value, 'ServerResponse')) {
    const request = plain(own(value, 'req'));
    return request === undefined ? undefined : responseFacts(value, request);
  }
  if (!isOf(value, 'IncomingMessage')) return undefined;
  const request = plain(own(value, 'req'));
  return request === undefined ? serverSide(value, bodyPhase(value)) : clientFacts(request, graph);
}
