/** Modules loaded while the program starts are start-up; those loaded later hold the loop like anything else, at the line that asked for them. */
import assert from 'node:assert/strict';
import type { Stall } from '../../src/protocol/agent.ts';
import { runWithAgent, type RunOptions, type RunResult } from '../support/run-node.ts';
import { finalSnapshot } from '../support/stalls.ts';

const SPIN = 'for (const end = performance.now() + 700; performance.now() < end;);';
const FILES = {
  'node_modules/heavy/index.js': SPIN,
  'heavy.mjs': `${SPIN}\nexport const heavy = true;`,
  'heavy.cjs': SPIN,
  'first.mjs': SPIN,
};
const FROM_MS = 400;
/** A busy machine, on which the watcher comes too late, is given another chance. */
const ATTEMPTS = 4;

/** Runs `load` on line 3, once the watcher is there and the program has waited for a while. */
const later = (head: string, load: string): string => `${head}
const timer = setInterval(async () => {
  if (isWatched()) ${load};
}, 500);
function isWatched() {
  const there = readdirSync(process.env.ASYNC_LENS_SPOOL).some((name) => name.endsWith('-watch.ndjson'));
  if (there) clearInterval(timer);
  return there;
}`;

async function stallsOf(options: RunOptions): Promise<string[]> {
  const run = await runWithAgent({ ...options, files: FILES, watch: { durationMs: null } });
  return finalSnapshot(run)
    .stalls.filter(({ durationMs }) => durationMs >= FROM_MS)
    .map((stall) => `${stall.kind} ${stall.api ?? ''} ${place(stall, run)}`);
}

function place({ kind, stack }: Stall, { file }: RunResult): string {
  const line = stack.find((frame) => !frame.file.startsWith('node:'));
  if (kind === 'startup' || line === undefined) return '';
  return line.file.endsWith(file) ? `line ${line.line}` : line.file;
}

async function laterStalls(options: RunOptions, expected: string): Promise<string[]> {
  let stalls = ['none'];
  for (let i = 0; i < ATTEMPTS && stalls.join() !== expected; i++) {
    stalls = (await stallsOf(options)).filter((stall) => !stall.startsWith('startup'));
  }
  return stalls;
}

describe('loading modules', function () {
  this.timeout(120_000);

  it('is start-up before the program first waits, also by import()', async () => {
    const source = `import './first.mjs'; await import('./heavy.mjs'); setTimeout(() => {}, 300);`;
    assert.deepEqual(await laterStalls({ esm: true, source }, ''), []);
  });

  it('is start-up before the program first waits, also by require() in a later turn of the loop', async () => {
    const source = `const { readdirSync } = require('node:fs');
const load = () => {
  if (!readdirSync(process.env.ASYNC_LENS_SPOOL).some((name) => name.endsWith('-watch.ndjson'))) return setImmediate(load);
  require('./heavy.cjs');
  setTimeout(() => {}, 300);
};
setImmediate(load);`;
    assert.deepEqual(await stallsOf({ source }), ['startup  ']);
  });

  it('is not told as calls of a function that the loader calls most of the time', async () => {
    const source = `const own = require('node:fs').readFileSync(__filename);
for (const end = performance.now() + 600; performance.now() < end;) {
  delete require.cache[require.resolve('./words.cjs')];
  require('./words.cjs');
}
setTimeout(() => {}, 300);`;
    const files = { 'words.cjs': `// ${'żółć 漢字 '.repeat(100_000)}` };
    const run = await runWithAgent({ source, files, watch: { durationMs: null } });
    const stalls = finalSnapshot(run).stalls.filter(({ durationMs }) => durationMs >= FROM_MS);
    assert.deepEqual(
      stalls.map(({ kind, api }) => `${kind} ${api ?? ''}`),
      ['startup '],
    );
  });

  it('later is a stall of the line with import()', async () => {
    const source = later(`import './first.mjs'; import { readdirSync } from 'node:fs';`, `await import('./heavy.mjs')`);
    const expected = 'sync-call import line 3';
    assert.deepEqual(await laterStalls({ esm: true, source }, expected), [expected]);
  });

  it('later is a stall of the line with require()', async () => {
    const source = later(`const { readdirSync } = require('node:fs');`, `require('./heavy.cjs')`);
    const expected = 'sync-call require line 3';
    assert.deepEqual(await laterStalls({ source }, expected), [expected]);
  });

  it("later is no doing of a package's that is loaded for somebody who has gone on", async () => {
    const source = later(`import './first.mjs'; import { readdirSync } from 'node:fs';`, `void import('heavy')`);
    const expected = 'sync-call import ';
    assert.deepEqual(await laterStalls({ esm: true, source }, expected), [expected]);
  });
});
