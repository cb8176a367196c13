import assert from 'node:assert/strict';
import { buildCommandLine, names } from '../support/command-line.ts';

const FAMILY = `
const { fork } = require('node:child_process');
const { Worker } = require('node:worker_threads');
async function childHangs() { await new Promise(() => {}); }
if (process.argv[2] === 'hang') childHangs();
else if (process.argv[2] === undefined) {
  fork(__filename, ['hang']).on('exit', () => fork(__filename, ['idle']));
  new Worker('async function workerHangs() { await new Promise(() => {}); } workerHangs();', { eval: true });
}`;

const SERVICE = `
const { fork } = require('node:child_process');
async function parentWaits() { await new Promise((resolve) => fork(__filename, ['child']).on('exit', resolve)); }
const never = () => new Promise((resolve) => setTimeout(resolve, 1e6));
async function childWaits() { await never(); }
async function childWaitsLater() { await never(); }
if (process.argv[2] === 'child') {
  childWaits();
  setTimeout(childWaitsLater, 700);
} else parentWaits();`;

/** Of five workers one hangs, two block their loops, one has been terminated and one has ended. */
const POOL = `
const { once } = require('node:events');
const { Worker } = require('node:worker_threads');
const wait = 'const never = () => new Promise((resolve) => setTimeout(resolve, 1e6).unref());';
const start = (source) => new Worker(wait + source + "; require('node:worker_threads').parentPort.postMessage(1);", { eval: true });
const hangs = start('async function workerHangs() { await never(); } workerHangs(); setInterval(() => {}, 1000)');
hangs.unref();
start('setTimeout(() => { for (;;); })');
start("async function beforeTheBlock() { await never(); } beforeTheBlock(); setTimeout(() => { for (;;); }, 2000)");
const terminated = start('async function workerIsGone() { await never(); } workerIsGone(); setInterval(() => {}, 1000)');
setTimeout(() => terminated.terminate(), 1500);
start('');
setInterval(() => {}, 1000);
`;

/** Its worker waits for messages until it is terminated, and so is idle for good; the program goes on for a while. */
const TERMINATED = `
const { Worker, isMainThread, parentPort } = require('node:worker_threads');
if (isMainThread) {
  const worker = new Worker(__filename);
  worker.once('online', () => setTimeout(() => worker.terminate().then(() => setTimeout(() => {}, 500)), 500));
} else parentPort.on('message', () => {});
`;

describe('async-lens run shows other processes and threads', function () {
  this.timeout(60_000);
  const cli = buildCommandLine();
  after(() => cli.remove());

  it('with trees of their own when they have something to tell', async () => {
    const { report, stderr } = await cli.run(['node', cli.write('family.cjs', FAMILY)]);
    assert.equal(report.process.argv.length, 2);
    assert.match(stderr, /1 other process: nothing pending, nothing found/);
    assert.match(stderr, /^worker \d {2}ended.*workerHangs.*^family\.cjs {2}ended.*childHangs/ms);
    assert.deepEqual(
      report.others?.map((other) => [
        other.process.threadId === undefined ? 'process' : 'worker',
        ...names(other.tasks),
      ]),
      [['worker', 'workerHangs'], ['process', 'childHangs'], ['process']],
    );
  });

  it('also worker threads that never end, and says of which the event loop is blocked', async () => {
    const { report, stderr } = await cli.run(['node', cli.write('pool.cjs', POOL)], {
      options: ['--duration', '5000'],
    });
    assert.deepEqual(
      report.others?.map(({ tasks }) => names(tasks)),
      [['workerHangs'], [], ['beforeTheBlock'], [], []],
    );
    const [hangs, , blocks] = report.others ?? [];
    const [atTheEnd = 0, beforeTheBlock = Infinity] = [hangs, blocks].map((other) => other?.tasks[0]?.ageMs);
    assert.ok(atTheEnd > beforeTheBlock + 500, 'one state is that of the end, the other that before the block');
    assert.ok(beforeTheBlock < 3000, 'the state is that before the block');
    assert.match(stderr, /worker 3: did not answer, the event loop is blocked$/m);
    assert.match(stderr, /^worker 4 {2}ended.*\n├─ It did not answer at the end, for its event loop was blocked/m);
    assert.match(stderr, /1 worker: ended before the state was known/);
    assert.match(stderr, /1 worker: nothing pending, nothing found/);
  });

  it('but no worker thread that was terminated, or that kept nothing going', async () => {
    const { stderr } = await cli.run(['node', cli.write('terminated.cjs', TERMINATED)]);
    assert.doesNotMatch(stderr, /did not answer/);
    assert.match(stderr, /1 worker: ended before the state was known/);
  });

  it('with their state at the end of the time that the run was given', async () => {
    const { report } = await cli.run(['node', cli.write('service.cjs', SERVICE)], { options: ['--duration', '5000'] });
    assert.deepEqual(names(report.tasks), ['parentWaits']);
    // What came last came when the early looks were over.
    assert.deepEqual(
      report.others?.map(({ tasks }) => names(tasks)),
      [['childWaits', 'childWaitsLater']],
    );
  });
});
