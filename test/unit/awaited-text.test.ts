import assert from 'node:assert/strict';
import { chainsOf } from '../../src/model/chains.ts';
import { awaitedText, elementText } from '../../src/model/source/awaited-text.ts';
import type { Sources } from '../../src/model/sources.ts';
import type { WaitFacts } from '../../src/protocol/waits.ts';
import { snapshot, sources } from '../support/samples.ts';

const location = { file: '/app/a.ts', line: 2, column: 3 };
/** Behind `await `, in the second line of a file. */
const withText = (text: string): typeof sources => ({ ...sources, textOf: () => `{\n  await ${text}` });

describe('what an await is for, as it is written', () => {
  it('is names, members and calls without their arguments', () => {
    const expected: Record<string, string> = {
      'pool.acquire();': 'pool.acquire()',
      'client.get(`user:${id}`, { a: 1 })\nnext()': 'client.get(…)',
      'this.#ready': 'this.#ready',
      'new Task(1)': 'new Task(…)',
      'a?.b?.(1)?.[2].c!.d<Map<string, T[]>>(x).then(f)': 'a?.b?.(…)?.[…].c.d(…).then(…)',
      'load\nsave()': 'load',
      'first < last && go()': 'first',
      [`${'long.'.repeat(20)}call()`]: `${'long.'.repeat(20).slice(0, 59)}…`,
      [`call(${'x, '.repeat(2000)})`]: 'call(…)',
    };
    for (const [text, words] of Object.entries(expected)) assert.equal(awaitedText(location, withText(text)), words);
  });

  it('is not told of other expressions, nor where no await is at that place', () => {
    for (const text of ['promise;', '(a ?? b)', '[1, 2]', "'text'", ''])
      assert.equal(awaitedText(location, withText(text)), undefined);
    assert.equal(awaitedText({ ...location, column: 1 }, withText('load()')), undefined);
    assert.equal(awaitedText({ ...location, line: 9 }, withText('load()')), undefined);
    assert.equal(awaitedText(location, sources), undefined);
  });

  it('is told of an element of a combinator when its array is written there', () => {
    const element = (text: string, index: number): string | undefined => elementText(location, index, withText(text));
    assert.equal(element('Promise.all([load(1, 2), { a, b }, user.name])', 0), 'load(…)');
    assert.equal(element('Promise.all([load(1, 2), { a, b }, user.name])', 1), undefined);
    assert.equal(element('Promise.all([load(1, 2), { a, b }, user.name])', 2), 'user.name');
    assert.equal(element('Promise.race([load()])', 1), undefined);
    assert.equal(element('Promise.all([...loads, other()])', 1), undefined);
    assert.equal(element('Promise.all(loads)', 0), undefined);
  });

  it('is told of an element that is a call of the program by what that call awaits', () => {
    const text = `async function load() { await client.get(1); }\nawait Promise.all([load(), store.read()]);`;
    const wait: WaitFacts = { kind: 'promise' };
    const load = { at: ['load /app/a.ts:1'], index: 0, wait };
    const read = { kind: 'promise' as const, index: 1, wait };
    const all = { kind: 'combinator' as const, combinator: 'all' as const, children: [load, read] };
    const state = snapshot([{ at: ['main /app/a.ts:2'], children: [all] }]);
    const located: Sources = {
      ...sources,
      textOf: () => text,
      locate: (frame) => ({
        file: '/app/a.ts',
        line: frame.line,
        column: frame.line === 1 ? text.indexOf('await') + 1 : 1,
      }),
    };
    const [main] = chainsOf(state, located);
    const told = main?.children[0]?.children.map((child) => child.wait?.facts);
    assert.deepEqual(told, [
      { kind: 'promise', expression: 'client.get(…)' },
      { kind: 'promise', expression: 'store.read()' },
    ]);
  });

  it('is, of a new promise, who has its resolve', () => {
    const expected: Record<string, string | undefined> = {
      'new Promise((resolve) => this.waiting.push(resolve))': 'resolve kept in this.waiting',
      'new Promise<Connection>((done, fail) => {\n  this.#queue.push({ done, fail, at: Date.now() });\n})':
        'done kept in this.#queue',
      'new Promise((resolve, reject) => { pending.set(id, { resolve, reject }); send(id); })':
        'resolve kept in pending',
      'new Promise((resolve) => { this.wake = resolve; })': 'resolve kept in this.wake',
      'new Promise((resolve: () => void) => { slots[i] = { resolve }; })': 'resolve kept in slots[…]',
      'new Promise(function (resolve) { legacy.load(name, resolve) })': 'resolve given to legacy.load(…)',
      'new Promise((resolve) => { if (ready) bus.on("go", () => { if (x) resolve(1); }); })':
        'resolve given to bus.on(…)',
      'new Promise(async (resolve) => { resolve(await load()); })': undefined,
      'new Promise((resolve) => resolve)': undefined,
      'new Promise(() => {})': undefined,
      'new Promise(executor)': undefined,
    };
    for (const [text, words] of Object.entries(expected))
      assert.equal(awaitedText(location, withText(text)), words, text);
  });
});
