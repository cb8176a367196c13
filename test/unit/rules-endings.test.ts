import assert from 'node:assert/strict';
import { runRules } from '../../src/model/findings.ts';
import { newProgram } from '../../src/model/program.ts';
import { DEFAULT_SETTINGS } from '../../src/protocol/settings.ts';
import { findingsAtExit, findingsOf, tells } from '../support/findings.ts';
import { resource, snapshot, sources } from '../support/samples.ts';

describe('await-cycle', () => {
  const cycle = (rest: object = {}) => ({
    id: 1,
    at: ['transfer /app/lock.ts:2'],
    children: [
      { id: 2, at: ['audit /app/lock.ts:6'], children: [{ id: 3, at: ['balance /app/lock.ts:9'], cycle: 1, ...rest }] },
    ],
  });

  it('is found in a group of equal cycles, whichever member the way back leads to', () => {
    const group = { id: 4, ids: [4, 5], count: 2, at: ['transfer /app/lock.ts:2'] };
    const back = { id: 8, ids: [8, 9], count: 2, at: ['audit /app/lock.ts:6'], cycle: 5 };
    tells(
      findingsOf(snapshot([{ ...group, children: [back] }])),
      `
      error await-cycle proved /app/lock.ts:2
        Deadlock: transfer and audit wait for each other (2 times). Let one of them go on without awaiting the other.
        - transfer waits here for audit /app/lock.ts:2
        - audit waits here for transfer /app/lock.ts:6
      `,
    );
  });

  it('tells a deadlock once, with every task of it', () => {
    const seenFromOther = {
      id: 2,
      at: ['audit /app/lock.ts:6'],
      children: [
        { id: 3, at: ['balance /app/lock.ts:9'], children: [{ id: 1, at: ['transfer /app/lock.ts:2'], cycle: 2 }] },
      ],
    };
    tells(
      findingsOf(snapshot([cycle(), seenFromOther])),
      `
      error await-cycle proved /app/lock.ts:2
        Deadlock: transfer, audit and balance wait for each other. Let one of them go on without awaiting the other.
        - transfer waits here for audit /app/lock.ts:2
        - audit waits here for balance /app/lock.ts:6
        - balance waits here for transfer /app/lock.ts:9
      `,
    );
  });

  it('tells equal members of a deadlock once, with how many there are', () => {
    const line = (id: number, at: string, rest: object) => ({ id, at: [at], ...rest });
    const second = line(3, 'take /app/lock.ts:14', {
      children: [line(4, 'move /app/shop.ts:23', { cycle: 1 })],
    });
    const first = line(1, 'take /app/lock.ts:14', {
      children: [line(2, 'move /app/shop.ts:23', { children: [second] })],
    });
    tells(
      findingsOf(snapshot([first])),
      `
      error await-cycle proved /app/lock.ts:14
        Deadlock: take and move wait for each other. Let one of them go on without awaiting the other.
        - take waits here for move (2 times) /app/lock.ts:14
        - move waits here for take (2 times) /app/shop.ts:23
      `,
    );
  });

  it('leaves out those who only wait for the deadlock', () => {
    const [finding] = findingsOf(snapshot([{ id: 9, at: ['main /app/main.ts:1'], children: [cycle()] }]));
    assert.equal(finding?.related.length, 3);
  });

  it('knows a task that waits for itself', () => {
    tells(
      findingsOf(snapshot([{ id: 5, at: ['again /app/a.ts:1'], cycle: 5, count: 2 }])),
      `
      error await-cycle proved /app/a.ts:1
        Deadlock: again waits for itself (2 times). Let one of them go on without awaiting the other.
        - again waits here for itself /app/a.ts:1
      `,
    );
  });

  it('is told of a guessed link only when nothing else is left that could settle it, and then as likely', () => {
    const state = snapshot([cycle({ confidence: 'inferred' })]);
    assert.deepEqual(findingsOf(state), []);
    const atExit = findingsAtExit(0, true, state).filter(({ rule }) => rule === 'await-cycle');
    assert.deepEqual(
      atExit.map(({ confidence }) => confidence),
      ['likely'],
    );
  });
});

describe('pending-at-exit', () => {
  const waiting = [
    { at: ['job /app/queue.ts:7'], count: 3, oldestMs: 100, wait: { kind: 'promise' } as const },
    { at: ['main /app/main.ts:3'], oldestMs: 900, children: [{ at: ['load /app/db.ts:5'], oldestMs: 900 }] },
  ];

  it('is one finding with each await line, oldest first', () => {
    tells(
      findingsAtExit(0, true, snapshot(waiting)),
      `
      warning pending-at-exit proved /app/db.ts:5
        The program ran out of work and ended while 4 awaits were pending. Make sure that whatever should settle them always does, or reject on a timeout.
        - load still waits here /app/db.ts:5
        - job still waits here for a promise that other code must settle, 3 times /app/queue.ts:7
      `,
    );
  });

  it('is only information when the program was ended in the middle', () => {
    tells(
      findingsAtExit(0, false, snapshot([{ at: ['load /app/db.ts:5'] }])),
      `
      info pending-at-exit proved /app/db.ts:5
        The program was ended (process.exit or an exception) while 1 await was pending. Await the work before ending it if its result matters.
        - load still waits here /app/db.ts:5
      `,
    );
  });

  it('judges by what still kept the process alive when the agent does not know', () => {
    const timer = resource({ kind: 'timer', api: 'setTimeout', delayMs: 9, leftMs: 9 });
    const judged = [[], [timer]].map((resources) => findingsAtExit(0, undefined, snapshot(waiting, { resources }))[0]);
    assert.deepEqual(
      judged.map((finding) => [finding?.severity, finding?.confidence]),
      [
        ['warning', 'likely'],
        ['info', 'likely'],
      ],
    );
  });

  it('leaves out the task that ended the program', () => {
    const [alone, several] = [1, 3].map((count) =>
      findingsAtExit(0, false, snapshot([{ at: ['main /app/main.ts:3'], state: 'running', count }])),
    );
    assert.deepEqual(alone, []);
    assert.equal(several?.[0]?.data['count'], 2);
  });

  it('says nothing while the program runs', () => assert.deepEqual(findingsOf(snapshot(waiting)), []));

  it('leaves out deadlocks, which have their own finding', () => {
    const rules = findingsAtExit(0, true, snapshot([{ id: 5, at: ['again /app/a.ts:1'], cycle: 5 }])).map(
      ({ rule }) => rule,
    );
    assert.deepEqual(rules, ['await-cycle']);
  });

  it('leaves out waits for something that was told not to keep the process alive, listed or not', () => {
    const facts = { kind: 'timer', api: 'setInterval', delayMs: 9, leftMs: 9 } as const;
    const tasks = [{ at: ['tick /app/a.ts:1'], wait: { facts, confidence: 'exact' as const, resource: 8 } }];
    for (const resources of [[], [resource(facts, { id: 8, ref: false })]]) {
      assert.deepEqual(findingsAtExit(0, true, snapshot(tasks, { resources })), []);
    }
  });

  it('leaves out libraries that wait among themselves', () => {
    assert.deepEqual(findingsAtExit(0, true, snapshot([{ at: ['idle /app/node_modules/pool/index.js:1'] }])), []);
  });

  it('leaves out promises without a function', () => {
    assert.deepEqual(findingsAtExit(0, true, snapshot([{ kind: 'promise' }])), []);
  });
});

describe('unsettled-top-level-await', () => {
  const module = {
    at: [' /app/main.mjs:3'],
    children: [{ at: ['connect /app/db.mjs:8'], wait: { kind: 'promise' } as const }],
  };

  it('points at the top-level await and tells the rest of its chain', () => {
    tells(
      findingsAtExit(13, true, snapshot([module])),
      `
      error unsettled-top-level-await proved /app/main.mjs:3
        Node ended with exit code 13: the top-level await at main.mjs:3 never settled and nothing was left that could settle it. Make sure that what it awaits always resolves or rejects.
        - connect waits here for a promise that other code must settle /app/db.mjs:8
      `,
    );
  });

  it('leaves other pending tasks to pending-at-exit', () => {
    const findings = findingsAtExit(13, true, snapshot([module, { at: ['job /app/queue.mjs:7'] }]));
    assert.deepEqual(
      findings.map(({ rule, location }) => [rule, location?.line]),
      [
        ['unsettled-top-level-await', 3],
        ['pending-at-exit', 7],
      ],
    );
  });

  it('is not told of process.exit(13)', () => {
    const rules = findingsAtExit(13, false, snapshot([])).map(({ rule }) => rule);
    assert.deepEqual(rules, []);
  });

  it('says what it knows without a state', () => {
    const program = newProgram();
    program.exit = { code: 13, signal: null };
    const [finding] = runRules(program, DEFAULT_SETTINGS, sources);
    assert.equal(finding?.confidence, 'likely');
    assert.equal(finding?.location, undefined);
  });
});
