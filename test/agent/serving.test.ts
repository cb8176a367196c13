/** Requests to servers of the program that nothing answers: often no task is left that could tell of them. */
import assert from 'node:assert/strict';
import type { ExitEvent, Snapshot } from '../../src/protocol/agent.ts';
import { runWithAgent } from '../support/run-node.ts';

const SERVER = `
const http = require('node:http');
let expected = 5;
const server = http.createServer((request, response) => {
  if (request.url === '/mounted/7') { request.originalUrl = request.url; request.url = '/7'; }
  if (request.url === '/begun') response.write('some');
  if (request.url === '/sent') response.end('all');
  if (--expected === 0) setImmediate(() => process.exit());
});
server.listen(0, '127.0.0.1', () => {
  const ask = (method, path) => http.request({ port: server.address().port, host: '127.0.0.1', method, path }, (answer) => answer.resume());
  ask('GET', '/forgotten?key=1').end();
  ask('POST', '/upload').write('some');
  ask('GET', '/mounted/7').end();
  ask('GET', '/begun').end();
  ask('GET', '/sent').end();
});`;

async function snapshotOf(source: string): Promise<Snapshot> {
  const { events } = await runWithAgent({ source });
  const exit = events.find((event): event is ExitEvent => event.event === 'exit');
  assert.ok(exit);
  assert.deepEqual(exit.snapshot.faults, []);
  return exit.snapshot;
}

describe('requests that nothing answers', () => {
  it('are told of the connections that they came by', async () => {
    const { resources } = await snapshotOf(SERVER);
    const serving = resources.map(({ facts }) => (facts.kind === 'socket' ? facts.serving : undefined));
    assert.deepEqual(
      serving.filter((facts) => facts !== undefined).sort((one, other) => one.request.localeCompare(other.request)),
      [
        { request: 'GET /begun', begun: true },
        { request: 'GET /forgotten' },
        { request: 'GET /mounted/7' },
        { request: 'POST /upload' },
      ],
    );
  });

  it('are not said to be answered by what waits for the end of the response', async () => {
    const { tasks } = await snapshotOf(`
const http = require('node:http'), { once } = require('node:events');
const server = http.createServer(async (request, response) => {
  setImmediate(() => process.exit());
  await once(response, 'finish');
});
server.listen(0, '127.0.0.1', () => http.get({ port: server.address().port, host: '127.0.0.1', path: '/orders' }));`);
    const waits = tasks.map(({ wait }) => wait?.facts);
    assert.equal(JSON.stringify(waits).includes('"phase":"answer"'), true, JSON.stringify(waits));
  });
});
