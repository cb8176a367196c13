/** A loopback HTTP server that takes requests and keeps the answer back: the whole of it, or all but the first bytes of the body. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newGate, type Gate } from './gate.ts';

export interface FakeUpstream {
  port: number;
  /** Keeps answers back. */
  gate: Gate;
  close(): Promise<void>;
}

/** A path that starts with `/slow-body` gets status, headers and the first bytes at once; any other path gets nothing until the gate opens. */
export async function startFakeUpstream(body: string): Promise<FakeUpstream> {
  const gate = newGate();
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/slow-body')) begin(response, body);
    gate.pass(() => {
      if (!response.headersSent) begin(response, body);
      response.end(body.slice(1));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    gate,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function begin(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.write(body.slice(0, 1));
}
