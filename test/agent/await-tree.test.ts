/** The await tree of real programs, construct by construct: the expected tree is written next to the program. */
import assert from 'node:assert/strict';
import type { ExitEvent } from '../../src/protocol/agent.ts';
import { awaitTree } from '../support/await-tree.ts';
import { runWithAgent } from '../support/run-node.ts';

interface Case {
  title: string;
  /** Line 1 of the program is the first line after the opening backtick. */
  program: string;
  tree: string;
}

const NEVER = `const kept = []; const never = () => new Promise((resolve) => kept.push(resolve));`;

const CASES: Case[] = [
  {
    title: 'a chain of calls down to the timer, with the name of the class',
    program: `
class Orders {
  async load() { await this.query(); }
  async query() { await null; await new Promise((resolve) => setTimeout(resolve, 5000)); }
}
async function handler() { await null; await new Orders().load(); }
handler();`,
    tree: `
handler:5
  Orders.load:2
    Orders.query:3 -> setTimeout 5000`,
  },
  {
    title: 'equal tasks are one line with a count; a different line is a line of its own',
    program: `
const { setTimeout: sleep } = require('node:timers/promises');
async function worker(i) {
  if (i === 3) await sleep(7000);
  else await sleep(5000);
}
for (let i = 0; i < 10; i++) worker(i);`,
    tree: `
×9 worker:4 -> setTimeout 5000
worker:3 -> setTimeout 7000`,
  },
  {
    title: 'calls that have gone on at different times keep their own tasks below',
    program: `
const { setTimeout: sleep } = require('node:timers/promises');
async function step(i) { await sleep(5000 + i); }
async function outer(i) { for (let n = 0; n < i; n++) await null; await step(i); }
for (let i = 1; i < 4; i++) outer(i);`,
    tree: `
outer:3
  step:2 -> setTimeout 5001
outer:3
  step:2 -> setTimeout 5002
outer:3
  step:2 -> setTimeout 5003`,
  },
  {
    title: 'Promise.all names the elements that are still pending',
    program: `
${NEVER}
const { setTimeout: sleep } = require('node:timers/promises');
async function part() { await sleep(5000); }
async function all() { await Promise.all([1, part(), sleep(1), never()]); }
all();`,
    tree: `
all:4
  Promise.all
    [1] part:3 -> setTimeout 5000
    [3] -> promise`,
  },
  {
    title: 'allSettled, any and race are told by name',
    program: `
${NEVER}
const { setTimeout: sleep } = require('node:timers/promises');
async function settled() { await Promise.allSettled([never(), sleep(5000)]); }
async function any() { await Promise.any([never(), sleep(5000)]); }
async function race() { await Promise.race([never(), sleep(5000)]); }
settled(); any(); race();`,
    tree: `
settled:3
  Promise.allSettled
    [0] -> promise
    [1] -> setTimeout 5000
any:4
  Promise.any
    [0] -> promise
    [1] -> setTimeout 5000
race:5
  Promise.race
    -> promise
    -> setTimeout 5000`,
  },
  {
    title: 'then, catch and finally are passed through',
    program: `
const { setTimeout: sleep } = require('node:timers/promises');
async function inner() { await sleep(5000); }
async function outer() { await inner().then((x) => x).catch(() => {}).finally(() => {}); }
outer();`,
    tree: `
outer:3
  inner:2 -> setTimeout 5000`,
  },
  {
    title: 'a call started by a then callback is a task of its own',
    program: `
const { setTimeout: sleep } = require('node:timers/promises');
async function job() { await sleep(5000); }
async function other() { await job(); }
Promise.resolve().then(function start() { return job(); });
other();`,
    tree: `
other:3
  job:2 -> setTimeout 5000
job:2 -> setTimeout 5000`,
  },
  {
    title: 'an async function that returns a promise without awaiting it links through',
    program: `
const { setTimeout: sleep } = require('node:timers/promises');
async function passesOn() { return sleep(5000); }
async function caller() { await passesOn(); }
caller();`,
    tree: `
caller:3 -> setTimeout 5000`,
  },
  {
    title: 'a deadlock of two tasks is a cycle, marked at the one that leads back',
    program: `
let a, b;
async function first() { await null; await b; }
async function second() { await null; await a; }
a = first(); b = second();`,
    tree: `
first:2
  second:3 CYCLE`,
  },
  {
    title: 'a deadlock through Promise.all is a cycle',
    program: `
let a;
async function child() { await null; await a; }
async function parent() { await Promise.all([child()]); }
a = parent();`,
    tree: `
parent:3
  Promise.all
    [0] child:2 CYCLE`,
  },
  {
    title: 'several waiters of one promise have their own lines',
    program: `
${NEVER}
const shared = never();
async function first() { await shared; }
async function second() { await shared; }
async function third() {
  await shared; }
first(); second(); third();`,
    tree: `
first:3 -> promise
second:4 -> promise
third:6 -> promise`,
  },
  {
    title: 'an async generator stands between its consumer and what it awaits',
    program: `
const { setTimeout: sleep } = require('node:timers/promises');
async function* pages() { yield 1; await sleep(5000); yield 2; }
async function* doubled() { yield* pages(); }
async function consumer() { for await (const page of doubled()) page; }
consumer();`,
    tree: `
consumer:4
  doubled:3
    pages:2 -> setTimeout 5000`,
  },
  {
    title: 'thenables, subclasses, util.promisify and AsyncLocalStorage',
    program: `
const { promisify } = require('node:util'); const { AsyncLocalStorage } = require('node:async_hooks');
class Special extends Promise {}
async function thenable() { await { then() {} }; }
async function subclass() { await new Special(() => {}); }
async function promisified() { await promisify((done) => setTimeout(done, 5000))(); }
async function stored() { await 1; await new Promise((resolve) => setTimeout(resolve, 6000)); }
thenable(); subclass(); promisified(); new AsyncLocalStorage().run({}, stored);`,
    tree: `
thenable:3 -> promise
subclass:4 -> promise
promisified:5 -> setTimeout 5000
stored:6 -> setTimeout 6000`,
  },
  {
    title: 'anonymous functions, static and private methods',
    program: `
${NEVER}
class Db { static async connect() { await never(); } async #retry() { await never(); } retry() { return this.#retry(); } }
(async () => { await Db.connect(); })();
(async function named() { await new Db().retry(); })();`,
    tree: `
(anonymous):3
  Db.connect:2 -> promise
named:4
  #retry:2 -> promise`,
  },
  {
    title: 'events.once and stream/promises',
    program: `
const { once, EventEmitter } = require('node:events'); const { pipeline } = require('node:stream/promises');
const { Readable, PassThrough } = require('node:stream');
async function event() { await once(new EventEmitter(), 'open'); }
async function pipe() { await pipeline(new Readable({ read() {} }), new PassThrough()); }
event(); pipe();`,
    tree: `
event:3 -> event
pipe:4 -> stream pipeline`,
  },
  {
    title: 'a forgotten resolver is not blamed on the next timer or socket',
    program: `
const net = require('node:net');
async function lost() { await new Promise(() => {}); }
lost();
setTimeout(() => {}, 5000);
const server = net.createServer().listen(0);
async function alsoLost() { const gone = new Promise(() => {}); setTimeout(() => {}, 6000); await gone; }
alsoLost();`,
    tree: `
lost:2 -> promise
alsoLost:6 -> promise`,
  },
  {
    title: 'a child process is named by its command',
    program: `
const { execFile } = require('node:child_process');
async function run() { await new Promise((resolve) => execFile(process.execPath, ['-e', 'setTimeout(()=>{}, 2000)'], resolve)); }
run();`,
    tree: `
run:2 -> child process <node> -e setTimeout(()=>{}, 2000)`,
  },
  {
    title: 'fetch and http.get tell method and address; a socket that was written to is told as likely',
    program: `
const net = require('node:net'), http = require('node:http');
const server = net.createServer(() => {}).listen(0, '127.0.0.1', () => {
  const at = 'http://127.0.0.1:' + server.address().port;
  async function fetched() { await fetch(at); }
  async function got() { await new Promise((resolve) => http.get(at, resolve)); }
  async function asked() {
    const socket = net.connect(server.address().port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    await new Promise((resolve) => { socket.once('data', resolve); socket.write('?'); });
  }
  fetched().catch(() => {}); got(); asked();
});`,
    tree: `
fetched:4
  (httpNetworkFetch) -> http GET
got:5 -> ~http GET
asked:9 -> ~socket open`,
  },
];

/** The program ends itself once everything is suspended. */
const END = `\nsetTimeout(() => process.exit(), 400).unref();\nsetTimeout(() => {}, 100000);`;

describe('await tree', () => {
  for (const { title, program, tree } of CASES) {
    it(title, async () => {
      const { events, stderr } = await runWithAgent({ source: program.trimStart() + END });
      const exit = events.find((event): event is ExitEvent => event.event === 'exit');
      assert.ok(exit, `no exit event; stderr: ${stderr}`);
      const drawn = awaitTree(exit.snapshot).replaceAll(
        process.env['ASYNC_LENS_TEST_NODE'] ?? process.execPath,
        '<node>',
      );
      assert.equal(`\n${drawn}`, tree);
      assert.deepEqual(exit.snapshot.faults, []);
    });
  }
});
