import assert from 'node:assert/strict';
import { DEFAULT_SETTINGS } from '../../src/protocol/settings.ts';
import { findingsOf, tells } from '../support/findings.ts';
import { blockingCall, snapshot, stall } from '../support/samples.ts';

describe('event-loop-stall', () => {
  it('names the function, how long, and what to do', () => {
    tells(
      findingsOf(snapshot([], { stalls: [stall()] })),
      `
      warning event-loop-stall proved /app/page.ts:8
        render held the event loop for 512 ms. Split the work into slices or move it to a worker thread.
      `,
    );
  });

  it('names the synchronous call behind it and its asynchronous counterpart', () => {
    tells(
      findingsOf(
        snapshot([], { stalls: [stall({ kind: 'sync-call', api: 'crypto.pbkdf2Sync', confidence: 'exact' })] }),
      ),
      `
      warning event-loop-stall proved /app/page.ts:8
        crypto.pbkdf2Sync in render held the event loop for 512 ms. Use the asynchronous crypto.pbkdf2 instead.
      `,
    );
  });

  it('tells one long call from many short ones', () => {
    const call = { kind: 'sync-call', api: 'fs.existsSync', confidence: 'sampled', repeated: true } as const;
    tells(
      findingsOf(snapshot([], { stalls: [stall(call)] })),
      `
      warning event-loop-stall proved /app/page.ts:8
        Calls of fs.existsSync in render held the event loop for 512 ms. Use fs.promises.access instead, or just try the operation.
      `,
    );
  });

  it('goes through library frames to the user’s line', () => {
    const at = ['parse /app/node_modules/yaml/dist/index.js:1', 'load node:internal/x:2', 'config /app/config.ts:20'];
    const [finding] = findingsOf(snapshot([], { stalls: [stall({ at })] }));
    assert.equal(finding?.location?.line, 20);
  });

  it('says whose function it was when none is the user’s', () => {
    const stalls = [
      stall({ id: 1, at: ['expire /app/node_modules/tsx/dist/index.js:1', 'load node:internal/x:2'] }),
      stall({ id: 2, at: ['processTicksAndRejections node:internal/process/task_queues:95'] }),
      stall({ id: 3, kind: 'sync-call', api: 'fs.readSync', at: ['load node:internal/x:2'], confidence: 'exact' }),
    ];
    assert.deepEqual(
      findingsOf(snapshot([], { stalls })).map(({ message }) => message.split(' held ')[0]),
      ['expire of tsx', 'Node.js itself (processTicksAndRejections)', 'fs.readSync in Node.js itself (load)'],
    );
  });

  it('is not told when it was short and nobody knows where', () => {
    const told = [99, 100].map(
      (durationMs) => findingsOf(snapshot([], { stalls: [stall({ durationMs, at: [] })] })).length,
    );
    assert.deepEqual(told, [0, 1]);
    const at = ['processTicksAndRejections node:internal/process/task_queues:95'];
    assert.deepEqual(findingsOf(snapshot([], { stalls: [stall({ durationMs: 99, at })] })), []);
  });

  for (const [durationMs, severity] of [
    [49, undefined],
    [50, 'info'],
    [99, 'info'],
    [100, 'warning'],
    [999, 'warning'],
    [1000, 'error'],
  ] as const) {
    it(`${durationMs} ms: ${severity ?? 'nothing'}`, () => {
      assert.equal(findingsOf(snapshot([], { stalls: [stall({ durationMs })] }))[0]?.severity, severity);
    });
  }

  it('has thresholds that settings change', () => {
    const state = snapshot([], { stalls: [stall({ durationMs: 20 })] });
    const [finding] = findingsOf(state, { stall: { infoMs: 5, warningMs: 10, errorMs: 20 } });
    assert.equal(finding?.severity, 'error');
  });

  it('tells a short one in code that is in no file, but not in Node alone', () => {
    const short = (at: string) => findingsOf(snapshot([], { stalls: [stall({ durationMs: 70, at: [at] })] }));
    assert.equal(short('work [eval]:2').length, 1);
    assert.deepEqual(short('processTimers node:internal/timers:2'), []);
  });

  it('never tells of start-up', () => {
    assert.deepEqual(findingsOf(snapshot([], { stalls: [stall({ kind: 'startup', durationMs: 5000 })] })), []);
  });

  it('merges equal ones at one line, with a count and the worst', () => {
    const stalls = [
      stall({ id: 1, durationMs: 70 }),
      stall({ id: 2, durationMs: 1500 }),
      stall({ id: 3, durationMs: 90 }),
    ];
    const findings = findingsOf(snapshot([], { stalls }));
    tells(
      findings,
      `
      error event-loop-stall proved /app/page.ts:8
        render held the event loop 3 times, up to 1.5 s. Split the work into slices or move it to a worker thread.
      `,
    );
    assert.deepEqual(findings[0]?.data, { kind: 'javascript', durationMs: 1500, totalMs: 1660, count: 3 });
  });

  it('says what the call was asked to do', () => {
    const call = {
      kind: 'sync-call',
      api: 'fs.readFileSync',
      detail: 'big.json (31 MB)',
      confidence: 'exact',
    } as const;
    tells(
      findingsOf(snapshot([], { stalls: [stall(call)] })),
      `
      warning event-loop-stall proved /app/page.ts:8
        fs.readFileSync big.json (31 MB) in render held the event loop for 512 ms. Use fs.promises.readFile instead.
      `,
    );
  });

  it('grades by the time that the program itself had on a busy machine', () => {
    tells(
      findingsOf(snapshot([], { stalls: [stall({ durationMs: 1200, overloaded: true, processorMs: 60 })] })),
      `
      info event-loop-stall likely /app/page.ts:8
        render held the event loop for 1.2 s while the machine was busy with other work. Split the work into slices or move it to a worker thread.
      `,
    );
  });

  it('says so when nobody saw what ran', () => {
    tells(
      findingsOf(snapshot([], { stalls: [stall({ at: [], confidence: 'inferred' })] })),
      `
      warning event-loop-stall likely
        Code that was not seen held the event loop for 512 ms. Split the work into slices or move it to a worker thread.
      `,
    );
  });

  it('says garbage collection when that was it, and only likely when that is a guess', () => {
    tells(
      findingsOf(snapshot([], { stalls: [stall({ kind: 'gc', at: [], confidence: 'inferred' })] })),
      `
      warning event-loop-stall likely
        Garbage collection held the event loop for 512 ms. Keep fewer objects alive or allocate less at once.
      `,
    );
  });
});

describe('microtask-starvation', () => {
  it('names who queues the next promise callback or tick, instead of event-loop-stall', () => {
    const ticks = stall({ id: 2, kind: 'ticks', startMs: 9000, durationMs: 1500, at: ['poll /app/poll.ts:5'] });
    const more = stall({ id: 3, kind: 'microtasks', startMs: 7000, durationMs: 190 });
    const short = stall({ id: 4, kind: 'microtasks', startMs: 8000, durationMs: 60 });
    tells(
      findingsOf(snapshot([], { stalls: [stall({ kind: 'microtasks' }), ticks, more, short] })),
      `
      error microtask-starvation proved /app/poll.ts:5
        poll queued ever more process.nextTick callbacks, which held the event loop for 1.5 s: no timer, request or other event got its turn. Use setImmediate for the next round: its callbacks run after other events.
      warning microtask-starvation proved /app/page.ts:8
        render queued ever more promise callbacks, which held the event loop 2 times, up to 512 ms: no timer, request or other event got its turn. Await setImmediate of node:timers/promises now and then: awaiting what is there already lets nobody else run.
      `,
    );
  });

  it('does not say that a function queued them which was only seen to run', () => {
    const stalls = [stall({ kind: 'microtasks', confidence: 'inferred' })];
    tells(
      findingsOf(snapshot([], { stalls })),
      `
      warning microtask-starvation likely /app/page.ts:8
        One after the other, promise callbacks held the event loop for 512 ms, most of it in render: no timer, request or other event got its turn. Await setImmediate of node:timers/promises now and then: awaiting what is there already lets nobody else run.
      `,
    );
  });

  it('does without a place', () => {
    const [finding] = findingsOf(snapshot([], { stalls: [stall({ kind: 'microtasks', at: [] })] }));
    assert.match(finding?.message ?? '', /^One after the other, promise callbacks held the event loop for 512 ms: /);
  });

  it('leaves short ones, and those of a busy machine, to event-loop-stall', () => {
    const stalls = [
      stall({ kind: 'ticks', durationMs: 90 }),
      stall({ id: 2, kind: 'microtasks', startMs: 9000, overloaded: true, processorMs: 60 }),
    ];
    assert.deepEqual(
      findingsOf(snapshot([], { stalls })).map(({ rule, severity }) => [rule, severity]),
      [
        ['event-loop-stall', 'info'],
        ['event-loop-stall', 'info'],
      ],
    );
  });
});

describe('blocking-call', () => {
  it('tells of a long call', () => {
    tells(
      findingsOf(snapshot([], { blockingCalls: [blockingCall({ totalMs: 12, maxMs: 12 })] })),
      `
      info blocking-call proved /app/config.ts:4
        fs.readFileSync blocked the event loop for 12 ms. Use fs.promises.readFile instead.
      `,
    );
  });

  it('warns from the stall limit on', () => {
    const [finding] = findingsOf(snapshot([], { blockingCalls: [blockingCall({ maxMs: 100 })] }));
    assert.equal(finding?.severity, 'warning');
  });

  it('tells of the third short call at one line', () => {
    const twice = snapshot([], { blockingCalls: [blockingCall({ count: 2 })] });
    assert.deepEqual(findingsOf(twice), []);
    tells(
      findingsOf(snapshot([], { blockingCalls: [blockingCall({ count: 2 }), blockingCall({ totalMs: 2, maxMs: 2 })] })),
      `
      info blocking-call proved /app/config.ts:4
        fs.readFileSync blocked the event loop 3 times, 7 ms in all and up to 5 ms at once. Use fs.promises.readFile instead.
      `,
    );
  });

  it('counts short calls that a package makes by itself from 10 ms in all on', () => {
    const at = ['load /app/node_modules/yaml/index.js:4', 'tick node:internal/timers:2'];
    const calls = (totalMs: number) =>
      findingsOf(snapshot([], { blockingCalls: [blockingCall({ at, count: 9, totalMs })] }));
    assert.deepEqual(calls(9), []);
    assert.equal(calls(10).length, 1);
  });

  it('leaves start-up alone, unless strict', () => {
    const state = snapshot([], {
      blockingCalls: [blockingCall({ count: 0, totalMs: 0, maxMs: 0, startupCount: 9 })],
    });
    assert.deepEqual(findingsOf(state), []);
    const strict = { ...DEFAULT_SETTINGS.blockingCall, strict: true };
    tells(
      findingsOf(state, { blockingCall: strict }),
      `
      info blocking-call proved /app/config.ts:4
        fs.readFileSync was called 9 times during start-up. Use fs.promises.readFile instead.
      `,
    );
  });

  it('is not told beside the stall that it caused', () => {
    const at = ['load /app/config.ts:4'];
    const state = snapshot([], {
      stalls: [stall({ kind: 'sync-call', api: 'fs.readFileSync', at })],
      blockingCalls: [blockingCall({ maxMs: 512 }), blockingCall({ api: 'zlib.gzipSync', maxMs: 20 })],
    });
    assert.deepEqual(
      findingsOf(state).map(({ rule, data }) => [rule, data['api']]),
      [
        ['event-loop-stall', 'fs.readFileSync'],
        ['blocking-call', 'zlib.gzipSync'],
      ],
    );
    const off = findingsOf(state, { rules: { 'event-loop-stall': 'off' } });
    assert.deepEqual(
      off.map(({ data }) => data['api']),
      ['fs.readFileSync', 'zlib.gzipSync'],
    );
  });
});

describe('severities', () => {
  const state = snapshot([], { stalls: [stall()], blockingCalls: [blockingCall({ maxMs: 200 })] });

  it('can be changed per rule', () => {
    const findings = findingsOf(state, { rules: { 'blocking-call': 'error', 'event-loop-stall': 'info' } });
    assert.deepEqual(
      findings.map(({ rule, severity }) => [rule, severity]),
      [
        ['blocking-call', 'error'],
        ['event-loop-stall', 'info'],
      ],
    );
  });

  it('can be off', () => {
    const findings = findingsOf(state, { rules: { 'blocking-call': 'off' } });
    assert.deepEqual(
      findings.map(({ rule }) => rule),
      ['event-loop-stall'],
    );
  });
});
