/** The asynchronous stack in words, and its task in the tree. */
import assert from 'node:assert/strict';
import { heldLines } from '../../src/model/async-stack.ts';
import { newProgram } from '../../src/model/program.ts';
import { buildTree } from '../../src/model/tree/tree.ts';
import { treeText } from '../../src/model/tree/tree-text.ts';
import type { AsyncPart, AsyncStack } from '../../src/protocol/async-stack.ts';
import { frame, snapshot, sources } from '../support/samples.ts';

const at = (...texts: string[]) => texts.map((text) => ({ frame: frame(text) }));
const timer = { kind: 'timer', api: 'setTimeout', delayMs: 20.4, leftMs: -3 } as const;

function lines(parts: AsyncPart[], ...frames: string[]): string[] {
  const held: AsyncStack = { frames: frames.map(frame), parts };
  return heldLines(held, sources).map(({ kind, text, location }) =>
    kind === 'label' ? `- ${text}` : `${kind === 'library' ? '(library) ' : ''}${text}:${location?.line}`,
  );
}

describe('the asynchronous stack in words', () => {
  it('puts between two places how one led to the other', () => {
    const all = { combinator: 'all', index: 1 } as const;
    const parts: AsyncPart[] = [
      { kind: 'await', confidence: 'exact', frames: [...at('load /app/a.ts:4'), all, ...at('main /app/a.ts:9')] },
      { kind: 'waiters', confidence: 'inferred', frames: at('one /app/b.ts:1', 'two /app/b.ts:2') },
    ];
    assert.deepEqual(lines(parts, 'check /app/a.ts:1', 'query /app/a.ts:2'), [
      'check:1',
      'query:2',
      '- awaited by',
      'load:4',
      '- Promise.all · element 1',
      'main:9',
      '- awaited (likely) by 2 tasks side by side',
      'one:1',
      'two:2',
    ]);
  });

  it("names the timer of a callback and where it was made, without Node's own lines and with those of packages", () => {
    const made = at('setTimeout node:timers:1', 'retry /app/node_modules/p-retry/index.js:7', 'start /app/a.ts:5');
    const parts: AsyncPart[] = [
      { kind: 'resource', facts: timer, confidence: 'exact', frames: made },
      { kind: 'settles', confidence: 'inferred', frames: at('main /app/a.ts:9') },
    ];
    assert.deepEqual(lines(parts, 'wake /app/a.ts:3', 'listOnTimeout node:internal/timers:5'), [
      'wake:3',
      '- callback of setTimeout 20 ms, made at',
      '(library) retry:7',
      'start:5',
      '- awaited (likely) by',
      'main:9',
    ]);
  });

  it('says so when nobody took down where a timer was made', () => {
    const parts: AsyncPart[] = [{ kind: 'resource', facts: timer, confidence: 'exact', frames: [] }];
    assert.deepEqual(lines(parts, 'wake /app/a.ts:3'), ['wake:3', '- callback of setTimeout 20 ms']);
  });
});

describe('the task that a debugger holds', () => {
  const held: AsyncStack = {
    frames: [frame('check /app/a.ts:1'), frame('query /app/a.ts:2')],
    parts: [{ kind: 'await', confidence: 'exact', frames: at('main /app/a.ts:9') }],
  };

  function text(paused: boolean): string {
    const state = snapshot([
      { id: 4, at: ['main /app/a.ts:9'], children: [{ id: 5, at: ['query /app/a.ts:2'], held: paused }] },
    ]);
    return treeText(buildTree({ ...newProgram(), snapshot: state, held }, [], sources, { paused }));
  }

  it('is on top of the tree with those who wait for it, and marked below', () => {
    assert.equal(
      text(true),
      `node  paused
├─ Paused in check  a.ts:1
│  ├─ check  a.ts:1
│  ├─ query  a.ts:2
│  ├─ awaited by
│  └─ main  a.ts:9
└─ Tasks  1 pending
   └─ main  a.ts:9 · 4.2 s
      └─ query  a.ts:2 · 4.2 s · paused here`,
    );
  });

  it('was called by packages: those side by side are one row', () => {
    const router = ['next /app/node_modules/router/route.js:1', 'handle /app/node_modules/router/index.js:2'];
    const called = ['get /app/a.ts:3', ...router, 'app /app/node_modules/express/x.js:4', 'serve /app/a.ts:5'];
    const state: AsyncStack = { frames: [...called, 'run /app/node_modules/run/r.js:6'].map(frame), parts: [] };
    const tree = buildTree({ ...newProgram(), snapshot: snapshot([]), held: state }, [], sources, { paused: true });
    assert.equal(
      treeText(tree),
      `node  paused
├─ Paused in get  a.ts:3
│  ├─ get  a.ts:3
│  ├─ router, express  3 calls
│  │  ├─ next  router · route.js:1
│  │  ├─ handle  router · index.js:2
│  │  └─ app  express · x.js:4
│  ├─ serve  a.ts:5
│  └─ run  run · r.js:6
└─ Tasks  0 pending`,
    );
    assert.equal(tree[0]?.children[0]?.children[1]?.collapsed, true);
  });

  it('is not shown any more when the program runs', () => {
    assert.doesNotMatch(text(false), /Paused in|paused here/);
  });
});
