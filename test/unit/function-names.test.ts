/** Names for functions without a name: each case marks the place of an await with `^` and says what the function there is called. */
import assert from 'node:assert/strict';
import { functionNames } from '../../src/model/source/function-names.ts';

const CASES: [title: string, marked: string, name: string][] = [
  [
    'an arrow in a function',
    'async function loadOrders() { run(1)(async () => { ^await x; }); }',
    'arrow in loadOrders',
  ],
  [
    'a callback',
    'async function loadOrders() { ids.map(async (id) => { ^await x; }); }',
    'callback of map in loadOrders',
  ],
  ['a callback that is a lone expression', 'const f = () => ids.map(async (id) => ^await x);', 'callback of map in f'],
  [
    'a later argument',
    'app.get("/orders/:id", { a: [1] }, async (req, res) => { ^await x; });',
    "callback of get('/orders/:id') in shop.ts",
  ],
  ['a function expression', 'describe("x", async function () { ^await x; });', "callback of describe('x') in shop.ts"],
  ['a callback for an event', "function f() { bus.on('job', async () => ^await x); }", "callback of on('job') in f"],
  [
    'a callback after a long text',
    `it("${'tells '.repeat(9)}", async () => { ^await x; });`,
    `callback of it('${'tells '.repeat(7).slice(0, 39)}…') in shop.ts`,
  ],
  [
    'a callback after a text that is put together',
    "on('a' + b, async () => { ^await x; });",
    'callback of on in shop.ts',
  ],
  [
    'a callback after what may be a secret',
    "sign('sk_live_1', data, async () => ^await x);",
    'callback of sign in shop.ts',
  ],
  ['a callback after an address', "get('https://shop/?key=1', async () => ^await x);", 'callback of get in shop.ts'],
  [
    'a callback after a text with an escape',
    String.raw`on('it\'s', async () => ^await x);`,
    'callback of on in shop.ts',
  ],
  ['a callback after a template', 'on(`a`, async () => { ^await x; });', 'callback of on in shop.ts'],
  ['a function at the top level', '(async () => { ^await x; })();', 'arrow in shop.ts'],
  ['code outside of functions', 'const f = () => 1; ^await x;', 'module shop.ts'],
  ['an assigned property', 'exports.load = async () => { ^await x; };', 'load'],
  ['a property of an object', 'run({ load: async () => { ^await x; } });', 'load'],
  ['one of a conditional', 'const f = run(a ? b : async () => { ^await x; });', 'arrow in shop.ts'],
  ['a typed variable', 'const load: (id: number) => Promise<void> = async (id) => { ^await x; };', 'load'],
  [
    'a method around it',
    'class Shop { async load(id: number): Promise<void> { ids.map(async () => ^await x); } }',
    'callback of map in Shop.load',
  ],
  [
    'a method whose result is a function',
    'class Lock { async take(): Promise<() => void> { ids.map(async () => ^await x); } }',
    'callback of map in Lock.take',
  ],
  [
    'a method whose result type is one',
    'class Lock { take(): () => void { ids.map(async () => ^await x); } }',
    'callback of map in Lock.take',
  ],
  [
    'an arrow with a result type',
    'function f() { go(async (id: Id): Promise<void> => { ^await x; }); }',
    'callback of go in f',
  ],
  ['type arguments of the call', 'function f() { go<Map<A, B>>(async () => { ^await x; }); }', 'callback of go in f'],
  ['a nested nameless function', 'function f() { a(() => { b(async () => { ^await x; }); }); }', 'callback of b in f'],
  [
    'a constructor',
    'function f() { return new Promise(async (resolve) => { ^await x; }); }',
    'callback of Promise in f',
  ],
  [
    'brackets in strings, templates and comments',
    'function f() { a("{", `}${`(`}`, /[(/]/); /* } */ g(async () => { ^await x; }); }',
    'callback of g in f',
  ],
  ['a division', 'function f() { const a = b / c; g(async () => { ^await x / 2; }); }', 'callback of g in f'],
  [
    'blocks that look like methods',
    'function f() { if (a) { for (const b of c) { g(async () => { ^await x; }); } } }',
    'callback of g in f',
  ],
  [
    'a line after an arrow without a semicolon',
    'const log = (x) => console.log(x)\nconst data = ^await load()',
    'module shop.ts',
  ],
  [
    'an arrow that goes on in the next line',
    'const f = (x) => x\n  .map(async () => ^await x)',
    'callback of map in f',
  ],
  ['text that is not JavaScript', "it's <b>{ ) async () => { ^await", 'module shop.ts'],
];

describe('names of nameless functions', () => {
  for (const [title, marked, expected] of CASES) {
    it(title, () => {
      const names = functionNames(marked.replace('^', ''));
      assert.equal(names.nameAt(marked.indexOf('^'), 'shop.ts'), expected);
    });
  }

  const TOLD: [marked: string, told: string, name: string][] = [
    ['run(async () => { ^await x; }, { retries: 3 });', 'run.retries', 'callback of run in shop.ts'],
    ['run(async () => { ^await x; }, [a, { retries: 3 }]);', 'run.retries', 'callback of run in shop.ts'],
    ["shop.run(async () => { ^await x; }, { 'max-age': 3 });", 'shop.run.max-age', 'callback of run in shop.ts'],
    ['run(async () => { ^await x; }, { [retries]: 3 });', 'run', 'callback of run in shop.ts'],
    ['function f() { pipe(async function* () { ^await x; }, new To({ mode: 1 })); }', 'mode', 'callback of pipe in f'],
    ['new Set(a).map(async () => { ^await x; }, { with(b) {} });', 'map.with', 'callback of map in shop.ts'],
    // Names that are real, or at least tell where the function is.
    ["const load = __name(async () => { ^await x; }, 'load');", 'load', 'load'],
    ["Object.defineProperty(async () => { ^await x; }, 'name', { value: 'load' });", 'load', 'load'],
    ['const load = a && (async () => { ^await x; });', 'load', 'load'],
    ['run({ load: async () => { ^await x; }, retries: 3 });', 'load', 'load'],
    ['run(async function load() { ^await x; }, { load: 3 });', 'load', 'load'],
    ['class Shop { async load() { ^await x; } }', 'Shop.load', 'Shop.load'],
  ];
  for (const [marked, told, expected] of TOLD) {
    it(`${expected === told ? 'keeps' : 'does not believe'} the name that V8 gives: ${told} in ${marked}`, () => {
      const names = functionNames(marked.replace('^', ''));
      assert.equal(names.nameAt(marked.indexOf('^'), 'shop.ts', told), expected);
    });
  }

  it('takes no more than a moment for a big file', () => {
    const text = 'class A { b() { return c.map(async (d) => { await e(`${d}`); }); } }\n'.repeat(10_000);
    const start = performance.now();
    functionNames(text).nameAt(text.length - 30, 'big.ts');
    assert.ok(performance.now() - start < 5000);
  });
});
