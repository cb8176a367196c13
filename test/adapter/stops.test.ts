/** Stops in the midst of a stall: asked for on the JavaScript debugger's session. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { AdapterClient } from '../support/debug-adapter.ts';
import { startFakeProxy, type FakeProxy } from '../support/fake-proxy.ts';
import { stall } from '../support/samples.ts';

/** The agent's answer to a poll of a program that is blocked. */
function stalledFor(durationMs: number): { result: { type: string; value: string } } {
  const value = { activity: 1, pendingTasks: 0, stall: stall({ durationMs, open: true }) };
  return { result: { type: 'string', value: JSON.stringify({ ok: true, value }) } };
}

describe('stops in a stall', function () {
  this.timeout(30_000);
  let client: AdapterClient;
  let fake: FakeProxy;
  let durationMs: number;
  let asked: string[];
  let heard: () => void;

  beforeEach(async () => {
    durationMs = 0;
    asked = [];
    heard = () => undefined;
    fake = await startFakeProxy();
    fake.answers['Runtime.evaluate'] = ({ expression }) => {
      const text = String(expression).split('\n')[0] ?? '';
      const call = /\b(?:un)?debug\(|\.stopIfBlocked\(/.exec(text) === null ? undefined : text;
      if (call !== undefined) {
        asked.push(call.replace(/globalThis\[.*?\]\./, ''));
        heard();
        return { result: { type: 'undefined' } };
      }
      if (durationMs === 0 || !text.includes('"poll')) return undefined;
      return stalledFor(durationMs);
    };
    client = new AdapterClient('fake');
    await client.initializeRequest();
  });
  afterEach(async () => {
    await client.stop();
    await fake.close();
  });

  const attach = (args: object) => client.send('attach', { proxy: fake.proxy, ...args });

  /** Everything asked once there are so many questions. */
  async function questions(count: number): Promise<string[]> {
    while (asked.length < count) await new Promise<void>((resolve) => (heard = resolve));
    return asked;
  }

  it('are asked for when the program has been blocked for long enough', async () => {
    await attach({ settings: { stops: { blockedMs: 1000 } } });
    durationMs = 900;
    assert.deepEqual(await questions(1), ['debug(stopInStall)']);
    durationMs = 1100;
    assert.deepEqual((await questions(2)).slice(1), ['stopIfBlocked(1000)']);
  });

  it('are asked of a program that does not answer', async () => {
    await attach({ settings: { stops: { blockedMs: 300 } } });
    await questions(1);
    fake.blocked = true;
    const isAsked = (): boolean =>
      fake.commands.some(({ params }) => String(params['expression']).includes('.stopIfBlocked(300)'));
    while (!isAsked()) await delay(5);
  });

  it('are never asked without the setting', async () => {
    durationMs = 5000;
    await attach({});
    const polls = (): number =>
      fake.commands.filter(({ params }) => String(params['expression']).includes('"poll')).length;
    while (polls() < 3) await delay(5);
    assert.deepEqual(asked, []);
  });
});

describe('stops in a stall of a worker thread', function () {
  this.timeout(30_000);
  let client: AdapterClient;
  let fake: FakeProxy;
  let asked: string[];

  beforeEach(async () => {
    asked = [];
    fake = await startFakeProxy({ threadId: 1 });
    fake.answers['Runtime.evaluate'] = ({ expression }) => {
      const text = String(expression).split('\n')[0] ?? '';
      const question = /isToStop\(.*\)/.exec(text)?.[0];
      if (question !== undefined) {
        asked.push(question);
        return { result: { type: 'boolean', value: true } };
      }
      if (!text.includes('"poll')) return undefined;
      return stalledFor(900);
    };
    client = new AdapterClient('fake');
    await client.initializeRequest();
  });
  afterEach(async () => {
    await client.stop();
    await fake.close();
  });

  const pauses = (): number => fake.commands.filter(({ method }) => method === 'Debugger.pause').length;

  async function attach(onPause: () => void): Promise<void> {
    fake.answers['Debugger.pause'] = () => {
      onPause();
      return {};
    };
    await client.send('attach', { proxy: fake.proxy, settings: { stops: { blockedMs: 300 } } });
  }

  it('are asked for again when the debugger goes on at once', async () => {
    await attach(() => {
      fake.event('Debugger.paused');
      fake.event('Debugger.resumed');
    });
    while (pauses() < 2) await delay(20);
    assert.deepEqual(asked.slice(0, 2), ['isToStop(300)', 'isToStop(300, true)']);
  });

  it('are not asked for again when the program stops', async () => {
    await attach(() => fake.event('Debugger.paused'));
    while (pauses() < 1) await delay(20);
    // Longer than it takes until it would be.
    await delay(1500);
    assert.deepEqual(new Set(asked), new Set(['isToStop(300)']));
  });
});
