/**
 * The truth table of stalls: one small program for each way to hold the event loop, run by the command line. Each measures itself how long it took and
 * marks the line that is to blame; `fixtures/stalls/run.cjs` runs them one after the other.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ReportStall } from '../../src/protocol/report.ts';
import { buildCommandLine, type CommandLine } from '../support/command-line.ts';
import { newPool } from '../support/pool.ts';
import { nodeBinary, nodeMajor } from '../support/run-node.ts';
import {
  assertToldRightly,
  culpritLine,
  GARBAGE,
  hadTimeFor,
  isStarved,
  programsFor,
  runsOf,
  stallOf,
  truthOf,
  type Measured,
} from '../support/stall-truth.ts';

const FOLDER = fileURLToPath(new URL('fixtures/stalls', import.meta.url));

/** A busy machine is given another chance. */
const ATTEMPTS = 4;

describe('stalls, by the command line', function () {
  this.timeout(120_000);
  const rows = programsFor(nodeMajor());
  const seen = new Map<string, { measured: Measured; stall: ReportStall | undefined }>();
  let cli: CommandLine;

  async function runAll(rowsToRun: readonly string[]): Promise<void> {
    const names = runsOf(rowsToRun);
    const { stdout, stderr, report } = await cli.run([nodeBinary(), join(FOLDER, 'run.cjs'), ...names]);
    const measured = stdout.split('\n').filter(Boolean);
    assert.equal(measured.length, names.length, stderr);
    for (const line of measured) {
      const each = JSON.parse(line) as Measured;
      seen.set(each.name, { measured: each, stall: stallOf(each, report.stalls) });
    }
  }

  function check(name: string): void {
    const { measured, stall } = seen.get(name) ?? {};
    assert.ok(measured !== undefined);
    assertToldRightly(measured, stall, FOLDER);
  }

  /** And the machine had time for it. */
  function isToldRightly(name: string): boolean {
    const measured = seen.get(name)?.measured;
    if (measured !== undefined && !hadTimeFor(measured)) return false;
    try {
      check(name);
      return true;
    } catch {
      return false; // the last attempt tells
    }
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
    it(`${name}: ${truthOf(name).what}`, async () => {
      for (let i = 1; i < ATTEMPTS && !isToldRightly(name); i++) await runAll([name]);
      check(name);
    });
  }

  it('garbage: at the line that makes it', () => {
    const { measured, stall } = seen.get(GARBAGE) ?? {};
    assert.ok(measured !== undefined);
    if (isStarved(measured)) return;
    assert.ok(stall !== undefined);
    assert.match(stall.kind, /^(?:gc|javascript)$/);
    assert.equal(stall.location?.line, culpritLine(FOLDER, GARBAGE));
  });
});
