/** A program that ends itself past its exit event ends under the watchdog as it does alone: Node is silent about the watchdog's session. */
import assert from 'node:assert/strict';
import { runWithAgent, type RunResult } from '../support/run-node.ts';

/** Calls `go` once the watchdog has its session, alone at once. */
const once = (go: string): string => `
  const fs = require('node:fs'), spool = process.env.ASYNC_LENS_SPOOL;
  const isWatched = (text = 'snapshot', times = 1) => spool === undefined || fs.readdirSync(spool).some((name) =>
    name.endsWith('-watch.ndjson') && fs.readFileSync(spool + '/' + name, 'utf8').split('"event":"' + text).length > times);
  const timer = setInterval(() => { if (isWatched()) { clearInterval(timer); go(); } }, 10);
  const go = () => { ${go} };`;

const CASES: Record<string, string> = {
  'by a signal to itself': once(`process.kill(process.pid, 'SIGTERM');`),
  'in its own handler of a signal': `
    process.on('SIGTERM', () => { process.removeAllListeners('SIGTERM'); process.kill(process.pid, 'SIGTERM'); });
    ${once(`setInterval(() => {}, 1000); process.kill(process.pid, 'SIGTERM');`)}`,
  'after a handler that runs once': `
    process.once('SIGINT', () => { console.log('bye'); process.kill(process.pid, 'SIGINT'); });
    ${once(`setInterval(() => {}, 1000); process.kill(process.pid, 'SIGINT');`)}`,
  'by process.reallyExit': once('process.reallyExit(5);'),
  'with its listeners removed': once('process.removeAllListeners(); process.exit(6);'),
  'by another program in its place': once(
    `if (process.execve) process.execve('/bin/echo', ['echo', 'other'], {}); else console.log('other');`,
  ),
};

const visible = ({ stdout, stderr, code, signal }: RunResult): object => ({ stdout, stderr, code, signal });

describe('a program that ends itself', function () {
  this.timeout(60_000);

  for (const [name, source] of Object.entries(CASES)) {
    it(`${name} ends the same under the watchdog`, async () => {
      const options = { source, execArgv: ['--no-warnings'] };
      const bare = await runWithAgent({ ...options, agent: false });
      const watched = await runWithAgent({ ...options, watch: { durationMs: null } });
      assert.deepEqual(visible(watched), visible(bare));
    });
  }

  it('is watched on when it outlives the signal', async () => {
    const source = once(`
      process.kill(process.pid, 'SIGWINCH');
      const again = setInterval(() => {
        setImmediate(async () => {});
        if (isWatched('snapshot', 4)) { console.log('seen'); clearInterval(again); }
      }, 20);`);
    const { stdout, stderr, code } = await runWithAgent({ source, watch: { durationMs: null } });
    assert.deepEqual([stdout, stderr, code], ['seen\n', '', 0]);
  });
});
