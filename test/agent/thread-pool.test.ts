/** Who has the threads of libuv's pool and who waits for one, in real programs: named pipes that nobody writes to hold the threads. */
import assert from 'node:assert/strict';
import type { AgentEvent, ExitEvent, Frame, Snapshot } from '../../src/protocol/agent.ts';
import type { PoolWork } from '../../src/protocol/thread-pool.ts';
import { runRules } from '../../src/model/findings.ts';
import { applyEvent, newProgram } from '../../src/model/program.ts';
import { ownerText, poolLines } from '../../src/model/stalls/thread-pool.ts';
import type { Sources } from '../../src/model/sources.ts';
import { DEFAULT_SETTINGS } from '../../src/protocol/settings.ts';
import { runWithAgent, type RunOptions } from '../support/run-node.ts';
import { trimmed } from '../support/samples.ts';

/**
 * `until(condition)` polls the agent as a debugger would until the snapshot is as wanted, and ends the program. Node would wait for its threads at the
 * end, so it is killed once the agent has spoken.
 */
const HEAD = `
const fs = require('node:fs'), crypto = require('node:crypto'), zlib = require('node:zlib'), dns = require('node:dns'), { promisify } = require('node:util');
require('node:child_process').execFileSync('mkfifo', ['a', 'b', 'c', 'd']);
process.on('exit', () => process.kill(process.pid, 'SIGKILL'));
const ask = (request) => JSON.parse(globalThis[Symbol.for('async-lens.agent')].request(JSON.stringify(request))).value;
const poll = () => (ask({ request: 'poll', paused: false }), ask({ request: 'snapshot' }).threadPool);
function until(condition) { setInterval(() => { if (condition(poll())) process.exit(); }, 20); }
const told = (pool) => pool?.saturation !== undefined;
`.trim();
const HEAD_LINES = HEAD.split('\n').length;

interface Ended {
  snapshot: Snapshot;
  events: AgentEvent[];
  sources: Sources;
}

async function end(body: string, options: RunOptions = {}): Promise<Ended> {
  const source = `${HEAD}\n${trimmed(body)}`;
  const { events, stderr, file } = await runWithAgent({ ...options, source });
  const exit = events.find((event): event is ExitEvent => event.event === 'exit');
  assert.ok(exit, `no exit event; stderr: ${stderr}`);
  assert.deepEqual(exit.snapshot.faults, []);
  const isUser = (frame: Frame): boolean => frame.file === file;
  const locate: Sources['locate'] = ({ line, column, function: name, ...frame }) => ({
    ...frame,
    line: line - HEAD_LINES,
    column,
    function: name,
  });
  return { snapshot: exit.snapshot, events, sources: { isUser, locate } };
}

/** `work, by whom: line`, sorted: the order in which parallel things are asked for is not what this is about. */
function lines(works: readonly PoolWork[] | undefined, { snapshot, sources }: Ended): string {
  return poolLines(works ?? [], snapshot, sources)
    .map((line) => `${line.text}, ${ownerText(line) ?? 'nobody'}: ${line.place?.location?.line ?? 'unknown'}`)
    .sort()
    .join('\n');
}

describe('the thread pool', function () {
  this.timeout(60_000);

  it('does not have what a file was read with as a Blob', async () => {
    const { snapshot } = await end(`
      fs.openAsBlob(__filename).then((blob) => blob.text()).then(() => setImmediate(() => process.exit()));
      setTimeout(() => {}, 100_000);`);
    assert.equal(snapshot.threadPool, undefined);
    assert.deepEqual(
      snapshot.resources.filter(({ facts }) => facts.kind === 'fs'),
      [],
    );
  });

  it('is shared by files, look-ups, cryptography and compression, each told by its line', async () => {
    const ended = await end(
      `
      async function hold(name) { await fs.promises.open(name); }
      hold('a'); hold('b'); hold('c'); fs.open('d', () => {});
      async function stat() { await fs.promises.stat('a'); }
      async function login() { await hash(); }
      async function hash() { await promisify(crypto.pbkdf2)('p', 's', 10, 8, 'sha1'); }
      async function pack() { await promisify(zlib.gzip)('x'); }
      async function find() { await dns.promises.lookup('localhost'); }
      crypto.subtle.digest('SHA-256', Buffer.from('x'));
      stat(); login(); login(); pack(); find();
      crypto.scrypt('p', 's', 8, () => {});
      crypto.randomBytes(8, () => {});
      crypto.randomBytes(8); crypto.pbkdf2Sync('p', 's', 10, 8, 'sha1'); zlib.gzipSync('x'); zlib.createGzip();
      until(told);
      `,
    );
    const { threadPool: pool } = ended.snapshot;
    assert.deepEqual([pool?.size, pool?.busy, pool?.waiting], [4, 4, 8]);
    assert.equal(
      lines(pool?.running, ended),
      trimmed(`
        fs.open a, hold: 1
        fs.open b, hold: 1
        fs.open c, hold: 1
        fs.open d, nobody: 2
      `),
    );
    assert.equal(
      // From Node 24 on the work does not lead to the promise of its call, which knows the algorithm.
      lines(pool?.queued, ended).replace(' SHA-256', ''),
      trimmed(`
        crypto.pbkdf2 ×2, login → hash: 5
        crypto.randomBytes, nobody: 11
        crypto.scrypt, nobody: 10
        crypto.subtle.digest, nobody: 8
        dns localhost, find: 7
        fs.stat a, stat: 3
        zlib.gzip, pack: 6
      `),
    );
  });

  it('that has work waiting is a finding, of the pool as large as it is', async () => {
    const ended = await end(
      `
      async function hold(name) { await fs.promises.open(name); }
      hold('a'); hold('b');
      async function load() { await fs.promises.readFile('/'); }
      load(); load(); load();
      until(told);
      `,
      { env: { UV_THREADPOOL_SIZE: '2' } },
    );
    const program = newProgram();
    for (const event of ended.events) applyEvent(program, event);
    const [finding] = runRules(program, DEFAULT_SETTINGS, ended.sources).filter(
      ({ rule }) => rule === 'threadpool-saturated',
    );
    assert.ok(finding, JSON.stringify(ended.snapshot.threadPool));
    assert.match(
      finding.message,
      /^All 2 threads of the thread pool were busy with fs\.open ×2 while 3 requests waited/,
    );
    assert.deepEqual(
      [finding.severity, finding.confidence, finding.location?.line, finding.related.map((at) => at.location?.line)],
      ['warning', 'likely', 1, [1, 1, 3]],
    );
  });

  it('that is full is none, nor is work that a blocked loop has not taken in yet', async () => {
    const { snapshot } = await end(`
      for (const name of ['a', 'b', 'c']) fs.open(name, () => {});
      const work = [1, 2, 3, 4, 5, 6].map((name) => promisify(fs.stat)('a'));
      const end = Date.now() + 400;
      while (Date.now() < end) poll();
      let looks = 0;
      Promise.all(work).then(() => until(() => ++looks > 15));
    `);
    assert.equal(snapshot.threadPool?.busy, 3);
    assert.equal(snapshot.threadPool.saturation, undefined);
  });
});
