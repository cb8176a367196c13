import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { runRules } from '../../src/model/findings.ts';
import { applyEvent, newProgram } from '../../src/model/program.ts';
import { buildReport } from '../../src/model/report/report.ts';
import { buildTree } from '../../src/model/tree/tree.ts';
import { treeText } from '../../src/model/tree/tree-text.ts';
import type { Snapshot, TaskNode, Wait } from '../../src/protocol/agent.ts';
import type { TreeItem } from '../../src/protocol/dap.ts';
import type { ReportTask } from '../../src/protocol/report.ts';
import { DEFAULT_SETTINGS } from '../../src/protocol/settings.ts';
import { frame, hello, snapshot, sources } from '../support/samples.ts';

const FRAMES = [
  'handler /app/server.ts:12',
  'load /app/db.ts:5',
  ' /app/main.mjs:3',
  'query /app/node_modules/pg/lib/client.js:1',
  'fetch node:internal/deps/undici:1',
].map(frame);

const wait: fc.Arbitrary<Wait> = fc.record({
  facts: fc.constantFrom({ kind: 'promise' as const }, { kind: 'fs' as const }, { kind: 'unknown' as const }),
  confidence: fc.constantFrom('exact' as const, 'inferred' as const),
});

const node: fc.Memo<TaskNode> = fc.memo((levels) =>
  fc
    .record(
      {
        id: fc.nat(20),
        count: fc.integer({ min: 1, max: 1000 }),
        kind: fc.constantFrom('async' as const, 'combinator' as const, 'promise' as const),
        // Out of range on purpose: a damaged snapshot must not break anything.
        frames: fc.array(fc.integer({ min: -1, max: FRAMES.length + 1 }), { maxLength: 3 }),
        wait,
        cycle: fc.nat(20),
        detached: fc.boolean(),
        index: fc.nat(3),
        children: levels <= 1 ? fc.constant<TaskNode[]>([]) : fc.array(node(), { maxLength: 3 }),
      },
      { requiredKeys: ['id', 'count', 'kind', 'frames', 'children'] },
    )
    .map((given) => ({ ids: [given.id], oldestMs: 5, youngestMs: 1, confidence: 'exact', ...given })),
);

const state: fc.Arbitrary<Snapshot> = fc
  .array(node(5), { maxLength: 4 })
  .map((tasks) => ({ ...snapshot([], { frames: FRAMES }), tasks }));

function everything(given: Snapshot) {
  const program = newProgram();
  applyEvent(program, hello());
  applyEvent(program, { event: 'exit', exitCode: 13, drained: true, snapshot: given });
  const findings = runRules(program, DEFAULT_SETTINGS, sources);
  const tree = buildTree(program, findings, sources);
  return { findings, tree, report: buildReport(program, findings, sources, { toolVersion: '0' }) };
}

function flatten(items: readonly TreeItem[]): TreeItem[] {
  return items.flatMap((item) => [item, ...flatten(item.children)]);
}

function depth(tasks: readonly ReportTask[]): number {
  return tasks.length === 0 ? 0 : 1 + Math.max(...tasks.map(({ children }) => depth(children)));
}

describe('for any snapshot', () => {
  it('the text has one line per row', () => {
    fc.assert(
      fc.property(state, (given) => {
        const { tree } = everything(given);
        assert.equal(treeText(tree).split('\n').length, flatten(tree).length);
      }),
    );
  });

  it('no two rows have the same id', () => {
    fc.assert(
      fc.property(state, (given) => {
        const ids = flatten(everything(given).tree).map(({ id }) => id);
        assert.equal(new Set(ids).size, ids.length);
      }),
    );
  });

  it('folding keeps the number of root tasks', () => {
    const sum = (nodes: readonly { count: number }[]) => nodes.reduce((total, { count }) => total + count, 0);
    fc.assert(
      fc.property(state, (given) => {
        assert.equal(sum(everything(given).report.tasks), sum(given.tasks));
      }),
    );
  });

  it('pending-at-exit counts what its lines say', () => {
    fc.assert(
      fc.property(state, (given) => {
        const pending = everything(given).findings.filter(({ rule }) => rule === 'pending-at-exit');
        assert.ok(pending.length <= 1);
        for (const { related, data } of pending) {
          const counts = related.map(({ message }) => Number(/, (\d+) times$/.exec(message)?.[1] ?? 1));
          assert.equal(
            counts.reduce((total, count) => total + count, 0),
            data['count'],
          );
        }
      }),
    );
  });
});

describe('a very deep chain', () => {
  it('is cut, not a stack overflow', () => {
    let deep: TaskNode | undefined;
    for (let id = 5000; id > 0; id -= 1) {
      const children: TaskNode[] = deep === undefined ? [] : [deep];
      const times = { oldestMs: 1, youngestMs: 1 };
      deep = { id, ids: [id], count: 1, kind: 'async', frames: [0], confidence: 'exact', ...times, children };
    }
    const { report, tree } = everything({
      ...snapshot([], { frames: FRAMES }),
      tasks: deep === undefined ? [] : [deep],
    });
    assert.equal(depth(report.tasks), 200);
    assert.ok(treeText(tree).length > 0);
  });
});
