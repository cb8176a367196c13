/** Connections of undici (5 to 7), the package: requests that wait for one in a pool, or behind others of a client, and who has them. */
import type { ClientRequestFacts, ConnectionsFacts, WaitFacts } from '../../protocol/waits.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import { linkLeaf } from '../resources/ties.ts';
import { callWait, weak, withAbort } from '../waits/call-wait.ts';
import { ownBySymbol, ownText, plain } from '../waits/objects.ts';
import { requestNumber } from '../waits/request-numbers.ts';
import { abortOf, signalOf } from '../waits/signals.ts';
import { oncePerSnapshot } from '../waits/snapshot-views.ts';
import { isNeverRead } from '../waits/stream-facts.ts';
import { factsOfRequest, knowConnections, requestStates } from '../waits/undici-requests.ts';
import { field, prototypeOf } from './fields.ts';
import { patch } from './patch.ts';

type HttpFacts = Extract<WaitFacts, { kind: 'http' }>;

/** A request that a pool keeps: undici makes its own object of it only when a connection is free. */
interface Queued {
  facts: HttpFacts;
  /** Of undici's own request, once it is made. */
  state: HttpFacts | undefined;
  /** Told only when it waits for others: a weak reference takes a while. */
  request: (() => unknown) | undefined;
}

/** By the handler that the caller has given. */
const queued = new WeakMap<object, Queued>();
let anyQueued = false;
/** The client of a request, and the pool of a client. */
const clientOf = new WeakMap<object, () => unknown>();
const poolOf = new WeakMap<object, () => unknown>();
/** The calls of `dispatch` that run now, or have thrown, and how many requests were made so far. */
let runningPool: (() => unknown) | undefined;
let runningClient: (() => unknown) | undefined;
let made = 0;

/** One reference for each pool and client, not one for each request: they are dear. */
const references = new WeakMap<object, () => unknown>();
function referenceTo(dispatcher: object): () => unknown {
  let reference = references.get(dispatcher);
  if (reference === undefined) references.set(dispatcher, (reference = weak(dispatcher)));
  return reference;
}

const listOf = (owner: unknown, name: string): readonly unknown[] => {
  const list = ownBySymbol(owner, name);
  return Array.isArray(list) && plain(list) !== undefined ? (list as unknown[]) : [];
};
const count = (owner: unknown, name: string): number => {
  const value = ownBySymbol(owner, name);
  return typeof value === 'number' ? value : 0;
};

/** A client's own list: what is over, what is on the connection, what waits (lib/dispatcher/client.js). */
function requestsOf(client: unknown): { running: readonly unknown[]; waiting: readonly unknown[] } {
  const all = listOf(client, 'queue');
  const next = count(client, 'pending index');
  return { running: all.slice(count(client, 'running index'), next), waiting: all.slice(next) };
}

const isUnread = (request: object): boolean => isNeverRead(field(ownBySymbol(request, 'handler'), 'res'));

function userFacts(request: object): ClientRequestFacts {
  const known = requestStates.get(request);
  const { kind: _, ...state } = known ?? {};
  return { request: requestNumber(known ?? request), ...state, ...(isUnread(request) ? { phase: 'reader' } : {}) };
}

const MAX_USERS = 5;

/** Undefined while none of the connections is in use: the first one is still being made. */
function connectionsOf(clients: readonly unknown[], size: number, inPool: number): ConnectionsFacts | undefined {
  const lists = clients.map(requestsOf);
  const users = lists.flatMap(({ running }) => running.map(plain)).filter((each) => each !== undefined);
  if (users.length === 0) return undefined;
  const unread = users.filter(isUnread);
  return {
    inUse: lists.filter(({ running }) => running.length > 0).length,
    size,
    queued: lists.reduce((sum, { waiting }) => sum + waiting.length, inPool),
    ...(unread.length === 0 ? {} : { unread: unread.length }),
    users: [...new Set([...unread, ...users])].slice(0, MAX_USERS).map(userFacts),
  };
}

const ofPool = oncePerSnapshot((pool: object): ConnectionsFacts | undefined => {
  const clients = listOf(pool, 'clients');
  return connectionsOf(clients, count(pool, 'connections') || clients.length, count(pool, 'queued'));
});

const ofClient = oncePerSnapshot((client: object, graph): ConnectionsFacts | undefined => {
  const pool = plain(poolOf.get(client)?.());
  const isInPool = pool !== undefined && listOf(pool, 'clients').includes(client);
  return isInPool ? ofPool(pool, graph) : connectionsOf([client], 1, 0);
});

const waitingIn = oncePerSnapshot((client: object) => new Set(requestsOf(client).waiting));

const waitingFor = (state: HttpFacts, connections: ConnectionsFacts | undefined): HttpFacts =>
  connections === undefined ? state : { ...state, phase: 'socket', connections };

/** A request of a client that is busy with others waits for them; else for the connection itself. */
function facts(request: object | undefined, state: HttpFacts, graph: AwaitGraph | undefined): HttpFacts {
  const numbered = { ...state, request: requestNumber(state) };
  const client = request !== undefined && state.phase === 'connect' ? plain(clientOf.get(request)?.()) : undefined;
  if (client === undefined || !waitingIn(client, graph).has(request)) return numbered;
  return waitingFor(numbered, ofClient(client, graph));
}

/** Whether a client has nothing to do, so that the next request is sent at once. */
function isIdle(client: object | undefined): boolean {
  return client === undefined || listOf(client, 'queue').length <= count(client, 'running index');
}

function requestMade(request: object): 'known' | 'waits' | undefined {
  made++;
  const handler = anyQueued ? plain(ownBySymbol(request, 'handler')) : undefined;
  const known = handler && queued.get(handler);
  const client = runningClient;
  if (known !== undefined) known.state = requestStates.get(request);
  if (client === undefined || isIdle(plain(client()))) return known && 'known';
  if (known !== undefined) known.request = weak(request);
  clientOf.set(request, client);
  return known === undefined ? 'waits' : 'known';
}

/** Neither has a connection nor a request: it is in the pool's own queue. */
function keptByPool(pool: object, options: unknown, handler: unknown): void {
  const key = plain(handler);
  if (key === undefined) return;
  const origin = field(options, 'origin') ?? ownBySymbol(pool, 'url');
  const host = origin instanceof URL ? origin.origin : typeof origin === 'string' ? origin : '';
  const method = ownText(options, 'method');
  const own: Queued = {
    facts: {
      kind: 'http',
      ...(method === undefined ? {} : { method }),
      url: `${host}${ownText(options, 'path') ?? ''}`,
      phase: 'connect',
    },
    state: undefined,
    request: undefined,
  };
  queued.set(key, own);
  anyQueued = true;
  const [from, signal] = [referenceTo(pool), weak(signalOf(options))];
  const tell = (graph: AwaitGraph | undefined): HttpFacts => {
    if (own.state !== undefined) return factsOfRequest(plain(own.request?.()), own.state, graph);
    const alive = plain(from());
    return waitingFor(own.facts, alive && ofPool(alive, graph));
  };
  linkLeaf({ ...callWait((graph) => withAbort(tell(graph), abortOf(signal())), false), isOfCall: false }, true);
}

/** The method is kept under a symbol. */
const dispatchOf = (prototype: object | undefined): symbol | undefined =>
  prototype && Object.getOwnPropertySymbols(prototype).find(({ description }) => description === 'dispatch');

/** Looks for the class of pools or of clients in what a module of the package exports. */
export function watchUndici(members: object): void {
  const pools = prototypeOf(field(members, 'PoolBase'));
  const inPool = dispatchOf(pools);
  if (pools !== undefined && inPool !== undefined) {
    patch(pools, inPool, {
      begin(pool, [options, handler]) {
        runningPool = referenceTo(pool);
        return { options, handler, made };
      },
      end(_, call, pool) {
        runningPool = undefined;
        if (call.made === made) keptByPool(pool, call.options, call.handler);
      },
    });
  }
  const clients = prototypeOf(field(members, 'Client'));
  const inClient = dispatchOf(clients);
  if (clients === undefined || inClient === undefined) return;
  knowConnections({ made: requestMade, facts });
  patch(clients, inClient, {
    begin(client) {
      runningClient = referenceTo(client);
      if (runningPool !== undefined && poolOf.get(client) !== runningPool) poolOf.set(client, runningPool);
    },
    end() {
      runningClient = undefined;
    },
  });
}
