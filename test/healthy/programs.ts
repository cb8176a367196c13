/** What has to be healthy: start-up programs of well-known packages, tools at work, and packages' own tests. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** One command of Node's; paths are relative to the folder it runs in. */
export interface HealthyProgram {
  title: string;
  /** Where it runs: a copy of this folder's `programs` or `project`. */
  folder: 'programs' | 'project';
  /** Package whose own test it is; it runs in that package's folder. */
  own?: string;
  args: string[];
  /** Oldest major version of Node that it runs on; 20 when absent. */
  since?: number;
  /** Findings of rules other than the timed ones that are true, with the reason. */
  bugs?: Record<string, string>;
}

const PROGRAMS = join(import.meta.dirname, 'programs');

const startUps: HealthyProgram[] = readdirSync(PROGRAMS).map((name) => ({
  title: `programs/${name}`,
  folder: 'programs',
  args: [name],
}));

/** Tools on the small project, by their executables. None may remark on slow tests: which are slow is up to the machine. */
const TOOLS: [title: string, bin: string, ...args: string[]][] = [
  ['tsc', 'typescript/bin/tsc', '-p', '.', '--outDir', 'out/tsc'],
  ['vite build', 'vite/bin/vite.js', 'build', '--outDir', 'out/vite', '--logLevel', 'error'],
  ['rollup', 'rollup/dist/bin/rollup', 'test/node.mjs', '--silent'],
  ['eslint', 'eslint/bin/eslint.js', 'test'],
  ['prettier', 'prettier/bin/prettier.cjs', '--no-config', '--check', 'tsconfig.json', 'package.json'],
  ['mocha', 'mocha/bin/mocha.js', '--slow', '600000', 'test/mocha.mjs'],
  ['vitest', 'vitest/vitest.mjs', 'run', '--slowTestThreshold', '600000'],
  ['jest', 'jest/bin/jest.js', '--rootDir', '.', '--testMatch', '**/test/jest.cjs', '--no-cache'],
  ['tape', 'tape/bin/tape', 'test/tape.mjs'],
  ['tsx', 'tsx/dist/cli.mjs', 'src/main.ts'],
];

const tools: HealthyProgram[] = [
  ...TOOLS.map(([title, bin, ...args]): HealthyProgram => ({
    title,
    folder: 'project',
    args: [`../../node_modules/${bin}`, ...args],
  })),
  { title: 'a loader: node --import tsx', folder: 'project', args: ['--import', 'tsx', 'src/main.ts'] },
  { title: 'node --test', folder: 'project', args: ['--test', 'test/node.mjs'] },
  { title: 'tests of node:test', folder: 'project', args: ['test/node.mjs'] },
  { title: 'a server of vite', folder: 'project', args: ['serve.mjs'] },
  { title: 'builds of esbuild', folder: 'project', args: ['bundle.mjs'] },
];

/** Of the tests that packages ship a few, chosen for what they exercise. */
const FEW_TESTS: Record<string, string[]> = {
  avvio: ['close', 'plugin-timeout-await'],
  fastify: ['close-pipelining', 'hooks-async', 'stream.1', 'promises', 'server', 'request-timeout', 'async_hooks'],
  fastq: ['promise'],
  pino: ['transport/core', 'final'],
  'sonic-boom': ['flush', 'retry'],
  'thread-stream': ['base', 'end'],
};

/** Hangs without Async Lens, too: in about 1 of 60 runs on Node 24 and 26, six at a time on two cores. */
const HANGS_ALONE = 'plugin-timeout.test.js';

/** Everything; with `all` not only a choice of the packages' own tests. */
export function healthyPrograms(packages: string, all: boolean): HealthyProgram[] {
  return [...startUps, ...tools, ...Object.keys(FEW_TESTS).flatMap((name) => ownTests(packages, name, all))];
}

function ownTests(packages: string, name: string, all: boolean): HealthyProgram[] {
  const files = readdirSync(join(packages, 'own', name, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /(?:\.test\.js|^promise\.js)$/.test(file) && file !== HANGS_ALONE)
    .sort();
  return files
    .filter((file) => all || FEW_TESTS[name]?.includes(file.replace(/(?:\.test)?\.js$/, '')))
    .map((file): HealthyProgram => ({
      title: `${name}: test/${file}`,
      folder: 'programs',
      own: name,
      args: [`test/${file}`],
    }));
}
