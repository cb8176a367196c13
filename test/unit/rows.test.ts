import assert from 'node:assert/strict';
import type { TreeItem } from '../../src/protocol/dap.ts';
import { EXACT_TIMES, ROUGH_TIMES } from '../../src/model/wording/row-times.ts';
import { createRedraw } from '../../src/ui/redraw.ts';
import { findRow, isWithin, rowOf, takeOver, withExactTimes, type TasksNode } from '../../src/ui/rows.ts';

function item(id: string, children: TreeItem[] = [], more: Partial<TreeItem> = {}): TreeItem {
  return { id, kind: 'task', label: id, description: '1 s', icon: 'watch', children, ...more };
}

const forest = (...items: TreeItem[]): TasksNode[] => items.map((one) => rowOf(one, '1', undefined));
const idsOf = (rows: readonly TasksNode[] | undefined): string[] | undefined => rows?.map(({ id }) => id);

describe('the rows that are drawn again', () => {
  const before = (): TasksNode[] => forest(item('p', [item('a', [item('b')]), item('c')]));

  it('are none when nothing that can be seen has changed', () => {
    const other = item('b', [], { description: '1.2 s', summary: '1 s', tooltip: 'busier' });
    const { changed } = takeOver(before(), forest(item('p', [item('a', [other]), item('c')])));
    assert.deepEqual(changed, []);
  });

  it('are those alone that look different, not what is above or beside them', () => {
    const now = forest(item('p', [item('a', [item('b', [], { description: '2 s' })]), item('c')]));
    assert.deepEqual(idsOf(takeOver(before(), now).changed), ['1/b']);
  });

  it('stand for all below them', () => {
    const now = forest(item('p', [item('a', [item('b', [], { icon: 'x' })], { label: 'other' }), item('c')]));
    assert.deepEqual(idsOf(takeOver(before(), now).changed), ['1/a']);
  });

  it('are those with another list of rows below', () => {
    const now = forest(item('p', [item('a', [item('b'), item('d')]), item('c')]));
    assert.deepEqual(idsOf(takeOver(before(), now).changed), ['1/a']);
  });

  it('are all when there are other programs', () => {
    assert.equal(takeOver(before(), forest(item('p'), item('q'))).changed, undefined);
  });

  it('stay the same objects, with what is known of them now', () => {
    const shown = before();
    const b = findRow(shown, ({ id }) => id === '1/b');
    const { rows } = takeOver(shown, forest(item('p', [item('c'), item('a', [item('b', [], { tooltip: 'new' })])])));
    assert.equal(rows[0], shown[0]);
    assert.equal(
      findRow(rows, ({ id }) => id === '1/b'),
      b,
    );
    assert.equal(b?.item.tooltip, 'new');
    assert.ok(b && rows[0] && isWithin(b, rows[0]) && !isWithin(rows[0], b));
  });
});

describe('times in rows of a running program', () => {
  const ages: [number, string][] = [
    [340, '<1 s'],
    [1900, '1 s'],
    [9990, '9 s'],
    [14_900, '10 s'],
    [59_000, '55 s'],
    [119_000, '1 min'],
    [3_599_000, '59 min'],
    [3_700_000 + 600_000, '1 h 10 min'],
    [90_000_000, '25 h'],
  ];
  for (const [ms, text] of ages) it(`${ms} ms: ${text}`, () => assert.equal(ROUGH_TIMES.age(ms), text));

  it('round up what is left, not beyond the delay', () => {
    const timer = (delayMs: number, leftMs: number) =>
      ROUGH_TIMES.wait({ kind: 'timer', api: 'setTimeout', delayMs, leftMs });
    assert.equal(timer(30_000, 26_100), 'setTimeout 30 s, 30 s left');
    assert.equal(timer(12_000, 11_200), 'setTimeout 12 s, 12 s left');
    assert.equal(timer(30_000, 3100), 'setTimeout 30 s, 4 s left');
    assert.equal(timer(5000, 3100), 'setTimeout 5000 ms, 4000 ms left');
  });

  it('are rounded where they are within another wait', () => {
    const subject = { kind: 'lock', lock: 'mutex', heldMs: 4321, waiters: 2 } as const;
    const facts = { kind: 'event', event: 'x', subject, abort: { leftMs: 7200 } } as const;
    assert.equal(EXACT_TIMES.wait(facts), "event 'x': lock, held for 4.3 s, 2 waiting, times out in 7.2 s");
    assert.equal(ROUGH_TIMES.wait(facts), "event 'x': lock, held for 4 s, 2 waiting, times out in 8 s");
  });
});

describe('exact times', () => {
  it('take the place of rounded ones, and leave what is shortened for other reasons', () => {
    const finding = item('f', [], { kind: 'finding', title: 'short', summary: 'a.js:1' });
    const timer = item('t', [], { kind: 'resource', label: 'timer, 1.2 s left', title: 'timer, 2 s left' });
    const rounded = item('p', [item('a', [timer], { description: '1.2 s', summary: '1 s' }), finding]);
    const exact = withExactTimes(rounded);
    const [task] = exact.children;
    assert.ok(task && !('summary' in task) && task.children[0] && !('title' in task.children[0]));
    assert.equal(task.children[0].label, timer.label);
    assert.deepEqual(exact.children[1], finding);
  });
});

describe('redraws', () => {
  it('that are drawn without being waited for let the next one wait', () => {
    const drawn: boolean[] = [];
    const redraw = createRedraw((isUrgent) => drawn.push(isUrgent) > 0);
    redraw.now();
    redraw.now();
    redraw.ask('now');
    assert.deepEqual(drawn, [true, true]);
    redraw.dispose();
  });

  it('come at once after a quiet time, and after what is urgent was asked for', (done) => {
    const drawn: boolean[] = [];
    const redraw = createRedraw((isUrgent) => {
      drawn.push(isUrgent);
      if (drawn.length === 2) {
        assert.deepEqual(drawn, [false, true]);
        redraw.dispose();
        done();
      }
      return true;
    });
    redraw.ask('calm');
    assert.deepEqual(drawn, [false]);
    redraw.ask('calm');
    redraw.ask('now');
    assert.deepEqual(drawn, [false]);
  });

  it('without anything to draw do not delay the next', () => {
    let asked = 0;
    const redraw = createRedraw(() => {
      asked++;
      return false;
    });
    for (const urgency of ['calm', 'soon', 'calm'] as const) redraw.ask(urgency);
    assert.equal(asked, 3);
  });
});
