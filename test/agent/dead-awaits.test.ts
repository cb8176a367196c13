/** That nothing which goes on is told as dead: random programs, in which garbage is collected and questions are asked at any moment. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { runWithAgent } from '../support/run-node.ts';

const PROGRAM = join(import.meta.dirname, 'fixtures', 'dead-awaits', 'random.mjs');
const CROWD = join(import.meta.dirname, 'fixtures', 'dead-awaits', 'crowd.mjs');
const LOCKS = join(import.meta.dirname, 'fixtures', 'dead-awaits', 'locks.mjs');
const RUNS = Number(process.env['ASYNC_LENS_RUNS'] ?? 1);
const FIRST = Number(process.env['ASYNC_LENS_SEED'] ?? 1);
const TASKS = 80;
/** Each takes some seconds, on a starved machine many times that. */
const LIMIT_MS = 120_000;

describe('dead awaits', () => {
  for (let seed = FIRST; seed < FIRST + RUNS; seed++) {
    it(`are those that never go on: random program ${seed}`, async () => {
      const { stdout, stderr } = await runWithAgent({
        file: PROGRAM,
        args: [String(seed), String(TASKS)],
        execArgv: ['--expose-gc'],
        watch: { durationMs: null },
        timeoutMs: LIMIT_MS,
      });
      assert.equal(stderr, '');
      assert.deepEqual(JSON.parse(stdout), { done: TASKS, told: ['dies', 'diesInBoth'], faults: [] });
    }).timeout(LIMIT_MS);
  }

  it('are known without a stack where nothing else leads to their line', async () => {
    const { stdout, stderr } = await runWithAgent({ file: CROWD, execArgv: ['--expose-gc'], timeoutMs: LIMIT_MS });
    assert.equal(stderr, '');
    assert.deepEqual(JSON.parse(stdout), { told: ['dies'], faults: [] });
  }).timeout(LIMIT_MS);

  it('are not told as left behind by callers that are collected with them', async () => {
    const { stdout, stderr } = await runWithAgent({ file: LOCKS, execArgv: ['--expose-gc'], timeoutMs: LIMIT_MS });
    assert.equal(stderr, '');
    assert.deepEqual(JSON.parse(stdout), { told: [{ in: 'Mutex.acquire', count: 2, abandoned: false }], faults: [] });
  }).timeout(LIMIT_MS);
});
