/** Programs that are compiled on the way, in memory or to files, on every supported Node: the lines the user wrote. */
import assert from 'node:assert/strict';
import { buildSync } from 'esbuild';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NODE_MAJORS, nodeBinary } from '../../scripts/tools.mjs';
import type { Location, Report, ReportTask } from '../../src/protocol/report.ts';
import { buildCommandLine, type CommandLine } from '../support/command-line.ts';
import { AdapterClient } from '../support/debug-adapter.ts';

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
        // The compiler itself may block before.
        const isOwn = (told: unknown): boolean => (told as { api?: string }).api === 'child_process.execFileSync';
        const { body } = await client.event('asyncLens/stall', isOwn);
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
