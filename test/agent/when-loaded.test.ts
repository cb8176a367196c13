/** Node's own modules that only the program may load are hooked when it does: however it gets at them, it finds what sees its calls. */
import assert from 'node:assert/strict';
import type { ExitEvent } from '../../src/protocol/agent.ts';
import { runWithAgent } from '../support/run-node.ts';

/** Tells which of them are loaded before the program wants any; then each is called once, in a way that is seen. */
const program = (load: (name: string) => string): string => `
const list = process.moduleLoadList;
const ours = ['crypto', 'http', 'child_process', 'https', 'zlib', 'readline', 'internal/fs/promises'].filter((name) => list.includes('NativeModule ' + name));
const crypto = ${load('crypto')}, zlib = ${load('zlib')}, files = ${load('fs/promises')}, https = ${load('https')}, lines = ${load('readline/promises')};
crypto.pbkdf2Sync('secret', 'salt', 300_000, 64, 'sha512');
zlib.deflateSync(crypto.randomBytes(2_000_000));
const holes = Object.keys(list).length - list.length;
console.log(JSON.stringify({ ours, holes, isArray: Array.isArray(list), hasAll: ['crypto', 'zlib', 'https'].every((name) => list.includes('NativeModule ' + name)) }));
async function reads() { await files.readFile('pipe'); }
async function asks() { await lines.createInterface({ input: new (require('node:stream').PassThrough)() }).question('sure? '); }
require('node:child_process').execFileSync('mkfifo', ['pipe']);
reads(); asks();
process.on('exit', () => process.kill(process.pid, 'SIGKILL'));
setTimeout(() => process.exit(), 300);`;

const ways = {
  require: { source: program((name) => `require('node:${name}')`) },
  import: {
    source: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url); ${program((name) => `await import('node:${name}')`)}`,
    esm: true,
  },
};

describe("Node's modules", () => {
  for (const [way, options] of Object.entries(ways)) {
    it(`are not loaded for the agent, and seen when the program loads them with ${way}`, async () => {
      const { events, stdout } = await runWithAgent(options);
      const told = JSON.parse(stdout) as { ours: string[] };
      // The loader of ES modules of Node 20 reads files that way itself.
      const ours = told.ours.filter((name) => way === 'require' || name !== 'internal/fs/promises');
      assert.deepEqual({ ...told, ours }, { ours: [], holes: 0, isArray: true, hasAll: true });
      const exit = events.find((event): event is ExitEvent => event.event === 'exit');
      assert.ok(exit);
      const { blockingCalls, tasks, faults } = exit.snapshot;
      const calls = new Set(blockingCalls.map(({ api }) => api));
      for (const api of ['crypto.pbkdf2Sync', 'zlib.deflateSync'])
        assert.ok(calls.has(api), `${api} of ${[...calls].join()}`);
      const waits = tasks.map(({ wait }) => JSON.stringify(wait?.facts)).join();
      assert.match(waits, /"operation":"readFile","path":"pipe"/);
      assert.match(waits, /"api":"question"/);
      assert.deepEqual(faults, []);
    });
  }

  it('are seen also when standard input loads them, while its exports are being made', async () => {
    const { events, stdout, stderr } = await runWithAgent({
      source: `
        import process from 'node:process';
        import { readFile } from 'node:fs/promises';
        import { execFileSync } from 'node:child_process';
        console.log(process.stdin.constructor.name);
        execFileSync('mkfifo', ['pipe']);
        async function reads() { await readFile('pipe'); }
        reads();
        process.on('exit', () => process.kill(process.pid, 'SIGKILL'));
        setTimeout(() => process.exit(), 300);`,
      esm: true,
    });
    assert.equal(stdout, 'ReadStream\n', stderr);
    const exit = events.find((event): event is ExitEvent => event.event === 'exit');
    assert.deepEqual(exit?.snapshot.faults, []);
    assert.match(JSON.stringify(exit.snapshot.tasks), /"operation":"readFile","path":"pipe"/);
  });
});
