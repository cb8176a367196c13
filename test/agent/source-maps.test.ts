/** Programs that a loader compiles in memory: the lines the user wrote, by the maps that only the program has. */
import assert from 'node:assert/strict';
import { buildSync, transformSync } from 'esbuild';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NODE_MAJORS, nodeBinary } from '../../scripts/tools.mjs';
import type { Frame } from '../../src/protocol/agent.ts';
import type { Location, Report, ReportTask } from '../../src/protocol/report.ts';
import { buildCommandLine, type CommandLine } from '../support/command-line.ts';
import { AdapterClient } from '../support/debug-adapter.ts';
import { runWithAgent, type RunOptions, type RunResult } from '../support/run-node.ts';

/** Over within a second. Its types vanish, so that compiled and original lines differ. */
const SOURCE = `interface Job {
  id: number;
}

import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

async function fetchJob(): Promise<Job> {
  await sleep(600_000);
  return { id: 1 };
}

async function work(): Promise<void> {
  await Promise.all([fetchJob(), fetchJob()]);
}

function block(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

void work();
setTimeout(() => block(400), 200);
setTimeout(() => {
  execFileSync(process.execPath, ['-e', 'setTimeout(() => {}, Number(process.env.CHILD_MS ?? 100))']);
  process.exit(3);
}, 800);
`;
const LOADER = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** `file:line:column` of the first place in SOURCE with this text. */
function written(file: string, text: string): string {
  const lines = SOURCE.split('\n');
  const line = lines.findIndex((found) => found.includes(text));
  return `${file}:${line + 1}:${(lines[line] ?? '').indexOf(text) + 1}`;
}

const place = (location: Location | undefined) => `${location?.file}:${location?.line}:${location?.column}`;

function places(tasks: readonly ReportTask[]): string[] {
  return tasks.flatMap(({ name, location, children }) => [
    ...(location === undefined ? [] : [`${name} ${place(location)}`]),
    ...places(children),
  ]);
}

function taskPlaces(file: string): string[] {
  return [`work ${written(file, 'await Promise.all')}`, `fetchJob ${written(file, 'await sleep')}`];
}

/** Tasks, the stall in JavaScript and the blocking call are where the source has them. */
function assertWritten(report: Report, file: string): void {
  assert.equal(report.process.exitCode, 3);
  assert.deepEqual(places(report.tasks), taskPlaces(file));
  assert.deepEqual(
    report.blockingCalls.map(({ api, location }) => `${api} ${place(location)}`),
    [`child_process.execFileSync ${written(file, 'execFileSync(process')}`],
  );
  // The loader's own work may be a stall, too.
  const stalls = report.stalls.filter(({ kind, location }) => kind === 'javascript' && location?.file === file);
  assert.deepEqual(
    stalls.map(({ location }) => `${file}:${location?.line}`),
    [written(file, 'for (const end').replace(/:\d+$/, '')],
  );
}

describe('a program that tsx compiles', function () {
  this.timeout(60_000);
  let cli: CommandLine;

  before(() => (cli = buildCommandLine()));
  after(() => cli.remove());

  for (const major of NODE_MAJORS) {
    for (const name of ['job.ts', 'job.mts']) {
      it(`is reported by its own lines: ${name} on Node ${major}`, async () => {
        const file = cli.write(name, SOURCE);
        const { report } = await cli.run([await nodeBinary(major), '--import', LOADER, file]);
        assert.equal(Number.parseInt(report.process.node.slice(1), 10), major);
        assertWritten(report, file);
      });
    }
  }

  for (const major of [20, 24]) {
    describe(`under the debug adapter on Node ${major}`, () => {
      let client: AdapterClient;
      let file: string;

      beforeEach(async () => {
        file = cli.write('job.ts', SOURCE);
        client = new AdapterClient('real');
        await client.initializeRequest();
        const runtimeExecutable = await nodeBinary(major);
        const runtimeArgs = ['--import', LOADER];
        await client.send('launch', { program: file, runtimeExecutable, runtimeArgs, env: { CHILD_MS: '1500' } });
      });
      afterEach(() => client.stop());

      it('shows its own lines during a blocking call and at the end', async () => {
        const { body } = await client.event('asyncLens/stall', (told) => (told as { api?: string }).api !== undefined);
        assert.equal(place(body.location), written(file, 'execFileSync(process'));
        await client.event('terminated');
        assertWritten((await client.customRequest('asyncLens/report')).body, file);
      });
    });
  }
});

describe('a program that was compiled to files', function () {
  this.timeout(60_000);
  let cli: CommandLine;

  before(() => (cli = buildCommandLine()));
  after(() => cli.remove());

  for (const [how, args] of [
    ['with --enable-source-maps', ['--enable-source-maps']],
    [
      'with source maps switched on while it runs',
      ['--import', 'data:text/javascript,process.setSourceMapsEnabled(true)'],
    ],
  ] as const) {
    it(`is translated once, ${how}`, async () => {
      const file = cli.write('built.ts', SOURCE);
      buildSync({ entryPoints: [file], outdir: join(cli.folder, 'dist'), format: 'cjs', sourcemap: true });
      const { report } = await cli.run([await nodeBinary(24), ...args, join(cli.folder, 'dist', 'built.js')]);
      assertWritten(report, file);
    });
  }
});

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
