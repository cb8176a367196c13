/** Takes in timers, handles and requests that were there before the agent came. */
import net from 'node:net';
import { guarded } from '../faults.ts';
import { adoptResource } from '../resources/resources.ts';
import type { ResourceRecord } from '../resources/resource-record.ts';
import { ResourceStamp } from '../promises/stamp.ts';
import { className, own, ownBySymbol, readNode } from '../waits/objects.ts';
import { isServer, isSocket } from '../waits/socket-facts.ts';

interface Lists {
  _getActiveHandles?(): object[];
  _getActiveRequests?(): object[];
}

/** `async_hooks` types by the classes of Node's handles and requests (Node 20 to 26). */
const TYPES: Partial<Record<string, string>> = {
  Timeout: 'Timeout',
  Immediate: 'Immediate',
  Pipe: 'PIPEWRAP',
  TCP: 'TCPWRAP',
  TLSWrap: 'TLSWRAP',
  TTY: 'TTYWRAP',
  UDP: 'UDPWRAP',
  Process: 'PROCESSWRAP',
  MessagePort: 'MESSAGEPORT',
  FSEvent: 'FSEVENTWRAP',
  FSReqCallback: 'FSREQCALLBACK',
  GetAddrInfoReqWrap: 'GETADDRINFOREQWRAP',
  GetNameInfoReqWrap: 'GETNAMEINFOREQWRAP',
  QueryReqWrap: 'QUERYWRAP',
};

const WRAP = 'WRAP';

/** Node's object behind one of its public classes: a socket's, a server's, a child process's. */
function handleOf(object: object): object {
  const handle = isSocket(object)
    ? readNode(net.Socket.prototype, '_handle', object)
    : (own(object, '_handle') ?? own(ownBySymbol(object, 'state symbol'), 'handle'));
  return typeof handle === 'object' && handle !== null ? handle : object;
}

function typeOf(object: object, handle: object): string | undefined {
  const type = TYPES[className(handle) ?? ''];
  return isServer(object) && type !== undefined ? `${type.slice(0, -WRAP.length)}SERVERWRAP` : type;
}

/** What can wake the program: the timers given, and what Node itself lists. */
export function openObjects(timers: readonly object[]): object[] {
  const lists = process as unknown as Lists;
  const handles = guarded('handles', () => lists._getActiveHandles?.() ?? [], []);
  const requests = guarded('requests', () => lists._getActiveRequests?.() ?? [], []);
  return [...timers, ...handles, ...requests];
}

/** Their records, made at that time, in the same order; undefined for those that are nothing to tell of. */
export function adoptObjects(objects: readonly object[], atMs: number): (ResourceRecord | undefined)[] {
  return objects.map((object) => guarded('handle', () => adopt(object, atMs), undefined));
}

function adopt(object: object, atMs: number): ResourceRecord | undefined {
  const handle = handleOf(object);
  const known = ResourceStamp.get(handle);
  if (known !== undefined) return known;
  const type = typeOf(object, handle);
  return type === undefined ? undefined : adoptResource(type, handle, atMs);
}
