/** The steps of a test run: what each does, what it needs first and how it is counted. Only node:* imports, so that it works in a bare clone. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { installHealthyPackages } from './healthy-packages.mjs';
import { NODE_MAJORS, nodeBinary } from './tools.mjs';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const RESULTS = path.join(ROOT, 'build', 'results');
const MINUTE_MS = 60_000;

/** Script of a package's executable, so that no shell is needed on any platform. */
function binary(packageName, name = packageName) {
  const folder = path.join(ROOT, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  return path.join(folder, typeof bin === 'string' ? bin : bin[name]);
}

function kill(child) {
  try {
    // The whole process group, so that a hanging suite leaves nothing behind.
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error; // it has ended meanwhile
  }
}

/** Runs node with its output shown; the exit code, or an error when it takes longer than `limitMs`. */
async function node(args, limitMs, env = {}) {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: process.platform !== 'win32',
  });
  const interrupt = () => {
    kill(child);
    process.exit(130);
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    kill(child);
  }, limitMs);
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearTimeout(timer);
  process.off('SIGINT', interrupt);
  process.off('SIGTERM', interrupt);
  if (late) throw new Error(`not done after ${limitMs / MINUTE_MS} minutes: ended`);
  return code;
}

/** A step that counts as one: passed when the script ends with 0. */
function check(args, limitMs = 5 * MINUTE_MS) {
  return async () => ((await node(args(), limitMs)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });
}

/** Runs a script that leaves its totals in the file named by ASYNC_LENS_RESULTS; one more failure when it ends badly without naming one. */
async function counted(name, args, limitMs, env) {
  mkdirSync(RESULTS, { recursive: true });
  const file = path.join(RESULTS, `${name}.json`);
  rmSync(file, { force: true });
  const code = await node(args, limitMs, { ...env, ASYNC_LENS_RESULTS: file });
  if (!existsSync(file)) throw new Error(`ended with ${code} before any result`);
  const totals = JSON.parse(readFileSync(file, 'utf8'));
  if (totals.pending > 0) console.log(`${totals.pending} tests were not run on this platform`);
  const unexplained = code !== 0 && totals.failed === 0;
  return { passed: totals.passed, failed: totals.failed + (unexplained ? 1 : 0), failures: totals.failures };
}

/** Folders whose tests ran on the Node that runs this. */
const tested = new Set();

function mocha(folder, env = {}, name = folder) {
  return () => {
    if (name === folder) tested.add(folder);
    const args = ['--reporter', path.join(ROOT, 'scripts', 'mocha-reporter.cjs')];
    const limits = ['--forbid-only', '--forbid-pending'];
    return counted(name, [binary('mocha'), ...args, ...limits, `test/${folder}/**/*.test.ts`], 10 * MINUTE_MS, env);
  };
}

const versionOf = (file) => execFileSync(file, ['--version'], { encoding: 'utf8' }).trim();

/** `run`: runs the step on that Node; `folder`: what has been tested when it ran on this one. */
function onNode(folder, major, run) {
  return async () => {
    const file = await nodeBinary(major);
    if (tested.has(folder) && versionOf(file) === process.version) {
      console.log(`done above: this is Node ${process.version}`);
      return { passed: 0, failed: 0 };
    }
    return run({ ASYNC_LENS_TEST_NODE: file }, `${folder}-node-${major}`);
  };
}

/** The suites in VS Code; `suites`: only those. */
async function e2e(name, suites = [], env = {}) {
  const totals = await counted(name, ['scripts/e2e.mjs', ...suites], 20 * MINUTE_MS, env);
  if (suites.length === 0) tested.add('stalls');
  return totals;
}

/** Well-known packages are installed first; that takes about a minute, once. */
async function healthy(env = {}, name = 'healthy') {
  await installHealthyPackages();
  return mocha('healthy', env, name)();
}

/** Suites that run programs on a chosen Node. */
const PER_NODE = ['agent', 'adapter', 'truth'];

/** Every step by name, in the order in which they run. `needsBuild`: the bundles of dist/ must be there and fresh. */
export const STEPS = new Map([
  ['oxlint', { run: check(() => [binary('oxlint'), '--type-aware', '--deny-warnings']) }],
  ['prettier', { run: check(() => [binary('prettier'), '--check', '--log-level', 'warn', '.']) }],
  ['imports', { run: check(() => ['scripts/check-imports.mjs']) }],
  ['knip', { run: check(() => [binary('knip')]) }],
  ['types', { run: check(() => [binary('typescript', 'tsc'), '-b']) }],
  [
    'demo-types',
    { run: check(() => [binary('typescript', 'tsc'), '-p', 'demo', '--noCheck', 'false', '--types', 'node']) },
  ],
  ['build', { run: check(() => ['scripts/build.mjs']) }],
  ['unit', { run: mocha('unit') }],
  ['agent', { needsBuild: true, run: mocha('agent') }],
  ['programs', { needsBuild: true, run: mocha('programs') }],
  ['adapter', { needsBuild: true, run: mocha('adapter') }],
  ['truth', { run: mocha('truth') }],
  ['healthy', { run: () => healthy() }],
  ['demo', { needsBuild: true, run: check(() => ['scripts/demo.mjs', '--check']) }],
  ['package', { needsBuild: true, run: mocha('package') }],
  ['e2e', { needsBuild: true, run: () => e2e('e2e') }],
  ...NODE_MAJORS.flatMap((major) =>
    PER_NODE.map((folder) => [
      `${folder}-${major}`,
      { needsBuild: true, run: onNode(folder, major, (env, name) => mocha(folder, env, name)()) },
    ]),
  ),
  ...NODE_MAJORS.map((major) => [`healthy-${major}`, { needsBuild: true, run: onNode('healthy', major, healthy) }]),
  ...NODE_MAJORS.map((major) => [
    `stalls-${major}`,
    { needsBuild: true, run: onNode('stalls', major, (env, name) => e2e(name, ['stalls'], env)) },
  ]),
]);

/** Names for several steps at once. */
export const GROUPS = {
  lint: ['oxlint', 'prettier', 'imports', 'knip'],
  all: [
    'oxlint',
    'prettier',
    'imports',
    'knip',
    'types',
    'demo-types',
    'build',
    'unit',
    'agent',
    'programs',
    'adapter',
    'truth',
    'healthy',
    'demo',
    'package',
    'e2e',
  ],
  matrix: NODE_MAJORS.flatMap((major) => [...PER_NODE, 'healthy', 'stalls'].map((step) => `${step}-${major}`)),
};
