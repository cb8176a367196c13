/** What had to wait because of a stall, in real programs. */
import assert from 'node:assert/strict';
import type { ExitEvent, Stall } from '../../src/protocol/agent.ts';
import type { StallEffects } from '../../src/protocol/stall-effects.ts';
import { newPool } from '../support/pool.ts';
import { runWithAgent, type RunResult } from '../support/run-node.ts';

/** `block(ms)` is a call that is timed, `spin(ms)` is JavaScript that a debugger looks at meanwhile; the work begins when the program is up. */
const HEAD = `
const ask = (request) => JSON.parse(globalThis[Symbol.for('async-lens.agent')].request(JSON.stringify(request))).value;
const block = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
function spin(ms) {
  for (let now = Date.now(), next = now, end = now + ms; now < end; now = Date.now()) {
    if (now < next) continue;
    ask({ request: 'poll', paused: false });
    next = Date.now() + 20;
  }
}
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
async function sleeper(ms) { await sleep(ms); }
`.trim();

/** The longest of the stalls that the program makes by itself. */
function madeBy(run: RunResult): Stall {
  const exit = run.events.find((event): event is ExitEvent => event.event === 'exit');
  assert.ok(exit, `no exit event; stderr: ${run.stderr}`);
  assert.deepEqual(exit.snapshot.faults, []);
  const [stall] = exit.snapshot.stalls
    .filter(({ api, stack }) => api === 'Atomics.wait' || stack.some(({ function: name }) => name === 'spin'))
    .sort((a, b) => b.durationMs - a.durationMs);
  assert.ok(stall, JSON.stringify(exit.snapshot.stalls));
  return stall;
}

interface Seen {
  stall: Stall;
  effects: StallEffects;
  /** `function:line ×count` of the tasks. */
  lines: string[];
  /** `api delay ×count`. */
  timers: string[];
}

/** They sleep most of their time. */
const inTurn = newPool(3);

async function effectsOf(body: string): Promise<Seen> {
  const result = await inTurn(() => runWithAgent({ source: `${HEAD}\n${body}` }));
  const stall = madeBy(result);
  const { effects = { tasks: [], timers: [], requests: 0 } } = stall;
  const place = (stack: Stall['stack']): string => {
    const frame = stack.find(({ file }) => file === result.file);
    return `${frame?.function ?? 'unknown'}:${frame?.line ?? 'unknown'}`;
  };
  return {
    stall,
    effects,
    lines: effects.tasks.map(({ stack, count }) => `${place(stack)} ×${count}`),
    timers: effects.timers.map(({ api, delayMs, count }) => `${api} ${delayMs} ×${count}`).sort(),
  };
}

/** The agent looks again when the timers that were late have fired. */
const END = "setTimeout(() => { ask({ request: 'poll', paused: false }); setTimeout(() => process.exit(), 50); }, 1);";

const waiting = (stop: string): string => `
setTimeout(() => {
  sleeper(50); sleeper(50); sleeper(60_000);
  const cleared = setTimeout(() => {}, 60), repeated = setInterval(() => {}, 70);
  ${stop}
  clearTimeout(cleared);
  ${END}
}, 300);`;

const GATE = `
let go;
const gate = new Promise((resolve) => (go = resolve));
async function guest() { await gate; }
guest();
setTimeout(() => { ask({ request: 'snapshot' }); go(); spin(500); ${END} }, 300);`;

/** The worker sends three requests while the main thread waits for it; a fourth comes later. */
const REQUESTS = `
const http = require('node:http'), { Worker } = require('node:worker_threads');
const flag = new Int32Array(new SharedArrayBuffer(4));
let answered = 0;
const server = http.createServer((request, response) => {
  response.end();
  if (++answered === 3) setTimeout(() => http.get({ port: server.address().port, agent: false }, () => process.exit()), 500);
});
server.listen(0, '127.0.0.1', () => {
  const worker = new Worker(\`
    const { workerData: { port, flag } } = require('node:worker_threads');
    let sent = 0;
    for (let i = 0; i < 3; i++) {
      const socket = require('node:net').connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\\\\r\\\\nHost: a\\\\r\\\\n\\\\r\\\\n', () => {
        if (++sent === 3) setTimeout(() => { Atomics.store(flag, 0, 1); Atomics.notify(flag, 0); }, 500);
      }));
    }\`, { eval: true, workerData: { port: server.address().port, flag } });
  worker.on('online', () => Atomics.wait(flag, 0, 0));
});`;

/** Beneath `fetch` a timer of Node's own ticks every 499 ms. */
const FETCHING = `
require('node:http').createServer(() => {}).listen(0, '127.0.0.1', function () {
  fetch(\`http://127.0.0.1:\${this.address().port}\`).catch(() => {});
  setTimeout(() => { block(700); ${END} }, 300);
});`;

describe('a stall', function () {
  this.timeout(60_000);

  const runs = new Map<string, Promise<Seen>>();
  const PROGRAMS = [
    waiting('block(500);'),
    waiting('spin(500);'),
    GATE,
    REQUESTS,
    `setTimeout(() => { block(300); ${END} }, 300);`,
    FETCHING,
  ];
  before(() => PROGRAMS.forEach((program) => runs.set(program, effectsOf(program))));
  const seen = (index: number): Promise<Seen> => runs.get(PROGRAMS[index] ?? '') as Promise<Seen>;

  for (const [index, how] of ['a timed call', 'JavaScript that is looked at meanwhile'].entries()) {
    it(`tells the timers that were due and the tasks that awaited them: ${how}`, async () => {
      const { effects, lines, timers } = await seen(index);
      assert.deepEqual(lines, ['sleeper:11 ×2']);
      assert.deepEqual(timers, ['setInterval 70 ×1', 'setTimeout 50 ×2']);
      for (const { lateMs } of effects.timers) assert.ok(lateMs >= 10 && lateMs < 20_000, `${lateMs} ms late`);
    });
  }

  it('tells the tasks whose await was over', async () => {
    assert.deepEqual((await seen(2)).lines, ['guest:15 ×1']);
  });

  it('counts the HTTP requests that came while it lasted, and no later ones', async () => {
    let { requests } = (await seen(3)).effects;
    // On a starved machine they may be taken in so late that they could be new.
    for (let again = 0; again < 3 && requests === 0; again++) requests = (await effectsOf(REQUESTS)).effects.requests;
    assert.ok(requests >= 1 && requests <= 3, String(requests));
  });

  it('says nothing of the timers that Node needs for itself', async () => {
    assert.deepEqual((await seen(5)).timers, []);
  });

  it('in which nothing had to wait has none', async () => {
    const { stall } = await seen(4);
    assert.equal(stall.api, 'Atomics.wait');
    assert.equal(stall.effects, undefined);
  });
});
