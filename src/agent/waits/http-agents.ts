/** Reads from the agent of `node:http` what keeps a request from having a socket: how many there are and who has them. */
import { own, ownNumber, plain } from './objects.ts';

/** What a request waits in, by its agent's own lists (lib/_http_agent.js, Node 20 to 26). */
export interface AgentQueue {
  inUse: number;
  size: number;
  /** The limit is that of all hosts together. */
  isTotal: boolean;
  queued: number;
  /** Requests that have a socket. */
  users: object[];
}

/** Up to this many are looked through one by one. */
const FEW = 64;

/** Who is in a long queue: it is asked once for each of its members. */
interface Members {
  length: number;
  first: unknown;
  last: unknown;
  all: WeakSet<object>;
}

const known = new WeakMap<object, Members>();

function isIn(list: readonly unknown[], request: object): boolean {
  if (list.length <= FEW) return list.includes(request);
  let members = known.get(list);
  const [first, last, { length }] = [list[0], list[list.length - 1], list];
  if (members?.length !== length || members.first !== first || members.last !== last) {
    members = { length, first, last, all: new WeakSet(list.filter((each) => plain(each) !== undefined) as object[]) };
    known.set(list, members);
  }
  return members.all.has(request);
}

function listOf(lists: unknown, key: string): readonly unknown[] {
  const list = own(lists, key);
  return Array.isArray(list) && plain(list) !== undefined ? (list as unknown[]) : [];
}

/** The requests that these sockets work on; one that still connects has none. */
function usersOf(sockets: readonly unknown[]): object[] {
  return sockets.map((socket) => plain(own(socket, '_httpMessage'))).filter((user) => user !== undefined);
}

/** What the request waits in; undefined when it does not wait for others. */
export function agentQueue(request: object): AgentQueue | undefined {
  const agent = plain(own(request, 'agent'));
  const [requests, sockets] = [plain(own(agent, 'requests')), plain(own(agent, 'sockets'))];
  if (agent === undefined || requests === undefined || sockets === undefined) return undefined;
  const host = Object.keys(requests).find((key) => isIn(listOf(requests, key), request));
  if (host === undefined) return undefined;
  const queued = listOf(requests, host).length;
  const those = listOf(sockets, host);
  const size = ownNumber(agent, 'maxSockets') ?? Infinity;
  if (those.length >= size) return { inUse: those.length, size, isTotal: false, queued, users: usersOf(those) };
  const [total, inUse] = [ownNumber(agent, 'maxTotalSockets'), ownNumber(agent, 'totalSocketCount')];
  if (total === undefined || inUse === undefined || inUse < total) return undefined;
  const users = usersOf(Object.keys(sockets).flatMap((key) => listOf(sockets, key)));
  return { inUse, size: total, isTotal: true, queued, users };
}
