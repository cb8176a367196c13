/** Times that look like a stall and are none: what stops or starves a process from outside, many short callbacks, and the loading of a large program. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { Stall } from '../../src/protocol/agent.ts';
import { nodeBinary, nodeMajor, runWithAgent, type RunOptions } from '../support/run-node.ts';

/** Stalls after start-up, long enough not to be a hiccup of a busy machine, for which the program itself is to blame. */
async function blamed(options: RunOptions, minMs = 150): Promise<Stall[]> {
  const run = await runWithAgent({ ...options, watch: { durationMs: null } });
  const exit = run.events.find((event) => event.event === 'exit');
  assert.ok(exit !== undefined, run.stderr);
  return exit.snapshot.stalls.filter(
    ({ kind, overloaded, durationMs }) => kind !== 'startup' && overloaded !== true && durationMs >= minMs,
  );
}

/** Runs for a while with the watcher there. */
const SECONDS = 2;
const UNTIL = `const until = performance.now() + ${SECONDS * 1000};`;

describe('no stall is', function () {
  this.timeout(60_000);

  it('a process that is stopped in the middle of its work and goes on', async () => {
    const source = `${UNTIL}
      console.log('ready');
      (function turn() {
        for (const end = performance.now() + 5; performance.now() < end; );
        if (performance.now() < until) setTimeout(turn, 5);
      })();`;
    let stopped = false;
    const stalls = await blamed({
      source,
      onOutput: (_, kill) => {
        if (stopped) return;
        stopped = true;
        setTimeout(() => kill('SIGSTOP'), 600);
        setTimeout(() => kill('SIGCONT'), 1600);
      },
    });
    assert.deepEqual(stalls, []);
  });

  it('a machine that sleeps, where the clock goes on meanwhile as on Windows', async () => {
    const jump = `
      const { performance } = require('node:perf_hooks');
      const now = performance.now.bind(performance);
      let aheadMs = 0;
      performance.now = () => now() + aheadMs;
      globalThis.sleepFor = (ms) => void (aheadMs += ms);`;
    const source = `
      const spin = (ms) => { for (const end = Date.now() + ms; Date.now() < end; ); };
      let left = 3;
      (function turn() {
        spin(10);
        sleepFor(3_600_000);
        spin(10);
        if (--left > 0) setTimeout(turn, 400);
        else setTimeout(() => console.log('awake'), 400);
      })();`;
    const files = { 'jump.cjs': jump };
    const stalls = await blamed({ source, files, env: { NODE_OPTIONS: '--require ./jump.cjs' } });
    assert.deepEqual(stalls, []);
  });

  it('a server that is busy with short callbacks nine tenths of the time', async () => {
    const source = `${UNTIL}
      (function turn() {
        for (const end = performance.now() + 9; performance.now() < end; );
        if (performance.now() < until) setTimeout(turn, 1);
      })();`;
    assert.deepEqual(await blamed({ source }), []);
  });

  it('a machine that has no time for the program', async () => {
    const source = `${UNTIL}
      (function turn() {
        for (const end = performance.now() + 2; performance.now() < end; );
        if (performance.now() < until) setTimeout(turn, 8);
      })();`;
    const hogs = Array.from({ length: 6 }, () => spawn(nodeBinary(), ['-e', 'for (;;);'], { stdio: 'ignore' }));
    try {
      assert.deepEqual(await blamed({ source }), []);
    } finally {
      for (const hog of hogs) hog.kill('SIGKILL');
    }
  });

  for (const esm of [false, true]) {
    it(`the start of a large program of ${esm ? 'ES modules' : 'CommonJS modules'}`, async () => {
      const extension = esm ? 'mjs' : 'cjs';
      const work = 'let sum = 0; for (const end = performance.now() + 2; performance.now() < end; ) sum++;';
      const numbers = Array.from({ length: 200 }, (_, i) => i);
      const files = Object.fromEntries(numbers.map((i) => [`part${i}.${extension}`, work]));
      const loads = numbers.map((i) => (esm ? `import './part${i}.mjs';` : `require('./part${i}.cjs');`)).join('\n');
      assert.deepEqual(await blamed({ source: `${loads}\nsetTimeout(() => {}, 500);`, esm, files }), []);
    });
  }

  // Later versions wait for no thread in the loop when a module is loaded.
  if (nodeMajor() === 20) {
    it('what a package does while Node 20 still loads the main module, and after that it is one', async () => {
      const source = `import 'slow'; setTimeout(() => globalThis.spin(), 600);`;
      const slow = `
        globalThis.spin = () => { for (const end = performance.now() + 500; performance.now() < end; ); };
        await new Promise((resolve) => setTimeout(resolve, 600));
        await new Promise((resolve) => setTimeout(() => { globalThis.spin(); resolve(); }, 10));`;
      const files = {
        'node_modules/slow/package.json': '{ "type": "module", "main": "main.js" }',
        'node_modules/slow/main.js': slow,
      };
      const run = await runWithAgent({ source, esm: true, files, watch: { durationMs: null } });
      const exit = run.events.find((event) => event.event === 'exit');
      assert.ok(exit !== undefined, run.stderr);
      const spun = exit.snapshot.stalls.filter(({ stack }) => stack.some((frame) => frame.function.endsWith('spin')));
      assert.ok(spun.length > 0, JSON.stringify(exit.snapshot.stalls));
      for (const { kind, stack } of spun) {
        const isProgram = stack.some(({ file }) => file.endsWith('main.mjs'));
        assert.equal(kind, isProgram ? 'javascript' : 'startup');
      }
    });
  }
});
