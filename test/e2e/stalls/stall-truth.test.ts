/** The truth table of stalls inside of VS Code: right line, kind and call, told while it lasts, and the debugger never stops the program for it. */
import assert from 'node:assert/strict';
import { assertToldRightly, culpritLine, programsFor, truthOf } from '../../support/stall-truth.ts';
import { fileAt } from '../places.ts';
import { runStalls, type StallRun } from '../stall-runs.ts';

/** A busy machine is given other chances, each in a session of its own. */
const ATTEMPTS = 3;
/** These hold the loop and need no processor for it. */
const WAITING = new Set(['exec-sync', 'spawn-sync', 'atomics-wait']);
/** With less of its time the program was held up by the machine, and so was everybody who watched it. */
const OWN_SHARE = 0.8;
/** From 50 ms on it is a stall, and 100 ms later the editor has heard of it (80 to 170 ms after its beginning on a machine with little else to do); the rest is for busy ones. Milliseconds. */
const FIRST_WORD_MS = 50 + 100 + 250;
/** An editor that comes so late to its own timers hears of nothing soon. Milliseconds. */
const LATE_MS = 50;

function isStarved({ measured: { name, processorMs, durationMs }, hostLateMs }: StallRun): boolean {
  return hostLateMs > LATE_MS || (!WAITING.has(name) && processorMs < durationMs * OWN_SHARE);
}

function assertRight(run: StallRun): void {
  const { measured, stall, heardMs, problems } = run;
  const folder = fileAt('stalls');
  assertToldRightly(measured, stall, folder);
  if (truthOf(measured.name).late === true) return;
  assert.ok(heardMs !== undefined, `the editor heard nothing while it lasted: ${JSON.stringify(run)}`);
  const firstWord = `the editor heard of it after ${Math.round(heardMs)} ms: ${JSON.stringify(run)}`;
  assert.ok(heardMs < FIRST_WORD_MS, firstWord);
  // What the machine is to blame for may be too little for the rule.
  if (stall?.overloaded === true) return;
  const line = culpritLine(folder, measured.name);
  assert.ok(
    problems.some((problem) => problem.startsWith(`${line} `)),
    `not at line ${line}: ${problems.join(', ')}`,
  );
}

/** What is wrong with it, if anything is. */
function problemOf(run: StallRun): Error | undefined {
  try {
    assertRight(run);
    return undefined;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

describe('stalls, in VS Code', function () {
  this.timeout(300_000);
  const seen = new Map<string, StallRun>();

  before(async () => {
    for (let i = 0; i < ATTEMPTS; i++) {
      const again = [...seen.values()].filter((run) => problemOf(run) !== undefined);
      if (i > 0 && again.length === 0) return;
      const runs = await runStalls(i === 0 ? undefined : again.map(({ measured }) => measured.name));
      for (const run of runs) seen.set(run.measured.name, run);
    }
  });

  for (const name of programsFor(Infinity)) {
    it(`${name}: ${truthOf(name).what}`, () => {
      const run = seen.get(name);
      if (run === undefined) return assert.ok(truthOf(name).since !== undefined, 'it did not run');
      const problem = problemOf(run);
      if (problem !== undefined && !isStarved(run)) throw problem;
    });
  }
});
