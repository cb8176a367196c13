/** pino with a transport in a worker thread, pino-http behind a server, and winston to a file. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import pinoHttp from 'pino-http';
import winston from 'winston';

const folder = mkdtempSync(join(tmpdir(), 'logs-'));
const lines = (file) => readFileSync(join(folder, file), 'utf8').trim().split('\n').length;

const transport = pino.transport({ target: 'pino/file', options: { destination: join(folder, 'pino.log') } });
const logger = pino(transport);
const http = pinoHttp({ logger });
const server = createServer((req, res) => {
  http(req, res);
  res.end('ok');
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
for (let i = 0; i < 5; i++) await (await fetch(`http://127.0.0.1:${server.address().port}/`)).text();
for (let i = 0; i < 1000; i++) logger.info({ i }, 'line');
transport.end();
// The transport keeps no program alive, the server does.
await once(transport, 'close');
server.closeAllConnections();
server.close();
console.log('pino', lines('pino.log'));

const file = new winston.transports.File({ filename: join(folder, 'winston.log') });
const log = winston.createLogger({ transports: [file] });
for (let i = 0; i < 100; i++) log.info(`line ${i}`);
log.end();
await once(file, 'finish');
console.log('winston', lines('winston.log'));
rmSync(folder, { recursive: true, force: true });
