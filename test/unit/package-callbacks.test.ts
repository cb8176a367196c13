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

describe('event-loop-stall of modules that are loaded', () => {
  it('blames nobody for what packages load by themselves, such as test runners', () => {
    const told = (durationMs: number, at: string) =>
      findingsOf(snapshot([], { stalls: [stall({ kind: 'sync-call', api: 'require', durationMs, at: [at] })] })).map(
        ({ severity, message }) => `${severity} ${message.split('.')[0]}`,
      );
    const adapter = 'jestAdapter /app/node_modules/jest-circus/build/runner.js:38';
    assert.deepEqual(told(98, adapter), []);
    assert.deepEqual(told(512, adapter), ['info require in jestAdapter of jest-circus held the event loop for 512 ms']);
    assert.deepEqual(told(512, 'page /app/page.ts:8'), ['warning require in page held the event loop for 512 ms']);
  });
});
