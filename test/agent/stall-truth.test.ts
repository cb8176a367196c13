/**
 * The truth table of stalls: one small program for each way to hold the event loop, run by the command line. Each measures itself how long it took and
 * marks the line that is to blame; `fixtures/stalls/run.cjs` runs them one after the other.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ReportStall } from '../../src/protocol/report.ts';
import { buildCommandLine, type CommandLine } from '../support/command-line.ts';
import { newPool } from '../support/pool.ts';
import { nodeBinary, nodeMajor } from '../support/run-node.ts';

const FOLDER = fileURLToPath(new URL('fixtures/stalls', import.meta.url));
const SAMPLED = 'javascript sampled';

/** Kind, API and confidence. `late`: told only when it was over, because nothing of the program runs meanwhile. */
const TRUTH: Record<string, { what: string; anyConfidence?: true; detail?: RegExp; late?: true; since?: number }> = {
  'busy-loop': { what: SAMPLED },
  regex: { what: SAMPLED },
  sort: { what: SAMPLED },
  wasm: { what: SAMPLED },
  'promise-recursion': { what: 'microtasks sampled' },
  'tick-recursion': { what: 'ticks sampled' },
  'tiny-callbacks': { what: 'callbacks sampled' },
  // On a busy machine a few of the calls make up most of the time.
  'exists-storm': { what: 'sync-call fs.existsSync', anyConfidence: true },
  'read-file-loop': { what: 'sync-call fs.readFileSync exact', detail: /^node.* \(\d+ MB\)$/ },
  native: { what: 'javascript inferred', late: true },
  'exec-sync': { what: 'sync-call child_process.execSync exact', detail: /^sleep$/ },
  'spawn-sync': { what: 'sync-call child_process.spawnSync exact', detail: /^sleep$/ },
  pbkdf2: { what: 'sync-call crypto.pbkdf2Sync exact', detail: /^\(600000 iterations\)$/ },
  scrypt: { what: 'sync-call crypto.scryptSync exact' },
  gzip: { what: 'sync-call zlib.gzipSync exact', detail: /^\(12 MB\)$/ },
  brotli: { what: 'sync-call zlib.brotliCompressSync exact', detail: /^\(400 kB\)$/ },
  'atomics-wait': { what: 'sync-call Atomics.wait exact' },
  sqlite: { what: 'sync-call sqlite.StatementSync.get exact', since: 22 },
  'json-parse': { what: 'sync-call JSON.parse exact', detail: /^\(\d+ MB\)$/ },
  'json-stringify': { what: 'sync-call JSON.stringify exact', detail: /^\(\d+ MB\)$/ },
};
/** Collections depend on memory and on the other threads of V8, which a busy machine does not let run. */
const GARBAGE = 'garbage';

interface Measured {
  name: string;
  startMs: number;
  durationMs: number;
  processorMs: number;
}

const linesOf = (name: string): string[] => readFileSync(join(FOLDER, `${name}.cjs`), 'utf8').split('\n');
const culpritLine = (name: string): number => linesOf(name).findIndex((line) => line.includes('// culprit')) + 1;

/** The longest stall that lay within what was measured. */
function stallOf({ startMs, durationMs }: Measured, stalls: readonly ReportStall[]): ReportStall | undefined {
  const endMs = startMs + durationMs;
  const overlap = (stall: ReportStall): number =>
    Math.min(endMs, stall.startMs + stall.durationMs) - Math.max(startMs, stall.startMs);
  return stalls.filter((stall) => overlap(stall) > 0).sort((a, b) => overlap(b) - overlap(a))[0];
}

/** A busy machine is given another chance. */
const ATTEMPTS = 4;

/** The machine hardly let the program run: most of what happened then was no doing of the program's, and little of it was seen. */
const isStarved = ({ processorMs, durationMs }: Measured): boolean => processorMs < durationMs / 2;

describe('stalls, by the command line', function () {
  this.timeout(120_000);
  const major = nodeMajor();
  const rows = Object.keys(TRUTH).filter((name) => (TRUTH[name]?.since ?? 0) <= major);
  const seen = new Map<string, { measured: Measured; stall: ReportStall | undefined }>();
  let cli: CommandLine;

  async function runAll(names: readonly string[]): Promise<void> {
    const { stdout, stderr, report } = await cli.run([nodeBinary(), join(FOLDER, 'run.cjs'), ...names]);
    const measured = stdout.split('\n').filter(Boolean);
    assert.equal(measured.length, names.length, stderr);
    for (const line of measured) {
      const each = JSON.parse(line) as Measured;
      seen.set(each.name, { measured: each, stall: stallOf(each, report.stalls) });
    }
  }

  /** What is sampled needs a machine that has time for it. */
  function hadTimeFor(name: string): boolean {
    const measured = seen.get(name)?.measured;
    return (
      measured === undefined ||
      TRUTH[name]?.what.endsWith('exact') === true ||
      measured.processorMs >= measured.durationMs * 0.8
    );
  }

  before(async () => {
    cli = buildCommandLine();
    const inTurn = newPool(2);
    const third = Math.ceil(rows.length / 3);
    const parts = [rows.slice(0, third), rows.slice(third, 2 * third), [...rows.slice(2 * third), GARBAGE]];
    await Promise.all(parts.map((names) => inTurn(() => runAll(names))));
  });
  after(() => cli.remove());

  for (const name of rows) {
    const { what, anyConfidence, detail, late } = TRUTH[name] ?? { what: '' };
    it(`${name}: ${what}`, async () => {
      for (let i = 1; i < ATTEMPTS && !hadTimeFor(name); i++) await runAll([name]);
      const { measured, stall } = seen.get(name) ?? {};
      assert.ok(measured !== undefined);
      if (isStarved(measured) && !what.endsWith('exact')) return;
      assert.ok(stall !== undefined, 'there is none');
      const told = JSON.stringify({ measured, stall });
      assert.equal(
        [stall.kind, stall.api, anyConfidence === true ? '' : stall.confidence].filter(Boolean).join(' '),
        what,
        told,
      );
      if (detail !== undefined) assert.match(stall.detail ?? '', detail);
      if (late === true) return;
      const { file = '', line } = stall.location ?? {};
      assert.equal(`${basename(file)}:${line}`, `${name}.cjs:${culpritLine(name)}`, told);
      assert.ok(stall.toldAfterMs !== undefined && stall.toldAfterMs < stall.durationMs, `not told in time: ${told}`);
      // 20 %; a machine that has little time for the program holds up turns before and after, too, and what it took is not counted.
      const hadTime = what.endsWith('exact') || measured.processorMs >= measured.durationMs * 0.8;
      const { durationMs } = measured;
      assert.ok(stall.durationMs > durationMs * (hadTime ? 0.8 : 0.4) - 50, told);
      assert.ok(!hadTime || stall.durationMs < durationMs * 1.2 + 50, told);
    });
  }

  it('garbage: at the line that makes it', () => {
    const { measured, stall } = seen.get(GARBAGE) ?? {};
    assert.ok(measured !== undefined);
    if (isStarved(measured)) return;
    assert.ok(stall !== undefined);
    assert.match(stall.kind, /^(?:gc|javascript)$/);
    assert.equal(stall.location?.line, culpritLine(GARBAGE));
  });
});
