import assert from 'node:assert/strict';
import { applyEvent, applySnapshot, newProgram, type Program } from '../../src/model/program.ts';
import { buildReport } from '../../src/model/report/report.ts';
import { buildTree } from '../../src/model/tree/tree.ts';
import { treeText } from '../../src/model/tree/tree-text.ts';
import type { Stall } from '../../src/protocol/agent.ts';
import type { LateTimer, StallEffects } from '../../src/protocol/stall-effects.ts';
import { findingsOf, tells } from '../support/findings.ts';
import { frame, hello, snapshot, sources, stall, trimmed } from '../support/samples.ts';

const late = (lateMs: number, rest: Partial<LateTimer> & { at?: string } = {}): LateTimer => {
  const { at = 'beat /app/beat.ts:3', ...given } = rest;
  return { api: 'setInterval', delayMs: 50, lateMs, count: 1, ...given, stack: at === '' ? [] : [frame(at)] };
};

const effects = (rest: Partial<StallEffects>): StallEffects => ({ tasks: [], timers: [], requests: 0, ...rest });

function programOf(...stalls: Stall[]): Program {
  const program = newProgram();
  applyEvent(program, hello());
  applySnapshot(program, snapshot([], { stalls }));
  return program;
}

describe('what had to wait because of a stall', () => {
  const all = effects({
    tasks: [
      { stack: [frame('poll /app/poll.ts:7')], count: 3 },
      { stack: [], count: 1 },
    ],
    timers: [late(462), late(300, { at: 'later /app/node_modules/x/i.js:1', api: 'setTimeout', delayMs: 200 })],
    requests: 4,
  });

  function rows(given: Stall): string {
    const section = buildTree(programOf(given), [], sources)[0]?.children.find(({ label }) => label === 'Stalls');
    return treeText(section?.children ?? []);
  }

  it('is below it in the tree: tasks, timers, requests', () => {
    assert.equal(
      rows(stall({ effects: all })),
      trimmed(`
        render  512 ms · page.ts:8 · at 3.0 s · held up 4 tasks, 2 timers and 4 HTTP requests
        ├─ poll ×3 could have gone on  poll.ts:7
        ├─ a task could have gone on
        ├─ setInterval 50 ms fired 462 ms late  beat.ts:3
        ├─ setTimeout 200 ms fired 300 ms late
        └─ 4 HTTP requests had to wait
      `),
    );
  });

  it('still waits while the stall goes on', () => {
    const open = stall({ open: true, effects: effects({ tasks: all.tasks.slice(0, 1), timers: [late(462)] }) });
    assert.equal(
      rows(open),
      trimmed(`
        render  512 ms so far · page.ts:8 · at 3.0 s · held up 3 tasks and 1 timer
        ├─ poll ×3 could go on  poll.ts:7
        └─ setInterval 50 ms is 462 ms late  beat.ts:3
      `),
    );
  });

  it('is in the report, equal timers of one line together', () => {
    const twice = effects({ timers: [late(462), late(500)], requests: 1 });
    const { stalls } = buildReport(programOf(stall({ effects: twice })), [], sources, { toolVersion: '1' });
    assert.deepEqual(stalls[0]?.effects, {
      tasks: [],
      timers: [
        {
          detail: 'setInterval 50 ms',
          lateMs: 500,
          count: 2,
          location: { file: '/app/beat.ts', line: 3, column: 3, function: 'beat' },
        },
      ],
      requests: 1,
    });
  });

  it('orders stalls by the time they cost in all, the open one first, start-up last', () => {
    const at = (line: number): string[] => [`work /app/work.ts:${line}`];
    const program = programOf(
      stall({ id: 1, kind: 'startup', durationMs: 900, at: [] }),
      stall({ id: 2, durationMs: 200, at: at(2) }),
      stall({ id: 3, durationMs: 150, at: at(3) }),
      stall({ id: 4, durationMs: 150, at: at(3) }),
      stall({ id: 5, durationMs: 60, open: true, at: at(5) }),
    );
    const { stalls } = buildReport(program, [], sources, { toolVersion: '1' });
    assert.deepEqual(
      stalls.map(({ location, count, totalMs }) => [location?.line, count, totalMs]),
      [
        [5, 1, 60],
        [3, 2, 300],
        [2, 1, 200],
        [undefined, 1, 900],
      ],
    );
  });
});

describe('late-timer', () => {
  const lateFindings = (...stalls: Stall[]): ReturnType<typeof findingsOf> =>
    findingsOf(snapshot([], { stalls }), { rules: { 'event-loop-stall': 'off' } });

  it('names the timer, how late it was, and the stall to blame', () => {
    tells(
      lateFindings(stall({ effects: effects({ timers: [late(462)] }) })),
      `
      info late-timer likely /app/beat.ts:3
        setInterval 50 ms fired 462 ms late: render held the event loop. Do not rely on its time, or split the work that held it up.
        - render held the event loop for 512 ms /app/page.ts:8
      `,
    );
  });

  it('is told once for a line, with the worst', () => {
    const [finding, ...others] = lateFindings(
      stall({ effects: effects({ timers: [late(462)] }) }),
      stall({
        id: 2,
        durationMs: 700,
        at: ['sum /app/sum.ts:5'],
        effects: effects({ timers: [late(690, { count: 2 })] }),
      }),
    );
    assert.deepEqual(others, []);
    assert.match(finding?.message ?? '', /^setInterval 50 ms fired late 3 times, up to 690 ms: sum held/);
    assert.deepEqual(finding?.data, { delayMs: 50, lateMs: 690, count: 3, stallMs: 700 });
  });

  for (const [name, given] of Object.entries({
    'of less than 100 ms': stall({ effects: effects({ timers: [late(99)] }) }),
    'of a library': stall({ effects: effects({ timers: [late(400, { at: 'x /app/node_modules/x/i.js:1' })] }) }),
    'without a line': stall({ effects: effects({ timers: [late(400, { at: '' })] }) }),
    'that is late by start-up': stall({ kind: 'startup', effects: effects({ timers: [late(400)] }) }),
    'that has not fired yet': stall({ open: true, effects: effects({ timers: [late(400)] }) }),
  })) {
    it(`is silent about one ${name}`, () => {
      assert.deepEqual(lateFindings(given), []);
    });
  }
});
