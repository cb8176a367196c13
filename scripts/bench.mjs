/** Measures what Async Lens costs the program: bare, with the agent, and in the JavaScript debugger's default session, side by side. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MEASURES, startLoad } from '../test/bench/measures.mjs';
import { PEERS_CAPTION, peerVariants } from '../test/bench/peers.mjs';
import { measureRounds } from '../test/bench/rounds.mjs';
import { measureSnapshot } from '../test/bench/snapshots.mjs';
import { onTopTable, ratioTable, snapshotTable } from '../test/bench/table.mjs';
import { CAPTION, FLOOR, VARIANTS } from '../test/bench/variants.mjs';
import { NODE_MAJORS, nodeBinary } from './tools.mjs';

const HELP = `npm run bench -- [options]
  --rounds N         rounds of every measure (default 5)
  --quick            3 short rounds
  --node MAJOR       ${NODE_MAJORS.join(', ')} (default: the node that runs this)
  --measures A,B     of: ${MEASURES.map((measure) => measure.name).join(', ')}, snapshot
  --variants A,B     of: ${VARIANTS.map((variant) => variant.name).join(', ')} (bare always runs), or ${FLOOR.name}
  --peers            also with other tools, installed into build/peers on the first run
  --agent FILE       the agent's bundle (default dist/agent/preload.cjs, built when missing)
  --json FILE        where the numbers go (default build/bench.json)
`;

const FULL = {
  awaitMs: 300,
  idleMs: 5000,
  requests: 40_000,
  ioSteps: 100,
  ioLaterSteps: 500,
  pending: 100_000,
  // The last makes a million promises.
  snapshots: [
    { count: 10_000 },
    { count: 100_000 },
    { count: 100_000, shape: 'nested' },
    { count: 110_000, shape: 'deep' },
    { count: 333_333 },
  ],
};
const QUICK = {
  awaitMs: 100,
  idleMs: 4000,
  requests: 3_000,
  ioSteps: 40,
  ioLaterSteps: 100,
  pending: 20_000,
  snapshots: [{ count: 10_000 }],
};

const root = fileURLToPath(new URL('..', import.meta.url));

function readOptions() {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      node: { type: 'string' },
      measures: { type: 'string' },
      variants: { type: 'string' },
      peers: { type: 'boolean', default: false },
      agent: { type: 'string', default: `${root}dist/agent/preload.cjs` },
      json: { type: 'string', default: `${root}build/bench.json` },
      help: { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds ?? (values.quick ? 3 : 5));
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds ${values.rounds}: a whole number from 1 on is needed`);
  const major = values.node === undefined ? undefined : Number(values.node);
  if (major !== undefined && !NODE_MAJORS.includes(major)) {
    throw new Error(`--node ${values.node}: choose from ${NODE_MAJORS.join(', ')}`);
  }
  return { ...values, rounds, major };
}

/** The named ones of a list, all when no names are given; an unknown name is an error that tells the known ones. */
function choose(option, names, all) {
  if (names === undefined) return all;
  return names.split(',').map((name) => {
    const found = all.find((one) => one.name === name.trim());
    if (!found) throw new Error(`--${option} ${name}: choose from ${all.map((one) => one.name).join(', ')}`);
    return found;
  });
}

function progress(text) {
  process.stderr.write(`${text}\n`);
}

async function measureAll(measures, variants, setup, options, load) {
  const sizes = options.quick ? QUICK : FULL;
  const summaries = [];
  for (const measure of measures) {
    const run = (variant) => measure.run({ ...setup, variant }, sizes, load);
    summaries.push(...(await measureRounds(measure, variants, options.rounds, run, progress)));
  }
  return summaries;
}

async function measureSnapshots(setup, sizes, rounds) {
  const variant = VARIANTS.find((one) => one.name === 'agent');
  const snapshots = sizes.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, size] of sizes.entries()) {
      progress(`snapshot of ${size.count} pending awaits, round ${round + 1} of ${rounds}`);
      snapshots[i].push(await measureSnapshot({ ...setup, variant }, size));
    }
  }
  return snapshots;
}

async function main() {
  const options = readOptions();
  if (options.help) return process.stdout.write(HELP);

  const measures = choose('measures', options.measures, [...MEASURES, { name: 'snapshot' }]);
  const [bare] = VARIANTS;
  const peers = options.peers ? await peerVariants() : [];
  const named = options.variants === undefined ? VARIANTS : choose('variants', options.variants, [...VARIANTS, FLOOR]);
  const variants = [...new Set([bare, ...named, ...peers])];
  const needsAgent = variants.some((variant) => variant.agent);
  if (needsAgent && !existsSync(options.agent))
    execFileSync(process.execPath, [`${root}scripts/build.mjs`], { stdio: 'inherit' });

  const node = options.major === undefined ? process.execPath : await nodeBinary(options.major);
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  const setup = { node, agent: options.agent };
  const load = startLoad();
  try {
    const timed = measures.filter((measure) => measure.run);
    const summaries = await measureAll(timed, variants, setup, options, load);
    const wanted = needsAgent && measures.length > timed.length;
    const snapshots = wanted
      ? await measureSnapshots(setup, (options.quick ? QUICK : FULL).snapshots, options.rounds)
      : [];

    const others = variants.slice(1).map((variant) => variant.name);
    const title = `Node ${version}, ${process.platform} ${process.arch}, ${cpus().length} CPUs, ${options.rounds} rounds, interleaved; median (min-max)`;
    const onTop = variants.filter(({ base }) => others.includes(base));
    const tables = [
      summaries.length && ratioTable(summaries, others),
      summaries.length && onTop.length && onTopTable(summaries, onTop),
      snapshots.length && snapshotTable(snapshots),
    ];
    process.stdout.write(
      [title, peers.length > 0 ? `${CAPTION}\n${PEERS_CAPTION}` : CAPTION, ...tables.filter(Boolean)].join('\n\n') +
        '\n',
    );

    mkdirSync(path.dirname(options.json), { recursive: true });
    const machine = { platform: process.platform, arch: process.arch, cpus: cpus().length, model: cpus()[0]?.model };
    writeFileSync(
      options.json,
      `${JSON.stringify({ node: version, machine, rounds: options.rounds, summaries, snapshots }, undefined, 2)}\n`,
    );
    progress(`numbers: ${options.json}`);
  } finally {
    load.stop();
  }
}

main().catch((error) => {
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = 1;
});
