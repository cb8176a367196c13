/** What tasks wait for in widespread packages, and who has it: real packages, the tree as the user sees it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createSources } from '../../src/adapter/source-maps.ts';
import { applyEvent, newProgram } from '../../src/model/program.ts';
import { treeText } from '../../src/model/tree/tree-text.ts';
import { buildTree } from '../../src/model/tree/tree.ts';
import type { AgentEvent } from '../../src/protocol/agent.ts';
import type { TreeItem } from '../../src/protocol/dap.ts';
import { newBullmqReplies } from '../support/fake-bullmq.ts';
import { FAKE_POSTGRES_JS } from '../support/fake-postgres-js.ts';
import { startFakePostgres, type FakePostgres } from '../support/fake-postgres.ts';
import { startFakeRedis, type FakeRedis } from '../support/fake-redis.ts';
import { assertGolden, normalise } from '../support/golden.ts';
import { runWithAgent, type RunOptions, type RunResult } from '../support/run-node.ts';

const FOLDER = path.join(import.meta.dirname, 'fixtures/libraries');

/** The tasks as text, with the version of Node that the program ran on. */
async function tasks(options: RunOptions, ports: Record<string, number> = {}): Promise<{ text: string; node: string }> {
  const result = await runWithAgent(options);
  const program = newProgram();
  // Not of the worker threads that a package starts.
  const isMain = ([hello]: AgentEvent[]): boolean => hello?.event === 'hello' && hello.threadId === 0;
  for (const event of Object.values(result.spool).find(isMain) ?? []) applyEvent(program, event);
  assert.deepEqual(program.faults, [], result.stderr);
  const section = buildTree(program, [], createSources())[0]?.children.find(({ label }) => label === 'Tasks');
  assert.ok(section, `no tasks; stderr: ${result.stderr}`);
  // Tasks are ordered by age: on a busy machine those of one turn can differ by a millisecond.
  section.children.sort((a, b) => rowKey(a).localeCompare(rowKey(b)));
  return {
    text: normalise(treeText([section]), ports).replaceAll(/held for [^,]+/g, 'held for <time>'),
    node: program.hello?.node ?? '',
  };
}

/** The same as soon as `held` has come to pass, for programs that end by SIGUSR2. */
async function tasksWhen(
  held: Promise<unknown>,
  options: RunOptions,
  ports: Record<string, number> = {},
): Promise<string> {
  let end: Promise<void> | undefined;
  const { text } = await tasks(
    {
      ...options,
      onOutput: (_, kill) => {
        end ??= held.then(() => kill('SIGUSR2'));
      },
    },
    ports,
  );
  await end;
  return text;
}

function rowKey({ label, description }: TreeItem): string {
  return normalise(`${label}  ${description}`);
}

const golden = (name: string): string => path.join(FOLDER, `${name}.golden.txt`);

/** `module.registerHooks` is there from 22.15 on; without it what an ES module exports cannot be reached. */
function seesModules(node: string): boolean {
  const [major = 0, minor = 0] = node.slice(1).split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 15);
}

describe('locks, pools and queues of packages', function () {
  this.timeout(60_000);

  it('names mutex, semaphore and who has them: async-mutex', async () => {
    const { text } = await tasks({ file: path.join(FOLDER, 'async-mutex.cjs') });
    assertGolden(golden('async-mutex'), text);
  });

  it('names generic-pool, tarn and who has their resources', async () => {
    const { text } = await tasks({ file: path.join(FOLDER, 'pools.cjs') });
    assertGolden(golden('pools'), text);
  });

  it('names the lines that have taken what no task will give back', async () => {
    const { text } = await tasks({ file: path.join(FOLDER, 'forgotten.cjs') });
    assertGolden(golden('forgotten'), text);
  });

  it('names async-mutex imported as an ES module, where Node lets us see it', async () => {
    const { text, node } = await tasks({ file: path.join(FOLDER, 'async-mutex.mjs') });
    const name = seesModules(node) ? 'async-mutex' : 'async-mutex-unseen';
    assertGolden(golden(name), text.replaceAll('.mjs', '.cjs'));
  });

  it('names async-lock, await-lock, sequelize-pool and who has what they give, where Node lets us see ES modules', async () => {
    const { text, node } = await tasks({ file: path.join(FOLDER, 'locks.mjs') });
    assertGolden(golden(seesModules(node) ? 'locks' : 'locks-unseen'), text);
  });

  it('names who waits for whom with async-lock after others have given back, and no key that tells of a person', async () => {
    const { text } = await tasks({ file: path.join(FOLDER, 'async-lock.cjs') });
    assertGolden(golden('async-lock'), text);
  });

  it('knows that those with async-lock are all who have a key, when one before has given it back', async () => {
    const { events } = await runWithAgent({ file: path.join(FOLDER, 'async-lock.cjs') });
    const told = JSON.stringify(events.find(({ event }) => event === 'exit'));
    for (const key of ['a', 'b'])
      assert.match(told, new RegExp(`AsyncLock '${key}'","holders":\\[\\d+\\],"allHolders":true`));
  });

  it('names p-limit and p-queue, where Node lets us see ES modules', async () => {
    const { text, node } = await tasks({ file: path.join(FOLDER, 'limiters.mjs') });
    assertGolden(golden(seesModules(node) ? 'limiters' : 'limiters-unseen'), text);
  });

  it('names the queues of fastq, async and bottleneck, and who has their places', async () => {
    const { text } = await tasks({ file: path.join(FOLDER, 'queues.cjs') });
    assertGolden(golden('queues'), text);
  });

  it('names the worker thread of piscina that has a task, and who waits for one', async () => {
    const { text } = await tasks({ file: path.join(FOLDER, 'piscina.cjs') });
    assertGolden(golden('piscina'), text);
  });

  it('says of no thread of piscina that it was not given back', async () => {
    const { text } = await tasks({ file: path.join(FOLDER, 'piscina-all.cjs') });
    assertGolden(golden('piscina-all'), text);
  });

  it('names locks of navigator.locks and who has them, where Node has such (24.5)', async () => {
    const { text, node } = await tasks({ file: path.join(FOLDER, 'web-locks.mjs') });
    if (Number(node.slice(1).split('.')[0]) >= 24) assertGolden(golden('web-locks'), text);
    else assert.match(text, /0 pending/);
  });

  it('names the requests that have the sockets of an agent, and whose answer nobody reads', async () => {
    const { text } = await tasks({ file: path.join(FOLDER, 'http-agents.cjs') });
    assertGolden(golden('http-agents'), text);
  });

  it('names the requests that have the connections of undici, and whose answer nobody reads', async () => {
    const { text } = await tasks({ file: path.join(FOLDER, 'undici.cjs') });
    assertGolden(golden('undici'), text);
  });

  it('names the pool and the commands of mongodb, and the servers that it looks for', async () => {
    const { text } = await tasks({ file: path.join(FOLDER, 'mongodb.cjs') });
    assertGolden(golden('mongodb'), text);
  });

  it('names calls of grpc, and requests and subscriptions of nats', async () => {
    const { text } = await tasks({ file: path.join(FOLDER, 'remote-calls.cjs') });
    assertGolden(golden('remote-calls'), text);
  });

  it('names the Observable of rxjs whose value or end is awaited, and what will give it', async () => {
    const { text } = await tasks({ file: path.join(FOLDER, 'rxjs.cjs') });
    assertGolden(golden('rxjs'), text);
  });

  it('names what socket.io waits to be acknowledged, where Node lets us see ES modules', async () => {
    const { text, node } = await tasks({ file: path.join(FOLDER, 'socket-io.mjs') });
    assertGolden(golden(seesModules(node) ? 'socket-io' : 'socket-io-unseen'), text);
  });

  it('names the queries of postgres, and whether they have a connection', async () => {
    const source = readFileSync(path.join(FOLDER, 'postgres.cjs'), 'utf8');
    const { text } = await tasks({ source, files: { ...FAKE_POSTGRES_JS } });
    assertGolden(golden('postgres'), text);
  });

  it('names the pool and the queries of mysql2', async () => {
    const { text } = await tasks({ file: path.join(FOLDER, 'mysql2.cjs') });
    assertGolden(golden('mysql2'), text);
  });

  describe('with servers', () => {
    let postgres: FakePostgres;
    let redis: FakeRedis;

    beforeEach(async () => {
      postgres = await startFakePostgres('a book');
      redis = await startFakeRedis('alice');
    });

    afterEach(async () => {
      await Promise.all([postgres.close(), redis.close()]);
    });

    it('names the jobs, queues and workers of bullmq', async () => {
      const server = await startFakeRedis('', newBullmqReplies());
      try {
        // For events, for jobs, and to store a job.
        const env = { REDIS_PORT: String(server.port) };
        const text = await tasksWhen(server.gate.held(3), { file: path.join(FOLDER, 'bullmq.cjs'), env });
        assertGolden(golden('bullmq'), text);
      } finally {
        await server.close();
      }
    });

    it('names the commands of node-redis, and what the batch of a DataLoader waits for', async () => {
      const env = { REDIS_PORT: String(redis.port) };
      const text = await tasksWhen(redis.gate.held(6), { file: path.join(FOLDER, 'redis.cjs'), env });
      assertGolden(golden('redis'), text);
    });

    it('says of no connection that is handed on, or that a pool itself has taken, that it was not given back', async () => {
      const env = { POSTGRES_PORT: String(postgres.port) };
      const file = path.join(FOLDER, 'taken.cjs');
      assertGolden(golden('taken'), await tasksWhen(postgres.gate.held(2), { file, env }, { postgres: postgres.port }));
    });

    for (const extension of ['cjs', 'mjs']) {
      it(`names the pool, the queries of pg and the commands of ioredis: .${extension}`, async () => {
        const held = Promise.all([postgres.gate.held(4), redis.gate.held(3)]);
        const ports = { postgres: postgres.port, redis: redis.port };
        const env = { POSTGRES_PORT: String(ports.postgres), REDIS_PORT: String(ports.redis) };
        const text = await tasksWhen(held, { file: path.join(FOLDER, `databases.${extension}`), env }, ports);
        assertGolden(golden('databases'), text.replaceAll('.mjs', '.cjs'));
      });
    }
  });
});

describe('packages under the agent', function () {
  this.timeout(60_000);

  const visible = ({ stdout, stderr, code, signal }: RunResult): object => ({ stdout, stderr, code, signal });

  for (const file of ['transparent.cjs', 'transparent.mjs', 'throwing.cjs', 'throwing.mjs', 'own-queue.cjs']) {
    it(`look and behave as without it: ${file}`, async () => {
      const options = { file: path.join(FOLDER, file) };
      const bare = await runWithAgent({ ...options, agent: false });
      const traced = await runWithAgent(options);
      assert.deepEqual(visible(traced), visible(bare));
      assert.notEqual(traced.stdout, '');
      assert.deepEqual(
        traced.events.filter(({ event }) => event === 'fault'),
        [],
      );
    });
  }

  it('are collected as without it, with the promises that wait for them', async () => {
    const { stdout } = await runWithAgent({ file: path.join(FOLDER, 'collected.cjs'), execArgv: ['--expose-gc'] });
    assert.ok(Number(stdout) >= 95, `${stdout.trim()} of 100`);
  });

  it('are looked for without a fault in a working directory that was removed', async function () {
    if (process.platform === 'win32') this.skip(); // it cannot be removed there
    const source = `
      const { mkdtempSync, rmdirSync } = require('node:fs');
      const { spawnSync } = require('node:child_process');
      if (process.argv[2] === 'child') return console.log('ran');
      const folder = mkdtempSync(require('node:os').tmpdir() + '/gone-');
      process.chdir(folder);
      rmdirSync(folder);
      process.stdout.write(spawnSync(process.execPath, [__filename, 'child']).stdout);`;
    const { events, stdout } = await runWithAgent({ source });
    assert.equal(stdout, 'ran\n');
    const faults = events.map((event) => (event.event === 'exit' ? event.snapshot.faults : []));
    assert.deepEqual(faults.flat(), []);
    assert.equal(events.filter(({ event }) => event === 'exit').length, 2);
  });
});
