/** What is known of the requests of undici, Node's own or the package; the package's classes know more of theirs. */
import type { WaitFacts } from '../../protocol/agent.ts';
import type { AwaitGraph } from '../owners/owners.ts';

type HttpFacts = Extract<WaitFacts, { kind: 'http' }>;

/** By undici's request: how far it has come. */
export const requestStates = new WeakMap<object, HttpFacts>();

/** What the package's classes tell of a request. */
export interface Connections {
  /** It was made: `known` when its promise knows already what it waits for, `waits` when there are others before it. */
  made(request: object): 'known' | 'waits' | undefined;
  /** With the connections it waits for; the request is told only of one that has to wait, for it takes a weak reference. */
  facts(request: object | undefined, state: HttpFacts, graph: AwaitGraph | undefined): HttpFacts;
}

let connections: Connections | undefined;

/** Says who knows the connections, once the package is there. */
export function knowConnections(known: Connections): void {
  connections = known;
}

export const requestMade = (request: object): 'known' | 'waits' | undefined => connections?.made(request);

export function factsOfRequest(request: object | undefined, state: HttpFacts, graph?: AwaitGraph): HttpFacts {
  return connections === undefined ? state : connections.facts(request, state, graph);
}
