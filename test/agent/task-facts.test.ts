/** What real programs' tasks are called, in which state they are, how often they went on, who started them and how they ended. */
import assert from 'node:assert/strict';
import type { ExitEvent, Snapshot } from '../../src/protocol/agent.ts';
import type { Outcome, OutcomesEvent } from '../../src/protocol/tasks.ts';
import { endedLines, factLines } from '../support/task-facts.ts';
import { runWithAgent, type RunResult } from '../support/run-node.ts';
import { NEVER } from './fixtures/await-tree/case.ts';

const LABEL = `const label = globalThis[Symbol.for('async-lens.label')];`;
/** Ends the program once everything is suspended; `look()` gives the agent's state of that moment. */
const END = `
setTimeout(() => process.exit(), 400).unref();
setTimeout(() => {}, 100000);`;
const LOOK = `const look = () => globalThis[Symbol.for('async-lens.agent')].request('{"request":"snapshot"}');`;

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

interface Case {
  title: string;
  program: string;
  facts: string;
}

const CASES: Case[] = [
  {
    title: 'calls that one function makes are its own, before and after its first await',
    program: `
${NEVER}
async function child() { await never(); }
async function parent() { child(); await null; child(); child(); await never(); }
parent();`,
    facts: `
parent went on 1
×3 child went on 0 by parent`,
  },
  {
    title: 'the innermost call is the creator, not the one that called it',
    program: `
${NEVER}
async function leaf() { await never(); }
async function inner() { leaf(); await never(); }
async function outer() { await never(); inner(); }
async function start() { inner(); leaf(); await never(); }
start();`,
    facts: `
inner went on 0 by start
start went on 0
×2 leaf went on 0 by inner by start`,
  },
  {
    title: 'a call first made by a task that goes on is certain, and so is one after others that are all pending',
    program: `
${NEVER}
async function first() { await never(); }
async function second() { await never(); }
async function main() { await new Promise((resolve) => setTimeout(resolve, 50)); first(); second(); await never(); }
main();
${LOOK}
setTimeout(look, 10);`,
    facts: `
first went on 0 by main
main went on 1
second went on 0 by main`,
  },
  {
    title: 'a creator that is over is named when a snapshot had seen it, else nobody is',
    program: `
${NEVER}
${LOOK}
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
async function child() { await never(); }
async function seen() { await sleep(50); child(); }
async function unseen() { await sleep(1); child(); }
unseen();
setTimeout(() => { seen(); setTimeout(look, 10); }, 20);`,
    facts: `
×2 child went on 0 by seen (ended)`,
  },
  {
    title: 'a callback of the loop has no creator',
    program: `
${NEVER}
async function tick() { await never(); }
async function main() { setTimeout(() => { tick(); }, 1); await never(); }
main();`,
    facts: `
main went on 0
tick went on 0`,
  },
  {
    title: 'how often a loop went on, with promises and with values',
    program: `
${NEVER}
async function promises() { for (let i = 0; i < 5; i++) await new Promise((resolve) => setTimeout(resolve, 1)); await never(); }
async function values() { for (let i = 0; i < 7; i++) await i; await never(); }
async function both() { await new Promise((resolve) => setTimeout(resolve, 1)); for (let i = 0; i < 3; i++) await i; await never(); }
promises(); values(); both();`,
    facts: `
both went on 4
promises went on 5
values went on 7`,
  },
  {
    title: 'labels, in the first run of a call and later; a label goes to the innermost call',
    program: `
${NEVER}
${LABEL}
async function worker(n) { label('import of shop ' + n); await never(); }
async function late() { await null; label('late'); await null; await never(); }
async function twice() { label('one'); await null; label('two'); await never(); }
async function outer() { worker(3); await never(); }
worker(1); worker(2); late(); twice(); outer();`,
    facts: `
late "late" went on 2
outer went on 0
twice "two" went on 1
×3 worker "import of shop *" went on 0 by outer`,
  },
  {
    title: 'labels of calls that are over do not go to others; what is no text is no label',
    program: `
${NEVER}
${LABEL}
async function over() { label('over'); await null; }
async function main() { await null; over(); label(42); label({ toString() { throw new Error('never called'); } }); await never(); }
main();`,
    facts: `
main went on 1`,
  },
  {
    title: "the type of the program's own AsyncResource is a label, that of AsyncResource.bind is none",
    program: `
const { AsyncResource } = require('node:async_hooks');
${NEVER}
async function inner() { await never(); }
async function job() { inner(); await never(); }
async function bound() { await never(); }
async function main() { await null; new AsyncResource('job 17').runInAsyncScope(job); await never(); }
AsyncResource.bind(bound)();
main();`,
    facts: `
bound went on 0
inner went on 0 by "job 17"
job "job 17" went on 0 by main
main went on 1`,
  },
  {
    title:
      'requests by method and path without the query, also when the body comes first; a server of sync handlers and timers between',
    program: `
const http = require('node:http');
${NEVER}
async function load() { await never(); }
async function handle() { await load(); }
async function tick() { await never(); }
const server = http.createServer((request) => {
  if (request.method === 'GET') handle();
  else request.resume().on('end', () => { handle(); });
  setImmediate(() => { tick(); });
});
server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  const get = (path) => http.get({ port, host: '127.0.0.1', path }).on('error', () => {});
  get('/orders/17?secret=1'); get('/orders/18'); get('/orders/18/lines');
  setTimeout(() => http.request({ port, host: '127.0.0.1', path: '/orders', method: 'POST' }).on('error', () => {}).end('body'), 100);
});`,
    facts: `
handle "POST /orders" went on 0
  load went on 0 by "POST /orders"
×3 handle "GET /orders/*" went on 0
  ×3 load went on 0 by "GET /orders/17" by "GET /orders/18" by "GET /orders/18/lines"
×4 tick went on 0`,
  },
];

describe('facts of tasks', () => {
  for (const { title, program, facts } of CASES) {
    it(title, async () => {
      const snapshot = exitOf(await runWithAgent({ source: program.trimStart() + END }));
      assert.equal(`\n${factLines(snapshot)}`, facts);
    });
  }

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

  it('remembers tasks that ended, and how', async () => {
    const source = `
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
class ShopError extends Error {}
async function fine() { await sleep(1400); }
async function fails() { await sleep(1450); throw new ShopError('no such order'); }
async function aborts() {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 1500);
  await new Promise((_, reject) => controller.signal.addEventListener('abort', () => reject(controller.signal.reason)));
}
async function throwsText() { await sleep(1550); throw 'text'; }
async function main() { await Promise.allSettled([fine(), fails(), aborts(), throwsText()]); }
main();
setTimeout(() => {}, 2500);`;
    const result = await runWithAgent({ source, watch: { durationMs: null } });
    assert.deepEqual(endedLines(exitOf(result), outcomesOf(result)).split('\n').sort(), [
      'aborts went on 1: cancelled AbortError: This operation was aborted',
      'fails went on 1: rejected ShopError: no such order',
      'fine went on 1: fulfilled',
      'main went on 1: fulfilled',
      'throwsText went on 1: rejected text',
    ]);
  });

  it('takes no part in a rejection by asking: unhandled it stays', async () => {
    const source = `
async function fails() { await new Promise((resolve) => setTimeout(resolve, 1400)); throw new Error('x'); }
process.on('unhandledRejection', (reason) => console.log('unhandled', String(reason)));
process.on('rejectionHandled', () => console.log('handled'));
fails();
setTimeout(() => {}, 2500);`;
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
