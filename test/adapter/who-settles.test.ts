/** Who can settle what a task waits for, as the heap tells it. */
import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Retainers } from '../../src/protocol/dap.ts';
import { AdapterClient } from '../support/debug-adapter.ts';
import { SETTLEABLE } from '../support/settleable.ts';
import { assertGolden, normalise } from '../support/golden.ts';

const SOURCE = `'use strict';
const { once, EventEmitter } = require('node:events');

class Mutex {
  locked = true;
  waiters = [];
  acquire() {
    return new Promise((resolve) => this.waiters.push(resolve));
  }
}

const mutex = new Mutex();
const calls = new Map();
const bus = new EventEmitter();
const abandoned = new Promise(() => {});
let first, second;

async function withLock() { await mutex.acquire(); }
async function fanOut() { await Promise.all([withLock(), Promise.resolve(1)]); }
async function sleeping() { await new Promise((resolve) => setTimeout(resolve, 600_000)); }
async function later() {
  let go;
  const gone = new Promise((resolve) => { go = resolve; });
  setTimeout(() => go(5), 600_000);
  await gone;
}
async function remoteCall(id) { await new Promise((resolve, reject) => calls.set(id, { resolve, reject })); }
async function chained() { await new Promise((resolve) => (globalThis.release = resolve)).then((x) => x + 1); }
async function listening() { await new Promise((resolve) => bus.on('done', resolve)); }
async function forgotten() { await abandoned; }
async function selfish() {
  let own;
  globalThis.kept = new Promise((resolve) => { own = resolve; });
  await globalThis.kept;
  own();
}
async function ping() { await null; await second; }
async function pong() { await null; await first; }

withLock(); fanOut(); sleeping(); later(); remoteCall('a7'); chained(); listening(); forgotten(); selfish();
first = ping();
second = pong();
setInterval(() => [mutex, calls, bus, once], 1000);
`;

describe('who can settle what a task waits for', function () {
  this.timeout(60_000);
  let folder: string;
  let client: AdapterClient;

  beforeEach(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'lens settles ')));
    client = new AdapterClient('real');
    await client.initializeRequest();
  });
  afterEach(async () => {
    await client.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function launch(source: string, name = 'app.cjs'): Promise<void> {
    const program = join(folder, name);
    writeFileSync(program, source);
    const runtimeExecutable = process.env['ASYNC_LENS_TEST_NODE'];
    await client.send('launch', { program, ...(runtimeExecutable === undefined ? {} : { runtimeExecutable }) });
    await client.customRequest('asyncLens/snapshot', { fresh: true });
  }

  const ask = async (task: number): Promise<Retainers> =>
    (await client.customRequest('asyncLens/retainers', { task, anyway: true })).body;

  it('is told step by step, up to what holds it', async () => {
    await launch(SOURCE);
    const text: string[] = [];
    for (const { id, name } of (await client.threadsRequest()).body.threads) {
      const { verdict, text: sentence, steps, confidence } = await ask(id);
      assert.equal(confidence, 'exact');
      text.push(`${name}: ${verdict}. ${sentence}`);
      for (const step of steps)
        text.push(
          `  ${step.text}${step.location === undefined ? '' : ` at ${step.location.file}:${step.location.line}`}`,
        );
    }
    assertGolden(
      join(import.meta.dirname, 'golden', 'who-settles.txt'),
      normalise(text.join('\n').replaceAll(folder, '<folder>')),
    );
  });

  it('is never denied where something can', async () => {
    await launch(SETTLEABLE, 'app.mjs');
    let names: string[] = [];
    while (!names.includes('imported')) {
      await client.customRequest('asyncLens/snapshot', { fresh: true });
      names = (await client.threadsRequest()).body.threads.map(({ name }) => name);
    }
    // One look at the heap is enough for all while nothing runs.
    await client.customRequest('asyncLens/debuggerState', { paused: true });
    const wrong: string[] = [];
    const { threads } = (await client.threadsRequest()).body;
    for (const { id, name } of threads) {
      const { verdict, steps } = await ask(id);
      if (verdict !== 'held' || steps.length === 0) wrong.push(`${name}: ${verdict} ${JSON.stringify(steps)}`);
    }
    assert.deepEqual(wrong, []);
    assert.ok(threads.length >= 39, names.join());
  });

  it('is not known of a task that has ended', async function () {
    if (process.platform === 'win32') this.skip();
    await launch(`async function short() { await new Promise((resolve) => process.once('SIGUSR2', resolve)); }
      short(); setInterval(() => {}, 1000);`);
    const [thread] = (await client.threadsRequest()).body.threads;
    const report = (await client.customRequest('asyncLens/report')).body as { process: { pid: number } };
    process.kill(report.process.pid, 'SIGUSR2');
    while ((await client.threadsRequest()).body.threads.length > 0)
      await client.customRequest('asyncLens/snapshot', { fresh: true });
    const { verdict, text } = await ask(thread?.id ?? 0);
    assert.equal(`${verdict}: ${text}`, 'gone: The task has gone on or ended meanwhile.');
  });

  it('is asked for first when the program would stand still for long', async () => {
    await launch(`globalThis.big = Array.from({ length: 150_000 }, (_, i) => ({ i, text: 'number ' + i, more: [i] }));
      (async () => { await new Promise((resolve) => (globalThis.go = resolve)); })(); setInterval(() => {}, 1000);`);
    let thread: { id: number } | undefined;
    while (thread === undefined) {
      await client.customRequest('asyncLens/snapshot', { fresh: true });
      thread = (await client.threadsRequest()).body.threads[0];
    }
    const answer: Retainers = (await client.customRequest('asyncLens/retainers', { task: thread.id })).body;
    assert.equal(answer.verdict, 'long');
    assert.match(answer.text, /^To read the heap takes about \d+(\.\d)? s, in which the program stands still\.$/);
    const read = await ask(thread.id);
    assert.deepEqual(
      read.steps.map(({ text }) => text),
      ['its `resolve` is held by `globalThis.go`'],
    );
    assert.deepEqual(client.eventsOf('asyncLens/stall'), [], 'what we cause is no stall of the program');
  });

  it('needs the number of a task', async () => {
    await launch('setInterval(() => {}, 1000);');
    assert.equal(await client.errorOf('asyncLens/retainers', {}), '3009: "task" must be the number of a task.');
    assert.equal((await ask(12345)).verdict, 'gone');
  });
});
