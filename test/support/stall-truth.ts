/** The truth table of stalls, for the command line and for VS Code: what must be told of each program of test/agent/fixtures/stalls. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ReportStall } from '../../src/protocol/report.ts';

interface Truth {
  /** Kind, API and confidence. */
  what: string;
  anyConfidence?: true;
  detail?: RegExp;
  /** Told only when it was over, because nothing of the program runs meanwhile. */
  late?: true;
  /** It runs so often; the last counts. */
  runs?: number;
  /** Major version of Node. */
  since?: number;
}

const SAMPLED = 'javascript sampled';

const TRUTH: Record<string, Truth> = {
  'busy-loop': { what: SAMPLED },
  regex: { what: SAMPLED },
  sort: { what: SAMPLED },
  wasm: { what: SAMPLED },
  'promise-recursion': { what: 'microtasks sampled' },
  'tick-recursion': { what: 'ticks sampled' },
  // A stack that could only be taken when a long collection was over says `inferred`.
  collections: { what: 'gc', anyConfidence: true },
  'tiny-callbacks': { what: 'callbacks sampled' },
  // On a busy machine a few of the calls make up most of the time.
  'exists-storm': { what: 'sync-call fs.existsSync', anyConfidence: true },
  'read-file-loop': { what: 'sync-call fs.readFileSync exact', detail: /^node.* \(\d+ MB\)$/ },
  'read-pipe': { what: 'sync-call fs.readFileSync exact', detail: /^lens-pipe/ },
  // Nothing shows its line but the CPU profiler, which looks from the first such stall on.
  native: { what: 'javascript', anyConfidence: true, late: true, runs: 2 },
  clone: { what: 'javascript', anyConfidence: true, late: true },
  'typed-sort': { what: 'javascript', anyConfidence: true, late: true },
  'exec-sync': { what: 'sync-call child_process.execSync exact', detail: /^sleep$/ },
  'spawn-sync': { what: 'sync-call child_process.spawnSync exact', detail: /^sleep$/ },
  pbkdf2: { what: 'sync-call crypto.pbkdf2Sync exact', detail: /^\(600000 iterations\)$/ },
  scrypt: { what: 'sync-call crypto.scryptSync exact' },
  gzip: { what: 'sync-call zlib.gzipSync exact', detail: /^\(12 MB\)$/ },
  brotli: { what: 'sync-call zlib.brotliCompressSync exact', detail: /^\(400 kB\)$/ },
  'atomics-wait': { what: 'sync-call Atomics.wait exact' },
  sqlite: { what: 'sync-call sqlite.StatementSync.get exact', since: 22 },
  'vm-run': { what: 'sync-call vm.runInContext exact' },
  'json-parse': { what: 'sync-call JSON.parse exact', detail: /^\(\d+ MB\)$/ },
  'json-stringify': { what: 'sync-call JSON.stringify exact', detail: /^\(\d+ MB\)$/ },
};
/** Collections depend on memory and on the other threads of V8, which a busy machine does not let run. */
export const GARBAGE = 'garbage';

/** What a program has measured itself; times are milliseconds since the start of its process. */
export interface Measured {
  name: string;
  startMs: number;
  durationMs: number;
  processorMs: number;
}

/** Names of the programs for that major version of Node. */
export function programsFor(major: number): string[] {
  return Object.keys(TRUTH).filter((name) => truthOf(name).since === undefined || (truthOf(name).since ?? 0) <= major);
}

/** Kind, API and confidence that must be told. */
export function truthOf(name: string): Truth {
  return TRUTH[name] ?? { what: '' };
}

/** The names, each as often as that program is to run. */
export const runsOf = (names: readonly string[]): string[] =>
  names.flatMap((name) => Array.from({ length: truthOf(name).runs ?? 1 }, () => name));

/** Number, from 1, of the line to blame in that program of the folder. */
export function culpritLine(folder: string, name: string): number {
  const lines = readFileSync(join(folder, `${name}.cjs`), 'utf8').split('\n');
  return lines.findIndex((line) => line.includes('// culprit')) + 1;
}

/** The longest stall that lay within what was measured. */
export function stallOf({ startMs, durationMs }: Measured, stalls: readonly ReportStall[]): ReportStall | undefined {
  const endMs = startMs + durationMs;
  const overlap = (stall: ReportStall): number =>
    Math.min(endMs, stall.startMs + stall.durationMs) - Math.max(startMs, stall.startMs);
  return stalls.filter((stall) => overlap(stall) > 0).sort((a, b) => overlap(b) - overlap(a))[0];
}

/** The machine hardly let the program run: most of what happened then was no doing of the program's, and little of it was seen. */
export const isStarved = ({ processorMs, durationMs }: Measured): boolean => processorMs < durationMs / 2;

const isTimed = (name: string): boolean => truthOf(name).what.endsWith('exact');

/** What is sampled needs a machine that has time for it. */
export function hadTimeFor({ name, processorMs, durationMs }: Measured): boolean {
  return isTimed(name) || processorMs >= durationMs * 0.8;
}

/** Kind, API, confidence, detail, line, duration and whether it was told in time. */
export function assertToldRightly(measured: Measured, stall: ReportStall | undefined, folder: string): void {
  const { name, durationMs } = measured;
  const { what, anyConfidence, detail, late } = truthOf(name);
  if (isStarved(measured) && !isTimed(name)) return;
  assert.ok(stall !== undefined, `there is none for ${JSON.stringify(measured)}`);
  const told = JSON.stringify({ measured, stall });
  assert.equal(
    [stall.kind, stall.api, anyConfidence === true ? '' : stall.confidence].filter(Boolean).join(' '),
    what,
    told,
  );
  if (detail !== undefined) assert.match(stall.detail ?? '', detail);
  const { file = '', line } = stall.location ?? {};
  assert.equal(`${basename(file)}:${line}`, `${name}.cjs:${culpritLine(folder, name)}`, told);
  if (late === true) return;
  assert.ok(stall.toldAfterMs !== undefined && stall.toldAfterMs < stall.durationMs, `not told in time: ${told}`);
  // 20 %; a machine that has little time for the program holds up turns before and after, too, and what it took is not counted.
  const hadTime = hadTimeFor(measured);
  assert.ok(stall.durationMs > durationMs * (hadTime ? 0.8 : 0.4) - 50, told);
  assert.ok(!hadTime || stall.durationMs < durationMs * 1.2 + 50, told);
}
