/** What a debugger evaluates may run between any two steps of a call that is timed or seen whole: both go on with their own arguments and results. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connectCdp } from '../../src/adapter/cdp.ts';
import { nodeBinary } from '../support/run-node.ts';

const program = join(import.meta.dirname, 'fixtures', 'interrupted-calls.ts');

describe('calls that a debugger’s evaluations interrupt', () => {
  it('keep their arguments and results', async () => {
    const child = spawn(nodeBinary(), ['--inspect=127.0.0.1:0', '--import', 'tsx', program], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      const lines: string[] = [];
      const output = createInterface(child.stdout).on('line', (line) => lines.push(line));
      const ready = once(output, 'line');
      const [listening] = (await once(child.stderr.setEncoding('utf8'), 'data')) as [string];
      const cdp = await connectCdp(/ws:\S+/.exec(listening)?.[0] ?? '', 5000);
      await ready;
      while (lines.length === 1) await cdp.send('Runtime.evaluate', { expression: 'evaluate()' });
      cdp.close();
      assert.deepEqual(lines, ['ready', '[]']);
    } finally {
      child.kill('SIGKILL');
    }
  }).timeout(60_000);
});
