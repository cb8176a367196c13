/** Runs every program of this folder under `async-lens run` and compares what is found with the marks in its source. */
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { RULE_IDS, type Finding, type RuleId } from '../../src/protocol/report.ts';
import { buildCommandLine } from '../support/command-line.ts';
import { newPool } from '../support/pool.ts';
import { nodeBinary, nodeMajor } from '../support/run-node.ts';
import { foundIn, isFor, programsOf, type TruthProgram } from '../support/truth.ts';

/** Findings that depend on how fast the machine is: other programs may or may not have them, and a busy machine is given another chance. */
const TIMED: ReadonlySet<RuleId> = new Set([
  'event-loop-stall',
  'blocking-call',
  'late-timer',
  'threadpool-saturated',
  'unbounded-concurrency',
  'serial-awaits',
  'stalled-job',
  'busy-polling',
  'microtask-starvation',
]);
const ATTEMPTS = 4;
/** The programs sleep and wait about half of their time. */
const SIDE_BY_SIDE = 4;
/** The first test may have to wait for its turn. */
const LIMIT_MS = 120_000;
/** Per rule, how many programs in which it must fire and how many in which it must not. */
const LEAST = 3;

const major = nodeMajor();
const programs = RULE_IDS.flatMap((rule) => programsOf(rule));

/** Without a place, what depends on the machine's speed is the machine's. */
function isMeant({ rule, location }: Finding, program: TruthProgram): boolean {
  return !TIMED.has(rule) || (rule === program.rule && location !== undefined);
}

/** Whether the rule in whose folder it is must fire. */
const isFiring = ({ rule, expected }: TruthProgram): boolean =>
  expected.some((each) => each === rule || each.startsWith(`${rule}:`));

describe('the truth suite', () => {
  const line = buildCommandLine();
  const inTurn = newPool(SIDE_BY_SIDE);
  const found = new Map<TruthProgram, Promise<string[]>>();

  async function run(program: TruthProgram): Promise<string[]> {
    const { options, settings, execArgv, runs } = program;
    const given =
      settings === undefined ? [] : ['--settings', line.write(`${program.rule}-${basename(runs)}.json`, settings)];
    const { report } = await line.run([nodeBinary(), ...execArgv, runs], { options: [...options, ...given] });
    return foundIn(report, program, (finding) => isMeant(finding, program));
  }

  before(() => {
    for (const program of programs.filter((each) => isFor(each, major))) {
      const result = inTurn(() => run(program));
      result.catch(() => undefined); // told by its test
      found.set(program, result);
    }
  });
  after(() => line.remove());

  for (const rule of RULE_IDS) {
    const own = programs.filter((program) => program.rule === rule);
    describe(rule, () => {
      for (const program of own.filter((each) => isFor(each, major))) {
        it(`${isFiring(program) ? 'tells' : 'is silent about'} ${program.title}`, async () => {
          let actual = await found.get(program);
          for (let i = 1; i < ATTEMPTS && TIMED.has(rule) && String(actual) !== String(program.expected); i++)
            actual = await run(program);
          assert.deepEqual(actual, program.expected);
        }).timeout(LIMIT_MS);
      }
    });
  }

  it('has programs for and against every rule', () => {
    const few = RULE_IDS.filter((rule) => {
      const own = programs.filter((program) => program.rule === rule && isFor(program, major));
      const firing = own.filter(isFiring).length;
      return firing < LEAST || own.length - firing < LEAST;
    });
    assert.deepEqual(few, []);
  });
});
