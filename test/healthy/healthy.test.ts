/** Healthy real programs: Async Lens tells nothing above information of them, and they do the same as without it. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { healthyFolder } from '../../scripts/healthy-packages.mjs';
import type { Finding, RuleId } from '../../src/protocol/report.ts';
import { buildCommandLine, type CommandLine } from '../support/command-line.ts';
import { newBullmqReplies } from '../support/fake-bullmq.ts';
import { startFakePostgres } from '../support/fake-postgres.ts';
import { startFakeRedis } from '../support/fake-redis.ts';
import { newPool } from '../support/pool.ts';
import { nodeMajor } from '../support/run-node.ts';
import { healthyPrograms, type HealthyProgram } from './programs.ts';
import { comparable, runAlone, runUnderLens, type Place, type Seen } from './run.ts';

/** How long something blocks depends on the machine: on a slow one any program has these. */
const TIMED: ReadonlySet<RuleId> = new Set([
  'event-loop-stall',
  'microtask-starvation',
  'blocking-call',
  'threadpool-saturated',
]);
const SIDE_BY_SIDE = 4;
/** Some programs' own output depends on timing: equal once is equal. */
const ATTEMPTS = 4;
/** The last program waits for all others. */
const LIMIT_MS = 900_000;

const packages = healthyFolder() ?? '';
assert.ok(packages, 'the packages are missing: run "npm run healthy"');
const major = nodeMajor();
const programs = healthyPrograms(packages, process.env['ASYNC_LENS_HEALTHY'] === 'all').filter(
  ({ since = 0 }) => major >= since,
);

function told(findings: Finding[], { bugs }: HealthyProgram): string[] {
  return findings
    .filter(({ severity, rule }) => severity !== 'info' && !TIMED.has(rule) && bugs?.[rule] === undefined)
    .map(({ rule, confidence, message, location, related }) => {
      const at = location === undefined ? '' : ` at ${location.file}:${location.line}`;
      const more = related.map((place) => `${place.message} ${place.location?.file}:${place.location?.line}`);
      return [`${rule} (${confidence})${at}: ${message}`, ...more].join('\n  ');
    });
}

describe('healthy programs', () => {
  let line: CommandLine;
  let place: Place;
  const servers: { close(): Promise<void> }[] = [];
  const inTurn = newPool(SIDE_BY_SIDE);
  const results = new Map<HealthyProgram, Promise<void>>();

  /** Gives a queue of bullmq with one job, which is taken once. */
  async function withQueue<T>(run: (env: Record<string, string>) => Promise<T>): Promise<T> {
    const bullmq = await startFakeRedis('', newBullmqReplies());
    bullmq.gate.open();
    try {
      return await run({ ...place.env, BULLMQ_PORT: String(bullmq.port) });
    } finally {
      await bullmq.close();
    }
  }

  async function check(program: HealthyProgram): Promise<void> {
    let alone: Seen | undefined;
    let traced: Seen | undefined;
    for (let i = 0; i < ATTEMPTS; i++) {
      const bare = await withQueue((env) => runAlone(program, { ...place, env }));
      const lens = await withQueue((env) => runUnderLens(program, { ...place, env }));
      assert.ok(lens.findings, `no report: ${lens.stderr}`);
      assert.deepEqual(told(lens.findings, program), []);
      [alone, traced] = [bare, lens];
      if (comparable(bare) === comparable(lens)) break;
    }
    assert.ok(alone && traced);
    assert.equal(comparable(traced), comparable(alone), `differs:\n${traced.stderr}\n--- alone:\n${alone.stderr}`);
  }

  before(async function () {
    this.timeout(LIMIT_MS);
    line = buildCommandLine();
    // Within the folder of packages, so that the programs find them.
    const work = mkdtempSync(join(packages, 'work-'));
    for (const folder of ['programs', 'project'])
      cpSync(join(import.meta.dirname, folder), join(work, folder), { recursive: true });
    const redis = await startFakeRedis('value', ([name]) => (name === 'set' ? '+OK\r\n' : undefined));
    const postgres = await startFakePostgres('row');
    servers.push(redis, postgres);
    for (const { gate } of [redis, postgres]) gate.open();
    const env = { REDIS_PORT: String(redis.port), POSTGRES_PORT: String(postgres.port) };
    place = { packages, work, main: line.main, temporary: mkdtempSync(join(line.folder, 'reports-')), env };
    for (const program of programs) {
      const result = inTurn(() => check(program));
      result.catch(() => undefined); // told by its test
      results.set(program, result);
    }
  });
  after(async () => {
    for (const server of servers) await server.close();
    rmSync(place.work, { recursive: true, force: true });
    line.remove();
  });

  for (const program of programs) {
    it(program.title, async () => results.get(program)).timeout(LIMIT_MS);
  }
});
