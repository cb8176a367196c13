/** Tells waits for undici, the HTTP client behind `fetch`: which request, and how far it has come. */
import diagnosticsChannel from 'node:diagnostics_channel';
import type { WaitFacts } from '../../protocol/agent.ts';
import { guarded } from '../faults.ts';
import type { WaitSource } from '../promise-record.ts';
import { linkLeaf } from '../ties.ts';
import { callWait, settles, settlesOrigin } from './call-wait.ts';
import { observe, type Call } from './observe.ts';
import { own, ownNumber, ownText, plain, readNode } from './objects.ts';

type HttpFacts = Extract<WaitFacts, { kind: 'http' }>;

const { isPrototypeOf } = Object.prototype;

/** By undici's request. */
const states = new WeakMap<object, HttpFacts>();

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
  states.set(request, state);
  linkLeaf({ ...callWait(() => state, false), isOfCall: false }, true);
  watchBodies();
}

function advance(phase: NonNullable<HttpFacts['phase']>): (request: object, message: object) => void {
  return (request, message) => {
    const state = states.get(request);
    if (state === undefined) return;
    state.phase = phase;
    const status = ownNumber(own(message, 'response'), 'statusCode');
    if (status !== undefined) state.status = status;
  };
}

/** Node 20 has a getter that loads undici; since Node 22 only looking at the property loads it, which takes 20 ms. */
const lazyResponse =
  Number.parseInt(process.versions.node, 10) < 22
    ? Object.getOwnPropertyDescriptor(globalThis, 'Response')?.get
    : undefined;
const { moduleLoadList } = process as unknown as { moduleLoadList?: readonly string[] };
const isLoaded = (): boolean => moduleLoadList?.includes('NativeModule internal/deps/undici/undici') === true;
const BODY_METHODS = ['arrayBuffer', 'blob', 'bytes', 'formData', 'json', 'text'];
let watchesBodies = false;

/** Once undici is there: whoever reads a body waits for the address it came from. */
function watchBodies(): void {
  if (watchesBodies || !isLoaded()) return;
  watchesBodies = true;
  const current = Object.getOwnPropertyDescriptor(globalThis, 'Response');
  // The program may have put a getter of its own there.
  if (current === undefined || (current.get !== undefined && current.get !== lazyResponse)) return;
  const prototype = plain(own(plain(Reflect.get(globalThis, 'Response')), 'prototype'));
  if (prototype === undefined) return;
  for (const method of BODY_METHODS) {
    observe(prototype, method, { returned: ({ self, result }) => bodyRead(prototype, self, result) }, true);
  }
}

/** The response itself may be gone while its body is read. */
function bodyRead(prototype: object, response: unknown, promise: unknown): void {
  const object = plain(response);
  const url = object && readNode(prototype, 'url', object);
  const facts: WaitFacts = { kind: 'http', ...(typeof url === 'string' && url !== '' ? { url } : {}), phase: 'body' };
  settles(
    promise,
    callWait(() => facts),
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
  if (object === undefined || !isPrototypeOf.call(URL.prototype, object)) return undefined;
  const href = readNode(URL.prototype, 'href', object);
  return typeof href === 'string' ? href : undefined;
}

function fetching({ args: [input, init], result }: Call): void {
  const url = urlOf(input);
  const method = ownText(init, 'method') ?? 'GET';
  const wait = callWait(() => (url === undefined ? { kind: 'http' } : { kind: 'http', method, url }), false);
  fetched.add(wait);
  settlesOrigin(result, wait);
}

/** Starts telling. */
export function watchFetches(): void {
  observe(globalThis, 'fetch', { returned: fetching });
  subscribe('undici:request:create', created);
  subscribe('undici:client:sendHeaders', advance('headers'));
  subscribe('undici:request:headers', advance('body'));
}
