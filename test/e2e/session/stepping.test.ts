/** Stepping over, into and out of awaits: the same with Async Lens as without. */
import assert from 'node:assert/strict';
import { breakAt, command, start, step as stepOnce, stopAll } from '../debugging.ts';
import { viewWhere } from '../lens.ts';
import { fileAt, lineOf } from '../places.ts';

type Steps = readonly ('next' | 'stepIn' | 'stepOut')[];

/** Without the debugger's own asynchronous stacks. */
const LENS = { asyncLens: { asyncStacks: 'lens' } };

/** A program, the line of the breakpoint, and what it prints at its end. */
interface Trail {
  name: string;
  from: string;
  last: string;
}

const AWAITS: Trail = { name: 'steps', from: 'await work(amount)', last: 'done' };
const CALLBACKS: Trail = { name: 'callbacks', from: 'setTimeout(tick', last: 'done' };

/** Where each step ends, from the breakpoint on. */
async function walk(steps: Steps, changes: Record<string, unknown>, { name, from, last } = AWAITS): Promise<string[]> {
  const file = `${name}.js`;
  breakAt(fileAt(file), lineOf(file, from));
  const run = await start(name, changes);
  let stop = await run.stopped();
  const places = [stop.at];
  if (changes['asyncLens'] !== false) await viewWhere('state paused', ({ state }) => state === 'paused');
  for (const step of steps) {
    stop = await stepOnce(run, stop, step);
    places.push(`${step} ${stop.at}`);
  }
  await command(stop, 'continue');
  await run.printed(last);
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
      assert.deepEqual(await walk(steps, { runtimeExecutable, ...LENS }), without);
    });

    it(`over awaited calls goes where it goes without us on Node ${major}`, async () => {
      const steps: Steps = ['next', 'next'];
      const without = await walk(steps, { runtimeExecutable, asyncLens: false });
      assert.deepEqual(without, ['main steps.js:10', 'next main steps.js:11', 'next main steps.js:12']);
      assert.deepEqual(await walk(steps, { runtimeExecutable }), without);
      assert.deepEqual(await walk(steps, { runtimeExecutable, ...LENS }), without);
    });
  }

  it('into a call that runs something later goes there, with and without us', async () => {
    const without = await walk(['stepIn'], { asyncLens: false }, CALLBACKS);
    assert.deepEqual(without, ['main callbacks.js:7', 'stepIn tick callbacks.js:3']);
    assert.deepEqual(await walk(['stepIn'], {}, CALLBACKS), without);
    assert.deepEqual(await walk(['stepIn'], LENS, CALLBACKS), without);
  });

  it('was tried on Node 20 and 24', () => {
    assert.deepEqual(Object.keys(nodes), ['20', '24']);
  });
});
