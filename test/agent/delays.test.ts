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

describe('a loop that does not turn at the end of what is looked at', function () {
  this.timeout(60_000);

  const last = async (source: string) => {
    const { events } = await runWithAgent({ source, watch: { durationMs: 2500 }, timeoutMs: 6000 });
    const found = events.find((event) => event.event === 'snapshot' && event.last === true);
    assert.ok(found?.event === 'snapshot');
    return found.snapshot;
  };

  it('has not started where promises keep it from that from the beginning: that is no start-up', async () => {
    const { loop, stalls } = await last('(async function main() { for (;;) await null; })();');
    assert.deepEqual([loop.notStarted, loop.utilization], [true, 1]);
    const kinds = stalls.filter(({ open }) => open).map(({ kind }) => kind);
    assert.deepEqual(kinds, ['microtasks']);
    assert.ok(loop.delayMs.max > 200, `${loop.delayMs.max} ms`);
  });

  it('is late by as long as it has not turned', async () => {
    const { loop } = await last('setImmediate(async function main() { for (;;) await null; });');
    assert.equal(loop.notStarted, undefined);
    assert.ok(loop.utilization > 0.9 && loop.delayMs.max > 200, JSON.stringify(loop));
  });
});
