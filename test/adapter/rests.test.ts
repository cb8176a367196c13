/** A program that rests is asked no more until it tells that it goes on. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { newClient, type AdapterClient } from '../support/debug-adapter.ts';
import { startFakeProxy, type FakeProxy } from '../support/fake-proxy.ts';

/** A program that does not rest is asked ten times meanwhile, on a machine that has time; one that rests after 5 s. Milliseconds. */
const QUIET_MS = 600;

describe('a program that rests', function () {
  this.timeout(30_000);
  let client: AdapterClient;
  let fake: FakeProxy;
  const polls = (): number => fake.requests.filter(({ request }) => request === 'poll').length;
  const untilPolled = async (times: number): Promise<void> => {
    const wanted = polls() + times;
    while (polls() < wanted) await delay(5);
  };
  /** Answers how often it was polled in a while. */
  async function polledIn(ms: number): Promise<number> {
    const before = polls();
    await delay(ms);
    return polls() - before;
  }

  beforeEach(async () => {
    fake = await startFakeProxy();
    client = await newClient('fake');
    await client.send('attach', { proxy: fake.proxy });
  });
  afterEach(async () => {
    await client.stop();
    await fake.close();
  });

  it('is left alone, asked again once it goes on, and left alone the next time', async () => {
    for (const rest of [1, 2]) {
      fake.rest = () => rest;
      await untilPolled(1);
      await delay(50);
      assert.equal(await polledIn(QUIET_MS), 0);
      fake.rest = () => undefined;
      fake.agentEvents({ event: 'awake', rest });
      await untilPolled(5);
    }
  });

  it('is asked on when the news of the end of its rest comes before that of the beginning', async () => {
    let rests = 0;
    fake.rest = () => {
      fake.agentEvents({ event: 'awake', rest: ++rests });
      return rests;
    };
    await untilPolled(5);
  });

  it('is asked at once when it announces a call', async () => {
    fake.rest = () => 1;
    await untilPolled(1);
    await delay(50);
    const asked = polls();
    fake.agentEvents({ event: 'blocking-begin', api: 'crypto.pbkdf2Sync', atMs: 5, stack: [] });
    while (polls() === asked) await delay(5);
  });

  it('is shown with ages that grow, without being polled for that', async () => {
    fake.rest = () => 1;
    await client.event('asyncLens/changed');
    await untilPolled(1);
    await delay(QUIET_MS);
    const from = client.eventsOf('asyncLens/changed').length;
    await client.customRequest('asyncLens/snapshot', {});
    const asked = polls();
    while (client.eventsOf('asyncLens/changed').length === from) await delay(20);
    assert.equal(polls(), asked);
  });
});
