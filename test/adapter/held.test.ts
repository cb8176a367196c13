/** What the debugger holds, as the adapter shows it: a thread before the others, and the top of the tree. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { newClient, type AdapterClient } from '../support/debug-adapter.ts';
import { startFakeProxy, type FakeProxy } from '../support/fake-proxy.ts';

describe('code that the debugger holds', function () {
  this.timeout(30_000);
  let client: AdapterClient;
  let fake: FakeProxy;

  beforeEach(async () => {
    fake = await startFakeProxy();
    client = await newClient('fake');
  });
  afterEach(async () => {
    await client.stop();
    await fake.close();
  });

  it('is the first thread, with those who wait for it, until the program goes on', async () => {
    const at = (name: string, line: number) => ({ file: '/app/server.ts', line, column: 3, function: name });
    fake.running = {
      frames: [at('check', 2), at('handler', 12)],
      parts: [{ kind: 'await', confidence: 'exact', frames: [{ frame: at('serve', 20) }] }],
    };
    await client.send('attach', { proxy: fake.proxy });
    await client.event('thread');
    fake.event('Debugger.paused');
    const { body } = await client.event('stopped');
    const asked = fake.requests.map(({ request }) => request).filter((request) => request !== 'poll');
    assert.deepEqual(asked.slice(-2), ['asyncStack', 'snapshot']);
    const { threads } = (await client.threadsRequest()).body;
    assert.deepEqual(
      threads.map(({ name }) => name),
      ['Paused: check', 'handler'],
    );
    assert.deepEqual([body.threadId, body.preserveFocusHint], [threads[0]?.id, true]);
    const { stackFrames } = (await client.stackTraceRequest({ threadId: threads[0]?.id ?? 0 })).body;
    assert.deepEqual(
      stackFrames.map(({ name, line, presentationHint = '' }) => `${name} ${line} ${presentationHint}`.trim()),
      ['check 2', 'handler 12', 'awaited by 0 label', 'serve 20'],
    );
    assert.deepEqual((await client.scopesRequest({ frameId: stackFrames[0]?.id ?? 0 })).body.scopes, []);
    assert.match(await tree(), /Paused in check {2}server\.ts:2/);
    fake.event('Debugger.resumed');
    await client.event('thread', (told) => (told as { reason: string }).reason === 'exited');
    assert.deepEqual(
      (await client.threadsRequest()).body.threads.map(({ name }) => name),
      ['handler'],
    );
    assert.doesNotMatch(await tree(), /Paused in/);
  });

  it('goes on for the editor only after it has learned what was held', async () => {
    await client.send('attach', { proxy: fake.proxy });
    await client.event('thread');
    for (const _ of ['by the user', 'and by a step']) {
      fake.running = { frames: [{ file: '/app/server.ts', line: 2, column: 3, function: 'check' }], parts: [] };
      const from = client.messages.length;
      const told = () => client.messages.slice(from).map(pauseText).filter(Boolean);
      fake.event('Debugger.paused');
      while (!told().includes('stopped')) await delay(10);
      fake.event('Debugger.resumed');
      while (!(await tree()).includes('running')) await delay(10);
      assert.deepEqual(told(), ['thread started', 'stopped']);
      await client.threadsRequest();
      while (!told().includes('continued one')) await delay(10);
      assert.deepEqual(told().slice(2), ['threads', 'continued all', 'thread exited', 'continued one']);
    }
  });

  it('is not looked at where a step only passes through', async () => {
    await client.send('attach', { proxy: fake.proxy });
    await client.event('thread');
    const asked = () => fake.requests.map(({ request }) => request).filter((request) => request !== 'poll');
    const before = asked();
    const polls = () => fake.requests.filter((request) => request.request === 'poll' && request.paused).length;
    for (let i = 1; i <= 10; i++) {
      fake.event('Debugger.paused');
      while (polls() < i) await delay(1);
      fake.event('Debugger.resumed');
    }
    assert.deepEqual(asked(), before);
    fake.event('Debugger.paused');
    await client.customRequest('asyncLens/debuggerState', { paused: true });
    assert.deepEqual(asked().slice(before.length), ['asyncStack', 'snapshot']);
  });

  it('counts as held from the first moment where it was stopped while the agent was being connected', async () => {
    fake.answers['Runtime.addBinding'] = () => {
      fake.event('Debugger.paused');
      return {};
    };
    await client.send('attach', { proxy: fake.proxy });
    await client.event('stopped');
    const polls = fake.requests.flatMap((request) => (request.request === 'poll' ? [request.paused] : []));
    // The first may have been on its way already.
    assert.ok(polls.length > 1 && polls.slice(1).every(Boolean), polls.join());
  });

  it('is looked at when the editor says late that the program went on before', async () => {
    await client.send('attach', { proxy: fake.proxy });
    await client.event('thread');
    fake.event('Debugger.paused');
    await client.event('stopped');
    const asked = () => fake.requests.filter(({ request }) => request === 'asyncStack').length;
    const polls = () => fake.requests.flatMap((request) => (request.request === 'poll' ? [request.paused] : []));
    const first = asked();
    fake.event('Debugger.resumed');
    await client.threadsRequest();
    await client.event('continued');
    const before = polls().length;
    fake.event('Debugger.paused');
    while (!polls().slice(before).includes(true)) await delay(1);
    const held = polls().length;
    await client.customRequest('asyncLens/debuggerState', { paused: false, stepping: false });
    for (let i = 0; asked() === first && i < 1000; i++) await delay(10);
    assert.ok(asked() > first, 'nobody looked at it');
    assert.ok(polls().slice(held).every(Boolean), 'the time of the stop counted');
  });

  it('is not looked at there by a user who refreshes either', async () => {
    await client.send('attach', { proxy: fake.proxy });
    await client.event('thread');
    await tree();
    const asked = () => fake.requests.map(({ request }) => request).filter((request) => request !== 'poll');
    const before = asked();
    fake.event('Debugger.paused');
    while (!fake.requests.some((request) => request.request === 'poll' && request.paused)) await delay(1);
    const refreshed = client.customRequest('asyncLens/snapshot', { fresh: true });
    await client.threadsRequest();
    assert.deepEqual(asked(), before);
    fake.event('Debugger.resumed');
    await refreshed;
    assert.deepEqual(asked().slice(before.length), ['snapshot']);
  });

  describe('in a session that collects no asynchronous stacks by itself', () => {
    const depths = () =>
      fake.commands.flatMap(({ method, params }) =>
        method === 'Debugger.setAsyncCallStackDepth' ? [params['maxDepth']] : [],
      );

    async function pause(stepStacks: boolean): Promise<void> {
      await client.send('attach', { proxy: fake.proxy, stepStacks });
      fake.event('Debugger.paused');
      await client.event('stopped');
    }

    it('has them collected from the pause on, over the steps, until the user goes on', async () => {
      await pause(true);
      assert.deepEqual(depths(), [32]);
      await client.customRequest('asyncLens/debuggerState', { paused: false, stepping: true });
      fake.event('Debugger.resumed');
      fake.event('Debugger.paused');
      while (fake.requests.filter(({ request }) => request === 'asyncStack').length < 2) await delay(10);
      assert.deepEqual(depths(), [32]);
      await client.customRequest('asyncLens/debuggerState', { paused: false, stepping: false });
      fake.event('Debugger.resumed');
      await tree();
      assert.deepEqual(depths(), [32, 0]);
    });

    it('has them left off also when the connection tells of it before the editor does', async () => {
      await pause(true);
      fake.event('Debugger.resumed');
      await client.event('continued');
      await client.customRequest('asyncLens/debuggerState', { paused: false, stepping: false });
      await tree();
      assert.deepEqual(depths(), [32, 0]);
    });

    it('and leaves them alone in any other session', async () => {
      await pause(false);
      await client.customRequest('asyncLens/debuggerState', { paused: false, stepping: false });
      assert.deepEqual(depths(), []);
    });
  });

  const tree = async (): Promise<string> => (await client.customRequest('asyncLens/snapshot')).body.text;
});

/** What a message to the client says of a pause; empty for all others. */
function pauseText(message: object): string {
  const { command, event, body } = message as { command?: string; event?: string; body?: Record<string, unknown> };
  if (command === 'threads' || event === 'stopped') return command ?? 'stopped';
  if (event === 'thread') return `thread ${String(body?.['reason'])}`;
  return event === 'continued' ? `continued ${body?.['allThreadsContinued'] === true ? 'all' : 'one'}` : '';
}
