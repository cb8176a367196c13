/** `npm test`: sets up a bare clone, then runs the named steps or groups (default: all) and prints `N passed, N failed` as its last line. */
import { GROUPS, STEPS } from './steps.mjs';
import { setUp } from './setup.mjs';

function plan(names) {
  const unknown = names.filter((name) => !STEPS.has(name) && !Object.hasOwn(GROUPS, name));
  if (unknown.length > 0) {
    console.error(
      `unknown step ${unknown.join(', ')}; there are ${[...Object.keys(GROUPS), ...STEPS.keys()].join(', ')}`,
    );
    process.exit(2);
  }
  const wanted = new Set((names.length > 0 ? names : ['all']).flatMap((name) => GROUPS[name] ?? [name]));
  if ([...wanted].some((name) => STEPS.get(name).needsBuild)) wanted.add('build');
  return [...STEPS.keys()].filter((name) => wanted.has(name));
}

const SHOWN_LINES = 25;
const SHOWN_COLUMNS = 2000;

function shorten(text) {
  const lines = text.split('\n').map((line) => line.slice(0, SHOWN_COLUMNS));
  return [...lines.slice(0, SHOWN_LINES), ...(lines.length > SHOWN_LINES ? ['...'] : [])].join('\n');
}

async function take(title, work) {
  console.log(`\n=== ${title}`);
  const started = performance.now();
  const outcome = { passed: 0, failed: 0, failures: [] };
  try {
    Object.assign(outcome, await work());
  } catch (error) {
    console.error(`${title}: ${error.message}`);
    outcome.failed = 1;
    outcome.failures.push(error.message);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`--- ${title}: ${outcome.passed} passed, ${outcome.failed} failed (${seconds} s)`);
  return outcome;
}

const names = plan(process.argv.slice(2));
console.log(`steps: ${['set-up', ...names].join(', ')}`);
const outcomes = new Map();
const setUpOutcome = await take('set-up', async () => {
  await setUp();
  return { passed: 0, failed: 0 };
});
if (setUpOutcome.failed > 0) {
  outcomes.set('set-up', setUpOutcome);
} else {
  for (const name of names) {
    const step = STEPS.get(name);
    const blocked = step.needsBuild && outcomes.get('build').failed > 0;
    const work = () => (blocked ? Promise.reject(new Error('not run, because the build failed')) : step.run());
    outcomes.set(name, await take(name, work));
  }
}
const failed = [...outcomes].filter(([, outcome]) => outcome.failed > 0).map(([name]) => name);
// Said again at the end: of a long run people and machines see the last lines.
for (const [name, { failures }] of outcomes)
  for (const text of failures) console.log(`\nfailed in ${name}: ${shorten(text)}`);
if (failed.length > 0) console.log(`\nfailed: ${failed.join(', ')}`);
const sum = (key) => [...outcomes.values()].reduce((total, outcome) => total + outcome[key], 0);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = failed.length > 0 ? 1 : 0;
