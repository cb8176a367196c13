/** For whom the process is kept alive. */
import assert from 'node:assert/strict';
import { applySnapshot, newProgram } from '../../src/model/program.ts';
import { buildReport } from '../../src/model/report/report.ts';
import { treeText } from '../../src/model/tree/tree-text.ts';
import { buildTree } from '../../src/model/tree/tree.ts';
import { frame, resource, snapshot, sources } from '../support/samples.ts';

const timer = { kind: 'timer', api: 'setTimeout', delayMs: 60_000, leftMs: 30_000 } as const;

/** Two equal tasks of three timers of one line, and an interval of another. */
function program() {
  const state = snapshot(
    [{ id: 7, at: ['job /app/job.ts:2'], count: 2, wait: { facts: timer, confidence: 'exact', resource: 1 } }],
    {
      frames: [frame('job /app/job.ts:1'), frame('poll /app/poll.ts:9')],
      resources: [
        ...[1, 2, 3].map((id) => resource(timer, { id, frames: [0] })),
        resource({ ...timer, api: 'setInterval' }, { id: 4, frames: [1] }),
      ],
    },
  );
  const running = newProgram();
  applySnapshot(running, state);
  return running;
}

describe('what keeps the process alive', () => {
  it('names the task that waits for it, of equal tasks for as many as there are', () => {
    const { keepAlive } = buildReport(program(), [], sources, { toolVersion: '1' });
    assert.deepEqual(
      keepAlive.map(({ task, location }) => [task, location?.line]),
      [
        ['t7', 1],
        ['t7', 1],
        [undefined, 1],
        [undefined, 9],
      ],
    );
  });

  it('says so in the tree', () => {
    const rows = treeText(buildTree(program(), [], sources))
      .split('\n')
      .slice(-2);
    assert.match(rows[0] ?? '', /setTimeout 1 min, 30 s left ×3 {2}job\.ts:1 · for job · 1\.0 s$/);
    assert.match(rows[1] ?? '', /setInterval 1 min {2}poll\.ts:9 · 1\.0 s$/);
  });
});
