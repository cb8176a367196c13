/** `npm run demo`: runs the demo bookshop under `async-lens run`, visits its routes and shows what Async Lens tells. Takes about 15 s; `--check` gives a slow machine more. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { CHAPTERS, visit } from '../demo/visit.mjs';
import { root, prepareDemo } from './prepare-demo.mjs';

const DURATION_MS = 13_000;
/** With `--check`: on a slow machine the shop may be ended before all has been visited and seen. */
const CHECKED_MS = [DURATION_MS, 1.5 * DURATION_MS, 2 * DURATION_MS];
/** Under `async-lens run`, stalls are seen as soon as its watchdog thread has started. */
const START_MS = 800;
/** The bookshop is stopped with SIGTERM, which ends it with 0, or with 143 where signals can't be handled. */
const GOOD_EXIT_CODES = [0, 143];
const REPORT = path.join(root, 'build', 'demo-report.json');

/** What has to be in the report; the demo fails when something is missing. */
const EXPECTED = [
  ['the stall of POST /login', ({ stalls }) => stalls.some((stall) => stall.api === 'crypto.pbkdf2Sync')],
  ['the stall of GET /recommend', ({ stalls }) => stalls.some((stall) => isIn(stall, 'recommend.ts'))],
  [
    'the blocking calls of GET /price-list',
    ({ blockingCalls }) => blockingCalls.some((call) => isIn(call, 'price-list.ts')),
  ],
  ['the wait of GET /report', ({ tasks }) => hasTask(tasks, 'report.ts')],
  ['the wait of GET /reviews', ({ tasks }) => hasTask(tasks, 'reviews.ts')],
  ['the wait of GET /invoice', ({ tasks }) => hasTask(tasks, 'invoice.ts')],
  ['the letters of POST /newsletter', ({ tasks }) => hasTask(tasks, 'newsletter.ts')],
  ['the deadlock of POST /transfer', ({ findings }) => findings.some(isTransferCycle)],
];

function isIn({ location }, file) {
  return location !== undefined && path.basename(location.file) === file;
}

function isTransferCycle({ rule, related }) {
  return rule === 'await-cycle' && related.some((place) => isIn(place, 'transfer.ts'));
}

function hasTask(tasks, file) {
  return tasks.some((task) => isIn(task, file) || hasTask(task.children, file));
}

/** Visits the shop once it says where it is; passes its output on. Rejects when it ends before. */
function visitWhenOpen(child, durationMs) {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      console.log(line);
      const address = /^The bookshop is open: (\S+)/.exec(line)?.[1];
      if (address !== undefined) visitAll(address, durationMs).then(resolve, reject);
    });
    lines.once('close', () => reject(new Error('The bookshop ended before it could be visited.')));
  });
}

async function visitAll(address, durationMs) {
  await sleep(START_MS);
  for (const chapter of CHAPTERS) {
    console.log(`  ${chapter}`);
    await visit(address, chapter, (line) => console.log(`    ${line}`));
  }
  console.log(`\nVisited. What waits now is shown when the ${durationMs / 1000} s are over ...\n`);
}

async function runBookshop(durationMs) {
  mkdirSync(path.dirname(REPORT), { recursive: true });
  rmSync(REPORT, { force: true });
  const options = ['--json', REPORT, '--duration', String(durationMs)];
  const program = ['node', path.join('demo', 'dist', 'main.js')];
  console.log(`\n$ async-lens run ${options.join(' ')} -- ${program.join(' ')}`.replace(root, ''));
  const child = spawn(process.execPath, [path.join('dist', 'cli', 'main.js'), 'run', ...options, '--', ...program], {
    cwd: root,
    env: { ...process.env, BOOKSHOP_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const visited = visitWhenOpen(child, durationMs);
  visited.catch(() => undefined); // first the end: the report is written by then
  const code = await closed;
  await visited;
  if (!GOOD_EXIT_CODES.includes(code)) throw new Error(`async-lens run ended with ${code}.`);
  return JSON.parse(readFileSync(REPORT, 'utf8'));
}

/** One run; throws when it does not show what it is to show. */
async function show(durationMs) {
  const report = await runBookshop(durationMs);
  const missing = EXPECTED.filter(([, isThere]) => !isThere(report)).map(([name]) => name);
  if (missing.length > 0)
    throw new Error(`The report lacks ${missing.join(', ')} (see ${path.relative(root, REPORT)}).`);
}

/** Throws what the last run threw. */
async function showWithPatience([durationMs, ...longer]) {
  try {
    await show(durationMs);
  } catch (error) {
    if (longer.length === 0) throw error;
    console.log(`\n${error.message} Once more, with more time ...`);
    await showWithPatience(longer);
  }
}

try {
  await prepareDemo();
  await showWithPatience(process.argv.includes('--check') ? CHECKED_MS : [DURATION_MS]);
  console.log(
    `\nThe same as JSON: ${path.relative(root, REPORT)}. What each route does wrong, and where: demo/README.md.`,
  );
  console.log('The same in VS Code, live: npm run demo:vscode');
} catch (error) {
  console.error(`demo: ${error.message}`);
  process.exitCode = 1;
}
