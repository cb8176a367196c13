/** Stalls are told while they last: by the agent itself, and by its silence after it has announced a call. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { CustomEvents } from '../../src/protocol/dap.ts';
import { AdapterClient } from '../support/debug-adapter.ts';
import { startFakeProxy, type FakeProxy } from '../support/fake-proxy.ts';

const SERVER_LINE = { file: '/app/server.ts', line: 30, column: 2, function: 'parse' };

describe('stalls in a session of the JavaScript debugger', function () {
  this.timeout(30_000);
  let client: AdapterClient;
  let fake: FakeProxy;

  beforeEach(async () => {
    fake = await startFakeProxy();
    client = new AdapterClient('fake');
    await client.initializeRequest();
    await client.send('attach', { proxy: fake.proxy });
  });
  afterEach(async () => {
    await client.stop();
    await fake.close();
  });

  it('are heard of through the binding', async () => {
    const stack = [SERVER_LINE];
    const stall = { id: 1, kind: 'javascript' as const, startMs: 5, durationMs: 250, open: true, stack };
    fake.agentEvents({ event: 'stall', stall: { ...stall, confidence: 'sampled' } });
    const { body } = await client.event('asyncLens/stall');
    assert.deepEqual(body, { open: true, durationMs: 250, location: SERVER_LINE });
  });

  it('are told while an announced call blocks, although a poll was answered right before it did', async () => {
    await client.customRequest('asyncLens/snapshot', { fresh: true });
    const stack = [SERVER_LINE];
    fake.calling = 0;
    fake.agentEvents({ event: 'blocking-begin', api: 'crypto.pbkdf2Sync', atMs: 5, stack });
    while (fake.calling === 0) await delay(1);
    fake.blocked = true;
    const { body } = await client.event('asyncLens/stall');
    const { durationMs, ...told } = body as CustomEvents['asyncLens/stall'];
    assert.ok(durationMs >= 50, `${durationMs} ms`);
    assert.deepEqual(told, { open: true, api: 'crypto.pbkdf2Sync', location: SERVER_LINE });
  });
});
