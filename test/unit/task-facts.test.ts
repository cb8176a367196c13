/** Names, states, creators and ends of tasks, in the tree and in the report. */
import assert from 'node:assert/strict';
import { applyEvent, applySnapshot, newProgram, type Program } from '../../src/model/program.ts';
import { buildReport } from '../../src/model/report/report.ts';
import { treeText } from '../../src/model/tree/tree-text.ts';
import { buildTree } from '../../src/model/tree/tree.ts';
import type { Frame, Snapshot, WaitFacts } from '../../src/protocol/agent.ts';
import type { TreeItem } from '../../src/protocol/dap.ts';
import { frame, hello, snapshot, sources, trimmed } from '../support/samples.ts';

const TIMER: WaitFacts = { kind: 'timer', api: 'setTimeout', delayMs: 30_000, leftMs: 4000 };

function programOf(state: Snapshot): Program {
  const program = newProgram();
  applyEvent(program, hello());
  applySnapshot(program, state);
  return program;
}

const treeOf = (program: Program): TreeItem[] => buildTree(program, [], sources);
const tasksOf = (state: Snapshot): TreeItem[] =>
  treeOf(programOf(state))[0]?.children.find(({ label }) => label === 'Tasks')?.children ?? [];

const ENDED = snapshot(
  [{ id: 9, at: ['child /app/shop.ts:3'], creators: [{ id: 1, confidence: 'exact', count: 1 }] }],
  {
    frames: [frame('load /app/shop.ts:12'), frame('inner node:internal/x:1')],
    ended: [
      { id: 4, name: 'GET /orders/17', frame: 0, startMs: 900, durationMs: 20, resumptions: 1 },
      { id: 3, frame: 0, startMs: 100, durationMs: 250, resumptions: 3, busyMs: 30 },
      { id: 2, frame: 1, startMs: 100, durationMs: 250, resumptions: 1 },
      { id: 1, frame: 0, startMs: 50, durationMs: 50, resumptions: 1 },
    ],
  },
);

describe('names and states of tasks', () => {
  it('shows the name before the function, and the state', () => {
    const state = snapshot([
      { at: ['getOrder /app/shop.ts:12'], name: 'GET /orders/17', wait: TIMER },
      { at: ['work /app/shop.ts:20'], state: 'running' },
      { at: ['next /app/shop.ts:30'], state: 'ready' },
    ]);
    assert.equal(
      treeText(tasksOf(state)),
      trimmed(`
        GET /orders/17  getOrder · shop.ts:12 · 4.2 s · setTimeout 30 s, 4 s left
        work  shop.ts:20 · 4.2 s · running
        next  shop.ts:30 · 4.2 s · ready
      `),
    );
    assert.deepEqual(
      tasksOf(state).map(({ icon }) => icon),
      ['watch', 'play', 'circle-filled'],
    );
  });

  it('calls a fetch that nobody awaits by its name, not by that of the function in Node that does its work', () => {
    const state = snapshot([{ at: ['mainFetch node:internal/deps/undici/undici:1'], wait: TIMER }]);
    assert.equal(treeText(tasksOf(state)), 'fetch  node · 4.2 s · setTimeout 30 s, 4 s left');
  });

  it('tells names, times and creators in the tooltip', () => {
    const [item] = tasksOf(
      snapshot(
        [
          {
            at: ['getOrder /app/shop.ts:12'],
            count: 3,
            name: 'GET /orders/*',
            names: ['GET /orders/1', 'GET /orders/2'],
            resumptions: 2,
            busyMs: 60,
            creators: [
              { id: 7, name: 'import', frame: 0, confidence: 'exact', count: 2 },
              { id: 8, ended: true, confidence: 'inferred', count: 1 },
            ],
            startedAt: [0],
          },
        ],
        { frames: [frame('main /app/main.ts:5')] },
      ),
    );
    assert.equal(
      item?.tooltip,
      trimmed(`
        3 equal tasks, aged 4.2 s to 4.2 s
        at getOrder (/app/shop.ts:12:3)
        among them GET /orders/1, GET /orders/2
        went on at most 2 times
        busy for about 60 ms (by samples)
        2 started by import (main.ts:5)
        1 started by task 8, which has ended, or by a call of it that is over
        one of them started in main (main.ts:5)
      `),
    );
  });

  it('shows the stack in the tooltip by the sources it was compiled from', () => {
    const state = snapshot([{ at: ['t /app/dist/main.js:368', 'run node:internal/timers:581'] }]);
    const mapped = {
      ...sources,
      locate: (compiled: Frame) =>
        compiled.file === '/app/dist/main.js'
          ? { file: '/app/src/shop.ts', line: 12, column: 5, function: 'getOrder' }
          : undefined,
    };
    const [root] = buildTree(programOf(state), [], mapped);
    const tasks = root?.children.find(({ label }) => label === 'Tasks')?.children ?? [];
    assert.equal(tasks[0]?.tooltip, 'at getOrder (/app/src/shop.ts:12:5)\nat run (node:internal/timers:581:3)');
  });

  it("gives a library's task at the root its name to the user's task that it leads to", () => {
    const [item] = tasksOf(
      snapshot([
        {
          at: ['dispatch /app/node_modules/koa/index.js:3'],
          name: 'GET /orders/17',
          children: [{ at: ['getOrder /app/shop.ts:12'] }],
        },
      ]),
    );
    assert.equal(item?.label, 'GET /orders/17');
  });
});

describe('tasks that are over', () => {
  it("are listed newest first, without those of Node's own, and with how they settled once that is told", () => {
    const program = programOf(ENDED);
    applyEvent(program, { event: 'outcomes', outcomes: [{ id: 3, state: 'rejected', error: 'Error: no order' }] });
    const section = treeOf(program)[0]?.children.find(({ label }) => label === 'Ended');
    assert.equal(section?.collapsed, true);
    assert.equal(
      treeText(section?.children ?? []),
      trimmed(`
        GET /orders/17  load · shop.ts:12 · 20 ms
        load  shop.ts:12 · 250 ms · rejected: Error: no order
        load  shop.ts:12 · 50 ms
      `),
    );
  });

  it('are one row when they are equal, with the range of their times', () => {
    const ended = [250, 40, 90].map((durationMs, i) => ({
      id: 9 - i,
      frame: 0,
      startMs: 1,
      durationMs,
      resumptions: 1,
    }));
    const program = programOf(snapshot([], { frames: [frame('load /app/shop.ts:12')], ended }));
    const section = treeOf(program)[0]?.children.find(({ label }) => label === 'Ended');
    assert.equal(treeText(section?.children ?? []), 'load ×3  shop.ts:12 · 40 ms to 250 ms');
  });

  it('are in the report, where those that they started point to them', () => {
    const program = programOf(ENDED);
    applyEvent(program, { event: 'outcomes', outcomes: [{ id: 1, state: 'cancelled', error: 'AbortError: x' }] });
    const report = buildReport(program, [], sources, { toolVersion: '0' });
    assert.deepEqual(
      report.ended?.map(({ id, name, outcome, error }) => [id, name, outcome, error]),
      [
        ['t4', 'GET /orders/17', undefined, undefined],
        ['t3', 'load', undefined, undefined],
        ['t1', 'load', 'cancelled', 'AbortError: x'],
      ],
    );
    assert.equal(report.tasks[0]?.spawnedBy, 't1');
  });
});
