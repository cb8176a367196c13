/** Every process and worker thread writes its own event file, from hello to exit. */
import assert from 'node:assert/strict';
import { PROTOCOL_VERSION } from '../../src/protocol/agent.ts';
import { runWithAgent, type RunResult } from '../support/run-node.ts';

/** On a busy machine even a short start can be a stall. */
const kinds = (run: RunResult): string[][] =>
  Object.values(run.spool).map((events) => events.map(({ event }) => event).filter((kind) => kind !== 'stall'));

/** Another thread asks for snapshots every 2 ms from the begin of the exit; such requests interrupt whatever JavaScript runs. */
const ASKED_AT_EXIT = `const { Worker } = require('node:worker_threads');
  const cells = new Int32Array(new SharedArrayBuffer(8));
  const asker = new Worker(\`
    const { Session } = require('node:inspector');
    const { workerData: cells } = require('node:worker_threads');
    const session = new Session();
    session.connectToMainThread();
    const request = JSON.stringify(JSON.stringify({ request: 'snapshot', budgetMs: 1 }));
    const expression = 'globalThis[Symbol.for("async-lens.agent")].request(' + request + ')';
    Atomics.store(cells, 0, 1);
    Atomics.notify(cells, 0);
    Atomics.wait(cells, 0, 1);
    for (const end = Date.now() + 2000; Date.now() < end; Atomics.wait(cells, 1, 0, 2)) {
      session.post('Runtime.evaluate', { expression });
    }
    session.disconnect();\`, { eval: true, workerData: cells });
  async function lost() { await new Promise(() => {}); }
  for (let i = 0; i < 3000; i++) lost();
  asker.on('online', () => {
    Atomics.wait(cells, 0, 0);
    process.prependListener('exit', () => {
      Atomics.store(cells, 0, 2);
      Atomics.notify(cells, 0);
    });
    process.exit(3);
  });`;

describe('event files', function () {
  this.timeout(60_000);

  it('begin with hello and end with exit', async () => {
    const run = await runWithAgent({ source: '', args: ['one'] });
    assert.deepEqual(kinds(run), [['hello', 'exit']]);
    const [hello] = run.events;
    assert.ok(hello?.event === 'hello');
    assert.deepEqual([hello.version, hello.threadId, hello.argv.slice(1)], [PROTOCOL_VERSION, 0, [run.file, 'one']]);
    assert.deepEqual(Object.keys(run.spool), [`${hello.pid}-0.ndjson`]);
    assert.ok(Math.abs(hello.startTime - Date.now()) < 60_000);
  });

  /** `drained`: the loop ran dry, nobody called for the end. */
  const endings: Record<string, { source: string; esm?: boolean; code: number; drained: boolean }> = {
    'process.exit': { source: 'setTimeout(() => process.exit(3), 5);', code: 3, drained: false },
    'process.exit at once': { source: 'process.exit(4);', code: 4, drained: false },
    'process.exitCode': { source: 'process.exitCode = 6;', code: 6, drained: true },
    'an uncaught error': { source: `setTimeout(() => { throw new Error('boom'); }, 5);`, code: 1, drained: false },
    'an uncaught error at once': { source: `throw new Error('boom');`, code: 1, drained: false },
    'an unhandled rejection': { source: `Promise.reject(new Error('boom'));`, code: 1, drained: false },
    'an unsettled top-level await': { source: 'await new Promise(() => {});', esm: true, code: 13, drained: true },
  };
  for (const [name, { source, esm = false, code, drained }] of Object.entries(endings)) {
    it(`tell the exit code of ${name}, and whether the loop ran dry`, async () => {
      const run = await runWithAgent({ source, esm });
      const exit = run.events.find((event) => event.event === 'exit');
      assert.deepEqual([run.code, exit?.exitCode, exit?.drained], [code, code, drained]);
    });
  }

  it('have the final state', async () => {
    const run = await runWithAgent({ source: `async function lost() { await new Promise(() => {}); } lost();` });
    const exit = run.events.at(-1);
    assert.ok(exit?.event === 'exit');
    assert.equal(exit.snapshot.counts.pendingTasks, 1);
    assert.equal(exit.snapshot.frames[exit.snapshot.tasks[0]?.frames[0] ?? -1]?.function, 'lost');
  });

  it('have the final state, however often somebody asks while it is taken', async () => {
    const run = await runWithAgent({ source: ASKED_AT_EXIT });
    const exit = run.events.find((event) => event.event === 'exit' && event.exitCode === 3);
    assert.ok(exit?.event === 'exit');
    assert.deepEqual(
      exit.snapshot.tasks.map(({ count }) => count),
      [3000],
    );
  });

  it('are one for each worker thread and child process', async () => {
    const run = await runWithAgent({
      source: `const { Worker, isMainThread } = require('node:worker_threads');
        if (isMainThread && process.argv[2] !== 'child') {
          new Worker(__filename).on('exit', () => require('node:child_process').fork(__filename, ['child']));
        }`,
    });
    const hellos = run.events.filter((event) => event.event === 'hello');
    assert.equal(new Set(hellos.map(({ pid }) => pid)).size, 2);
    assert.deepEqual(hellos.map(({ threadId }) => threadId > 0).sort(), [false, false, true]);
    assert.deepEqual(kinds(run), [
      ['hello', 'exit'],
      ['hello', 'exit'],
      ['hello', 'exit'],
    ]);
  });

  it('do not disturb a program when their folder is missing', async () => {
    const lost = await runWithAgent({
      source: `const fs = require('node:fs'), folder = process.env.ASYNC_LENS_SPOOL;
        fs.rmSync(folder, { recursive: true });
        process.on('exit', () => console.log(fs.existsSync(folder), fs.mkdirSync(folder)));`,
    });
    assert.deepEqual([lost.stdout, lost.stderr, lost.code], ['false undefined\n', '', 0]);
  });

  it('have the last snapshot of a watched program that was killed', async () => {
    const run = await runWithAgent({
      watch: { durationMs: null },
      source: `(async function stuck() { await new Promise(() => {}); })(); setInterval(() => {}, 1000);`,
      timeoutMs: 2000,
    });
    assert.equal(run.signal, 'SIGKILL');
    const last = run.events.filter((event) => event.event === 'snapshot').at(-1);
    assert.equal(last?.snapshot.counts.pendingTasks, 1);
  });

  it('have a snapshot at the end of a watched time', async () => {
    const run = await runWithAgent({
      watch: { durationMs: 700 },
      source: `setTimeout(async function late() { await new Promise(() => {}); }, 100); setInterval(() => {}, 1000);`,
      timeoutMs: 4000,
    });
    const last = run.events.filter((event) => event.event === 'snapshot').at(-1);
    assert.ok(last !== undefined && last.snapshot.atMs > 600, `${last?.snapshot.atMs}`);
  });
});
