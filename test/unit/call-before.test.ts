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
      ['try {\n  a.sort();\n} catch {\n  return log(a);\n}\n^finish();', 'a.sort 3:5'],
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

  /** Each told a wrong call once. */
  const UNCERTAIN: Record<string, string[]> = {
    'an await or a yield came in between': [
      'const rows = await db.query(sql);\n^render(rows);',
      'await sleep(10);\n^finish();',
      'await new Timer(10);\n^finish();',
      'await pool.get(a).query(b);\n^finish();',
      'await pool?.query(b);\n^finish();',
      'await (heavy(a));\n^finish();',
      'return ^finish(await heavy(a));',
      'for await (const x of heavy()) {\n  ^finish(x);\n}',
      'yield heavy();\n^finish();',
      'yield* heavy();\n^finish();',
    ],
    'an expression has branches': [
      'return b ? two(a) : ^finish(c);',
      'heavy(a);\nconst c = b ? one(a) : two(a);\n^finish(c);',
      'heavy(a);\nconst c = b\n  ? one(a)\n  : two(a)\n^finish(c);',
      'heavy(a);\nconst c = b ? { d: 1 } : two(a);\n^finish(c);',
      'const c = cache.get(a) ?? compute(a);\n^finish(c);',
      'x && other();\n^finish(c);',
      'x\n  && other()\n^finish(c)',
      'x || other();\n^finish(c);',
      'if (x && other(a)) return;\n^finish(c);',
      'if (a) one(a);\nelse if (two(b)) return;\n^finish(c);',
      'c?.two(a);\n^finish(c);',
      'c?.(a);\n^finish(c);',
      'c ??= two();\n^finish(c);',
      'c ||= two();\n^finish(c);',
      'const { x = make() } = b;\n^finish(x);',
      'const { x = make() } = heavy(b);\n^finish(x);',
      'const [x = make()] = heavy(b);\n^finish(x);',
      'heavy(c);\nconst { x = ^make() } = two(b);',
      'const c = `${a ? one() : two()}`;\n^finish(c);',
    ],
    'a loop may have begun another round': [
      'for (let i = 0; check(i); step(i)) {\n  ^finish(c);\n}',
      'for (let i = 0; check(i); step(i)) ^finish(c);',
      'for (const c of list(a)) {\n  ^finish(c);\n  other(c);\n}',
      'heavy(a);\nwhile (a) {\n  ^finish(c);\n  other(c);\n}',
      'heavy(a);\ndo {\n  ^finish(c);\n} while (check(b));',
      'heavy(a);\nwhile (^check(b)) {\n  other(c);\n}',
      'for (init(a); ^check(b); step(c)) {\n  other(c);\n}',
      'heavy(a);\nfor (const c of ^list(b)) {\n  other(c);\n}',
    ],
    'work needs no bracket': [
      'fast(a);\nconst c = { ...huge };\n^finish(c);',
      'const c = [...fast(a)];\n^finish(c);',
      'fast(a);\nconst { b, ...c } = huge;\n^finish(c);',
      'fast(a);\nconst c = sql`${b}`;\n^finish(c);',
      'const c = sql`${fast(a)} and ${b}`;\n^finish(c);',
      'fast(a);\nconst c = new Thing;\n^finish(c);',
      'fast(a);\nclass C { d = heavy(); }\n^finish(c);',
      'class C { static d = heavy(); e = ^finish(); }',
    ],
    'something may have been thrown': [
      'try {\n  heavy();\n} catch {\n  fallback();\n}\n^finish();',
      'try {\n  heavy();\n} catch {\n  if (a) return;\n}\n^finish();',
      'try {\n  heavy(a);\n  check(b);\n} catch {\n  ^log();\n}',
      'try {\n  heavy(a);\n  check(b);\n} catch (e) {\n  ^log(e);\n}',
      'try {\n  heavy(a);\n  if (b) {\n    log(b);\n    return;\n  }\n} finally {\n  ^finish();\n}',
    ],
    'a block may be left by its label': ['heavy(a);\nlabel: {\n  if (b) break label;\n  two(b);\n}\n^finish();'],
    'a block leaves only sometimes': ['heavy(a);\nif (b) {\n  log(b);\n  if (c) return;\n}\n^finish();'],
    'a block ends with an arrow': ['if (a) { heavy(b); const f = (x) => two(x) }\n^finish();'],
  };
  for (const [why, bodies] of Object.entries(UNCERTAIN)) {
    it(`is not told where ${why}`, () => {
      for (const body of bodies) assert.equal(before(body), undefined, body);
    });
  }

  it('is told where the rest of the text leaves no doubt', () => {
    for (const [body, call] of [
      ['heavy(a);\nreturn b ? c : ^finish(c);', 'heavy 2:1'],
      ['const d = (c?: number) => 1;\nheavy(a);\n^finish(c);', 'heavy 3:1'],
      ['const c = heavy(a) ?? b;\n^finish(c);', 'heavy 2:11'],
      ['while (check(b)) {\n  ^finish(c);\n}', 'check 2:8'],
      ['try {\n  heavy(a);\n} finally {\n  two(b);\n}\n^finish();', 'two 5:3'],
      ['heavy(a);\np.catch(log);\n^finish();', 'p.catch 3:3'],
      ['b.sort();\nthrow ^new a.b.Foo(heavy(a));', 'heavy 3:19'],
      ['b.sort();\nreturn ^new Foo<Map<A, B>>(heavy(a));', 'heavy 3:27'],
      ['b.sort();\nreturn ^finish<T>(heavy(a));', 'heavy 3:18'],
      ['heavy(a)\nconst f = x => wrong(x)\n^finish(x)', 'heavy 2:1'],
    ] as const)
      assert.equal(before(body), call, body);
  });

  it('is looked for only in functions that surely run to their end', () => {
    const inFile = (text: string): string | undefined => callBefore(...marked(text))?.name;
    const run = 'function run(a) {\n  const p = load(a);\n  ^finish(p);\n}\n';
    for (const [load, call] of [
      ['function load(a) { parse(a); }', 'parse'],
      ['const load = (a) => parse(a);', 'parse'],
      ['async function load() { const t = await get(); return parse(t); }', 'load'],
      ['const load = async (a) => parse(a);', 'load'],
      ['function* load() { parse(1); }', 'load'],
      ['function load(a) { if (a) return 1; return parse(a); }', 'load'],
      ['function load(a) { if (!a) throw new Error("no"); return parse(a); }', 'load'],
      ['function load(a) { if (a) parse(a); }', 'load'],
      ['function load(a) { return a ? parse(a) : 1; }', 'load'],
      ['const o = { load(a) { parse(a); } };', 'load'],
      ['function other() { function load(a) { parse(a); } }', 'load'],
      ['import { load } from "x";\nfunction load(a) { parse(a); }', 'load'],
      ['function load(a) { parse(a); }\nfunction other(load) {}', 'load'],
      ['function load(a) { parse(a); }\nclass C { load() {} }', 'load'],
    ] as const)
      assert.equal(inFile(run + load), call, load);
  });

  it('takes no more than a moment in a big file', () => {
    const rest = 'function f(a) { a.sort(); return g((b) => h(b)); }\n'.repeat(20_000);
    const big = { ...sources, textOf: () => rest };
    assert.ok(isAtEntry({ file: '/app/a.ts', line: 1, column: 11 }, big));
    const start = performance.now();
    for (let i = 0; i < 200; i++) {
      const line = 19_000 + i;
      assert.ok(isAtEntry({ file: '/app/a.ts', line, column: 11 }, big));
      assert.equal(callBefore({ file: '/app/a.ts', line, column: 34 }, big)?.name, 'a.sort');
    }
    assert.ok(performance.now() - start < 5000);
  }).timeout(20_000);
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

  it('is the head of a loop of which it is not certain what ran last', () => {
    const last = (text: string): string | undefined => lastCallOfLoop(...marked(inFunction(text)))?.name;
    for (const text of [
      '^for (const x of a) { if (heavy(x)) continue; light(x); }',
      '^for (const x of a) { if (c) { heavy(x); continue; } light(x); }',
      '^for (let i = 0; i < 9; i = heavy(i)) { light(i); }',
      '^do { light(); } while (heavy());',
      '^for (const x of a) { if (x) light(x) }',
      '^for await (const x of a) { light(x); }',
    ])
      assert.equal(last(text), undefined, text);
    assert.equal(last('^for (let i = 0; check(i); i++) { light(i); }'), 'light');
  });
});

it('the only call of a name in a function is found from its beginning', () => {
  const only = (text: string): string | undefined => onlyCallOf('sort', ...marked(text))?.name;
  assert.equal(only('function run^(a) { trim(a); return a.b.sort(); }\nother.sort();'), 'a.b.sort');
  assert.equal(only('function run^(a) { a.sort(); a.sort(); }'), undefined);
  assert.equal(only('function run(a) { ^trim(a); a.sort(); }'), undefined);
});
