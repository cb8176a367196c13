/** Stalls are told while they last: by the agent itself, and by its silence after it has announced a call. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentRequest } from '../../src/protocol/agent.ts';
import type { CustomEvents } from '../../src/protocol/dap.ts';
import { newClient, type AdapterClient } from '../support/debug-adapter.ts';
import { startFakeProxy, type FakeProxy } from '../support/fake-proxy.ts';

const SERVER_LINE = { file: '/app/server.ts', line: 30, column: 2, function: 'parse' };
const STALL = { id: 1, kind: 'javascript', startMs: 5, durationMs: 250, open: true, confidence: 'sampled' } as const;

describe('stalls in a session of the JavaScript debugger', function () {
  this.timeout(30_000);
  let client: AdapterClient;
  let fake: FakeProxy;

  beforeEach(async () => {
    fake = await startFakeProxy();
    client = await newClient('fake');
    await client.send('attach', { proxy: fake.proxy });
  });
  afterEach(async () => {
    await client.stop();
    await fake.close();
  });

  it('are heard of through the binding', async () => {
    fake.agentEvents({ event: 'stall', stall: { ...STALL, stack: [SERVER_LINE] } });
    const { body } = await client.event('asyncLens/stall');
    assert.deepEqual(body, { open: true, durationMs: 250, location: SERVER_LINE });
  });

  it('are no pauses, even if the poll was on its way when the pause came', async () => {
    fake.heldIn = { ...STALL, stack: [SERVER_LINE] };
    await client.event('stopped');
    const wasTold = ({ request, ...more }: AgentRequest) => request === 'poll' && 'heldBefore' in more;
    while (!fake.requests.some(wasTold)) await delay(10);
    assert.doesNotMatch((await client.customRequest('asyncLens/snapshot', {})).body.text, /blocked|Stalls/);
    assert.deepEqual(client.eventsOf('asyncLens/stall'), []);
    assert.equal(fake.requests.filter(wasTold).length, 1);
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
