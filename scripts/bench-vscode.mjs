/** Measures what a debug session of a real VS Code costs the program: without Async Lens, with it, and with its asynchronous stacks. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MEASURES, startLoad } from '../test/bench/measures.mjs';
import { measureRounds } from '../test/bench/rounds.mjs';
import { ratioTable } from '../test/bench/table.mjs';
import { listen, SESSION_CAPTION, SESSIONS } from '../test/bench/vscode-sessions.mjs';
import { openWorkbench } from './headless/workbench.mjs';
import { NODE_MAJORS, nodeBinary } from './tools.mjs';

const NAMES = ['await', 'http hello', 'fastify'];
const SIZES = { awaitMs: 100, requests: 20_000 };
const HELP = `npm run bench:vscode -- [options]     about 5 minutes; let the machine do nothing else
  --rounds N         rounds of every measure (default 3)
  --node MAJOR       ${NODE_MAJORS.join(', ')} (default 24)
  --measures A,B     of: ${NAMES.join(', ')}
`;

const root = fileURLToPath(new URL('..', import.meta.url));

async function measureAll(bench, measures, rounds, node) {
  const load = startLoad();
  const progress = (text) => process.stderr.write(`${text}\n`);
  const summaries = [];
  try {
    for (const measure of measures) {
      const run = (session) => measure.run({ open: bench.opener(session, node) }, SIZES, load);
      summaries.push(...(await measureRounds(measure, SESSIONS, rounds, run, progress)));
    }
  } finally {
    load.stop();
  }
  return summaries;
}

async function main() {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '3' },
      node: { type: 'string', default: '24' },
      measures: { type: 'string', default: NAMES.join(',') },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return process.stdout.write(HELP);
  const names = values.measures.split(',').map((name) => name.trim());
  const measures = MEASURES.filter(({ name }) => NAMES.includes(name) && names.includes(name));
  if (measures.length !== names.length)
    throw new Error(`--measures ${values.measures}: choose from ${NAMES.join(', ')}`);

  execFileSync(process.execPath, [`${root}scripts/build.mjs`], { stdio: 'inherit' });
  const node = await nodeBinary(Number(values.node));
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  const folder = mkdtempSync(path.join(tmpdir(), 'lens-bench-'));
  const bench = await listen();
  let workbench;
  try {
    const connected = bench.extensionHost();
    workbench = await openWorkbench({
      folder,
      development: [root],
      tests: path.join(root, 'test', 'bench', 'vscode-host.cjs'),
      output: path.join(root, 'build', 'bench-vscode'),
      env: { ASYNC_LENS_BENCH_PORT: String(bench.port) },
    });
    const gone = workbench.exited.then((code) => Promise.reject(new Error(`VS Code ended with ${code}`)));
    await Promise.race([connected, gone]);
    const summaries = await Promise.race([measureAll(bench, measures, Number(values.rounds), node), gone]);
    const others = SESSIONS.slice(1).map(({ name }) => name);
    const title = `Node ${version}, ${process.platform} ${process.arch}, ${cpus().length} CPUs, ${values.rounds} rounds, interleaved; median (min-max)`;
    process.stdout.write(`${[title, SESSION_CAPTION, ratioTable(summaries, others)].join('\n\n')}\n`);
    const file = path.join(root, 'build', 'bench-vscode.json');
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(
      file,
      `${JSON.stringify({ node: version, rounds: Number(values.rounds), summaries }, undefined, 2)}\n`,
    );
  } finally {
    bench.close();
    await workbench?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

main().then(
  () => process.exit(),
  (error) => {
    process.stderr.write(`bench:vscode: ${error.message}\n`);
    process.exit(1);
  },
);
