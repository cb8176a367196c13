/** `npm run soak`: a busy server under the agent for 10 minutes (`--minutes N`), on this Node or that of `--node 24`; fails when its memory grows more than that of the same program alone, or when the agent fails. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { alone, underAdapter, underWatchdog } from '../test/soak/watchers.mjs';
import { nodeBinary, npm } from './tools.mjs';

const SAMPLES = 40;
/** Share of the samples at the begin in which caches fill and V8 sizes its heap. */
const WARM_UP = 0.3;
/** Fewer of the adapter, and nothing was tried. */
const LEAST_ANSWERS = 5;
const MB = 1024 * 1024;
/**
 * How much more than at the begin is no leak: a wide margin, for noise. Bytes, and share of the mean; the larger counts. `other`: resident memory but for
 * V8's young generation, which V8 makes larger and smaller as it sees fit, up to 110 MB (Node 24), with the agent or without.
 */
const MARGINS = { heap: [3 * MB, 0.15], other: [32 * MB, 0.2], adapter: [48 * MB, 0.25] };

/** Resident memory of a process in bytes; undefined where the system does not say. */
function residentBytes(pid) {
  const file = `/proc/${pid}/statm`;
  if (existsSync(file)) return Number(readFileSync(file, 'utf8').split(' ')[1]) * 4096;
  if (process.platform === 'win32') return undefined;
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024;
}

/** On a starved machine a connection can break: asked again then, up to 15 seconds later. */
async function ask(url, server, chances = 5) {
  try {
    // One that is used again may be given up by the server at that moment.
    return await (await fetch(url, { headers: { connection: 'close' } })).json();
  } catch (error) {
    await sleep(30_000 / 2 ** chances);
    if (chances > 1 && server.end() === undefined) return ask(url, server, chances - 1);
    const reason = error.cause === undefined ? error.message : `${error.message}: ${error.cause.message}`;
    throw new Error(server.end() ?? `${server.address} did not answer: ${reason}`, { cause: error });
  }
}

async function sample(server) {
  const { heapUsed, rss, young, answered, lists } = await ask(`${server.address}/memory`, server);
  const adapter = server.adapterPid === undefined ? undefined : residentBytes(server.adapterPid);
  return { heap: heapUsed, rss, young, other: rss - young, adapter, answered, lists, spool: server.spoolBytes() };
}

/** Growth over all samples by the line of least squares. */
function growth(numbers) {
  const middle = (numbers.length - 1) / 2;
  const mean = numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
  const products = numbers.map((each, i) => (i - middle) * (each - mean));
  const squares = numbers.map((_, i) => (i - middle) ** 2);
  const slope = products.reduce((a, b) => a + b, 0) / squares.reduce((a, b) => a + b, 0);
  return { grown: slope * (numbers.length - 1), mean };
}

/** Growth of that number, once it has settled; undefined where it is unknown. */
function growthOf(name, samples) {
  const settled = samples.slice(Math.floor(samples.length * WARM_UP));
  const numbers = settled.map((each) => each[name]).filter((each) => each !== undefined);
  return numbers.length === 0 ? undefined : growth(numbers);
}

/** What grows in the program alone, such as the memory that threads leave to the allocator, is no leak of the agent's. */
function verdicts(samples, bare) {
  return Object.entries(MARGINS).flatMap(([name, [bytes, share]]) => {
    const found = growthOf(name, samples);
    if (found === undefined) return [];
    const more = found.grown - Math.max(0, growthOf(name, bare)?.grown ?? 0);
    const flat = more <= Math.max(bytes, share * found.mean);
    return [{ flat, text: `${name} ${inWords(found)} (${beside(growthOf(name, bare))}): ${flat ? 'flat' : 'GROWS'}` }];
  });
}

const inWords = ({ grown, mean }) => `grew by ${megabytes(grown)} MB on ${megabytes(mean)} MB`;
const beside = (bare) => (bare === undefined ? 'not part of the program' : `the program alone ${inWords(bare)}`);

/** What is wrong with the agent itself; the last sample tells of the whole time. */
function failures({ lists }) {
  if (lists === undefined) return ['the agent answers no snapshot'];
  return lists.faults > 0 ? [`the agent reports ${lists.faults} faults`] : [];
}

const megabytes = (bytes) => (bytes / MB).toFixed(1);

/** `bare`: of the same program alone, at the same time. */
function print(name, second, { heap, rss, young, adapter, answered, lists, spool }, bare) {
  const numbers = [
    `${String(second).padStart(5)} s  ${name.padEnd(9)}`,
    `heap ${megabytes(heap)} MB (alone ${megabytes(bare.heap)})`,
    `rss ${megabytes(rss)} MB (alone ${megabytes(bare.rss)})`,
    `of it young generation ${megabytes(young)} MB (${megabytes(bare.young)})`,
    ...(adapter === undefined ? [] : [`adapter ${megabytes(adapter)} MB`]),
    `event files ${megabytes(spool)} MB`,
    `${answered} requests`,
    Object.entries(lists ?? {})
      .map(([list, length]) => `${list} ${length}`)
      .join(' '),
  ];
  console.log(numbers.join(' · '));
}

async function soak(minutes, node) {
  const servers = {};
  const samples = { alone: [], watchdog: [], adapter: [] };
  try {
    servers.alone = await alone(node);
    servers.watchdog = await underWatchdog(node);
    servers.adapter = await underAdapter(node);
    const begun = performance.now();
    for (let i = 1; i <= SAMPLES; i++) {
      await sleep(Math.max(0, begun + (i / SAMPLES) * minutes * 60_000 - performance.now()));
      for (const [name, server] of Object.entries(servers)) {
        const taken = await sample(server);
        samples[name].push(taken);
        if (name !== 'alone') print(name, Math.round((performance.now() - begun) / 1000), taken, samples.alone.at(-1));
      }
    }
    if (servers.adapter.answers() < LEAST_ANSWERS) throw new Error('the adapter has hardly answered');
  } finally {
    for (const server of Object.values(servers)) server.stop();
  }
  let flat = true;
  for (const name of ['watchdog', 'adapter']) {
    for (const failure of failures(samples[name].at(-1))) {
      console.log(`${name}: ${failure}`);
      flat = false;
    }
    for (const verdict of verdicts(samples[name], samples.alone)) {
      console.log(`${name}: ${verdict.text}`);
      flat &&= verdict.flat;
    }
  }
  return flat;
}

try {
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, node: { type: 'string' } } });
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes}: a number above 0 is needed`);
  const node = values.node === undefined ? process.execPath : await nodeBinary(Number(values.node));
  await npm(['run', 'build', '--silent'], { cwd: path.dirname(path.dirname(fileURLToPath(import.meta.url))) });
  if (!(await soak(minutes, node))) process.exitCode = 1;
} catch (error) {
  console.error(`soak: ${error.message}`);
  process.exitCode = 1;
}
