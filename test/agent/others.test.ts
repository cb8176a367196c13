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
