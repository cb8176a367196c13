/** `lock-cycle` on states that are hard to bring about in a real program. */
import assert from 'node:assert/strict';
import { runRules } from '../../src/model/findings.ts';
import { applySnapshot, newProgram } from '../../src/model/program.ts';
import type { LockFacts } from '../../src/protocol/lock.ts';
import { DEFAULT_SETTINGS } from '../../src/protocol/settings.ts';
import { findingsAtExit, findingsOf, tells } from '../support/findings.ts';
import { snapshot, sources, type TaskSample } from '../support/samples.ts';

const mutex = (id: number, holder: number): LockFacts => ({
  kind: 'lock',
  lock: 'mutex',
  library: 'async-mutex',
  name: 'Mutex',
  id,
  holders: [holder],
  allHolders: true,
});

function waiting(id: number, wait: LockFacts, rest: Partial<TaskSample> = {}): TaskSample {
  return { id, at: [`task${id} /app/bank.ts:${id}`], wait, ...rest };
}

/** Task 1 has lock 7 and waits for 8, task 2 the other way round, and task 3 only queues. */
const circle = (rest: Partial<TaskSample> = {}): TaskSample[] => [
  waiting(1, mutex(8, 2), rest),
  waiting(2, mutex(7, 1), rest),
  waiting(3, mutex(7, 1), rest),
];

const pool: LockFacts = {
  kind: 'lock',
  lock: 'pool',
  library: 'pg',
  name: 'Pool',
  gives: 'connection',
  id: 4,
  holders: [1, 2],
  allHolders: true,
  inUse: 2,
  size: 2,
};

const { allHolders: _, ...someHolders } = pool;

describe('lock-cycle', () => {
  it('is proved when the program ran out of work, and counts those who only queue', () => {
    tells(
      findingsAtExit(0, true, snapshot(circle())),
      `
      error lock-cycle proved /app/bank.ts:1
        Deadlock: task1 and task2 have locks that they wait for from each other. Take them in the same order everywhere.
        - task1 has Mutex of async-mutex and waits here for Mutex of async-mutex /app/bank.ts:1
        - task2 has Mutex of async-mutex and waits here for Mutex of async-mutex /app/bank.ts:2
        - 1 more task waits for the same
      `,
    );
  });

  it('is likely while the program runs, and told after a second', () => {
    assert.deepEqual(
      findingsOf(snapshot(circle())).map(({ rule, confidence }) => [rule, confidence]),
      [['lock-cycle', 'likely']],
    );
    assert.deepEqual(findingsOf(snapshot(circle({ youngestMs: 900 }))), []);
  });

  it('says that a pool has nothing left for those who hold all of it', () => {
    tells(
      findingsOf(snapshot([waiting(1, pool), waiting(2, pool)])),
      `
      error lock-cycle likely /app/bank.ts:1
        Deadlock: all 2 connections of pg Pool are taken by tasks that wait for another one. Give yours back before you ask for another one, or do the inner work without asking.
        - task1 has a connection of pg Pool and waits here for a connection of pg Pool /app/bank.ts:1
        - 1 more task waits for the same
      `,
    );
  });

  it('calls locks of a kind by their names in the source, and tells of those who wait in a circle once', () => {
    const text = ['', 'await accounts.runExclusive(', '  work);', 'await this.audit.acquire();'].join('\n');
    const program = newProgram();
    const at = [`task1 /app/bank.ts:2`, `task2 /app/bank.ts:4`];
    const waits = [mutex(8, 2), mutex(7, 1)];
    const tasks = at.map((line, i) => waiting(i + 1, waits[i] ?? mutex(0, 0), { at: [line], awaitMs: 60_000 }));
    applySnapshot(program, snapshot(tasks));
    tells(
      runRules(program, DEFAULT_SETTINGS, { ...sources, textOf: () => text }),
      `
      error lock-cycle likely /app/bank.ts:2
        Deadlock: task1 and task2 have locks that they wait for from each other. Take them in the same order everywhere.
        - task1 has this.audit (Mutex of async-mutex) and waits here for accounts (Mutex of async-mutex) /app/bank.ts:2
        - task2 has accounts (Mutex of async-mutex) and waits here for this.audit (Mutex of async-mutex) /app/bank.ts:4
      `,
    );
  });

  const harmless: [string, TaskSample[]][] = [
    ['one of those who have it is not known', [waiting(1, someHolders), waiting(2, someHolders)]],
    ['there is one left', [waiting(1, { ...pool, size: 3 }), waiting(2, { ...pool, size: 3 })]],
    ['one of those who have it waits for something else', [waiting(1, pool), { id: 2, at: ['load /app/db.ts:2'] }]],
    ['its queue is paused', [waiting(1, { ...pool, paused: true }), waiting(2, { ...pool, paused: true })]],
    ['the wait was only guessed', circle().map(guessed)],
    ['the holder races the lock against something else', [race()]],
  ];
  for (const [what, tasks] of harmless) {
    it(`says nothing when ${what}`, () => assert.deepEqual(findingsOf(snapshot(tasks)), []));
  }
});

function guessed({ wait, ...task }: TaskSample): TaskSample {
  return wait === undefined || 'facts' in wait ? task : { ...task, wait: { facts: wait, confidence: 'inferred' } };
}

function race(): TaskSample {
  const elements: TaskSample[] = [
    waiting(2, mutex(7, 1)),
    { id: 3, wait: { kind: 'timer', api: 'setTimeout', delayMs: 9000, leftMs: 9000 }, kind: 'promise' },
  ];
  return {
    id: 1,
    at: ['lease /app/lease.ts:1'],
    children: [{ kind: 'combinator', combinator: 'race', children: elements }],
  };
}
