/** Adapter and agent together: a TypeScript program from its source lines to its end, over stdio. */
import assert from 'node:assert/strict';
import { buildSync } from 'esbuild';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import type { CustomEvents, LensView } from '../../src/protocol/dap.ts';
import type { Location, Report, ReportTask } from '../../src/protocol/report.ts';
import { AdapterClient } from '../support/debug-adapter.ts';

type Told = CustomEvents['asyncLens/stall'];

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
  await Promise.all([fetchJob(), fetchJob(), fetchJob()]);
}

function block(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

void work();
process.on('SIGUSR2', () => block(1500));
process.on('SIGTERM', () => process.exit(4));
setTimeout(() => execFileSync(process.execPath, ['-e', 'setTimeout(() => {}, 1500)']), 2500);
`;
const line = (text: string): number => SOURCE.split('\n').findIndex((found) => found.includes(text)) + 1;

describe('a TypeScript program with the agent', function () {
  this.timeout(60_000);
  let folder: string;
  let source: string;
  let client: AdapterClient;

  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'lens real ')));
    source = join(folder, 'job.ts');
    writeFileSync(source, SOURCE);
    buildSync({ entryPoints: [source], outdir: join(folder, 'dist'), format: 'cjs', sourcemap: true });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(() => launch({ program: join(folder, 'dist', 'job.js') }));
  afterEach(() => client.stop());

  async function launch(args: object): Promise<void> {
    client = new AdapterClient('real');
    await client.initializeRequest();
    await client.send('launch', args);
  }

  const view = async (args: object = {}): Promise<LensView> =>
    (await client.customRequest('asyncLens/snapshot', args)).body;
  const report = async (): Promise<Report> => (await client.customRequest('asyncLens/report')).body;
  const place = (location: Location | undefined) => `${location?.file}:${location?.line}`;

  function outline(tasks: readonly ReportTask[], indent = ''): string[] {
    return tasks.flatMap(({ name, count, location, waitingOn, children }) => [
      `${indent}${name} ×${count}${location === undefined ? '' : ` ${place(location)}`}${waitingOn === undefined ? '' : ` ${waitingOn.kind}`}`,
      ...outline(children, `${indent}  `),
    ]);
  }

  it('shows what it waits for, at the lines the user wrote', async () => {
    assert.deepEqual(outline((await report()).tasks), [
      `work ×1 ${source}:${line('Promise.all')}`,
      `  Promise.all ×1 promise`,
      `    fetchJob ×3 ${source}:${line('await sleep')} timer`,
    ]);
    const [thread] = (await client.threadsRequest()).body.threads;
    const { stackFrames } = (await client.stackTraceRequest({ threadId: thread?.id ?? 0 })).body;
    const own = stackFrames.filter((frame) => frame.source !== undefined && frame.presentationHint === undefined);
    assert.deepEqual(
      own.map((frame) => `${frame.name} ${frame.source?.path}:${frame.line}`),
      [`fetchJob ${source}:${line('await sleep')}`, `work ${source}:${line('Promise.all')}`],
    );
  });

  it('shows the same lines when a loader compiles it in memory', async () => {
    await client.stop();
    const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    await launch({ program: source, runtimeArgs: ['--import', loader] });
    const expected = [
      `work ×1 ${source}:${line('Promise.all')}`,
      `    fetchJob ×3 ${source}:${line('await sleep')} timer`,
    ];
    let lines: string[] = [];
    // The loader takes its time before the program begins, and a look can come in the middle of its first turn: maps are not read then on Node 20 and 22.
    for (let looks = 0; looks < 200 && String(lines) !== String(expected); looks++)
      lines = outline((await report()).tasks).filter((text) => /^ *(?:work|fetchJob) /.test(text));
    assert.deepEqual(lines, expected);
  });

  it('tells of a stall in JavaScript while it lasts, with its line', async function () {
    if (process.platform === 'win32') this.skip();
    const { pid } = (await report()).process;
    process.kill(pid, 'SIGUSR2');
    // A machine under load may have had a stall of its own before.
    await client.event('asyncLens/stall', (body) => {
      const { open, location } = body as Told;
      return open && location !== undefined && place(location) === `${source}:${line('for (const end')}`;
    });
    await client.event('asyncLens/stall', (body) => !(body as Told).open && (body as Told).durationMs > 1000);
    assert.match((await view({ fresh: true })).findings.map(({ rule }) => rule).join(), /event-loop-stall/);
  });

  it('tells of a blocking call while it lasts, with its name and line', async () => {
    const { body } = await client.event(
      'asyncLens/stall',
      (told) => (told as Told).open && (told as Told).api !== undefined,
    );
    assert.deepEqual(
      [body.api, place(body.location)],
      ['child_process.execFileSync', `${source}:${line('execFileSync(process')}`],
    );
  });

  it('leaves its end state, with exit code and findings', async function () {
    if (process.platform === 'win32') this.skip();
    await client.terminateRequest();
    await client.event('asyncLens/changed', (body) => (body as LensView).state === 'ended');
    const last = await report();
    assert.equal(last.process.exitCode, 4);
    assert.deepEqual(outline(last.tasks)[0], `work ×1 ${source}:${line('Promise.all')}`);
    assert.ok(last.findings.some(({ rule }) => rule === 'pending-at-exit'));
    await view();
    await client.event('terminated');
    assert.equal(client.output('stderr'), '');
    assert.equal(client.output('console'), '');
  });

  it('survives being asked all the time', async () => {
    for (let round = 0; round < 50; round++) assert.match((await view({ fresh: true })).text, /fetchJob ×3/);
    await delay(100);
    assert.deepEqual(client.eventsOf('terminated'), []);
  });
});
