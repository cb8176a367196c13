/** Node's own modules and globals, many of which are made when first asked for: the agent must not ask in the middle of that, which V8 does not survive. */
import assert from 'node:assert/strict';
import { newPool } from '../support/pool.ts';
import { runWithAgent } from '../support/run-node.ts';

const MODULES = ['buffer', 'crypto', 'fs', 'http', 'net', 'stream', 'util', 'worker_threads'];
const READ_ALL = `
const names = Object.getOwnPropertyNames(globalThis);
console.log(names.map((name) => typeof globalThis[name]).length === names.length);`;

describe('what Node makes when first asked for', function () {
  this.timeout(60_000);

  it('is there for a program that imports it', async () => {
    const pool = newPool(2);
    const importing = (name: string): string =>
      `import * as all from 'node:${name}'; console.log(Object.keys(all).length > 3);`;
    const runs = await Promise.all(
      MODULES.map((name) => pool(() => runWithAgent({ esm: true, source: importing(name) }))),
    );
    assert.deepEqual(
      runs.map(({ stdout, code, signal }) => ({ stdout, code, signal })),
      MODULES.map(() => ({ stdout: 'true\n', code: 0, signal: null })),
    );
  });

  it('is there for a program that looks at all globals', async () => {
    const { stdout, code, signal } = await runWithAgent({ source: READ_ALL });
    assert.deepEqual({ stdout, code, signal }, { stdout: 'true\n', code: 0, signal: null });
  });
});
