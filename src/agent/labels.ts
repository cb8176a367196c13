/** Knows what Node's own promise and stream functions wait for, where neither promise nor resource tells. */
import diagnosticsChannel from 'node:diagnostics_channel';
import events from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import streamPromises from 'node:stream/promises';
import timersPromises from 'node:timers/promises';
import type { Wait, WaitFacts } from '../protocol/agent.ts';
import { guarded } from './faults.ts';
import { intercept } from './intercept.ts';
import type { WaitSource } from './promise-record.ts';
import { currentLeaf, expectLeaf } from './promises.ts';
import { expectPromiseTimer, linkLeaf, touch } from './resources.ts';

function fixed(facts: WaitFacts, confidence: Wait['confidence'] = 'exact'): WaitSource {
  const wait: Wait = { facts, confidence };
  return { fromPromiseFunction: false, isStep: false, describe: () => wait, isOver: () => false };
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function originOf(origin: unknown): string {
  return origin instanceof URL ? origin.origin : (text(origin) ?? '');
}

function httpFacts(method: unknown, origin: string, path: unknown): WaitFacts {
  const verb = text(method);
  return { kind: 'http', ...(verb === undefined ? {} : { method: verb }), url: `${origin}${text(path) ?? ''}` };
}

type Request = Partial<Record<string, unknown>>;

/** Anybody may publish anything on a channel, and what a subscriber throws ends the program. */
function subscribe(channel: string, read: (request: Request) => void): void {
  diagnosticsChannel.subscribe(channel, (message) => {
    const request = (message as { request?: unknown } | null | undefined)?.request;
    if (typeof request === 'object' && request !== null) guarded(channel, () => read(request), undefined);
  });
}

/** undici publishes inside the executor of the promise that the request settles. */
function watchRequests(): void {
  subscribe('undici:request:create', ({ method, origin, path }) => {
    linkLeaf(fixed(httpFacts(method, originOf(origin), path)), true);
  });
  subscribe('http.client.request.start', ({ method, protocol, host, path }) => {
    const origin = `${text(protocol) ?? 'http:'}//${text(host) ?? ''}`;
    // Published when the request goes out, which may be in a tick queued by the executor.
    const confidence = currentLeaf() === null ? 'inferred' : 'exact';
    linkLeaf(fixed(httpFacts(method, origin, path), confidence), true);
  });
}

/** A write asks the other side for something. `_writeGeneric` calls no code of the program before it returns, so the extra frame is never seen. */
function watchWrites(): void {
  const prototype = net.Socket.prototype as unknown as {
    _writeGeneric?: (...args: unknown[]) => unknown;
    _handle?: unknown;
  };
  const original = prototype._writeGeneric;
  if (original === undefined) return;
  prototype._writeGeneric = function _writeGeneric(this: typeof prototype, ...args: unknown[]): unknown {
    const handle = this._handle;
    if (typeof handle === 'object' && handle !== null) guarded('write', () => touch(handle), undefined);
    return original.apply(this, args);
  };
}

/** These make the promise they return first (an async function) or only one (an executor); their arguments are not seen. */
function watchPromiseFunctions(): void {
  const label = (facts: WaitFacts) => () =>
    expectLeaf((promise) => {
      promise.note().source = fixed(facts);
    });
  intercept(events, 'once', label({ kind: 'event' }));
  intercept(streamPromises, 'pipeline', label({ kind: 'stream', direction: 'pipeline' }));
  intercept(streamPromises, 'finished', label({ kind: 'stream', direction: 'finished' }));
  intercept(timersPromises, 'setTimeout', expectPromiseTimer);
  intercept(timersPromises, 'setImmediate', expectPromiseTimer);
  syncBuiltinESMExports();
}

/** Starts the labels. */
export function startLabels(): void {
  watchRequests();
  watchWrites();
  watchPromiseFunctions();
}
