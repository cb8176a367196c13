/** Programs with loader hooks of their own (`module.register`), which Node runs in a thread that loads the agent, too. */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { runWithAgent } from '../support/run-node.ts';

const FILE = fileURLToPath(new URL('fixtures/loader-hooks/main.mjs', import.meta.url));

describe('loader hooks of the program', () => {
  it('work beside those of the agent', async () => {
    const { stdout, stderr, code } = await runWithAgent({ file: FILE });
    assert.deepEqual({ stdout, code }, { stdout: 'function\n', code: 0 }, stderr);
  });
});
