/** Blocking calls are counted by line; what is nobody's own call is not. */
import assert from 'node:assert/strict';
import { runWithAgent } from '../support/run-node.ts';
import { finalSnapshot } from '../support/stalls.ts';

describe('blocking calls', function () {
  this.timeout(60_000);

  const PROGRAM = `
    import fs, { readFileSync } from 'node:fs';
    import { createRequire } from 'node:module';
    const file = process.argv[1];
    fs.statSync(file);
    setTimeout(function handler() {
      for (let i = 0; i < 5; i++) readFileSync(file);
      fs.existsSync(file);
      createRequire(file)('./other.cjs');
    }, 50);`;

  it('are all counted in a storm, without those that Node makes in them', async () => {
    const source = `
      const { readFileSync } = require('node:fs');
      setTimeout(() => {
        for (let i = 0; i < 20_000; i++) readFileSync(__filename);
      }, 300);`;
    const { blockingCalls } = finalSnapshot(await runWithAgent({ source, watch: { durationMs: null } }));
    assert.deepEqual(
      blockingCalls.map(({ api, count }) => `${api} ${Math.round(count / 100) / 10}k`),
      ['fs.readFileSync 20k'],
    );
  });

  it('are told of the program itself after Node has read or not found a file', async () => {
    const source = `
      const fs = require('node:fs');
      const { execFileSync, spawn } = require('node:child_process');
      execFileSync('mkfifo', ['pipe']);
      setTimeout(() => {
        for (const before of [
          () => fs.readFileSync(__filename, 'utf8'),
          () => { try { fs.readFileSync('missing'); } catch {} },
          () => require('./other.cjs'),
        ]) {
          spawn('sh', ['-c', 'exec 3> pipe; sleep 0.2; echo text >&3']);
          const pipe = fs.openSync('pipe', 'r');
          before();
          fs.readSync(pipe, Buffer.alloc(10));
          fs.closeSync(pipe);
        }
      }, 300);`;
    const run = await runWithAgent({ source, files: { 'other.cjs': '' } });
    const reads = finalSnapshot(run).blockingCalls.filter(({ api }) => api === 'fs.readSync');
    assert.deepEqual(
      reads.map(({ stack, count }) => `line ${stack[0]?.line} ${count}`),
      ['line 14 3'],
    );
  });

  it('are told before they begin where they wait for somebody else or go through whole folders', async () => {
    const source = `
      const fs = require('node:fs');
      setTimeout(() => {
        fs.readFileSync(__filename);
        fs.readFileSync('/dev/null');
        fs.copyFileSync(__filename, 'copy');
        fs.cpSync('copy', 'other');
        fs.rmSync('copy');
        fs.existsSync('copy');
      }, 50);`;
    const run = await runWithAgent({ source });
    assert.deepEqual(
      run.events
        .filter((event) => event.event === 'blocking-begin')
        .map(({ api, detail = '', stack }) => `line ${stack[0]?.line} ${api} ${detail}`),
      [
        'line 5 fs.readFileSync null',
        'line 6 fs.copyFileSync main.cjs',
        'line 7 fs.cpSync copy',
        'line 8 fs.rmSync copy',
      ],
    );
  });

  it('are told before they begin where the file or what is asked of it says that they will last', async () => {
    const source = `
      const fs = require('node:fs');
      const { execFileSync, spawn } = require('node:child_process');
      const many = Array(30_000).fill(1);
      const { proxy, revoke } = Proxy.revocable([], {});
      revoke();
      execFileSync('mkfifo', ['pipe']);
      for (const name of ['small', 'big']) fs.writeFileSync(name, '');
      fs.truncateSync('big', 20e6);
      const longest = {};
      function call(label, api, run) {
        // Of an API that was slow once every call is told, and a busy machine makes any slow.
        if (longest[api] > 40) console.log(label);
        const start = performance.now();
        try { run(); } catch {}
        longest[api] = Math.max(longest[api] ?? 0, performance.now() - start);
      }
      setTimeout(() => {
        let out;
        call('small', 'read', () => fs.readFileSync('small'));
        call('missing', 'read', () => fs.readFileSync('missing'));
        call('closed', 'read', () => fs.readFileSync(77_777));
        call('big', 'read', () => fs.readFileSync('big'));
        spawn('sh', ['-c', 'echo text > pipe']);
        call('pipe', 'pipe', () => fs.readFileSync('pipe'));
        spawn('sh', ['-c', 'cat pipe > /dev/null']);
        call('open', 'open', () => { out = fs.openSync('pipe', 'w'); });
        call('word', 'write', () => fs.writeSync(out, 'short'));
        call('text', 'write', () => fs.writeSync(out, 'long'.repeat(20_000)));
        fs.closeSync(out);
        call('file', 'file', () => fs.writeFileSync('copy', Buffer.alloc(20e6)));
        call('folder', 'folder', () => fs.readdirSync('.'));
        call('tree', 'folder', () => fs.readdirSync('.', { recursive: true }));
        call('object', 'json', () => JSON.stringify({ many: [] }));
        call('proxy', 'json', () => JSON.stringify(new Proxy(many, {})));
        call('revoked', 'json', () => JSON.stringify(proxy));
        call('sparse', 'json', () => JSON.stringify({ get many() { throw new Error('asked'); }, rows: [[], [1]] }));
        call('list', 'list', () => JSON.stringify(many));
        call('page', 'page', () => JSON.stringify({ total: 2, rows: Array(9000).fill({ id: 1, tags: ['a', 'b'] }) }));
        call('index', 'index', () => JSON.stringify({ byId: Object.fromEntries(many.map((_, i) => ['id' + i, i])) }));
        call('bytes', 'bytes', () => JSON.stringify({ body: Buffer.alloc(30_000) }));
      }, 50);`;
    const run = await runWithAgent({ source });
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(
      run.events.filter(({ event }) => event === 'fault'),
      [],
    );
    const lines = source.split('\n');
    const labels = run.events.flatMap((event) => {
      const line = event.event === 'blocking-begin' ? lines[(event.stack[0]?.line ?? 0) - 1] : undefined;
      return /call\('(\w+)'/.exec(line ?? '')?.[1] ?? [];
    });
    const excused = run.stdout.split('\n');
    const expected = ['big', 'pipe', 'open', 'text', 'file', 'tree', 'list', 'page', 'index', 'bytes'];
    assert.deepEqual(
      labels.filter((label) => !excused.includes(label)),
      expected.filter((label) => !excused.includes(label)),
    );
  });

  it('are not those of the module loader right before', async () => {
    const source = `
      const fs = require('node:fs');
      setTimeout(function handler() { require('./other.cjs'); fs.readFileSync(__filename); }, 50);`;
    const run = await runWithAgent({ source, files: { 'other.cjs': '' } });
    const calls = finalSnapshot(run).blockingCalls.filter(({ api }) => api === 'fs.readFileSync');
    assert.deepEqual(
      calls.map(({ stack, count }) => `line ${stack[0]?.line} ${count}`),
      ['line 3 1'],
    );
  });

  it("are counted by line, apart from start-up; module loading is nobody's", async () => {
    const run = await runWithAgent({ source: PROGRAM, esm: true, files: { 'other.cjs': '' } });
    const lines = finalSnapshot(run)
      .blockingCalls.map(
        ({ api, stack, count, startupCount }) => `${api} line ${stack[0]?.line} ${count} ${startupCount}`,
      )
      .sort();
    assert.deepEqual(lines, ['fs.existsSync line 8 1 0', 'fs.readFileSync line 7 5 0', 'fs.statSync line 5 0 1']);
  });

  it('are start-up where the script of a worker thread runs', async () => {
    const run = await runWithAgent({
      source: `const fs = require('node:fs'), { Worker, isMainThread } = require('node:worker_threads');
        if (isMainThread) new Worker(__filename);
        else {
          fs.statSync(__filename);
          setTimeout(() => fs.existsSync(__filename), 1);
        }`,
    });
    const calls = run.events.flatMap((event) => (event.event === 'exit' ? event.snapshot.blockingCalls : []));
    assert.deepEqual(calls.map(({ api, count, startupCount }) => `${api} ${count} ${startupCount}`).sort(), [
      'fs.existsSync 1 0',
      'fs.statSync 0 1',
    ]);
  });
});
