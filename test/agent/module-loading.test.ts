/** Modules loaded while the program starts are start-up; those loaded later hold the loop like anything else, at the line that asked for them. */
import assert from 'node:assert/strict';
import type { Stall } from '../../src/protocol/agent.ts';
import { runWithAgent, type RunOptions, type RunResult } from '../support/run-node.ts';
import { finalSnapshot } from '../support/stalls.ts';

const SPIN = 'for (const end = performance.now() + 400; performance.now() < end;);';
const FILES = { 'heavy.mjs': `${SPIN}\nexport const heavy = true;`, 'heavy.cjs': SPIN, 'first.mjs': SPIN };

async function stallsOf(options: RunOptions): Promise<string[]> {
  const run = await runWithAgent({ ...options, files: FILES, watch: { durationMs: null } });
  return finalSnapshot(run)
    .stalls.filter(({ durationMs }) => durationMs >= 300)
    .map((stall) => `${stall.kind} ${stall.api ?? ''} ${place(stall, run)}`);
}

function place({ kind, stack }: Stall, { file }: RunResult): string {
  const line = stack.find((frame) => !frame.file.startsWith('node:'));
  if (kind === 'startup' || line === undefined) return '';
  return line.file.endsWith(file) ? `line ${line.line}` : line.file;
}

describe('loading modules', function () {
  this.timeout(60_000);

  it('is start-up before the program first waits, also by import()', async () => {
    const source = `import './first.mjs'; await import('./heavy.mjs'); setTimeout(() => {}, 300);`;
    for (const stall of await stallsOf({ esm: true, source })) assert.match(stall, /^startup /);
  });

  it('later is a stall of the line with import()', async () => {
    const source = `import './first.mjs';
      setTimeout(async () => {
        await import('./heavy.mjs');
      }, 800);`;
    const later = (await stallsOf({ esm: true, source })).filter((stall) => !stall.startsWith('startup'));
    assert.deepEqual(later, ['sync-call import line 3']);
  });

  it('later is a stall of the line with require()', async () => {
    const source = `setTimeout(() => {
        require('./heavy.cjs');
      }, 800);`;
    const later = (await stallsOf({ source })).filter((stall) => !stall.startsWith('startup'));
    assert.deepEqual(later, ['sync-call require line 2']);
  });
});
