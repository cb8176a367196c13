import assert from 'node:assert/strict';
import { runRules } from '../../src/model/findings.ts';
import { applyEvent, endProgram, newProgram } from '../../src/model/program.ts';
import { buildReport } from '../../src/model/report/report.ts';
import { buildView } from '../../src/model/view.ts';
import type { WaitFacts } from '../../src/protocol/agent.ts';
import { DEFAULT_SETTINGS } from '../../src/protocol/settings.ts';
import { blockingCall, frame, hello, resource, snapshot, sources, stall } from '../support/samples.ts';

const TIMER: WaitFacts = { kind: 'timer', api: 'setTimeout', delayMs: 5000, leftMs: 3200 };

const state = snapshot(
  [
    {
      id: 1,
      at: ['handler /app/server.ts:12'],
      children: [{ id: 2, at: ['pause /app/pause.ts:2'], wait: { facts: TIMER, confidence: 'exact', resource: 7 } }],
    },
    {
      id: 3,
      at: ['main /app/main.ts:3'],
      children: [{ id: 4, kind: 'combinator', combinator: 'race', children: [{ id: 5, index: 0, kind: 'promise' }] }],
    },
    { id: 6, at: ['again /app/a.ts:1'], cycle: 6 },
  ],
  {
    frames: [frame('delay /app/pause.ts:5'), frame('gzip node:zlib:1'), frame('pack /app/pack.ts:9')],
    resources: [
      resource(TIMER, { id: 7, frames: [0] }),
      resource({ kind: 'server' }, { id: 8 }),
      resource({ kind: 'server' }, { id: 9, ref: false }),
    ],
    stalls: [
      stall({
        kind: 'sync-call',
        api: 'zlib.gzipSync',
        at: ['gzip node:zlib:1', 'pack /app/pack.ts:9'],
        durationMs: 40,
      }),
    ],
    blockingCalls: [blockingCall({ startupCount: 2 })],
    loop: { utilization: 0.5, delayMs: { p50: 1, p99: 2, max: 3 } },
  },
);

function programOf() {
  const program = newProgram();
  applyEvent(program, hello());
  applyEvent(program, { event: 'snapshot', snapshot: state });
  return program;
}

describe('the report', () => {
  const program = programOf();
  endProgram(program, { code: null, signal: 'SIGTERM' });
  const findings = runRules(program, DEFAULT_SETTINGS, sources);
  const report = buildReport(program, findings, sources, { toolVersion: '0.1.0', durationMs: 12_000 });

  it('tells which process', () => {
    assert.deepEqual(report.process, {
      pid: 42,
      node: 'v20.20.0',
      argv: ['/usr/bin/node', '/app/server.js'],
      cwd: '/app',
      exitCode: null,
      signal: 'SIGTERM',
      startTime: '2026-01-02T03:04:05.000Z',
      durationMs: 12_000,
    });
  });

  it('has tasks that wait for what the end of their chain waits for', () => {
    const waitingOn = {
      kind: 'timer',
      detail: 'setTimeout 5000 ms, 3200 ms left',
      confidence: 'exact',
      location: { file: '/app/pause.ts', line: 5, column: 3, function: 'delay' },
    };
    assert.deepEqual(report.tasks[0], {
      id: 't1',
      name: 'handler',
      state: 'waiting',
      count: 1,
      ageMs: 4200,
      location: { file: '/app/server.ts', line: 12, column: 3, function: 'handler' },
      waitingOn,
      children: [
        {
          id: 't2',
          name: 'pause',
          state: 'waiting',
          count: 1,
          ageMs: 4200,
          location: { file: '/app/pause.ts', line: 2, column: 3, function: 'pause' },
          waitingOn,
          children: [],
        },
      ],
    });
  });

  it('has combinators and deadlocks', () => {
    assert.deepEqual(report.tasks[1]?.children[0]?.waitingOn, {
      kind: 'promise',
      detail: 'Promise.race, 1 pending',
      confidence: 'exact',
    });
    assert.deepEqual(report.tasks[2]?.waitingOn, {
      kind: 'promise',
      detail: 'again again: deadlock',
      confidence: 'exact',
    });
  });

  it('has stalls and blocking calls at the user’s line', () => {
    const location = { file: '/app/pack.ts', line: 9, column: 3, function: 'pack' };
    assert.deepEqual(report.stalls, [
      {
        startMs: 3000,
        durationMs: 40,
        kind: 'sync-call',
        api: 'zlib.gzipSync',
        location,
        stack: [location],
        confidence: 'sampled',
        count: 1,
        totalMs: 40,
      },
    ]);
    assert.deepEqual(report.blockingCalls, [
      {
        api: 'fs.readFileSync',
        location: { file: '/app/config.ts', line: 4, column: 3, function: 'load' },
        count: 3,
        totalMs: 5,
        maxMs: 5,
      },
    ]);
  });

  it('has what keeps the process alive and the task that waits for it', () => {
    assert.deepEqual(report.keepAlive, [
      {
        kind: 'timer',
        detail: 'setTimeout 5000 ms, 3200 ms left',
        location: { file: '/app/pause.ts', line: 5, column: 3, function: 'delay' },
        task: 't2',
      },
      { kind: 'server', detail: 'server' },
    ]);
  });

  it('has findings, counts and loop figures', () => {
    assert.deepEqual(
      report.findings.map(({ rule }) => rule),
      ['await-cycle'],
    );
    assert.equal(report.counts.pendingTasks, 3);
    assert.deepEqual(report.loop, state.loop);
  });

  it('is complete JSON even of a program that never spoke', () => {
    const silent = newProgram();
    endProgram(silent, { code: 1, signal: null });
    const context = { toolVersion: '0.1.0', pid: 7, argv: ['sh', '-c', 'x'], cwd: '/', startTime: 0, durationMs: 3 };
    assert.deepEqual(JSON.parse(JSON.stringify(buildReport(silent, [], sources, context))), {
      version: 1,
      tool: { name: 'async-lens', version: '0.1.0' },
      process: {
        pid: 7,
        node: '',
        argv: ['sh', '-c', 'x'],
        cwd: '/',
        exitCode: 1,
        signal: null,
        startTime: '1970-01-01T00:00:00.000Z',
        durationMs: 3,
      },
      loop: { utilization: 0, delayMs: { p50: 0, p99: 0, max: 0 } },
      counts: { pendingTasks: 0, peakPendingTasks: 0, promisesCreated: 0, droppedEvents: 0 },
      tasks: [],
      stalls: [],
      blockingCalls: [],
      keepAlive: [],
      findings: [],
    });
  });
});

describe('the view', () => {
  const context = { revision: 5, paused: false, settings: DEFAULT_SETTINGS };

  it('has title, tree, text, findings and status', () => {
    const view = buildView(programOf(), sources, context);
    assert.equal(view.revision, 5);
    assert.equal(view.title, 'server.js');
    assert.equal(view.text.split('\n')[0], 'server.js  running · pid 42 · node v20.20.0');
    assert.equal(view.tree.length, 1);
    assert.equal(view.findings.length, 1);
    assert.deepEqual(view.status, {
      pendingTasks: 3,
      delayMs: 1,
      loop: 'The event loop is busy for 50 % of the time. While there is something to do it is late by 1 ms (median), 2 ms (99 %), 3 ms at most.',
    });
  });

  it('tells running from paused and ended', () => {
    const program = programOf();
    assert.equal(buildView(program, sources, context).state, 'running');
    assert.equal(buildView(program, sources, { ...context, paused: true }).state, 'paused');
    endProgram(program, { code: 0, signal: null });
    assert.equal(buildView(program, sources, { ...context, paused: true }).state, 'ended');
  });

  it('tells the stall that is going on', () => {
    const program = programOf();
    applyEvent(program, { event: 'stall', stall: stall({ id: 9, open: true, durationMs: 333, startMs: 9000 }) });
    assert.equal(buildView(program, sources, context).status.stallMs, 333);
  });
});
