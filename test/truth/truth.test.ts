/** Runs every program of this folder under `async-lens run` and compares what is found with the marks in its source. */
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { RULE_IDS, type Finding, type RuleId } from '../../src/protocol/report.ts';
import { buildCommandLine } from '../support/command-line.ts';
import { newPool } from '../support/pool.ts';
import { nodeBinary, nodeMajor } from '../support/run-node.ts';
import { isFor, programsOf, textOf, type TruthProgram } from '../support/truth.ts';
import { newScore } from '../support/truth-score.ts';

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

function doing(program: TruthProgram): string {
  if (program.missed.length > 0) return 'does not see, as a known limit,';
  return isFiring(program) ? 'tells' : 'is silent about';
}

describe('the truth suite', () => {
  const line = buildCommandLine();
  const inTurn = newPool(SIDE_BY_SIDE);
  const found = new Map<TruthProgram, Promise<Finding[]>>();
  const score = newScore();

  async function run(program: TruthProgram): Promise<Finding[]> {
    const { options, settings, execArgv, runs } = program;
    const given =
      settings === undefined ? [] : ['--settings', line.write(`${program.rule}-${basename(runs)}.json`, settings)];
    const { report } = await line.run([nodeBinary(), ...execArgv, runs], { options: [...options, ...given] });
    return report.findings.filter((finding) => isMeant(finding, program));
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
        it(`${doing(program)} ${program.title}`, async () => {
          const textsOf = (all: Finding[]): string[] => all.map((finding) => textOf(finding, program)).sort();
          let actual = (await found.get(program)) ?? [];
          for (let i = 1; i < ATTEMPTS && TIMED.has(rule) && String(textsOf(actual)) !== String(program.expected); i++)
            actual = await run(program);
          score.add(program, actual);
          assert.deepEqual(textsOf(actual), program.expected);
        }).timeout(LIMIT_MS);
      }
    });
  }

  // After those of the rules.
  describe('as a whole', () => {
    it('is precise, and complete but for the known limits', () => {
      console.log(`      ${score.text().replaceAll('\n', '\n      ')}`);
      assert.deepEqual(score.shortfalls(), []);
    });
  });

  it('has programs for and against every rule', () => {
    const few = RULE_IDS.filter((rule) => {
      const own = programs.filter(
        (program) => program.rule === rule && isFor(program, major) && program.missed.length === 0,
      );
      const firing = own.filter(isFiring).length;
      return firing < LEAST || own.length - firing < LEAST;
    });
    assert.deepEqual(few, []);
  });
});
