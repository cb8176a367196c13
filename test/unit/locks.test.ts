/** What is said of locks, pools and queues, and of those who have them. */
import assert from 'node:assert/strict';
import { buildReport } from '../../src/model/report/report.ts';
import { newProgram } from '../../src/model/program.ts';
import { treeText } from '../../src/model/tree/tree-text.ts';
import { buildTree } from '../../src/model/tree/tree.ts';
import { waitDetail } from '../../src/model/wording/wording.ts';
import type { Snapshot, TaskNode, WaitFacts } from '../../src/protocol/agent.ts';
import type { Sources } from '../../src/model/sources.ts';

const MUTEX = { kind: 'lock', lock: 'mutex', library: 'async-mutex', name: 'Mutex' } as const;
const POOL = { kind: 'lock', lock: 'pool', library: 'pg', name: 'Pool', gives: 'connection' } as const;
const LIMIT = { kind: 'lock', lock: 'limit', library: 'p-limit', name: 'p-limit' } as const;
const SOCKET = { kind: 'socket', bytesRead: 0, bytesWritten: 0, library: 'pg', request: 'query select ?' } as const;

describe('waits for locks in words', () => {
  const examples: [WaitFacts, string][] = [
    [{ ...MUTEX, heldMs: 3400, waiters: 2 }, 'Mutex of async-mutex, held for 3.4 s, 2 waiting'],
    [{ ...MUTEX, heldMs: 3400, waiters: 2, position: 2 }, 'Mutex of async-mutex, held for 3.4 s, 2nd of 2 waiting'],
    [{ ...POOL, inUse: 10, size: 10, waiters: 5 }, 'a connection of pg Pool, 10 of 10 in use, 5 waiting'],
    [{ ...POOL, inUse: 10, size: 10, waiters: 1, position: 1 }, 'a connection of pg Pool, 10 of 10 in use, 1 waiting'],
    [{ ...LIMIT, inUse: 4, size: 4, waiters: 30, position: 11 }, 'p-limit(4), 4 of 4 running, 11th of 30 waiting'],
    [{ ...LIMIT, inUse: 4, size: 4, waiters: 30, position: 21 }, 'p-limit(4), 4 of 4 running, 21st of 30 waiting'],
    [
      { kind: 'lock', lock: 'queue', library: 'p-queue', name: 'PQueue', inUse: 0, paused: true, waiters: 1 },
      'PQueue of p-queue, 0 running, paused, 1 waiting',
    ],
    [{ kind: 'lock' }, 'lock'],
    [{ ...SOCKET, state: 'open', remote: 'db:5432' }, 'pg: query select ? on db:5432'],
    [{ ...SOCKET, state: 'open', remote: 'db:5432', queued: 2 }, 'pg: query select ? on db:5432, behind 2 others'],
    [{ ...SOCKET, state: 'connecting' }, 'pg: query select ?, not connected yet'],
  ];
  for (const [facts, text] of examples) it(text, () => assert.equal(waitDetail(facts), text));
});

describe('those who have what others wait for', () => {
  const file = '/app/bank.ts';
  const sources: Sources = { isUser: () => true, locate: (frame) => ({ ...frame }) };

  function task(id: number, own: Partial<TaskNode>): TaskNode {
    const base = { ids: [id], count: 1, kind: 'async' as const, oldestMs: 3400, youngestMs: 3400, frames: [0] };
    return { id, ...base, children: [], confidence: 'exact', ...own };
  }

  function programWith(tasks: TaskNode[]): ReturnType<typeof newProgram> {
    const snapshot: Snapshot = {
      version: 1,
      atMs: 5000,
      frames: ['transfer', 'audit'].map((name, i) => ({ file, line: 12 + i, column: 3, function: name })),
      tasks,
      resources: [],
      counts: { pendingTasks: 2, peakPendingTasks: 2, pendingPromises: 2, promisesCreated: 2, droppedEvents: 0 },
      loop: { utilization: 0, delayMs: { p50: 0, p99: 0, max: 0 } },
      stalls: [],
      blockingCalls: [],
      faults: [],
    };
    return { ...newProgram(), snapshot };
  }

  const waitFor = (...holders: number[]): Partial<TaskNode> => ({
    frames: [1],
    wait: { facts: { ...MUTEX, holders, heldMs: 3400, waiters: 1 }, confidence: 'exact' },
  });

  const rows = (tasks: TaskNode[]): string => {
    const section = buildTree(programWith(tasks), [], sources)[0]?.children.find(({ label }) => label === 'Tasks');
    return treeText(section?.children ?? []);
  };

  it('are rows below the one that waits, with the line where they are', () => {
    const holder = task(1, { ids: [1, 2, 3], count: 3 });
    assert.equal(
      rows([holder, task(4, waitFor(1, 3))]).trim(),
      `transfer ×3  bank.ts:12 · 3.4 s
audit  bank.ts:13 · 3.4 s · Mutex of async-mutex, held for 3.4 s, 1 waiting
└─ held by transfer ×2  bank.ts:12 · 3.4 s`,
    );
  });

  it('may be the one that waits', () => {
    assert.match(rows([task(4, waitFor(4))]), /└─ held by audit itself {2}bank\.ts:13/);
  });

  it('are left out when no row shows them', () => {
    assert.doesNotMatch(rows([task(4, waitFor(99))]), /held by/);
  });

  it('are named in the report by their ids', () => {
    const program = programWith([task(1, { ids: [1, 2] }), task(4, waitFor(2))]);
    const report = buildReport(program, [], sources, { toolVersion: '0' });
    assert.deepEqual(report.tasks[1]?.waitingOn?.holders, ['t1']);
  });
});
