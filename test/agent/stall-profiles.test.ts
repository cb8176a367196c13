/** Stalls in native code, of which neither a timed call nor a stack tells the line: V8's CPU profiler does. */
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import type { ReportStall } from '../../src/protocol/report.ts';
import { buildCommandLine, type CommandLine } from '../support/command-line.ts';
import { nodeBinary } from '../support/run-node.ts';

/** Six calls of some tenths of a second into V8's own code, each in a turn of its own; the first when the watcher is there. */
const SEARCHES = `
const { readdirSync } = require('node:fs');
const text = 'a'.repeat(2e7);
function search(key) {
  let found = 0;
  found += text.indexOf('aaaab' + key);
  return found;
}
let left = 6;
function next() {
  search(left);
  if (--left > 0) setTimeout(next, 150);
}
const timer = setInterval(() => {
  if (!readdirSync(process.env.ASYNC_LENS_SPOOL).some((name) => name.endsWith('-watch.ndjson'))) return;
  clearInterval(timer);
  setTimeout(next, 300);
}, 20);
`;
const LINE = 6;

describe("stalls in native code, with V8's CPU profiler", function () {
  this.timeout(120_000);
  let cli: CommandLine;

  before(() => {
    cli = buildCommandLine();
    cli.write('search.cjs', SEARCHES);
  });
  after(() => cli.remove());

  async function run(mode: string): Promise<{ stalls: ReportStall[]; related: string[]; output: string }> {
    const { stdout, stderr, report } = await cli.run([nodeBinary(), 'search.cjs'], { options: ['--profiler', mode] });
    const related = report.findings.flatMap((finding) => finding.related.map(({ message }) => message));
    return { stalls: report.stalls.filter(({ kind }) => kind !== 'startup'), related, output: stdout + stderr };
  }

  const isExplained = ({ location, profile }: ReportStall): boolean =>
    `${basename(location?.file ?? '')}:${location?.line}` === `search.cjs:${LINE}` &&
    profile?.functions[0]?.name === 'search';

  it('are explained in each case while it is on, with the time of functions as evidence', async () => {
    const { stalls, related, output } = await run('on');
    assert.ok(stalls.some(isExplained), JSON.stringify(stalls));
    assert.ok(
      related.some((message) => message.startsWith('search itself took ')),
      related.join('\n'),
    );
    assert.doesNotMatch(output, /ebugger|inspector/);
  });

  it('are explained by default, after the first', async () => {
    const { stalls } = await run('auto');
    assert.ok(stalls.some(isExplained), JSON.stringify(stalls));
  });

  it('are left alone by default where the heap is so large that the profiler itself would hold the program', async () => {
    cli.write('large.cjs', `globalThis.kept = Array.from({ length: 2e6 }, (_, i) => ({ i, list: [i] }));\n${SEARCHES}`);
    const { stdout, report } = await cli.run([nodeBinary(), 'large.cjs'], { options: ['--profiler', 'auto'] });
    assert.equal(stdout, '');
    assert.deepEqual(
      report.stalls.flatMap(({ profile }) => profile ?? []),
      [],
    );
  });

  it('are left alone when it is off', async () => {
    const { stalls } = await run('off');
    assert.ok(stalls.length > 0);
    assert.deepEqual(
      stalls.map(({ profile }) => profile),
      stalls.map(() => undefined),
    );
  });
});
