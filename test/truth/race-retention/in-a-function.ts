// A helper that makes every call give up when the connection closes
import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

const server = createServer((peer) => peer.on('data', (data) => peer.write(data)));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
await once(socket, 'connect');
const closed = new Promise<never>((_, reject) => socket.once('close', () => reject(new Error('closed'))));
closed.catch(() => undefined);

function unlessClosed<T>(work: Promise<T>): Promise<T> {
  return Promise.race([work, closed]); // expect: race-retention
}

for (let i = 0; i < 1200; i++) await unlessClosed(turn());
process.exit();
