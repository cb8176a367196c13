/**
 * Runs the end-to-end suites in a real VS Code: on Linux the headless one if it can be had, else a desktop one fetched by
 * @vscode/test-electron; elsewhere the other way round. ASYNC_LENS_VSCODE=headless|desktop chooses; arguments name suites or files of them, as in
 * `session stalls` or `session/held` (default: all). ASYNC_LENS_TEST_NODE names the Node that runs the programs of the truth table of stalls.
 */
import { downloadAndUnzipVSCode, resolveCliArgsFromVSCodeExecutablePath, runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { writeSettings } from './headless/workbench.mjs';
import { packageExtension } from './package.mjs';
import { chromium, codeServer, nodeBinary } from './tools.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCE = path.join(ROOT, 'test', 'e2e');
const STALLS = path.join(ROOT, 'test', 'agent', 'fixtures', 'stalls');
const OUTPUT = path.join(ROOT, 'build', 'e2e');
const SCREENSHOTS = path.join(ROOT, 'build', 'screenshots');
const SUITE_LIMIT_S = 720;

/** Each suite is a folder of test/e2e and one run of VS Code in a clean profile. */
const SUITES = {
  session: { development: ROOT },
  stalls: { development: ROOT },
  'no-js-debug': { development: ROOT, launchArgs: ['--disable-extension=ms-vscode.js-debug'] },
  // VS Code runs a suite only for an extension under development: the harness has nothing in it.
  package: { development: path.join(SOURCE, 'harness'), installsPackage: true },
};

async function headless() {
  await codeServer();
  await chromium();
  return { executable: path.join(ROOT, 'scripts', 'vscode-headless.mjs'), isDesktop: false };
}

async function desktop() {
  return { executable: await downloadAndUnzipVSCode('stable'), isDesktop: true };
}

/** The VS Code to use: the one asked for, else the first that can be had. */
async function findVsCode() {
  const ways = { headless, desktop };
  const asked = process.env.ASYNC_LENS_VSCODE;
  if (asked !== undefined && !Object.hasOwn(ways, asked)) {
    throw new Error(`ASYNC_LENS_VSCODE is ${asked}; it can be headless or desktop`);
  }
  const names = asked ? [asked] : process.platform === 'linux' ? ['headless', 'desktop'] : ['desktop', 'headless'];
  const problems = [];
  for (const name of names) {
    try {
      return await ways[name]();
    } catch (error) {
      problems.push(`${name}: ${error.message}`);
    }
  }
  throw new Error(`there is no VS Code to run them in.\n${problems.join('\n')}`);
}

async function bundle(wanted) {
  rmSync(OUTPUT, { recursive: true, force: true });
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['test/e2e/index.ts', ...wanted.flatMap((name) => testsOf(name))],
    outdir: OUTPUT,
    outbase: 'test/e2e',
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode', 'mocha'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
}

/** The test files of a suite, or the one that is named. */
function testsOf(wanted) {
  const [suite, file] = wanted.split('/');
  const names = readdirSync(path.join(SOURCE, suite)).filter((name) => name.endsWith('.test.ts'));
  const found = names.filter((name) => file === undefined || name === `${file}.test.ts`);
  if (found.length === 0) throw new Error(`there is no test file ${wanted}`);
  return found.map((name) => `test/e2e/${suite}/${name}`);
}

/** The programs under the debugger, compiled with source maps, in a folder with a space in its name. */
async function prepareWorkspace(suite) {
  const workspace = path.join(OUTPUT, suite, 'work space');
  cpSync(path.join(SOURCE, 'workspace'), workspace, { recursive: true });
  cpSync(STALLS, path.join(workspace, 'stalls'), { recursive: true });
  await build({
    absWorkingDir: workspace,
    entryPoints: ['src/*.ts'],
    outdir: 'out',
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'linked',
    logLevel: 'warning',
  });
  return workspace;
}

/** Installs the .vsix the way a user does, by the command line of VS Code. */
function installPackage({ executable, isDesktop }, profileArguments, file) {
  const [command, ...args] = isDesktop ? resolveCliArgsFromVSCodeExecutablePath(executable) : [executable];
  const shell = process.platform === 'win32';
  execFileSync(
    command,
    [...args.filter((arg) => !arg.includes('-dir=')), ...profileArguments, `--install-extension=${file}`],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
      shell,
    },
  );
}

/** Prints what a suite appends to its progress file until `done` settles. */
async function follow(file, done) {
  let shown = 0;
  let ended = false;
  const end = done.finally(() => (ended = true));
  end.catch(() => undefined); // whoever awaits `done` handles it
  for (let last = false; !last;) {
    last = ended;
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    process.stdout.write(text.slice(shown));
    shown = text.length;
    if (!last) await Promise.race([sleep(200), end.catch(() => undefined)]);
  }
}

/** One run of VS Code; its totals. */
async function runSuite(suite, vscode) {
  const { development, launchArgs = [], installsPackage = false } = SUITES[suite];
  const profile = mkdtempSync(path.join(tmpdir(), 'lens-e2e-'));
  const results = path.join(OUTPUT, suite, 'results.json');
  const progress = path.join(OUTPUT, suite, 'progress.txt');
  try {
    const workspace = await prepareWorkspace(suite);
    const userData = path.join(profile, 'user-data');
    writeSettings(userData);
    const profileArguments = [`--user-data-dir=${userData}`, `--extensions-dir=${path.join(profile, 'extensions')}`];
    if (installsPackage) installPackage(vscode, profileArguments, await packageExtension());
    const headlessArguments = vscode.isDesktop
      ? []
      : [`--output=${path.join(SCREENSHOTS, suite)}`, `--limit=${SUITE_LIMIT_S}`];
    const run = runTests({
      vscodeExecutablePath: vscode.executable,
      extensionDevelopmentPath: development,
      extensionTestsPath: path.join(OUTPUT, 'index.js'),
      launchArgs: [workspace, ...profileArguments, ...launchArgs, ...headlessArguments],
      extensionTestsEnv: {
        ASYNC_LENS_E2E_SUITE: path.join(OUTPUT, suite),
        ASYNC_LENS_E2E_PROGRESS: progress,
        ASYNC_LENS_E2E_RESULTS: results,
        ASYNC_LENS_TEST_NODE: process.env.ASYNC_LENS_TEST_NODE ?? '',
        ASYNC_LENS_E2E_NODES: JSON.stringify({ 20: await nodeBinary(20), 24: await nodeBinary(24) }),
      },
    });
    await follow(progress, run);
    await run.catch((error) => console.log(`${suite}: ${error.message}`));
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
  if (existsSync(results)) return JSON.parse(readFileSync(results, 'utf8'));
  console.log(`${suite}: VS Code ended before any result; see ${path.join(SCREENSHOTS, suite)}`);
  return { passed: 0, failed: 1, failures: [`${suite}: VS Code ended before any result`] };
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(SUITES);
const suites = new Set(wanted.map((name) => name.split('/')[0]));
const totals = { passed: 0, failed: 0, failures: [] };
try {
  const vscode = await findVsCode();
  console.log(`${vscode.isDesktop ? 'desktop' : 'headless'} VS Code: ${vscode.executable}`);
  await bundle(wanted);
  for (const suite of suites) {
    console.log(`\nsuite ${suite}`);
    rmSync(path.join(SCREENSHOTS, suite), { recursive: true, force: true });
    mkdirSync(path.join(SCREENSHOTS, suite), { recursive: true });
    const { passed, failed, failures } = await runSuite(suite, vscode);
    totals.passed += passed;
    totals.failed += failed;
    totals.failures.push(...failures);
  }
} catch (error) {
  console.error(`end-to-end tests can't run: ${error.message}`);
  totals.failed += 1;
  totals.failures.push(error.message);
}
const file = process.env.ASYNC_LENS_RESULTS;
if (file) writeFileSync(file, JSON.stringify(totals));
console.log(`\n${totals.passed} passed, ${totals.failed} failed; screenshots in ${SCREENSHOTS}`);
process.exit(totals.failed > 0 ? 1 : 0);
