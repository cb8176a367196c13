/** Tells waits for undici, the HTTP client behind `fetch`: which request, and how far it has come. */
import { executionAsyncId } from 'node:async_hooks';
import diagnosticsChannel from 'node:diagnostics_channel';
import type { WaitFacts } from '../../protocol/agent.ts';
import { guarded } from '../faults.ts';
import type { WaitSource } from '../promises/promise-record.ts';
import { linkLeaf } from '../resources/ties.ts';
import { callWait, settles, settlesOrigin, weak, withAbort } from './call-wait.ts';
import { fetchPrototype, isLoaded, requestFacts } from './fetch-classes.ts';
import { observe, observeGetter, type Call } from './observe.ts';
import { own, ownNumber, ownText, plain, readNode } from './objects.ts';
import { abortOf, signalOf } from './signals.ts';
import { factsOfRequest, requestMade, requestStates } from './undici-requests.ts';
import { noteBody, webStreamFacts } from './web-streams.ts';

/** The original: the program may put another function in the place of `call` later. */
const { apply } = Reflect;

type HttpFacts = Extract<WaitFacts, { kind: 'http' }>;

const { isPrototypeOf } = Object.prototype;

/** Anybody may publish anything on a channel, and what a subscriber throws ends the program. */
function subscribe(channel: string, read: (request: object, message: object) => void): void {
  diagnosticsChannel.subscribe(channel, (message) => {
    const request = plain(own(message, 'request'));
    if (request !== undefined) guarded(channel, () => read(request, message as object), undefined);
  });
}

function originOf(origin: unknown): string {
  return origin instanceof URL ? origin.origin : typeof origin === 'string' ? origin : '';
}

/** Published inside the executor of the promise that the request settles. */
function created(request: object): void {
  const method = ownText(request, 'method');
  const state: HttpFacts = {
    kind: 'http',
    ...(method === undefined ? {} : { method }),
    url: `${originOf(own(request, 'origin'))}${ownText(request, 'path') ?? ''}`,
    phase: 'connect',
  };
  requestStates.set(request, state);
  const made = requestMade(request);
  if (made === 'known') return;
  const from = weak(made === 'waits' ? request : undefined);
  const signal = weak(running?.asyncId === executionAsyncId() ? running.signal : undefined);
  linkLeaf(
    {
      ...callWait((graph) => withAbort(factsOfRequest(plain(from()), state, graph), abortOf(signal())), false),
      isOfCall: false,
    },
    true,
  );
  watchBodies();
}

function advance(phase: NonNullable<HttpFacts['phase']>): (request: object, message: object) => void {
  return (request, message) => {
    const state = requestStates.get(request);
    if (state === undefined) return;
    state.phase = phase;
    const status = ownNumber(own(message, 'response'), 'statusCode');
    if (status !== undefined) state.status = status;
  };
}

const BODY_METHODS = ['arrayBuffer', 'blob', 'bytes', 'formData', 'json', 'text'];
let watchesBodies = false;

/** Once undici is there: whoever reads a body waits for the address it came from. */
function watchBodies(): void {
  if (watchesBodies || !isLoaded()) return;
  watchesBodies = true;
  const prototype = fetchPrototype('Response');
  if (prototype === undefined) return;
  for (const method of BODY_METHODS) {
    observe(prototype, method, { returned: ({ self, result }) => bodyRead(prototype, self, result) }, true);
  }
  observeGetter(prototype, 'body', {
    returned: ({ self, result }) => noteBody(result, urlOfResponse(prototype, self)),
  });
}

function urlOfResponse(prototype: object, response: unknown): string | undefined {
  const object = plain(response);
  const url = object && readNode(prototype, 'url', object);
  return typeof url === 'string' && url !== '' ? url : undefined;
}

/** The response itself may be gone while its body is read. */
function bodyRead(prototype: object, response: unknown, promise: unknown): void {
  const url = urlOfResponse(prototype, response);
  const object = plain(response);
  const body = weak(object && url === undefined ? readNode(prototype, 'body', object) : undefined);
  const facts: WaitFacts = { kind: 'http', ...(url === undefined ? {} : { url }), phase: 'body' };
  settles(
    promise,
    callWait(() => webStreamFacts('read', body()) ?? facts),
  );
}

/** Promises that `fetch` gave, with what its arguments tell. */
const fetched = new WeakSet<WaitSource>();

/** Whether the promise with this source was given by `fetch`: then a task of undici's works on it. */
export function isFetch(source: WaitSource | null): boolean {
  return source !== null && fetched.has(source);
}

function urlOf(input: unknown): string | undefined {
  if (typeof input === 'string') return input;
  const object = plain(input);
  if (object === undefined || !apply(isPrototypeOf, URL.prototype, [object])) return undefined;
  const href = readNode(URL.prototype, 'href', object);
  return typeof href === 'string' ? href : undefined;
}

/** The call of `fetch` that runs now, in which it makes its request. */
let running: { signal: object; asyncId: number } | undefined;

/** Options count more than those of a request that was made before. */
const signalOfCall = ([input, init]: readonly unknown[]): object | undefined =>
  signalOf(init) ?? signalOf({ signal: requestFacts(input)?.signal });

function begun(_self: unknown, args: readonly unknown[]): void {
  const signal = signalOfCall(args);
  running = signal && { signal, asyncId: executionAsyncId() };
}

function fetching({ args, result }: Call): void {
  running = undefined;
  const [input, init] = args;
  const request = requestFacts(input);
  const url = request?.url ?? urlOf(input);
  const method = ownText(init, 'method') ?? request?.method ?? 'GET';
  const signal = weak(signalOfCall(args));
  const facts: WaitFacts = url === undefined ? { kind: 'http' } : { kind: 'http', method, url };
  const wait = callWait(() => withAbort(facts, abortOf(signal())), false);
  fetched.add(wait);
  settlesOrigin(result, wait);
}

/** Starts telling. */
export function watchFetches(): void {
  observe(globalThis, 'fetch', { called: begun, returned: fetching });
  subscribe('undici:request:create', created);
  subscribe('undici:client:sendHeaders', advance('headers'));
  subscribe('undici:request:headers', advance('body'));
}
