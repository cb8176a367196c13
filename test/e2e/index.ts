/** What VS Code calls to run one suite: mocha over the bundled test files, with progress and totals left in files for the launcher. */
import { appendFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';
import { screenshot } from './workbench.ts';

const TEST_LIMIT_MS = 60_000;

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: start the suites with "npm run test:e2e"`);
  return value;
}

function tell(text: string): void {
  appendFileSync(variable('ASYNC_LENS_E2E_PROGRESS'), `${text}\n`);
}

function report(runner: Mocha.Runner, failures: string[]): void {
  const { EVENT_SUITE_BEGIN, EVENT_TEST_PASS, EVENT_TEST_FAIL } = Mocha.Runner.constants;
  runner.on(EVENT_SUITE_BEGIN, (suite: Mocha.Suite) => {
    if (!suite.root) tell(`  ${suite.title}`);
  });
  runner.on(EVENT_TEST_PASS, (test: Mocha.Test) => tell(`    ✔ ${test.title} (${test.duration ?? 0} ms)`));
  runner.on(EVENT_TEST_FAIL, (test: Mocha.Test, error: Error) => {
    const text = error.stack ?? String(error);
    // Not waited for: the hooks that follow clear up what it is to show.
    void screenshot(`failed ${test.title.replaceAll(/[^\w-]+/g, ' ')}`).catch((lost: unknown) =>
      tell(`      no screenshot: ${String(lost)}`),
    );
    failures.push(`${test.fullTitle()}\n${text}`);
    tell(`    ✖ ${test.title}\n${text.replaceAll(/^/gm, '        ')}`);
  });
}

/** Rejects when a test failed. */
export async function run(): Promise<void> {
  const folder = variable('ASYNC_LENS_E2E_SUITE');
  const mocha = new Mocha({ ui: 'bdd', timeout: TEST_LIMIT_MS, forbidOnly: true, forbidPending: true });
  mocha.reporter(Mocha.reporters.Base);
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.test.js')) mocha.addFile(path.join(folder, name));
  }
  const failures: string[] = [];
  const failed = await new Promise<number>((resolve) => {
    const runner = mocha.run((count) => {
      const totals = { passed: runner.stats?.passes ?? 0, failed: count, failures };
      writeFileSync(variable('ASYNC_LENS_E2E_RESULTS'), JSON.stringify(totals));
      resolve(count);
    });
    report(runner, failures);
  });
  if (failed > 0) throw new Error(`${failed} tests failed`);
}
