/** Reads from the agent of `node:http` what keeps a request from having a socket: how many there are and who has them. */
import type { AwaitGraph } from '../owners/owners.ts';
import { oncePerSnapshot } from './snapshot-views.ts';
import { own, ownNumber, plain } from './objects.ts';

/** What a request waits in, by its agent's own lists (lib/_http_agent.js, Node 20 to 26). */
export interface AgentQueue {
  inUse: number;
  size: number;
  /** The limit is that of all hosts together. */
  isTotal: boolean;
  queued: number;
  /** Requests that have a socket. */
  users(): object[];
}

function listOf(lists: unknown, key: string): readonly unknown[] {
  const list = own(lists, key);
  return Array.isArray(list) && plain(list) !== undefined ? (list as unknown[]) : [];
}

/** The requests that these sockets work on; one that still connects has none. */
function usersOf(sockets: readonly unknown[]): object[] {
  return sockets.map((socket) => plain(own(socket, '_httpMessage'))).filter((user) => user !== undefined);
}

/** What those wait in who want a socket for this host; undefined when they do not wait for others. */
function queueOf(agent: object, sockets: object, host: string, queued: number): AgentQueue | undefined {
  const those = listOf(sockets, host);
  const size = ownNumber(agent, 'maxSockets') ?? Infinity;
  if (those.length >= size) return { inUse: those.length, size, isTotal: false, queued, users: () => usersOf(those) };
  const [total, inUse] = [ownNumber(agent, 'maxTotalSockets'), ownNumber(agent, 'totalSocketCount')];
  if (total === undefined || inUse === undefined || inUse < total) return undefined;
  const users = (): object[] => usersOf(Object.keys(sockets).flatMap((key) => listOf(sockets, key)));
  return { inUse, size: total, isTotal: true, queued, users };
}

/** By request. */
const queuesOf = oncePerSnapshot((agent: object): Map<unknown, AgentQueue> => {
  const queues = new Map<unknown, AgentQueue>();
  const [requests, sockets] = [plain(own(agent, 'requests')), plain(own(agent, 'sockets'))];
  if (requests === undefined || sockets === undefined) return queues;
  for (const host of Object.keys(requests)) {
    const list = listOf(requests, host);
    const queue = queueOf(agent, sockets, host, list.length);
    if (queue !== undefined) for (const request of list) queues.set(request, queue);
  }
  return queues;
});

/** What the request waits in; undefined when it does not wait for others. */
export function agentQueue(request: object, graph: AwaitGraph | undefined): AgentQueue | undefined {
  const agent = plain(own(request, 'agent'));
  return agent && queuesOf(agent, graph).get(request);
}
