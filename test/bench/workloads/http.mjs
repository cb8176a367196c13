/** Workload: a plain `node:http` server that says hello. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { answerCommands, cpuCommands } from './commands.mjs';

const server = createServer((request, response) => {
  response.setHeader('content-type', 'text/plain');
  response.end('hello');
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

answerCommands({ port: () => server.address().port, ...cpuCommands() });
