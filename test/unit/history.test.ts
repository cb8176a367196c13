/** What is kept of tasks that ended. */
import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { onSweep } from '../../src/agent/promises/looks.ts';
import type { PromiseRecord, TaskMemory } from '../../src/agent/promises/promise-record.ts';
import { offerSettled, takeSettled, taskEnded } from '../../src/agent/tree/history.ts';

describe('the history', () => {
  const promise = {};
  const end = (): void =>
    taskEnded({ atMs: 0 } as PromiseRecord, promise, {
      id: 7,
      site: 0,
      label: undefined,
      inferred: false,
      call: { wentOn: 0 },
    } as TaskMemory);

  it('lets go of the promises of ended tasks when polls have ended for good', () => {
    offerSettled();
    end();
    onSweep?.();
    assert.deepEqual(takeSettled(), [7, promise]);
    end();
    const now = performance.now();
    performance.now = () => now + 60_000;
    try {
      onSweep?.();
    } finally {
      Reflect.deleteProperty(performance, 'now');
    }
    assert.ok(performance.now() < now + 60_000);
    assert.deepEqual(takeSettled(), []);
  });
});
