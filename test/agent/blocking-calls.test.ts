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
      const large = Buffer.alloc(20e6);
      const many = Array(30_000).fill(1);
      execFileSync('mkfifo', ['pipe']);
      fs.truncateSync((fs.writeFileSync('small', ''), fs.writeFileSync('big', ''), 'big'), 20e6);
      setTimeout(() => {
        spawn('sh', ['-c', 'echo text > pipe']);
        fs.readFileSync('pipe');
        const reader = spawn('sh', ['-c', 'cat pipe > /dev/null']);
        const out = fs.openSync('pipe', 'w');
        fs.writeSync(out, 'short');
        fs.writeSync(out, 'long'.repeat(20_000));
        fs.closeSync(out);
        fs.readFileSync('big');
        fs.readFileSync('small');
        fs.writeFileSync('copy', large);
        fs.readdirSync('.');
        fs.readdirSync('.', { recursive: true });
        fs.existsSync('missing') || fs.readdirSync('.');
        JSON.stringify(many);
        JSON.stringify({ many: [] });
        JSON.stringify(new Proxy(many, {}));
        const { proxy, revoke } = Proxy.revocable([], {});
        revoke();
        try { JSON.stringify(proxy); } catch {}
        try { fs.readFileSync('missing'); } catch {}
        try { fs.readFileSync(77_777); } catch {}
      }, 50);`;
    const run = await runWithAgent({ source });
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(
      run.events.filter(({ event }) => event === 'fault'),
      [],
    );
    const begun = run.events.filter((event) => event.event === 'blocking-begin' && event.stack[0]?.line !== 6);
    assert.deepEqual(
      begun.map((event) => event.event === 'blocking-begin' && `line ${event.stack[0]?.line} ${event.api}`),
      [
        'line 10 fs.readFileSync',
        'line 12 fs.openSync',
        'line 14 fs.writeSync',
        'line 16 fs.readFileSync',
        'line 18 fs.writeFileSync',
        'line 20 fs.readdirSync',
        'line 22 JSON.stringify',
      ],
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
});
