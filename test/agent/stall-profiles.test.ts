/** Stalls in native code, of which neither a timed call nor a stack tells the line: V8's CPU profiler does. */
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import type { ReportStall } from '../../src/protocol/report.ts';
import { buildCommandLine, type CommandLine } from '../support/command-line.ts';
import { stallOf, type Measured } from '../support/stall-truth.ts';
import { nodeBinary } from '../support/run-node.ts';

/** Calls `next` when the watchdog is at work. */
const WHEN_WATCHED = `const timer = setInterval(() => {
  if (!require('node:fs').readdirSync(process.env.ASYNC_LENS_SPOOL).some((name) => name.endsWith('-watch.ndjson'))) return;
  clearInterval(timer);
  setTimeout(next, 300);
}, 20);
`;

/** Six calls of some tenths of a second into V8's own code, each in a turn of its own; the first when the watcher is there. */
const SEARCHES = `
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
${WHEN_WATCHED}`;
const LINE = 5;

/** One after the other, from the same line; the last of all has nothing behind it. */
const TWO = `const bytes = Buffer.alloc(6e7, 'a'), text = 'a'.repeat(4e7);
function first() { bytes.indexOf('aaaab'); }
function second() { text.indexOf('aaaab'); }
function run(work) { work(); }
let left = 6;
function next() {
  const startMs = performance.now();
  const work = left % 2 ? second : first;
  run(work);
  console.log(JSON.stringify({ name: work.name, startMs, durationMs: performance.now() - startMs }));
  if (--left > 0) setTimeout(next, 300);
}
${WHEN_WATCHED}`;

/** Two lines of one function, now this and now that; what comes next is the same. */
const SAME = `const bytes = Buffer.alloc(6e7, 'a'), text = 'a'.repeat(4e7);
let left = 6;
function next() {
  const startMs = performance.now();
  const even = left % 2 === 0;
  if (even) {
    bytes.indexOf('aaaab');
  } else {
    text.indexOf('aaaab');
  }
  process._rawDebug('ran', even ? 'bytes' : 'text', startMs, performance.now() - startMs);
  if (--left > 0) setTimeout(next, 300);
}
${WHEN_WATCHED}`;

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

  it('are told at the right line or at none by default, when one function calls now this and now that', async () => {
    cli.write('two.cjs', TWO);
    const { stdout, report } = await cli.run([nodeBinary(), 'two.cjs']);
    const lines = stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const ran = JSON.parse(line) as Measured;
        const { location } = stallOf(ran, report.stalls) ?? {};
        return `${ran.name} ${location === undefined ? '-' : TWO.split('\n')[location.line - 1]}`;
      });
    const right = lines.filter((line) => /^(\w+) function \1\(/.test(line));
    assert.ok(right.length > 0, lines.join('\n'));
    assert.deepEqual(
      lines.filter((line) => !right.includes(line) && !/^\w+ (?:-$|function run|  run)/.test(line)),
      [],
    );
  });

  it('are told at no other line of their function by default, when it calls now this and now that', async () => {
    cli.write('same.cjs', SAME);
    const { stderr, report } = await cli.run([nodeBinary(), 'same.cjs']);
    const lines = [...stderr.matchAll(/^ran (\w+) (\S+) (\S+)$/gm)].map(([, name = '', startMs, durationMs]) => {
      const ran = { name, startMs: Number(startMs), durationMs: Number(durationMs), processorMs: 0 };
      const { location } = stallOf(ran, report.stalls) ?? {};
      return `${name}: ${location === undefined ? '-' : SAME.split('\n')[location.line - 1]?.trim()}`;
    });
    assert.ok(lines.includes("text: text.indexOf('aaaab');"), lines.join('\n'));
    assert.deepEqual(
      lines.filter((line) => /^(?:text: bytes|bytes: text)\b/.test(line)),
      [],
    );
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
