/** What `async-lens run` says of programs that npm, `node --watch` and the like have started. */
import assert from 'node:assert/strict';
import path from 'node:path';
import type { CommandLine } from '../support/command-line.ts';
import { buildCommandLine, names } from '../support/command-line.ts';

/** Stays until it is ended. */
const SERVER = `
  import { createServer } from 'node:http';
  async function handler() { await new Promise((resolve) => setTimeout(resolve, 3_600_000)); }
  createServer().listen(0, '127.0.0.1', handler);
`;

describe('the exit code', function () {
  this.timeout(60_000);
  let cli: CommandLine;
  before(() => (cli = buildCommandLine()));
  after(() => cli.remove());

  it('of what npm starts is not told when a listener of the program itself comes after the last look', async () => {
    const late = `process.on('exit', () => { process.exitCode = 4; });`;
    const file = cli.write('late/late.cjs', late);
    cli.write('late/package.json', JSON.stringify({ scripts: { start: 'node late.cjs' } }));
    const { code, report, stderr } = await cli.run(['npm', '--prefix', path.dirname(file), 'start']);
    assert.equal(code, 4);
    assert.equal(report.process.exitCode, null);
    assert.match(stderr, /^late\.cjs {2}ended, exit code unknown · /m);
    const started = await cli.run([file]);
    assert.equal(started.report.process.exitCode, 4);
  });

  it('of a program that its launcher has ended is not the launcher’s', async () => {
    const file = cli.write('server.mjs', SERVER);
    const { report, stderr } = await cli.run(['node', '--watch', file], { options: ['--duration', '3000'] });
    assert.deepEqual(names(report.tasks), ['handler']);
    assert.deepEqual([report.process.exitCode, report.process.signal], [null, null]);
    assert.match(stderr, /^server\.mjs {2}ended, exit code unknown · /m);
  });
});
