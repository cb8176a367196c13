import assert from 'node:assert/strict';
import type { TreeItem } from '../../src/protocol/dap.ts';
import { createDueRows, TOOLTIP_MS, type DueRows } from '../../src/ui/due-rows.ts';
import { findRow, rowOf, type TasksNode } from '../../src/ui/rows.ts';

function item(id: string, children: TreeItem[] = []): TreeItem {
  return { id, kind: 'task', label: id, description: '1 s', icon: 'watch', children };
}

describe('the rows that the editor is told of', () => {
  const many = Array.from({ length: 200 }, (_, index) => item(`m${index}`));
  let rows: TasksNode[] = [];
  let due: DueRows;
  /** What tooltips are now. */
  let text = '';
  beforeEach(() => {
    rows = [rowOf(item('p', [item('a', [item('b')]), item('c'), item('many', many)]), '1', undefined)];
    text = 'old';
    due = createDueRows(
      () => rows,
      () => text,
    );
  });

  const row = (id: string): TasksNode => findRow(rows, (one) => one.id === `1/${id}`) ?? assert.fail(id);
  const taken = (isUrgent = false, nowMs = 0): string => {
    const some = due.take(isUrgent, nowMs);
    return some === 'all' ? some : some.map(({ id }) => id.slice(2)).join(' ');
  };

  it('are told of once', () => {
    due.add([row('a'), row('c')]);
    assert.equal(taken(), 'a c');
    assert.equal(taken(), '');
    due.add(undefined);
    due.add([row('a')]);
    assert.equal(taken(), 'all');
    assert.equal(taken(), '');
  });

  it('wait while they are read, whatever a clock says', () => {
    due.read(row('b'), text, 0);
    due.add([row('a'), row('c')]);
    assert.equal(taken(), 'c');
    assert.equal(taken(false, 4999.9), '');
    due.stopReading();
    assert.equal(taken(false, 4999.9), 'a');
    due.read(row('b'), text, 0);
    due.add(undefined);
    assert.equal(taken(), '');
    assert.equal(taken(true), 'all');
  });

  it('are the parent instead of many of its rows', () => {
    due.add([...row('many').children.slice(0, 50), row('c')]);
    assert.equal(taken().split(' ').length, 51);
    due.add([...row('many').children.slice(0, 51), row('c')]);
    assert.equal(taken(), 'many c');
    due.read(row('m0'), text, 0);
    due.add(row('many').children);
    assert.equal(taken(), '');
    due.stopReading();
    assert.equal(taken(), 'many');
  });

  it('are all instead of many at the top', () => {
    rows = many.map((one) => rowOf(one, '1', undefined));
    due.add(rows);
    assert.equal(taken(), 'all');
  });

  it('are none below another', () => {
    due.add([row('b'), row('a')]);
    assert.equal(taken(), 'a');
  });

  it('are all whose tooltips are old and not true any more', () => {
    for (const id of ['a', 'c']) due.read(row(id), text, 0);
    due.stopReading();
    assert.equal(taken(false, TOOLTIP_MS + 1), '');
    text = 'new';
    assert.equal(taken(false, TOOLTIP_MS - 1), '');
    assert.equal(taken(false, TOOLTIP_MS + 1), 'a c');
    assert.equal(taken(false, TOOLTIP_MS + 1), '');
  });

  it('are not those whose tooltips went with another drawing or with their row', () => {
    for (const id of ['b', 'c']) due.read(row(id), text, 0);
    due.stopReading();
    due.add([row('a')]);
    assert.equal(taken(), 'a');
    text = 'new';
    const [p] = rows;
    p?.children.splice(1, 1);
    assert.equal(taken(false, TOOLTIP_MS + 1), '');
  });

  it('are those of the oldest when there are many tooltips', () => {
    for (const [index, one] of row('many').children.slice(0, 52).entries()) due.read(one, text, index);
    due.stopReading();
    assert.equal(taken(), 'm0 m1');
  });
});
