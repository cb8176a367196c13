import assert from 'node:assert/strict';
import { applyEvent, applySnapshot, endProgram, newProgram } from '../../src/model/program.ts';
import type { Program } from '../../src/model/program.ts';
import { runRules } from '../../src/model/findings.ts';
import { treeText } from '../../src/model/tree/tree-text.ts';
import type { TreeOptions } from '../../src/model/tree/tree.ts';
import { buildTree, endText } from '../../src/model/tree/tree.ts';
import type { TreeItem } from '../../src/protocol/dap.ts';
import type { Snapshot, WaitFacts } from '../../src/protocol/agent.ts';
import { DEFAULT_SETTINGS } from '../../src/protocol/settings.ts';
import { blockingCall, frame, hello, resource, snapshot, sources, stall, trimmed } from '../support/samples.ts';

const TIMER: WaitFacts = { kind: 'timer', api: 'setTimeout', delayMs: 30_000, leftMs: 4000 };
const SOCKET: WaitFacts = { kind: 'socket', state: 'open', remote: '127.0.0.1:5432', bytesRead: 0, bytesWritten: 9 };

function programOf(state: Snapshot): Program {
  const program = newProgram();
  applyEvent(program, hello());
  applySnapshot(program, state);
  return program;
}

function treeOf(program: Program, options?: TreeOptions): TreeItem[] {
  return buildTree(program, runRules(program, DEFAULT_SETTINGS, sources), sources, options);
}

function shows(state: Snapshot, expected: string): void {
  assert.equal(treeText(treeOf(programOf(state))), trimmed(expected));
}

describe('the tree', () => {
  it('names function, place, age and wait of a task', () => {
    shows(
      snapshot([{ at: ['handler /app/server.ts:12'], wait: TIMER }]),
      `
      server.js  running · pid 42 · node v20.20.0
      └─ Tasks  1 pending
         └─ handler  server.ts:12 · 4.2 s · setTimeout 30 s, 4 s left
      `,
    );
  });

  it('begins with the wait where a view cuts the description off', () => {
    const state = snapshot([
      { at: ['load /app/db.ts:3'], children: [{ at: ['query /app/node_modules/pg/a.js:1'], wait: TIMER }] },
      { at: ['audit /app/db.ts:9'], children: [{ kind: 'combinator', combinator: 'all', children: [] }] },
    ]);
    const rows = (options: TreeOptions) =>
      treeOf(programOf(state), options)[0]?.children[0]?.children.map(({ label, summary }) => [label, summary]);
    assert.deepEqual(rows({ paused: true }), [
      ['load', 'setTimeout 30 s, 4 s left · db.ts:3 · 4.2 s · via pg'],
      ['audit', undefined],
    ]);
    // While it runs times are rounded, so that a row seldom changes.
    assert.deepEqual(rows({}), [
      ['load', 'setTimeout 30 s, 4 s left · db.ts:3 · 4 s · via pg'],
      ['audit', 'db.ts:9 · 4 s'],
    ]);
  });

  it('follows a chain to its resource, which the first row tells too', () => {
    shows(
      snapshot([
        {
          at: ['handler /app/server.ts:12'],
          count: 500,
          children: [{ at: ['query /app/db.ts:33'], count: 500, wait: SOCKET }],
        },
      ]),
      `
      server.js  running · pid 42 · node v20.20.0
      └─ Tasks  500 pending
         └─ handler ×500  server.ts:12 · 4.2 s · socket 127.0.0.1:5432, waiting for data
            └─ query ×500  db.ts:33 · 4.2 s · socket 127.0.0.1:5432, waiting for data
      `,
    );
  });

  it('folds library steps and nameless promises into the user code next to them', () => {
    shows(
      snapshot([
        {
          at: ['runHook /app/node_modules/fastify/lib/hooks.js:9'],
          children: [
            {
              at: ['handler /app/server.ts:12'],
              children: [
                {
                  at: ['fetch node:internal/deps/undici:1'],
                  children: [
                    {
                      at: ['request /app/node_modules/@acme/client/index.js:5'],
                      children: [{ kind: 'promise', wait: SOCKET }],
                    },
                  ],
                },
              ],
            },
          ],
        },
      ]),
      `
      server.js  running · pid 42 · node v20.20.0
      └─ Tasks  1 pending
         └─ handler  server.ts:12 · 4.2 s · socket 127.0.0.1:5432, waiting for data · via @acme/client, fastify
      `,
    );
  });

  it('takes the first user frame of a task that starts in a library', () => {
    shows(
      snapshot([{ at: ['query /app/node_modules/pg/lib/client.js:1', 'load /app/users.ts:7'], wait: SOCKET }]),
      `
      server.js  running · pid 42 · node v20.20.0
      └─ Tasks  1 pending
         └─ load  users.ts:7 · 4.2 s · socket 127.0.0.1:5432, waiting for data · via pg
      `,
    );
  });

  it('names the package where nothing is the user’s', () => {
    shows(
      snapshot([{ at: ['loop /app/node_modules/ioredis/built/pipeline.js:70'], wait: { kind: 'immediate' } }]),
      `
      server.js  running · pid 42 · node v20.20.0
      └─ Tasks  1 pending
         └─ loop  ioredis · pipeline.js:70 · 4.2 s · setImmediate
      `,
    );
  });

  it('shows combinators with what they still wait for', () => {
    shows(
      snapshot([
        {
          at: ['main /app/main.ts:3'],
          children: [
            {
              kind: 'combinator',
              combinator: 'all',
              children: [
                { index: 1, at: ['slow /app/main.ts:9'], wait: TIMER },
                { index: 4, kind: 'promise', wait: { kind: 'promise' } },
              ],
            },
          ],
        },
      ]),
      `
      server.js  running · pid 42 · node v20.20.0
      └─ Tasks  1 pending
         └─ main  main.ts:3 · 4.2 s
            └─ Promise.all  2 pending · 4.2 s
               ├─ slow  element 1 · main.ts:9 · 4.2 s · setTimeout 30 s, 4 s left
               └─ promise  element 4 · 4.2 s · a promise that other code must settle
      `,
    );
  });

  it('marks deadlocks', () => {
    shows(
      snapshot([
        { id: 1, at: ['left /app/lock.ts:2'], children: [{ id: 2, at: ['right /app/lock.ts:6'], cycle: 1 }] },
        { id: 3, at: ['audit /app/audit.ts:5'], wait: TIMER },
      ]),
      `
      server.js  running · pid 42 · node v20.20.0
      ├─ Findings  1 error
      │  └─ Deadlock: left and right wait for each other. Let one of them go on without awaiting the other.  await-cycle · lock.ts:2
      │     ├─ left waits here for right  lock.ts:2
      │     └─ right waits here for left  lock.ts:6
      └─ Tasks  2 pending
         ├─ left  lock.ts:2 · 4.2 s
         │  └─ right  lock.ts:6 · 4.2 s
         │     └─ waits for left again: deadlock  lock.ts:2
         └─ audit  audit.ts:5 · 4.2 s · setTimeout 30 s, 4 s left
      `,
    );
  });

  it('tells in the tooltip what a row has no room for', () => {
    const facts = { facts: TIMER, confidence: 'inferred' } as const;
    const state = snapshot([{ at: ['audit /app/audit.ts:5'], count: 3, youngestMs: 7, detached: true, wait: facts }]);
    const [root] = treeOf(programOf(state));
    assert.equal(
      root?.children[0]?.children[0]?.tooltip,
      trimmed(`
      3 equal tasks, aged 7 ms to 4.2 s
      at audit (/app/audit.ts:5:3)
      waits for setTimeout 30 s, 4 s left (likely: told by the order of events)
      Nobody awaits its promise
      `),
    );
  });

  it('joins timers of one line and takes a package’s frame before Node’s own', () => {
    const timer = (leftMs: number): WaitFacts => ({ kind: 'timer', api: 'setTimeout', delayMs: 9, leftMs });
    const state = snapshot([], {
      frames: [frame('emit node:events:1'), frame('poll /app/node_modules/pool/index.js:2')],
      resources: [1, 2].map((id) => resource(timer(id), { id, frames: [0, 1] })),
    });
    assert.match(treeText(treeOf(programOf(state))), /setTimeout 9 ms, 1 ms left ×2 {2}pool · index\.js:2/);
  });

  it('lists stalls, blocking calls and what keeps the process alive, equal ones together', () => {
    const timer: WaitFacts = { kind: 'timer', api: 'setInterval', delayMs: 1000, leftMs: 3 };
    const state = snapshot([], {
      frames: [frame('poll /app/poll.ts:2')],
      stalls: [
        stall({ id: 1, durationMs: 80, kind: 'startup', at: [], startMs: 0 }),
        stall({ id: 2, durationMs: 20 }),
        stall({ id: 3, durationMs: 30, startMs: 4000 }),
        stall({ id: 4, durationMs: 40, kind: 'sync-call', api: 'crypto.pbkdf2Sync', at: ['hash /app/hash.ts:8'] }),
      ],
      blockingCalls: [
        blockingCall({ count: 2, maxMs: 3, startupCount: 1 }),
        blockingCall({ api: 'fs.openSync', count: 0, startupCount: 1 }),
      ],
      resources: [
        resource(timer, { id: 1, frames: [0] }),
        resource(timer, { id: 2, frames: [0] }),
        resource({ kind: 'server', address: ':::3000' }, { id: 3 }),
        resource({ kind: 'unknown' }, { id: 4, type: 'PIPEWRAP' }),
        resource(timer, { id: 5, ref: false }),
      ],
    });
    shows(
      state,
      `
      server.js  running · pid 42 · node v20.20.0
      ├─ Stalls  3 · 90 ms lost
      │  ├─ render ×2  up to 30 ms, 50 ms in all · page.ts:8 · at 4.0 s
      │  ├─ crypto.pbkdf2Sync  40 ms · in hash · hash.ts:8 · at 3.0 s
      │  └─ start-up  80 ms · at 0 ms
      ├─ Blocking calls  1
      │  └─ fs.readFileSync ×2  config.ts:4 · 5 ms in all, longest 3 ms · 1 more during start-up
      ├─ Tasks  0 pending
      └─ Keeps alive  3
         ├─ setInterval 1000 ms ×2  poll.ts:2 · 1.0 s
         ├─ server on :::3000  1.0 s
         └─ PIPEWRAP  1.0 s
      `,
    );
  });

  it('tells how it ended, the call it was in, faults of the agent and notes', () => {
    const program = programOf(snapshot([], { faults: ['no promise hooks'] }));
    const stack = [frame('build /app/build.ts:3')];
    applyEvent(program, { event: 'blocking-begin', api: 'child_process.execSync', atMs: 12_000, stack });
    endProgram(program, { code: null, signal: 'SIGKILL' });
    assert.equal(
      treeText(treeOf(program, { notes: ['1 worker is not shown'] })),
      trimmed(`
      server.js  ended, killed by SIGKILL · pid 42 · node v20.20.0
      ├─ Async Lens itself failed in the program: no promise hooks
      ├─ 1 worker is not shown
      ├─ Blocking calls  1
      │  └─ child_process.execSync  build.ts:3 · entered 12 s after start, not over
      └─ Tasks  0 pending
      `),
    );
  });

  it('has nothing that keeps a program alive which ran out of work', () => {
    const state = snapshot([], { resources: [resource({ kind: 'unknown' }, { type: 'TTYWRAP' })] });
    for (const drained of [true, false]) {
      const program = newProgram();
      applyEvent(program, { event: 'exit', exitCode: 0, drained, snapshot: state });
      assert.equal(treeText(treeOf(program)).includes('Keeps alive'), !drained);
    }
  });

  it('says so when no state is known', () => {
    const program = newProgram();
    assert.equal(treeText(treeOf(program)), 'node  running\n└─ No state yet');
    endProgram(program, { code: 1, signal: null });
    assert.equal(treeText(treeOf(program)), 'node  ended, exit code 1\n└─ It ended before its state was known');
  });

  it('knows by which exit code Windows tells of Ctrl+C', () =>
    assert.equal(endText({ code: 3_221_225_786, signal: null }), 'exit code 3221225786 (Ctrl+C)'));

  it('says when the debugger holds the program', () => {
    const [root] = treeOf(programOf(snapshot([])), { paused: true });
    assert.equal(root?.description, 'paused · pid 42 · node v20.20.0');
  });

  it('keeps control characters of the program out of the text', () => {
    const item = (label: string): TreeItem => ({
      id: label,
      kind: 'task',
      label,
      description: '',
      icon: '',
      children: [],
    });
    assert.equal(treeText([item('a\u001b[31m\nb\u0007')]), 'a[31m b');
  });
});
