/** Which kind of runs held the loop, from looks at them. */
import assert from 'node:assert/strict';
import { timeBefore } from '../../src/agent/stalls/interrupted.ts';
import { lookAt } from '../../src/agent/stalls/lateness.ts';
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

  /** After so many milliseconds, when the system took the processor away so often and the watcher was so late. */
  const before = (
    at: { stack: Frame[]; isNext?: boolean; isBegun?: boolean },
    ms: number,
    { isAgain = false, takenAway = 0, watcherLateMs = 0 } = {},
  ) => {
    const look = lookAt({ activeMs: ms, processorMs: ms, takenAway, watcherLateMs }, watcherLateMs);
    return timeBefore({ isNext: true, isBegun: true, ...at }, look, { ms, isAgain });
  };

  it('is without a function of Node that was only entered', () => {
    const seen = (calls: Frame[], isEntered = true) =>
      before({ stack: [...calls, ...stack], isNext: isEntered, isBegun: isEntered }, 30).stack;
    assert.deepEqual(seen([now]), stack);
    assert.deepEqual(seen([now], false), [now, ...stack]);
    assert.deepEqual(seen([now, copy]), [now, copy, ...stack]);
    assert.deepEqual(seen([]), stack);
    assert.deepEqual(seen([copy]), [copy, ...stack]);
  });

  const count = { file: '/app/run.js', line: 9, column: 15, function: 'count' };
  const sort = { file: '<anonymous>', line: 0, column: 0, function: 'Array.sort' };

  it('is the time before a function of the program, not in it, when that was entered late', () => {
    const entered = [count, ...stack];
    assert.deepEqual(before({ stack: entered }, 82), { stack: entered, late: true, after: true });
    assert.deepEqual(before({ stack: entered }, 50), { stack, late: true, after: false });
    assert.deepEqual(before({ stack: [count, sort, ...stack] }, 82), {
      stack: [sort, ...stack],
      late: true,
      after: false,
    });
    assert.deepEqual(before({ stack: [count] }, 50), { stack: [count], late: true, after: false });
  });

  it('is the time in a function that is entered again and again', () => {
    const entered = [count, ...stack];
    assert.deepEqual(before({ stack: entered }, 30), { stack: entered, late: false, after: false });
    assert.deepEqual(before({ stack: entered }, 60, { isAgain: true }), { stack: entered, late: false, after: false });
    assert.deepEqual(before({ stack: entered, isBegun: false }, 82), { stack: entered, late: false, after: false });
  });

  it('is not certain where the watcher was kept from asking, or the program from running, and the next function was entered', () => {
    const starved = { takenAway: 4, watcherLateMs: 250 };
    const inConsole = [now, ...stack];
    assert.deepEqual(before({ stack: inConsole }, 300, starved), { stack, late: true, after: false });
    assert.deepEqual(before({ stack: inConsole }, 300, { ...starved, isAgain: true }), {
      stack,
      late: false,
      after: false,
    });
    assert.deepEqual(before({ stack: [count, ...stack] }, 300, starved), { stack, late: true, after: false });
    assert.deepEqual(before({ stack, isBegun: false }, 300, starved), { stack, late: false, after: false });
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
