/** A program that has nothing to do is left alone, and what its next callback does is seen all the same. */
import assert from 'node:assert/strict';
import type { PollAnswer } from '../../src/protocol/polls.ts';
import { runWithAgent, type RunOptions, type RunResult } from '../support/run-node.ts';
import { finalSnapshot, told } from '../support/stalls.ts';

/** Says `rest` when the agent lets the program alone: it switches its delay monitors off then, of which the first is always on else. */
const TELL_RESTS = `
  const { writeSync } = require('node:fs');
  const { monitorEventLoopDelay } = require('node:perf_hooks');
  const { isMainThread } = require('node:worker_threads');
  const prototype = Object.getPrototypeOf(monitorEventLoopDelay());
  const { enable, disable } = prototype;
  let first;
  prototype.enable = function (...args) {
    first ??= this;
    return Reflect.apply(enable, this, args);
  };
  prototype.disable = function (...args) {
    if (this === first) writeSync(1, isMainThread ? 'rest\\n' : 'rest of a worker\\n');
    return Reflect.apply(disable, this, args);
  };`;

/** Each time that the program rests (or says `word`) it is woken by a signal, or as `wake` says. Without `watch` nobody looks at it. */
function runWithRests(
  source: string,
  wake?: Parameters<typeof wakeAtEach>[1],
  watch: RunOptions['watch'] | null = { durationMs: null },
  word = 'rest\n',
): Promise<RunResult> {
  return runWithAgent({
    source,
    files: { 'tell-rests.cjs': TELL_RESTS },
    env: { NODE_OPTIONS: '--require ./tell-rests.cjs' },
    ...(watch === null ? {} : { watch }),
    timeoutMs: 90_000,
    onOutput: wakeAtEach(word, wake),
  });
}

describe('a program that rests', function () {
  this.timeout(120_000);

  it('tells of a stall in its next callback while it lasts, at the right line', async () => {
    const source = `
      const { pbkdf2Sync } = require('node:crypto');
      const spin = () => { for (const end = performance.now() + 700; performance.now() < end; ); };
      const culprits = [
        function busyLoop() { spin(); },
        function hash() { for (let i = 0; i < 3; i++) pbkdf2Sync('a', 'b', 400_000, 64, 'sha512'); },
        function wait() { setTimeout(function timer() { spin(); process.exit(); }, 1500); },
      ];
      process.on('SIGUSR2', () => culprits.shift()?.());
      setInterval(() => {}, 1e6);`;
    const snapshot = finalSnapshot(await runWithRests(source));
    for (const name of ['busyLoop', 'hash', 'timer']) {
      const stall = told(snapshot).find(({ stack }) => stack.some((frame) => frame.function === name));
      assert.ok(stall !== undefined, name);
      if (stall.overloaded === true) continue;
      assert.ok(stall.toldAfterMs !== undefined, `${name}: ${JSON.stringify(stall)}`);
      assert.notEqual(stall.confidence, 'inferred', name);
    }
  });

  it('does not do so in the midst of a callback, however deep below the answer that lies', async () => {
    const source = `
      const { Session } = require('node:inspector');
      const session = new Session();
      session.connect();
      const request = JSON.stringify(JSON.stringify({ request: 'poll', paused: false, mayRest: true }));
      const expression = "globalThis[Symbol.for('async-lens.agent')].request(" + request + ')';
      const answers = [];
      function poll() {
        // In a session with one's own thread the answer comes before post returns.
        session.post('Runtime.evaluate', { expression }, (_, { result }) => answers.push(JSON.parse(result.value).value));
      }
      setInterval(function work() {
        poll();
        if (answers.length < 20) return;
        console.log(answers.some(({ idle }) => idle), answers.some(({ rest }) => rest !== undefined));
        process.exit();
      }, 60);`;
    assert.equal((await runWithAgent({ source })).stdout, 'true false\n');
  });

  it('is not left alone when its code may run without a callback of the loop', async () => {
    const source = `
      const cell = new Int32Array(new SharedArrayBuffer(4));
      const spin = () => { for (const end = performance.now() + 700; performance.now() < end; ); };
      setInterval(() => {}, 1e6);
      async function woken() {
        await Atomics.waitAsync(cell, 0, 0, 2000).value;
        spin();
        process.exit();
      }
      void woken();`;
    const [stall] = told(finalSnapshot(await runWithAgent({ source, watch: { durationMs: null } })));
    assert.ok(stall?.toldAfterMs !== undefined, JSON.stringify(stall));
    assert.ok(stall.stack.some((frame) => frame.function === 'spin'));
  });

  it('has neither a stall nor a delay for that, also if it was stopped meanwhile', async () => {
    const source = `
      process.on('SIGUSR2', () => setTimeout(() => process.exit(), 300));
      setInterval(() => {}, 1e6);`;
    const run = await runWithRests(source, (signal) => {
      setTimeout(() => signal('SIGSTOP'), 500);
      setTimeout(() => signal('SIGCONT'), 2500);
      setTimeout(() => signal('SIGUSR2'), 3000);
    });
    const { loop, stalls } = finalSnapshot(run);
    assert.deepEqual(
      stalls.filter(({ durationMs }) => durationMs >= 1000),
      [],
    );
    assert.ok(loop.delayMs.max < 2000, `${loop.delayMs.max} ms`);
  });

  it('has no delays meanwhile that hide those of its work', async () => {
    const source = `
      let left = 2;
      process.on('SIGUSR2', () => {
        for (const end = performance.now() + 400; performance.now() < end; );
        if (--left === 0) process.exit();
      });
      setInterval(() => {}, 1e6);`;
    const run = await runWithRests(source, (signal) => setTimeout(() => signal('SIGUSR2'), 4000));
    const { p99, max } = finalSnapshot(run).loop.delayMs;
    assert.ok(p99 > 200 && max < 4000, `${p99} ms, ${max} ms`);
  });

  it('is left alone where nobody looks, and how long the turn was that ends it is known', async () => {
    const source = `
      let left = 3;
      process.on('SIGUSR2', () => {
        for (const end = performance.now() + 100 * left; performance.now() < end; );
        if (--left === 0) process.exit();
      });
      setInterval(() => {}, 1e6);`;
    const run = await runWithRests(source, (signal) => setTimeout(() => signal('SIGUSR2'), 3000), null);
    const { max } = finalSnapshot(run).loop.delayMs;
    assert.ok(max > 200 && max < 2500, `${max} ms`);
  });

  it('has nothing to tell at the first poll of what came long before, whatever has become of the timer functions', async () => {
    const source = `
      globalThis.clearTimeout = require('node:timers').clearTimeout = () => { throw new Error('no timer of mine'); };
      const agent = globalThis[Symbol.for('async-lens.agent')];
      const poll = () => JSON.parse(agent.request('{"request":"poll","paused":false,"mayRest":true}'));
      let left = 40;
      const work = setInterval(() => {
        for (const end = performance.now() + 15; performance.now() < end; );
        if (--left === 0) clearInterval(work);
      }, 50);
      process.on('SIGUSR2', () => {
        console.log(JSON.stringify(poll()));
        process.exit();
      });
      setInterval(() => {}, 1e6);`;
    const run = await runWithRests(source, (signal) => setTimeout(() => signal('SIGUSR2'), 1000), null);
    const { ok, value } = JSON.parse(run.stdout.replace('rest\n', '')) as { ok: boolean; value: PollAnswer };
    assert.ok(ok && value.stall === undefined, run.stdout);
    assert.deepEqual(told(finalSnapshot(run)), []);
  });

  it('is left alone again after a snapshot, and not when code runs that nothing tells of', async () => {
    const source = `
      const { Session } = require('node:inspector');
      const { isMainThread, Worker } = require('node:worker_threads');
      if (isMainThread) {
        new Worker(__filename).unref();
        setTimeout(() => require('node:crypto').pbkdf2('a', 'b', 500_000, 32, 'sha1', () => {}), 50);
        setTimeout(() => globalThis[Symbol.for('async-lens.agent')].request('{"request":"snapshot"}'), 70);
        process.on('SIGUSR2', () => process.exit());
        setInterval(() => {}, 1e6);
      } else {
        const session = new Session();
        session.connectToMainThread();
        const spin = 'for (const end = performance.now() + 300; performance.now() < end; );';
        setTimeout(() => setInterval(() => session.post('Runtime.evaluate', { expression: spin }), 400), 6000);
      }`;
    const run = await runWithRests(source, (signal) => setTimeout(() => signal('SIGUSR2'), 8000), null);
    const { max } = finalSnapshot(run).loop.delayMs;
    assert.ok(max > 200, `${max} ms`);
  });

  it('is left alone as a worker thread that watches itself, too, and goes on', async () => {
    const source = `
      const { Worker, isMainThread, parentPort } = require('node:worker_threads');
      if (isMainThread) {
        const worker = new Worker(__filename);
        process.on('SIGUSR2', () => worker.postMessage('next'));
        worker.on('message', (count) => {
          console.log('answer', count);
          if (count === 2) process.exit();
        });
      } else {
        let count = 0;
        parentPort.on('message', () => parentPort.postMessage(++count));
      }`;
    const run = await runWithRests(source, undefined, { durationMs: null }, 'rest of a worker\n');
    assert.deepEqual(run.stdout.match(/answer \d/g), ['answer 1', 'answer 2']);
  });

  it('has the same callbacks as without the agent, whatever hooks there are', async () => {
    const variants = {
      'no hooks': '',
      'hooks of its own': `
        const of = new Map(), told = [];
        const tell = (what) => (id) => { if (of.get(id) === 'SIGNALWRAP') told.push(what); };
        asyncHooks.createHook({ init: (id, type) => of.set(id, type), before: tell('before'), after: tell('after') }).enable();
        process.on('exit', () => console.log(told.join()));`,
      'a storage': `
        const storage = new asyncHooks.AsyncLocalStorage();
        storage.enterWith('kept');
        store = () => storage.getStore();`,
      'hooks that it makes then': `
        then = () => asyncHooks.createHook({ before() {}, after() {} }).enable();`,
    };
    const program = (hooks: string): string => `
      const asyncHooks = require('node:async_hooks');
      let store = () => {}, then = () => {};
      ${hooks}
      let calls = 0;
      process.on('SIGUSR2', function handler() {
        console.log(new Error('here').stack, asyncHooks.executionAsyncId() > 1, store());
        if (++calls === 2) {
          console.log(asyncHooks.executionAsyncResource().constructor.name);
          process.exit();
        }
        then();
        setImmediate(() => console.log(new Error('immediate').stack, store()));
        process.stdout.write('next\\n');
      });
      setInterval(() => {}, 1e6);
      process.stdout.write('next\\n');`;
    const outcome = ({ stdout, stderr, code, file }: RunResult): unknown => {
      const text = stdout.replaceAll('rest\n', '').replaceAll(file, 'main.cjs');
      return { text, stderr, code };
    };
    const outcomes = async (run: (source: string) => Promise<RunResult>): Promise<unknown> =>
      Promise.all(Object.entries(variants).map(async ([what, hooks]) => [what, outcome(await run(program(hooks)))]));
    const alone = outcomes((source) => runWithAgent({ source, agent: false, onOutput: wakeAtEach('next\n') }));
    assert.deepEqual(await outcomes(runWithRests), await alone);
    assert.deepEqual(await outcomes((source) => runWithRests(source, undefined, null)), await alone);
  });
});

/** Wakes the program for each time that it says so. */
function wakeAtEach(
  word: string,
  wake: (signal: (name: NodeJS.Signals) => void) => void = (signal) => signal('SIGUSR2'),
): NonNullable<RunOptions['onOutput']> {
  let woken = 0;
  return (text, kill) => {
    const now = text.split(word).length - 1;
    for (; woken < now; woken++) wake(kill);
  };
}
