/** What settles just one promise is kept as numbers at first, in little room: what outlives it there is told as completely as what comes after. */
import assert from 'node:assert/strict';
import type { ExitEvent } from '../../src/protocol/agent.ts';
import { runWithAgent } from '../support/run-node.ts';

describe('many resources', () => {
  it('all have their facts, those that ended in between have none', async () => {
    const { events } = await runWithAgent({
      source: `
const { setTimeout: sleep } = require('node:timers/promises'), fs = require('node:fs/promises');
async function sleeper() { await sleep(60_000); }
async function napper() { await sleep(1); await fs.stat('.'); }
async function all() {
  for (let i = 0; i < 300; i++) sleeper();
  await Promise.all(Array.from({ length: 1000 }, napper));
  for (let i = 0; i < 300; i++) sleeper();
  setImmediate(() => process.exit());
}
all();`,
    });
    const exit = events.find((event): event is ExitEvent => event.event === 'exit');
    assert.ok(exit);
    const { tasks, resources, frames, faults } = exit.snapshot;
    const sleepers = tasks.filter(({ wait }) => wait?.facts.kind === 'timer');
    assert.equal(
      sleepers.reduce((sum, { count }) => sum + (count ?? 1), 0),
      600,
    );
    assert.ok(sleepers.every(({ wait }) => wait?.confidence === 'exact'));
    const timers = resources.filter(({ facts }) => facts.kind === 'timer');
    assert.equal(timers.length, 600);
    const lines = timers.map(
      ({ frames: made }) =>
        made.map((index) => frames[index]).find((frame) => frame?.file.startsWith('node:') === false)?.line,
    );
    assert.deepEqual([...new Set(lines)], [3]);
    assert.deepEqual(
      resources.filter(({ facts }) => facts.kind === 'fs'),
      [],
    );
    assert.deepEqual(faults, []);
  });
});
