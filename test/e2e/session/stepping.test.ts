/** Stepping over, into and out of awaits: the same with Async Lens as without. */
import assert from 'node:assert/strict';
import { breakAt, command, start, step, stopAll } from '../debugging.ts';
import { viewWhere } from '../lens.ts';
import { fileAt, lineOf } from '../places.ts';

type Steps = readonly ('next' | 'stepIn' | 'stepOut')[];

/** Where each step ends, from the breakpoint on `await work(amount)`. */
async function walk(steps: Steps, changes: Record<string, unknown>): Promise<string[]> {
  breakAt(fileAt('steps.js'), lineOf('steps.js', 'await work(amount)'));
  const run = await start('steps', changes);
  let stop = await run.stopped();
  const places = [stop.at];
  if (changes['asyncLens'] !== false) await viewWhere('state paused', ({ state }) => state === 'paused');
  for (const name of steps) {
    stop = await step(run, stop, name);
    places.push(`${name} ${stop.at}`);
  }
  await command(stop, 'continue');
  await run.printed('done');
  await run.ended();
  await stopAll();
  return places;
}

describe('stepping', () => {
  afterEach(stopAll);
  const nodes: Record<string, string> = JSON.parse(process.env['ASYNC_LENS_E2E_NODES'] ?? '{}');

  for (const [major, runtimeExecutable] of Object.entries(nodes)) {
    it(`into and out of an awaited call goes where it goes without us on Node ${major}`, async () => {
      const steps: Steps = ['stepIn', 'next', 'next', 'stepOut', 'next'];
      const without = await walk(steps, { runtimeExecutable, asyncLens: false });
      assert.deepEqual(without, [
        'main steps.js:10',
        'stepIn work steps.js:3',
        'next work steps.js:4',
        'next work steps.js:5',
        'stepOut main steps.js:11',
        'next main steps.js:12',
      ]);
      assert.deepEqual(await walk(steps, { runtimeExecutable }), without);
    });

    it(`over awaited calls goes where it goes without us on Node ${major}`, async () => {
      const steps: Steps = ['next', 'next'];
      const without = await walk(steps, { runtimeExecutable, asyncLens: false });
      assert.deepEqual(without, ['main steps.js:10', 'next main steps.js:11', 'next main steps.js:12']);
      assert.deepEqual(await walk(steps, { runtimeExecutable }), without);
    });
  }

  it('was tried on Node 20 and 24', () => {
    assert.deepEqual(Object.keys(nodes), ['20', '24']);
  });
});
