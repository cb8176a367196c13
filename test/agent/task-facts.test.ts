/** What real programs' tasks are called, in which state they are, how often they went on, who started them and how they ended. */
import assert from 'node:assert/strict';
import type { ExitEvent, Snapshot } from '../../src/protocol/agent.ts';
import type { Outcome, OutcomesEvent } from '../../src/protocol/tasks.ts';
import { endedLines, factLines } from '../support/task-facts.ts';
import { runWithAgent, type RunResult } from '../support/run-node.ts';
import { WATCHED } from '../support/watched.ts';
import { NEVER } from './fixtures/await-tree/case.ts';
import { CASES, LOOK } from './fixtures/task-facts.ts';

/** Ends the program once everything is suspended: soon, and on a busy machine later. Milliseconds. */
const SOON = 400;
const LATER = 5000;
const endAfter = (ms: number): string => `
setTimeout(() => process.exit(), ${ms}).unref();
setTimeout(() => {}, 100000);`;

function exitOf({ events, stderr }: RunResult): Snapshot {
  const exit = events.find((event): event is ExitEvent => event.event === 'exit');
  assert.ok(exit, `no exit event; stderr: ${stderr}`);
  assert.deepEqual(exit.snapshot.faults, []);
  return exit.snapshot;
}

function outcomesOf({ events }: RunResult): Outcome[] {
  return events
    .filter((event): event is OutcomesEvent => event.event === 'outcomes')
    .flatMap(({ outcomes }) => outcomes);
}

describe('facts of tasks', () => {
  for (const { title, program, facts } of CASES) {
    it(title, async () => {
      const factsAfter = async (ms: number): Promise<string> =>
        `\n${factLines(exitOf(await runWithAgent({ source: program.trimStart() + endAfter(ms) })))}`;
      const first = await factsAfter(SOON);
      assert.equal(first === facts ? first : await factsAfter(LATER), facts);
    });
  }

  it('names equal requests equally, though the time for a first look was up in the middle of one', async () => {
    const source = `
${NEVER}
const http = require('node:http');
async function inner() { await never(); }
async function outer() { await Promise.all([inner(), inner()]); }
async function handler() { await outer(); }
let handled = 0;
const server = http.createServer(() => {
  handler();
  if (++handled < 60) return;
  const ask = (more) => JSON.parse(globalThis[Symbol.for('async-lens.agent')].request(JSON.stringify({ request: 'snapshot', ...more }))).value;
  setImmediate(() => {
    console.log(JSON.stringify([ask({ probeMs: 1e-6 }).counts.droppedEvents > 0, ask({})]));
    process.exit();
  });
});
server.listen(0, '127.0.0.1', () => {
  for (let i = 0; i < 60; i++) http.get({ port: server.address().port, host: '127.0.0.1', path: '/orders', agent: false }).on('error', () => {});
});`;
    const { stdout, stderr } = await runWithAgent({ source });
    assert.equal(stderr, '');
    const [wasUp, value] = JSON.parse(stdout) as [boolean, Snapshot];
    assert.ok(wasUp);
    assert.equal(
      factLines(value),
      `
×60 handler "GET /orders" went on 0
  ×60 outer went on 0 by "GET /orders"
    ×60 Promise.all
      ×120 inner went on 0 by outer`.trimStart(),
    );
  });

  it('tells the task that runs, with its line, and those that are ready', async () => {
    const source = `
${NEVER}
${LOOK}
let open;
const gate = new Promise((resolve) => { open = resolve; });
async function waits() { await gate; }
async function never2() { await never(); }
async function runs() {
  await new Promise((resolve) => setTimeout(resolve, 20));
  open();
  console.log(look());
}
waits(); never2(); runs();
setTimeout(look, 10);`;
    const { stdout, stderr } = await runWithAgent({ source });
    assert.equal(stderr, '');
    const { value } = JSON.parse(stdout) as { value: Snapshot };
    assert.equal(
      factLines(value),
      ['never2 went on 0', 'runs [running] went on 1', 'waits [ready] went on 0'].join('\n'),
    );
    const running = value.tasks.find(({ state }) => state === 'running');
    assert.equal(value.frames[running?.frames[0] ?? -1]?.line, 11);
  });

  it('tells tasks that are ready and that no snapshot had shown, while the program is busy', async () => {
    const source = `
${NEVER}
${LOOK}
let open;
const gate = new Promise((resolve) => { open = resolve; });
const other = new Promise((resolve) => setImmediate(() => { open(); resolve(); console.log(look()); }));
async function waits() { await gate; }
async function reacts() {
  await other;
  console.log(look());
}
async function second() { await other; }
async function outer() { await second(); }
reacts(); waits(); outer();`;
    const { stdout, stderr } = await runWithAgent({ source });
    assert.equal(stderr, '');
    const drawn = stdout
      .trim()
      .split('\n')
      .map((line) => factLines((JSON.parse(line) as { value: Snapshot }).value));
    const outer = ['outer went on 0', '  second [ready] went on 0 by outer'];
    assert.deepEqual(drawn, [
      [...outer, 'reacts [ready] went on 0', 'waits [ready] went on 0'].join('\n'),
      [...outer, 'reacts [running] went on 1'].join('\n'),
    ]);
  });

  it('tells tasks that await what is settled already, with their line, before they go on', async () => {
    const source = `
${NEVER}
${LOOK}
const settled = Promise.resolve(1);
const rejected = Promise.reject(new Error('no'));
async function fulfils() { await settled; }
async function rejects() { await rejected; }
async function value() { await 5; }
async function inner() { return 1; }
async function ends() { await inner(); }
async function* numbers() { yield 1; }
async function reads() { for await (const number of numbers()) break; }
async function outer() { await fulfils(); await never(); }
async function reacts() { await settled.then(() => 1); }
fulfils(); rejects().catch(() => {}); value(); ends(); reads(); outer(); reacts();
console.log(look());
setTimeout(() => console.log(look()), 1);`;
    const { stdout, stderr } = await runWithAgent({ source });
    assert.equal(stderr, '');
    const [first, then] = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { value: Snapshot }).value);
    assert.ok(first !== undefined && then !== undefined);
    assert.equal(
      factLines(first),
      [
        'ends [ready] went on 0',
        'fulfils [ready] went on 0',
        'outer went on 0\n  fulfils [ready] went on 0 by outer',
        'reacts went on 0',
        'reads went on 0\n  numbers [ready] went on 0 by reads',
        'rejects [ready] went on 0',
        'value [ready] went on 0',
      ].join('\n'),
    );
    const ready = first.tasks.filter(({ state }) => state === 'ready');
    assert.deepEqual(
      ready.map(({ frames }) => first.frames[frames[0] ?? -1]?.line),
      [6, 7, 8, 10],
    );
    assert.equal(factLines(then), 'outer went on 1');
  });

  it('remembers tasks that ended, and how', async () => {
    const source = `${WATCHED}
const wakes = [];
const shown = (ms) => new Promise((resolve) => void wakes.push(() => setTimeout(resolve, ms)));
class ShopError extends Error {}
async function fine() { await shown(1); }
async function fails() { await shown(50); throw new ShopError('no such order'); }
async function aborts() {
  const controller = new AbortController();
  wakes.push(() => setTimeout(() => controller.abort(), 100));
  await new Promise((_, reject) => controller.signal.addEventListener('abort', () => reject(controller.signal.reason)));
}
async function throwsText() { await shown(150); throw 'text'; }
async function* pages() { await new Promise(setImmediate); yield 1; await shown(1); yield 2; }
const book = pages();
async function reads() { await book.next(); }
async function main() { await Promise.allSettled([fine(), fails(), aborts(), throwsText(), reads(), reads()]); }
main();
when(shows('fine', 'fails', 'aborts', 'throwsText', 'pages', 'reads', 'main'), () => {
  for (const wake of wakes) wake();
  when(hasOutcomes(7), () => process.exit());
  setTimeout(() => process.exit(), 10_000);
});`;
    const result = await runWithAgent({ source, watch: { durationMs: null } });
    assert.deepEqual(endedLines(exitOf(result), outcomesOf(result)).split('\n').sort(), [
      'aborts went on 1: cancelled AbortError: This operation was aborted',
      'fails went on 1: rejected ShopError: no such order',
      'fine went on 1: fulfilled',
      'main went on 1: fulfilled',
      'reads went on 1: fulfilled',
      'throwsText went on 1: rejected text',
      '~pages went on 3: fulfilled',
    ]);
  });

  it('takes no part in a rejection by asking: unhandled it stays', async () => {
    const source = `${WATCHED}
let fail;
async function fails() { await new Promise((resolve) => void (fail = resolve)); throw new Error('x'); }
process.on('unhandledRejection', (reason) => console.log('unhandled', String(reason)));
process.on('rejectionHandled', () => console.log('handled'));
fails();
when(shows('fails'), () => {
  setTimeout(fail, 1);
  when(hasOutcomes(1), () => setTimeout(() => {}, 100));
});`;
    const result = await runWithAgent({ source, watch: { durationMs: null } });
    assert.equal(endedLines(exitOf(result), outcomesOf(result)), 'fails went on 1: rejected Error: x');
    assert.equal(result.stdout, 'unhandled Error: x\n');
  });

  it("never runs the program's own function for stacks to describe an error", async () => {
    const source = `
Error.prepareStackTrace = () => { console.log('called'); return 'mine'; };
async function fails() { await new Promise((resolve) => setTimeout(resolve, 300)); throw new Error('x'); }
fails().catch(() => {});
setTimeout(() => {}, 1000);`;
    const { stdout, events } = await runWithAgent({ source, watch: { durationMs: null } });
    assert.equal(stdout, '');
    assert.equal(
      events.some((event) => event.event === 'outcomes'),
      false,
    );
  });
});
