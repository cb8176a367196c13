/** The steps by which a program without the agent is looked at, and what is left of them when one fails. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectTo } from '../../src/adapter/address.ts';
import { leaveAtExit } from '../../src/adapter/agent-link.ts';
import type { Cdp } from '../../src/adapter/cdp.ts';
import { evaluate } from '../../src/adapter/late/evaluate.ts';
import { inject } from '../../src/adapter/late/inject.ts';
import { lookOnce } from '../../src/adapter/late/look.ts';
import { openProcess } from '../../src/adapter/late/open.ts';
import { adapterBundle, agentBeside } from '../support/debug-adapter.ts';
import { nodeBinary } from '../support/run-node.ts';

/** Counts the promise hooks that are open. */
const PROGRAM = `const { promiseHooks } = require('node:v8');
const { onSettled } = promiseHooks;
let hooks = 0;
promiseHooks.onSettled = (hook) => {
  hooks++;
  const stop = onSettled(hook);
  return () => (hooks--, stop());
};
globalThis.openHooks = () => hooks;
async function waiting() {
  await new Promise((resolve) => (globalThis.goOn = resolve));
}
waiting();
setInterval(() => {}, 1000);
`;

describe('A look at a program without the agent', function () {
  this.timeout(60_000);
  let folder: string;
  let agentFile: string;
  let child: ChildProcess;
  let cdp: Cdp;

  before(() => {
    agentFile = agentBeside(adapterBundle('real'));
  });
  beforeEach(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'lens-steps-')));
    const file = join(folder, 'app.cjs');
    writeFileSync(file, PROGRAM);
    child = spawn(nodeBinary(), ['--inspect=127.0.0.1:0', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    while (!/ws:\S+/.test(errors)) errors += String((await once(child.stderr ?? child, 'data'))[0]);
    cdp = await connectTo(/ws:\S+/.exec(errors)?.[0] ?? '');
  });
  afterEach(() => {
    cdp.close();
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  async function pending(): Promise<string[]> {
    const look = await lookOnce(cdp, agentFile, true);
    assert.equal(look.state, 'seen');
    return look.state === 'seen' ? look.snapshot.frames.map((frame) => frame.function) : [];
  }

  it('that fails leaves nothing in it, and the next one sees everything', async () => {
    const broken: Cdp = {
      ...cdp,
      send: (method, params) =>
        method === 'HeapProfiler.takeHeapSnapshot' ? Promise.reject(new Error('no memory')) : cdp.send(method, params),
    };
    await assert.rejects(lookOnce(broken, agentFile, true), /cannot be read: no memory/);
    assert.equal(await evaluate(cdp, 'openHooks()'), 0);
    assert.deepEqual(await pending(), ['waiting']);
    assert.equal(await evaluate(cdp, 'openHooks()'), 0);
  });

  it('sees as much of one with a frozen Error and a clock of its own', async () => {
    await evaluate(cdp, `Object.freeze(Error); globalThis.performance = {}; globalThis.setTimeout = () => ({}); 0`);
    assert.deepEqual(await pending(), ['waiting']);
  });

  it('sends the text of an agent that the program cannot read', async () => {
    writeFileSync(join(folder, 'agent.cjs'), readFileSync(agentFile));
    await inject(cdp, join(folder, 'not-there.cjs'));
    assert.deepEqual(await pending(), ['waiting']);
  });
});

/** How a program ends: called for, and with nothing left to do. */
const ENDS = ['process.exit(4)', 'process.exitCode = 4; process.stdin.destroy()'];

describe('A process whose inspector was opened', function () {
  this.timeout(60_000);

  for (const end of ENDS) {
    it(`ends as soon as without it: ${end}`, async () => {
      const source = `process.stdin.once('data', () => { ${end}; }); console.log('ready')`;
      const child = spawn(nodeBinary(), ['--inspect-port=0', '--eval', source], { stdio: ['pipe', 'pipe', 'ignore'] });
      try {
        await once(child.stdout, 'data');
        const cdp = await openProcess(child.pid ?? 0);
        await leaveAtExit(cdp);
        const exit = once(child, 'exit');
        const toldAt = performance.now();
        child.stdin.write('end\n');
        assert.deepEqual(await exit, [4, null]);
        // It was 5 s, after which the connection is given up.
        assert.ok(performance.now() - toldAt < 4000);
      } finally {
        child.kill('SIGKILL');
      }
    });
  }
});
