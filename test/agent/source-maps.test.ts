/** Programs that a loader compiles in memory: the lines the user wrote, by the maps that only the program has. */
import assert from 'node:assert/strict';
import { transformSync } from 'esbuild';
import type { Frame } from '../../src/protocol/agent.ts';
import { runPaused } from '../support/paused.ts';
import { nodeMajor, runWithAgent, type RunOptions, type RunResult } from '../support/run-node.ts';

/** Tells which files a map was asked for; `answer` is what happens then. */
const spy = (answer: string) => `
  const nodeModule = require('node:module');
  const { findSourceMap } = nodeModule;
  globalThis.asked = [];
  nodeModule.findSourceMap = (file) => { globalThis.asked.push(require('node:path').basename(file)); ${answer} };
`;

describe('source maps in memory', () => {
  const hang = 'export async function hang(): Promise<void> { type T = 1; await new Promise<T>(() => {}); }';

  /** A loader for one file, lib.ts, with the given additions to its map. */
  function compiled(more: object = {}): Record<string, string> {
    const { code, map } = transformSync(`\n\n\n${hang}`, {
      loader: 'ts',
      format: 'cjs',
      sourcemap: true,
      sourcefile: 'lib.ts',
    });
    const json = Buffer.from(JSON.stringify({ ...(JSON.parse(map) as object), ...more })).toString('base64');
    const compiledCode = `${code}//# sourceMappingURL=data:application/json;base64,${json}\n`;
    const loader = `
      process.setSourceMapsEnabled(true);
      require.extensions['.ts'] = (module, file) => module._compile(${JSON.stringify(compiledCode)}, file);
    `;
    return { 'lib.ts': '', 'loader.cjs': loader };
  }
  const USE = `require('./loader.cjs'); require('./lib.ts').hang(); console.log(asked.join());
    process.on('exit', () => console.log(asked.join()));`;

  async function run(answer: string, options: RunOptions): Promise<RunResult & { frames: Frame[] }> {
    const files = { 'spy.cjs': spy(answer), ...options.files };
    const result = await runWithAgent({ env: { NODE_OPTIONS: '--require ./spy.cjs' }, ...options, files });
    assert.equal(result.stderr, '');
    const exit = result.events.findLast((event) => event.event === 'exit');
    assert.deepEqual(exit?.snapshot.faults, []);
    return { ...result, frames: exit?.snapshot.frames ?? [] };
  }

  const originals = (frames: readonly Frame[]) =>
    frames.map(({ original }) => original && { ...original, file: original.file.replace(/^file:.*\//, '') });

  it('are asked for at the end of a program, not while it runs, and only for what is shown', async () => {
    const { stdout, frames } = await run('return findSourceMap(file);', { source: USE, files: compiled() });
    assert.equal(stdout, '\nlib.ts\n');
    assert.deepEqual(originals(frames), [{ file: 'lib.ts', line: 4, column: 59 }]);
    assert.equal(frames[0]?.function, 'hang');
  });

  it('say what is not the user’s', async () => {
    for (const key of ['ignoreList', 'x_google_ignoreList']) {
      const files = compiled({ [key]: [0] });
      const { frames } = await run('return findSourceMap(file);', { source: USE, files });
      assert.deepEqual(originals(frames), [{ file: 'lib.ts', line: 4, column: 59, ignored: true }], key);
    }
  });

  it('do no harm when they cannot be read', async () => {
    const answers = ['throw new Error("no");', 'return { findEntry() { throw new Error("no"); } };', 'return {};'];
    for (const answer of answers) {
      const { stdout, code, frames } = await run(answer, { source: USE, files: compiled() });
      assert.deepEqual([stdout, code, originals(frames)], ['\nlib.ts\n', 0, [undefined]], answer);
    }
  });

  it('of code that is paused are read only where V8 can bear it; elsewhere the frame says that its line is not the user’s', async function () {
    this.timeout(30_000);
    const source = `
      ${compiled()['loader.cjs']}
      require('node:fs').writeFileSync(__dirname + '/lib.ts', '');
      require('./lib.ts').hang();
      debugger;`;
    const seen: unknown[] = [];
    await runPaused(source, async (ask) => {
      const answer = await ask({ request: 'snapshot' });
      for (const { file, isUnmapped, original } of 'frames' in answer ? answer.frames : [])
        if (file.endsWith('lib.ts')) seen.push([isUnmapped, original?.line]);
    });
    assert.deepEqual(seen, [nodeMajor() >= 24 ? [undefined, 4] : [true, undefined]]);
  });

  it('are not asked for where no loader has switched them on', async () => {
    const source = `(async () => { await new Promise(() => {}); })(); process.on('exit', () => console.log(asked.length));`;
    const { stdout, frames } = await run('', { source });
    assert.deepEqual([stdout, frames.length], ['0\n', 1]);
  });

  it('are not asked for compiled JavaScript whose map is a file', async () => {
    const source = `(async () => { await new Promise(() => {}); })(); process.on('exit', () => console.log(asked.length));`;
    const { stdout, frames } = await run('', { source, execArgv: ['--enable-source-maps'] });
    assert.deepEqual([stdout, originals(frames)], ['0\n', [undefined]]);
  });
});

describe('source maps of code compiled through node:vm', () => {
  const hang = 'export async function hang(): Promise<void> { type T = 1; await new Promise<T>(() => {}); }';
  const { code, map } = transformSync(`\n\n\n${hang}`, {
    loader: 'ts',
    format: 'cjs',
    sourcemap: true,
    sourcefile: 'lib.ts',
  });
  const inline = (text: string) =>
    `${code}//# sourceMappingURL=data:application/json;charset=utf-8;base64,${Buffer.from(text).toString('base64')}`;

  /** Where the pending await is according to the frames. */
  async function placesOf(program: string, text = inline(map), execArgv: string[] = []): Promise<unknown[]> {
    const source = `const vm = require('node:vm'); const file = require('node:path').join(__dirname, 'lib.ts');
      const code = ${JSON.stringify(text)};
      ${program}`;
    const { events, stderr, stdout } = await runWithAgent({ source, execArgv });
    assert.equal(stderr, '');
    const exit = events.findLast((event) => event.event === 'exit');
    assert.deepEqual(exit?.snapshot.faults, []);
    const frames = exit?.snapshot.frames ?? [];
    const places = frames.map(
      ({ original }) => original && `${original.file.replace(/^file:.*\//, '')}:${original.line}`,
    );
    return stdout === '' ? places : [stdout, ...places];
  }

  const AS_SCRIPT = `const wrapped = '(function (exports, module) {' + code + '\\n})';
    new vm.Script(wrapped, { filename: file }).runInThisContext()`;

  it('are read for a script', async () => {
    assert.deepEqual(await placesOf(`const module_ = {}; ${AS_SCRIPT}({}, module_); module_.exports.hang();`), [
      'lib.ts:4',
    ]);
  });

  it('are read for a function, as Jest compiles it', async () => {
    const program = `const module_ = {};
      vm.compileFunction(code, ['exports', 'module'], { filename: file })({}, module_); module_.exports.hang();`;
    assert.deepEqual(await placesOf(program), ['lib.ts:4']);
  });

  it('do no harm when they are malformed', async () => {
    const program = `const module_ = {};
      vm.compileFunction(code, ['exports', 'module'], { filename: file })({}, module_); module_.exports.hang();`;
    for (const text of ['{', '{}', 'null', '{"version":3,"sources":[1],"mappings":"%"}'])
      assert.deepEqual(await placesOf(program, inline(text)), [undefined], text);
  });

  /** V8's own keeps the code for some time (Node 22 to 26). */
  const NO_CACHE = ['--expose-gc', '--no-compilation-cache'];

  it('keep nothing of the code alive', async () => {
    const program = `
      const usedMb = () => { for (let i = 0; i < 3; i++) gc(); const { heapUsed, external } = process.memoryUsage(); return (heapUsed + external) / 1e6; };
      const before = usedMb();
      const last = code.slice(code.lastIndexOf('//# '));
      for (let i = 0; i < 60; i++) {
        const body = Buffer.from('const text = 1;\\n'.padEnd(900_000) + '\\n' + last).toString('latin1');
        vm.compileFunction(body, [], { filename: file + i });
      }
      setTimeout(() => { const mb = usedMb() - before; if (mb > 20) console.log(mb + ' MB'); }, 100);`;
    assert.deepEqual(await placesOf(program, inline(map), NO_CACHE), []);
  });

  it('cost the program nothing that it could see', async () => {
    const program = `
      const { Script } = vm; class Own extends Script {}
      const own = new Own('1 + 1', { filename: file });
      const thrown = (work) => { try { work(); } catch (error) { return error.stack.split('\\n').slice(4, 7).join(); } };
      const stacks = [thrown(() => new Script('1 +', 'a.js')), thrown(() => vm.compileFunction('1 +', [], { filename: 'a.js' }))];
      console.log([own instanceof Own, own.runInThisContext(), Object.getPrototypeOf(Script).name, vm.compileFunction.name,
        vm.compileFunction.length, stacks.join().replaceAll(/[\\w/.-]*main\\.[cm]?js/g, 'main').replaceAll(/:\\d+/g, '')].join('|'));`;
    const expected =
      'true|2|ContextifyScript|compileFunction|2|SyntaxError: Unexpected end of input,    at new Script (node:vm),';
    const [printed] = await placesOf(program);
    assert.equal(String(printed).slice(0, expected.length), expected);
    assert.doesNotMatch(String(printed), /agent|Reflect|Proxy|construct/);
  });
});
