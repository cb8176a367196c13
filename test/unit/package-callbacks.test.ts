import assert from 'node:assert/strict';
import { findingsOf } from '../support/findings.ts';
import { snapshot, stall } from '../support/samples.ts';

describe('event-loop-stall of many short callbacks', () => {
  it('blames nobody for many short callbacks of packages', () => {
    const told = (durationMs: number, at: string) =>
      findingsOf(snapshot([], { stalls: [stall({ kind: 'callbacks', durationMs, at: [at] })] })).map(
        ({ severity, message }) => `${severity} ${message.split('.')[0]}`,
      );
    assert.deepEqual(told(99, 'read /app/node_modules/lint/index.js:1'), []);
    assert.deepEqual(told(2000, 'read /app/node_modules/lint/index.js:1'), [
      'info Many short callbacks, most in read of lint held the event loop for 2',
    ]);
    assert.deepEqual(told(99, 'read /app/page.ts:8'), [
      'info Many short callbacks, most in read held the event loop for 99 ms',
    ]);
    assert.deepEqual(told(512, 'read /app/page.ts:8'), [
      'warning Many short callbacks, most in read held the event loop for 512 ms',
    ]);
  });
});
