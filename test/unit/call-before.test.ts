import assert from 'node:assert/strict';
import { callBefore, isAtEntry, lastCallOfLoop, onlyCallOf } from '../../src/model/source/call-before.ts';
import { sources } from '../support/samples.ts';

type Location = Parameters<typeof callBefore>[0];
type Sources = Parameters<typeof callBefore>[1];

/** The place of the mark `^`, which is taken out of the text. */
function marked(text: string): [Location, Sources] {
  const at = text.indexOf('^');
  const lines = text.slice(0, at).split('\n');
  const location = { file: '/app/a.ts', line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
  return [location, { ...sources, textOf: () => text.replace('^', '') }];
}

const inFunction = (body: string): string =>
  `function run(a, b) {\n${body}\n}\nfunction load() {\n  return read(1);\n}`;

describe('the call before a place', () => {
  const before = (body: string): string | undefined => {
    const found = callBefore(...marked(inFunction(body)));
    return found && `${found.name} ${found.location.line}:${found.location.column}`;
  };

  it('is that of the statement before, or of the arguments', () => {
    for (const [body, call] of [
      ['const same = Buffer.compare(a, b);\nreturn ^finish(same);', 'Buffer.compare 2:21'],
      ['sort(a)\nconst c = `${a} of ${b}`\n^finish(c)', 'sort 2:1'],
      ['return ^finish(Buffer.compare(a, b), 1);', 'Buffer.compare 2:22'],
      ['const c = a.split(1).^map((x) => trim(x));', 'a.split 2:13'],
      ['new Map(a);\n^finish();', 'new Map 2:5'],
      ['a.sort((x, y) => order(x, y));\nfinish(a.^length);', 'a.sort 2:3'],
      ['const o = { c: clone(a), d: 1 };\n^finish(o);', 'clone 2:16'],
      ['a.list.sort();\nnew ^Thing(1);', 'a.list.sort 2:8'],
      ['a.sort();\nawait ^rest(1);', 'a.sort 2:3'],
      ['a.sort();\nreturn await this.db.^save(a);', 'a.sort 2:3'],
    ] as const)
      assert.equal(before(body), call, body);
  });

  it('is not in what was not run', () => {
    for (const [body, call] of [
      ['a.sort();\nif (!b) return stop(a);\n^finish();', 'a.sort 2:3'],
      ['a.sort();\nif (!b) {\n  log(a);\n  throw new Error(`no ${b}`);\n}\n^finish();', 'a.sort 2:3'],
      ['a.sort();\nif (b) b = 1;\nif (!b) { a = 2; }\n^finish();', 'a.sort 2:3'],
      ['try {\n  a.sort();\n} catch {\n  log(a);\n}\n^finish();', 'a.sort 3:5'],
      ['a.sort();\nconst later = () => { log(a); };\nconst f = function () { log(b); };\n^finish();', 'a.sort 2:3'],
      ['if (check(a)) {\n  ^finish();\n}', 'check 2:5'],
    ] as const)
      assert.equal(before(body), call, body);
  });

  it('is in the function of the same file that was called before', () => {
    assert.equal(before('const text = load();\n^finish(text);'), 'read 6:10');
    assert.equal(before('const text = this.load();\n^finish(text);'), 'this.load 2:19');
  });

  it('is not told where several ways lead there, or nothing was called', () => {
    for (const body of [
      'if (a) b.sort();\n^finish();',
      'if (a) {\n  b.sort();\n}\n^finish();',
      'if (a) {\n  return 1;\n} else {\n  b.sort();\n}\n^finish();',
      'for (const c of a) c.sort();\n^finish();',
      'while (a) {\n  a = b.sort();\n}\n^finish();',
      'a.sort();\nawait b;\n^finish();',
      'a.sort();\nfinish(await b, ^sum(a));',
      'switch (a) {\n  case 1:\n    b.sort();\n}\n^finish();',
      'const c = a + b;\n^finish(c);',
      'a[0](b);\n^finish(c);',
    ])
      assert.equal(before(body), undefined, body);
    assert.equal(callBefore({ file: '/app/a.ts', line: 3, column: 1 }, sources), undefined);
  });
});

describe('where V8 lets itself be interrupted', () => {
  it('is the beginning of a function', () => {
    for (const text of [
      'function run^(a) {}',
      'const run = ^(a) => a',
      'const run = async ^(a) => a',
      'const run = ^a => a;',
      'class A { run^(a) {} }',
      '^class A {}',
      'export ^async function run(a) {}',
    ])
      assert.ok(isAtEntry(...marked(text)), text);
    for (const text of ['function run(a) { ^for (;;); }', 'run^(a)', 'const run = (a) => ^b(a)'])
      assert.ok(!isAtEntry(...marked(text)), text);
  });

  it('is the head of a loop, whose body ran last', () => {
    const last = (text: string): string | undefined => lastCallOfLoop(...marked(inFunction(text)))?.name;
    assert.equal(last('^for (const c of a) {\n  c.sort();\n  b += 1;\n}'), 'c.sort');
    assert.equal(last('^while (a) {\n  b.sort();\n}'), 'b.sort');
    assert.equal(last('^do {\n  b.sort();\n} while (a);'), 'b.sort');
    assert.equal(last('^for (;;) {\n  b += 1;\n}'), undefined);
    assert.equal(last('sort(^a);'), undefined);
  });
});

it('the only call of a name in a function is found from its beginning', () => {
  const only = (text: string): string | undefined => onlyCallOf('sort', ...marked(text))?.name;
  assert.equal(only('function run^(a) { trim(a); return a.b.sort(); }\nother.sort();'), 'a.b.sort');
  assert.equal(only('function run^(a) { a.sort(); a.sort(); }'), undefined);
  assert.equal(only('function run(a) { ^trim(a); a.sort(); }'), undefined);
});
