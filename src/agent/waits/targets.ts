/** Notes where sockets connect to: until they are connected, nothing else tells an address or the path of a pipe. */
import net from 'node:net';
import { observe } from './observe.ts';
import { own, plain } from './objects.ts';

/** "host:port" or the path of a pipe, by socket. */
const targets = new WeakMap<object, string>();

/** `connect` takes options, a port and a host, or a path; Node itself passes a list of options and callback (lib/net.js, Node 20 to 26). */
function targetOf([first, second]: readonly unknown[]): string | undefined {
  const options = Array.isArray(first) ? (first[0] as unknown) : first;
  if (typeof options === 'number') return `${typeof second === 'string' ? second : 'localhost'}:${options}`;
  if (typeof options === 'string') return options;
  const path = own(options, 'path');
  if (typeof path === 'string') return path;
  const [host, port] = [own(options, 'host'), own(options, 'port')];
  if (typeof port !== 'number' && typeof port !== 'string') return undefined;
  const name = typeof host === 'string' ? host : 'localhost';
  return `${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/** Where a socket connects or has connected to, as the program said it. */
export function connectTarget(socket: object): string | undefined {
  return targets.get(socket);
}

/** Starts noting; call before the program's own code runs. */
export function watchTargets(): void {
  observe(
    net.Socket.prototype,
    'connect',
    {
      called(self, args) {
        const socket = plain(self);
        const target = targetOf(args);
        if (socket !== undefined && target !== undefined) targets.set(socket, target);
      },
    },
    true,
  );
}
