/** Reads from sockets and servers of Node what a wait for them is about. */
import net from 'node:net';
import { performance } from 'node:perf_hooks';
import type { WaitFacts } from '../../protocol/agent.ts';
import type { StreamState } from '../../protocol/waits.ts';
import { className, own, ownNumber, ownText, plain, readNode } from './objects.ts';
import { isPaused, streamState } from './stream-facts.ts';
import { outputOf } from './process-facts.ts';
import { connectTarget } from './targets.ts';

/** The original: the program may put another function in the place of `call` later. */
const { apply } = Reflect;

type SocketFacts = Extract<WaitFacts, { kind: 'socket' }>;

const { isPrototypeOf } = Object.prototype;
const socketPrototype = net.Socket.prototype;
const serverPrototype = net.Server.prototype;
const serverAddress = serverPrototype.address;

const MAPPED = '::ffff:';

/** "host:port"; IPv4 mapped into IPv6 is written as IPv4. */
export function address(host: unknown, port: unknown): string | undefined {
  if (typeof host !== 'string' || typeof port !== 'number') return undefined;
  const plainHost = host.startsWith(MAPPED) && host.includes('.') ? host.slice(MAPPED.length) : host;
  return plainHost.includes(':') ? `[${plainHost}]:${port}` : `${plainHost}:${port}`;
}

/** Whether this is a socket of `node:net` or `node:tls`. */
export function isSocket(value: unknown): value is object {
  const object = plain(value);
  return object !== undefined && apply(isPrototypeOf, socketPrototype, [object]);
}

/** Whether this is a server of `node:net`, or of a module built on it. */
export function isServer(value: unknown): value is object {
  const object = plain(value);
  return object !== undefined && apply(isPrototypeOf, serverPrototype, [object]);
}

/** Look-ups on their way, as a request of theirs tells the host. */
function isLookingUp(host: string): boolean {
  const { _getActiveRequests: read } = process as unknown as { _getActiveRequests?: () => object[] };
  return (read?.() ?? []).some((request) => ownText(request, 'hostname') === host);
}

function connectingPhase(socket: object): SocketFacts['phase'] {
  if (own(socket, 'connecting') !== true) return own(socket, 'secureConnecting') === true ? 'tls' : undefined;
  const host = ownText(socket, '_host');
  return host !== undefined && isLookingUp(host) ? 'dns' : 'connect';
}

/** When the numbers of bytes of a socket were last seen to change. */
interface Traffic {
  bytes: number;
  sinceMs: number;
}

const traffic = new WeakMap<object, Traffic>();

/** How long a socket has been idle, as far as earlier snapshots tell; undefined at the first look. */
function idleMs(socket: object, bytes: number): number | undefined {
  const now = performance.now();
  const seen = traffic.get(socket);
  if (seen?.bytes === bytes) return Math.round(now - seen.sinceMs);
  traffic.set(socket, { bytes, sinceMs: now });
  return undefined;
}

const read = (socket: object, key: string): unknown => readNode(socketPrototype, key, socket);
const count = (value: unknown): number => (typeof value === 'number' ? value : 0);

function familyOf(handle: unknown): SocketFacts['family'] {
  const name = className(handle);
  return name === 'Pipe' ? 'pipe' : name === 'TTY' ? 'tty' : undefined;
}

/** The other side of a socket, and this one. */
function ends(socket: object): { remote?: string; local?: string } {
  const remote =
    address(read(socket, 'remoteAddress'), read(socket, 'remotePort')) ??
    connectTarget(socket) ??
    ownText(own(socket, 'server'), '_pipeName');
  const local = address(read(socket, 'localAddress'), read(socket, 'localPort'));
  return { ...(remote === undefined ? {} : { remote }), ...(local === undefined ? {} : { local }) };
}

/** Once it is no longer connecting. */
function stateOf(socket: object, state: StreamState | undefined): SocketFacts['state'] {
  if (state?.destroyed === true) return 'closed';
  if (read(socket, '_handle') === null) return 'unconnected';
  const isPeerEnded = state?.readable?.ended === true;
  // One that can only be read has no such side.
  if (state?.writable === undefined) return isPeerEnded ? 'closing' : 'open';
  const isEnded = state.writable.ended === true;
  return isEnded ? (isPeerEnded ? 'closing' : 'ended') : isPeerEnded ? 'peer-ended' : 'open';
}

/** What has come and stays in its buffer; undefined when somebody reads it or would. */
function unreadBytes(socket: object, readable: StreamState['readable']): number | undefined {
  if (readable === undefined || readable.flowing || (readable.ended === true && readable.buffered === 0))
    return undefined;
  return readable.buffered > 0 || isPaused(socket) ? readable.buffered : undefined;
}

/** A socket of `node:net` or `node:tls`. */
export function socketFacts(socket: object): SocketFacts {
  const state = streamState(socket);
  const phase = connectingPhase(socket);
  const bytesRead = count(read(socket, 'bytesRead'));
  const bytesWritten = count(read(socket, 'bytesWritten'));
  const idle = idleMs(socket, bytesRead + bytesWritten);
  const family = familyOf(read(socket, '_handle'));
  const output = outputOf(socket);
  const unsent = state?.writable?.buffered ?? 0;
  const unread = phase === undefined && family !== 'tty' ? unreadBytes(socket, state?.readable) : undefined;
  const isTls = own(socket, 'encrypted') === true || own(socket, 'secureConnecting') !== undefined;
  return {
    kind: 'socket',
    state: phase === undefined ? stateOf(socket, state) : 'connecting',
    ...ends(socket),
    ...(output === undefined ? {} : { output }),
    bytesRead,
    bytesWritten,
    ...(isTls ? { tls: true } : {}),
    ...(family === undefined ? {} : { family }),
    ...(phase === undefined ? {} : { phase }),
    ...(unsent > 0 && phase === undefined ? { unsent } : {}),
    ...(unread === undefined ? {} : { unread }),
    ...(idle === undefined ? {} : { idleMs: idle }),
  };
}

/** A datagram socket by its handle. */
export function udpFacts(handle: object): SocketFacts {
  const at: { address?: string; port?: number } = {};
  const { getsockname } = handle as { getsockname?: (out: object) => unknown };
  getsockname?.call(handle, at);
  const local = address(at.address, at.port);
  return {
    kind: 'socket',
    family: 'udp',
    state: 'open',
    ...(local === undefined ? {} : { local }),
    bytesRead: 0,
    bytesWritten: 0,
  };
}

/** A server of `node:net`, or of a module built on it. */
export function serverFacts(server: object): WaitFacts {
  const handle = own(server, '_handle');
  const at = handle === undefined || handle === null ? undefined : tellAddress(server);
  const where = typeof at === 'string' ? at : address(own(at, 'address'), own(at, 'port'));
  const connections = ownNumber(server, '_connections');
  // `close` lets go of the handle and waits for the connections.
  const isClosing = handle === null && (connections ?? 0) > 0;
  return {
    kind: 'server',
    ...(where === undefined ? {} : { address: where }),
    ...(connections === undefined ? {} : { connections }),
    ...(isClosing ? { state: 'closing' } : {}),
  };
}

function tellAddress(server: object): unknown {
  try {
    return apply(serverAddress, server as net.Server, []);
  } catch {
    // A server that is being closed has no address any more.
    return undefined;
  }
}
