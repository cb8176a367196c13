/** Functions that we stand in for are called with `new` as without us: the same errors and prototypes. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { runWithAgent } from '../support/run-node.ts';

const file = join(import.meta.dirname, 'fixtures', 'constructed.cjs');

describe('a function that is called with new', function () {
  this.timeout(60_000);

  it('gives the same object or error as without the agent', async () => {
    const answersOf = async (agent: boolean, args: string[]): Promise<Record<string, unknown>> => {
      const { stdout } = await runWithAgent({ file, args, agent });
      return JSON.parse(stdout) as Record<string, unknown>;
    };
    const ours = await answersOf(true, []);
    const names = Object.keys(ours);
    assert.ok(names.length > 150, `${names.length} stand-ins`);
    assert.deepEqual(ours, await answersOf(false, [JSON.stringify(names)]));
  });
});
