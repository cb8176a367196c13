/** How late the loop came to its timers, in a program at which nobody has looked. */
import assert from 'node:assert/strict';
import { runWithAgent } from '../support/run-node.ts';
import { finalSnapshot } from '../support/stalls.ts';

/** Blocks once, and goes on for some time. */
async function delaysOf(blockAtMs: number, blockMs: number, endMs: number) {
  const source = `
    setTimeout(() => { for (const end = performance.now() + ${blockMs}; performance.now() < end; ); }, ${blockAtMs});
    setTimeout(() => {}, ${endMs});`;
  return finalSnapshot(await runWithAgent({ source })).loop.delayMs;
}

describe('delays before anybody looks', function () {
  this.timeout(60_000);

  it('are seen from the start', async () => {
    const { max } = await delaysOf(60, 1000, 1500);
    assert.ok(max > 900 && max < 2000, `${max} ms`);
  });

  it('count once each', async () => {
    const { p99, max } = await delaysOf(1500, 1000, 7000);
    assert.ok(max > 800 && p99 < 400, `${p99} ms, ${max} ms`);
  });
});
