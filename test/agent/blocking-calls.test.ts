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
