import assert from 'node:assert/strict';
import { isInEndlessLoop, writingOf } from '../../src/model/source/call-writing.ts';
import { sources } from '../support/samples.ts';

/** The place of the mark `^`, which is taken out of the text. */
function marked(text: string): [Parameters<typeof writingOf>[0], Parameters<typeof writingOf>[1]] {
  const at = text.indexOf('^');
  const lines = text.slice(0, at).split('\n');
  const location = { file: '/app/a.ts', line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
  return [location, { ...sources, textOf: () => text.replace('^', '') }];
}

describe('how a call is written', () => {
  const as = (text: string): string | undefined => writingOf(...marked(text))?.as;

  it('is a statement when nothing is done with its result', () => {
    for (const text of [
      '^save(item);',
      'a();\n^save(item)\nb()',
      'if (x) this.stock.^save(item);',
      'else ^save(item);',
      'for (const item of items) { list[0].get(item).^save(1, { a: 2 }); }',
      'const a = b\n^save(item)',
    ])
      assert.equal(as(text), 'statement', text);
  });

  it('is awaited, or something else becomes of the result', () => {
    for (const text of ['await ^save()', 'return stock.^save();', 'yield ^save();'])
      assert.equal(as(text), 'awaited', text);
    for (const text of [
      'void ^save();',
      'void\n^save();',
      'x = ^save();',
      'x =\n  ^save();',
      'run(() => ^save());',
      'run(() =>\n  ^save());',
      'Promise.all([\n  ^save(),\n  ^save(),\n])',
      '^save().catch(log);',
      'x && ^save();',
      'x\n  ? ^save()\n  : y;',
      '`${^save()}`',
    ])
      assert.equal(as(text), 'other', text);
  });

  it('is unknown where there is no call, or no text', () => {
    assert.equal(as('^save;'), undefined);
    assert.equal(writingOf({ file: '/app/a.ts', line: 1, column: 1 }, sources), undefined);
    assert.equal(
      writingOf({ file: '/app/a.ts', line: 9, column: 1 }, { ...sources, textOf: () => 'save();' }),
      undefined,
    );
  });

  it('says whether the function around it is asynchronous', () => {
    const inAsync = (text: string): boolean | undefined => writingOf(...marked(text))?.inAsync;
    for (const text of [
      'async function f() { ^save(); }',
      'const f = async (a: number): Promise<void> => { if (a) { ^save(); } };',
      'class A { static async f(): Promise<void> { ^save(); } }',
      'class A { async *f() { ^save(); } }',
    ])
      assert.equal(inAsync(text), true, text);
    for (const text of [
      '^save();',
      'function f() { ^save(); }',
      'async function f() { list.forEach((item) => { ^save(item); }); }',
      'class A { f() { ^save(); } }',
    ])
      assert.equal(inAsync(text), false, text);
  });
});

describe('an endless loop', () => {
  const isEndless = (text: string): boolean | undefined => isInEndlessLoop(...marked(text));

  it('has no end of its own', () => {
    for (const text of [
      'async function f() { while (on) { if (a) { ^await b; } } }',
      'async function f() { for (;;) { ^await b; } }',
      'async function f() { do { ^await b; } while (on); }',
      'async function f() { for await (const a of ^b) c(); }',
      'async function f() { for await (const a of b) { ^await c; } }',
    ])
      assert.equal(isEndless(text), true, text);
  });

  it('is not one that goes through a list, nor one around the function', () => {
    for (const text of [
      'async function f() { for (const a of b) { ^await c; } }',
      'async function f() { for (let i = 0; i < 3; i++) { ^await c; } }',
      'while (on) { run(async () => { ^await b; }); }',
      'async function f() { while (on) { a(); } ^await b; }',
    ])
      assert.equal(isEndless(text), false, text);
  });
});
