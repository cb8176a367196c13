/** Which kind of runs held the loop, from looks at them. */
import assert from 'node:assert/strict';
import { withoutEntered } from '../../src/agent/stalls/interrupted.ts';
import { newSamples } from '../../src/agent/stalls/samples.ts';
import type { Run } from '../../src/agent/stalls/runs.ts';
import type { Frame, StallKind } from '../../src/protocol/agent.ts';

const stack = [{ file: '/app/run.js', line: 1, column: 1, function: 'work' }];

function kindOf(runs: readonly Run[], queues: boolean): StallKind | undefined {
  const samples = newSamples();
  for (const run of runs) samples.add({ stack, late: false, after: false, ms: 30, run });
  return samples.many(queues);
}

const jobs = (promises: readonly number[]): Run[] =>
  promises.map((promise, i) => ({ kind: 'microtasks', id: `job ${i}`, promise, made: 100 * (i + 1) }));
const ticks = (count: number): Run[] =>
  Array.from({ length: count }, (_, i) => ({ kind: 'ticks', id: `callback ${i}`, made: 0 }));

describe('many runs in one turn of the loop', () => {
  it('queue each other when their promises are made while they go on', () => {
    assert.equal(kindOf(jobs([90, 190, 290, 390]), false), 'microtasks');
  });

  it('are callbacks when their promises were there before', () => {
    assert.equal(kindOf(jobs([10, 20, 30, 40]), false), 'callbacks');
  });

  it('are ticks that queue each other only when the code was seen that does so', () => {
    assert.equal(kindOf(ticks(4), true), 'ticks');
    assert.equal(kindOf(ticks(4), false), 'callbacks');
    assert.equal(kindOf(ticks(2), false), undefined);
  });
});

describe('the stack that stands for a turn', () => {
  const now = { file: 'node:internal/perf/performance', line: 120, column: 6, function: 'now' };
  const copy = { file: '/app/node_modules/lib/copy.js', line: 3, column: 5, function: 'copy' };

  it('is without a function of Node that was only entered', () => {
    assert.deepEqual(withoutEntered({ stack: [now, ...stack], isNext: true }), stack);
    assert.deepEqual(withoutEntered({ stack: [now, ...stack], isNext: false }), [now, ...stack]);
    assert.deepEqual(withoutEntered({ stack: [now, copy, ...stack], isNext: true }), [now, copy, ...stack]);
    assert.deepEqual(withoutEntered({ stack, isNext: true }), stack);
  });

  it('shows what the line called for most of the time', () => {
    const run: Run = { kind: 'callbacks', id: 'one', made: 0 };
    const best = (looks: readonly (readonly Frame[])[]) => {
      const samples = newSamples();
      for (const look of looks) samples.add({ stack: [...look], late: false, after: false, ms: 30, run });
      return samples.best()?.stack;
    };
    assert.deepEqual(best([[now, ...stack], stack, stack]), stack);
    assert.deepEqual(best([stack, [copy, ...stack], [now, copy, ...stack], [copy, ...stack]]), [copy, ...stack]);
  });
});
