/** Unusual ways to run a program: each does what it does without Async Lens, and is observed where Node allows it. */
import assert from 'node:assert/strict';
import { buildCommandLine, type CommandLine } from '../support/command-line.ts';
import { newPool } from '../support/pool.ts';
import { nodeBinary, nodeMajor, runWithAgent, type RunOptions, type RunResult } from '../support/run-node.ts';

const major = nodeMajor();
const PERMISSION = [major < 22 ? '--experimental-permission' : '--permission', '--allow-fs-read=*'];
/** Prints a promise, stalls, waits, and says so. */
const SOURCE = `(async () => {
  console.log(Promise.resolve(1));
  for (const end = Date.now() + 100; Date.now() < end;);
  await new Promise((resolve) => setTimeout(resolve, 50));
  console.log('done');
})();`;

/** How each is run, and the faults that the agent may tell. */
const CASES: Record<string, RunOptions & { faults?: string[] }> = {
  'without deprecation warnings': { source: SOURCE, execArgv: ['--no-deprecation', '--throw-deprecation'] },
  'without compiled code': {
    source: SOURCE,
    execArgv: ['--jitless'],
    faults: ['tripwires: this runtime does not let synchronous calls be timed; they are told only as stalls'],
  },
  'with frozen intrinsics': { source: SOURCE, execArgv: ['--frozen-intrinsics'] },
  'in a small heap': { source: SOURCE, execArgv: ['--max-old-space-size=20'] },
  'with a line of 3 MB': { source: `const text = '${'x'.repeat(3_000_000)}'; ${SOURCE}` },
  'that may not start threads': {
    source: SOURCE,
    execArgv: [...PERMISSION, '--allow-fs-write=*'],
    faults: major < 24 ? ['resources: process.binding'] : [],
  },
  'that may start threads, but use no inspector': {
    source: SOURCE,
    execArgv: [...PERMISSION, '--allow-fs-write=*', '--allow-worker'],
    faults: major < 24 ? ['resources: process.binding'] : [],
  },
  'that may write nothing': { source: SOURCE, execArgv: PERMISSION },
  'of cluster': {
    source: `const cluster = require('node:cluster');
      if (cluster.isPrimary) { cluster.fork(); cluster.on('exit', (_worker, code) => console.log(code)); }
      else require('node:http').createServer().listen(0, () => process.exit(3));`,
  },
};

const visible = ({ stdout, stderr, code, signal }: RunResult): object => ({
  stdout,
  stderr: stderr.replaceAll(/\d+/g, 'N'),
  code,
  signal,
});

describe('a program', function () {
  this.timeout(120_000);
  const inTurn = newPool(3);
  const results = new Map<string, Promise<RunResult[]>>();

  before(() => {
    for (const [name, options] of Object.entries(CASES)) {
      const runs = [{ agent: false }, {}, { watch: { durationMs: null } }];
      const all = Promise.all(runs.map((each) => inTurn(() => runWithAgent({ ...options, ...each }))));
      all.catch(() => undefined); // told by its test
      results.set(name, all);
    }
  });

  for (const [name, { faults = [] }] of Object.entries(CASES)) {
    it(`${name} is the same with the agent, and under the watchdog`, async () => {
      const [bare, ...observed] = (await results.get(name)) ?? [];
      assert.ok(bare);
      for (const run of observed) {
        assert.deepEqual(visible(run), visible(bare));
        const told = run.events.flatMap((event) => (event.event === 'fault' ? [event.message] : []));
        assert.deepEqual(told, faults);
      }
    });
  }

  it('is not told of event files that cannot be written', async () => {
    const source = `const fs = require('node:fs'), folder = process.env.ASYNC_LENS_SPOOL;
      fs.rmSync(folder, { recursive: true });
      process.on('exit', () => fs.mkdirSync(folder));
      let turns = 0;
      const timer = setInterval(() => { ++turns > 12 && clearInterval(timer); for (const end = Date.now() + 60; Date.now() < end;); }, 80);`;
    const run = await runWithAgent({ source, watch: { durationMs: null } });
    assert.deepEqual([run.stdout, run.stderr, run.code], ['', '', 0]);
  });
});

describe('async-lens run', function () {
  this.timeout(60_000);
  let line: CommandLine;
  before(() => {
    line = buildCommandLine();
  });
  after(() => line.remove());

  it('reports the tests of node --test, not the runner', async () => {
    const file = line.write(
      'a.test.mjs',
      `import { it } from 'node:test'; it('waits', () => new Promise((resolve) => setTimeout(resolve, 50)));`,
    );
    const { report, code, stdout } = await line.run([nodeBinary(), '--test', file]);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /pass 1/);
    assert.ok(report.counts.promisesCreated > 0);
  });
});
