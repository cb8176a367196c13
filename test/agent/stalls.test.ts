/** Stalls and blocking calls are found, timed and blamed on the right line; what is none gives none. */
import assert from 'node:assert/strict';
import type { AgentEvent, BlockingBegin } from '../../src/protocol/agent.ts';
import { runWithAgent, type RunOptions } from '../support/run-node.ts';
import { culprit, finalSnapshot, told } from '../support/stalls.ts';

const WATCHED: Pick<RunOptions, 'watch'> = { watch: { durationMs: null } };
/** Keeps the program idle first, so that the watchdog is there when the work starts. */
const LATER = 600;

/** Runs `body` 600 ms after the start, inside a function `work` on line 3. */
const later = (head: string, body: string): string =>
  `${head}\nsetTimeout(function work() {\n${body}\n}, ${LATER}); setTimeout(() => {}, ${LATER + 700});`;

const isStallEvent = (event: AgentEvent): event is Extract<AgentEvent, { event: 'stall' }> => event.event === 'stall';
const isBegin = (event: AgentEvent): event is BlockingBegin => event.event === 'blocking-begin';

describe('stalls under the watchdog', function () {
  this.timeout(60_000);

  const calls: Record<string, { head: string; body: string; api: string }> = {
    execSync: {
      head: `const { execSync } = require('node:child_process');`,
      body: `execSync('sleep 0.4');`,
      api: 'child_process.execSync',
    },
    'a throwing execSync': {
      head: `const { execSync } = require('node:child_process');`,
      body: `try { execSync('sleep 0.4; exit 3'); } catch {}`,
      api: 'child_process.execSync',
    },
    pbkdf2Sync: {
      head: `const { pbkdf2Sync } = require('node:crypto');`,
      body: `pbkdf2Sync('a', 'b', 1500000, 64, 'sha512');`,
      api: 'crypto.pbkdf2Sync',
    },
    'a read of a slow pipe': {
      head: `const fs = require('node:fs'); require('node:child_process').execSync('mkfifo pipe');`,
      body: `require('node:child_process').spawn('sh', ['-c', 'sleep 0.4; echo late > pipe'], { stdio: 'ignore' }); fs.readFileSync('pipe');`,
      api: 'fs.readFileSync',
    },
    'Atomics.wait': {
      head: '',
      body: `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);`,
      api: 'Atomics.wait',
    },
  };
  it('in many promise callbacks are not put down to a function that only ran among them', async () => {
    // Each is run once and queues the next; none has queued all of them.
    const step = (i: number) =>
      `function step${i}() { busy(5); for (let k = 0; k < 30; k++) new Promise(() => {}); Promise.resolve().then(steps[${i + 1}]); }`;
    const steps = Array.from({ length: 80 }, (_, i) => i);
    const head = `${steps.map(step).join(' ')} const steps = [${steps.map((i) => `step${i}`).join()}]; const busy = (ms) => { for (const end = Date.now() + ms; Date.now() < end;); };`;
    const body = 'Promise.resolve().then(step0);';
    const run = await runWithAgent({ ...WATCHED, source: later(head, body) });
    const [stall] = told(finalSnapshot(run)).filter(({ durationMs }) => durationMs > 200);
    assert.deepEqual([stall?.kind, stall?.confidence], ['microtasks', 'inferred']);
  });

  for (const [name, { head, body, api }] of Object.entries(calls)) {
    it(`are blamed on the line of ${name}`, async () => {
      const run = await runWithAgent({ ...WATCHED, source: later(head, body) });
      const [stall] = told(finalSnapshot(run));
      assert.ok(stall !== undefined, JSON.stringify(finalSnapshot(run).stalls));
      assert.deepEqual(
        [stall.kind, stall.api, stall.confidence, stall.open, culprit(stall, run.file)],
        ['sync-call', api, 'exact', false, 'work:3'],
      );
      assert.ok(stall.durationMs > 200 && stall.durationMs < 5000, `${stall.durationMs} ms`);
      const [call] = finalSnapshot(run).blockingCalls.filter((each) => each.api === api && each.maxMs > 200);
      assert.ok(call !== undefined && culprit(call, run.file) === 'work:3');
    });
  }

  it('are sampled in a busy function, and told while they last', async () => {
    const head = 'function spin(ms) { const end = Date.now() + ms; while (Date.now() < end); }';
    const run = await runWithAgent({ ...WATCHED, source: later(head, 'spin(900);') });
    const stalls = told(finalSnapshot(run), 500);
    assert.deepEqual(
      stalls.map((stall) => [stall.kind, stall.confidence, culprit(stall, run.file)]),
      [['javascript', 'sampled', 'spin:1']],
    );
    const events = run.events.filter(isStallEvent).filter(({ stall }) => stall.id === stalls[0]?.id);
    assert.deepEqual([events.at(0)?.stall.open, events.at(-1)?.stall.open], [true, false]);
  });

  it('are on record when the program hangs for ever and is killed', async () => {
    const source = later('', 'while (true);');
    const run = await runWithAgent({ ...WATCHED, source, timeoutMs: 4000 });
    assert.equal(run.signal, 'SIGKILL');
    const stall = run.events.filter(isStallEvent).at(-1)?.stall;
    assert.ok(stall !== undefined);
    assert.deepEqual([stall.kind, stall.open, culprit(stall, run.file)], ['javascript', true, 'work:3']);
  });

  it('end where a call in the next turn begins', async () => {
    const head = 'function spin(ms) { const end = Date.now() + ms; while (Date.now() < end); }';
    const body = `setImmediate(() => require('node:child_process').execSync('sleep 0.5')); spin(500);`;
    const run = await runWithAgent({ ...WATCHED, source: later(head, body) });
    const stalls = told(finalSnapshot(run));
    assert.deepEqual(
      stalls.map(({ kind, confidence }) => [kind, confidence]),
      [
        ['javascript', 'sampled'],
        ['sync-call', 'exact'],
      ],
    );
    const [first, second] = stalls;
    assert.ok(first !== undefined && second !== undefined);
    assert.ok(first.startMs + first.durationMs <= second.startMs, JSON.stringify(stalls));
    assert.equal(
      new Set(run.events.filter(isStallEvent).map(({ stall }) => stall.id)).size,
      finalSnapshot(run).stalls.length,
    );
  });

  it('of the first turn are start-up', async () => {
    const run = await runWithAgent({
      ...WATCHED,
      source: 'const end = Date.now() + 1500; while (Date.now() < end); setTimeout(() => {}, 300);',
    });
    const stalls = finalSnapshot(run).stalls.filter(({ durationMs }) => durationMs > 500);
    assert.deepEqual(
      stalls.map(({ kind }) => kind),
      ['startup'],
    );
  });

  it('are none in an idle program, also when it is stopped for a while', async () => {
    const run = await runWithAgent({
      ...WATCHED,
      source: `console.log('ready'); const start = Date.now(); setInterval(function () { if (Date.now() - start > 2500) process.exit(); }, 50);`,
      onOutput: (_, kill) => {
        setTimeout(() => kill('SIGSTOP'), 900);
        setTimeout(() => kill('SIGCONT'), 1700);
      },
    });
    assert.deepEqual(told(finalSnapshot(run), 400), []);
  });
});

describe('stalls without anybody who polls', function () {
  this.timeout(60_000);

  it('are known for timed calls', async () => {
    const run = await runWithAgent({
      source: later(`const { execSync } = require('node:child_process');`, `execSync('sleep 0.3');`),
    });
    const [stall] = told(finalSnapshot(run));
    assert.ok(stall !== undefined);
    assert.deepEqual(
      [stall.kind, stall.api, culprit(stall, run.file)],
      ['sync-call', 'child_process.execSync', 'work:3'],
    );
  });

  it('are known for a call that follows one that threw', async () => {
    const body = `try { require('node:fs').statSync('/nonexistent'); } catch {} require('node:child_process').execSync('sleep 0.3');`;
    const run = await runWithAgent({ source: later('', body) });
    assert.deepEqual(
      told(finalSnapshot(run)).map((stall) => [stall.api, culprit(stall, run.file)]),
      [['child_process.execSync', 'work:3']],
    );
  });

  it('are one for the calls of one turn, and one for each of two turns', async () => {
    const head = 'const cell = new Int32Array(new SharedArrayBuffer(4)), nap = (ms) => Atomics.wait(cell, 0, 0, ms);';
    const body = `for (let i = 0; i < 8; i++) nap(40); setImmediate(() => nap(250)); setTimeout(() => nap(200), 300);`;
    const stalls = told(finalSnapshot(await runWithAgent({ source: later(head, body) })));
    assert.deepEqual(
      stalls.map(({ kind, api }) => [kind, api]),
      Array.from({ length: 3 }, () => ['sync-call', 'Atomics.wait']),
    );
    const [first, second, third] = stalls.map(({ startMs, durationMs }) => ({ startMs, endMs: startMs + durationMs }));
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    assert.ok(first.endMs <= second.startMs && second.endMs <= third.startMs, JSON.stringify(stalls));
    assert.ok(first.endMs - first.startMs >= 315, JSON.stringify(stalls));
  });

  it('are known for a package that nobody of the program called', async () => {
    const run = await runWithAgent({
      source: `require('node:fs').mkdirSync('node_modules'); require('node:fs').renameSync('pack.js', 'node_modules/pack.js');
        setTimeout(require('pack'), 100);`,
      files: { 'pack.js': `module.exports = function work() { require('child_process').execSync('sleep 0.3'); };` },
    });
    const [stall] = told(finalSnapshot(run));
    assert.deepEqual([stall?.api, stall?.stack[0]?.function], ['child_process.execSync', 'work']);
  });

  it('announce the call before it blocks', async () => {
    const source = `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`;
    const run = await runWithAgent({ source, timeoutMs: 2500 });
    const [begin] = run.events.filter(isBegin);
    assert.ok(begin !== undefined);
    assert.deepEqual(
      [run.signal, begin.api, begin.stack[0]?.file, begin.stack[0]?.line],
      ['SIGKILL', 'Atomics.wait', run.file, 1],
    );
  });
});
