/** Programs that were started without the agent: what `async-lens ps` shows of them, and that they go on as before. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report, ReportTask } from '../../src/protocol/report.ts';
import { buildCommandLine, type CallResult, type CommandLine } from '../support/command-line.ts';
import { normalise } from '../support/golden.ts';
import { nodeBinary, nodeMajor } from '../support/run-node.ts';

/** A service in which everything hangs: requests that wait for a lock, for one connection that all share, and for two answers at once. */
const HUNG_SERVICE = `const http = require('node:http');
const net = require('node:net');
const { setTimeout: sleep } = require('node:timers/promises');
class Lock {
  #last = Promise.resolve();
  async take() {
    let release;
    const mine = new Promise((resolve) => (release = resolve));
    const before = this.#last;
    this.#last = mine;
    await before;
    return release;
  }
}
const stock = new Lock();
let database;
async function query(text) {
  return new Promise((resolve) => net.connect(database.address().port, '127.0.0.1').on('data', resolve));
}
async function loadUser(id) {
  return await query('user ' + id);
}
async function loadCart(id) {
  await query('cart ' + id);
}
async function loadSettings() {
  await query('settings');
}
let settings;
async function settingsOnce() {
  settings ??= loadSettings();
  return await settings;
}
const routes = {
  async '/stock'() {
    const release = await stock.take();
    await sleep(1e8);
    release();
  },
  async '/settings'() {
    await settingsOnce();
  },
  async '/user'() {
    const [user, cart] = await Promise.all([loadUser(1), loadCart(2)]);
  },
};
async function poll() {
  for (;;) await sleep(60_000);
}
database = net.createServer(() => {}).listen(0, '127.0.0.1', () => {
  let left = 7;
  const server = http.createServer((request, response) => {
    routes[request.url]().then(() => response.end());
    if (--left === 0) setTimeout(() => console.log('ready'));
  });
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    poll();
    for (const path of ['/stock', '/stock', '/settings', '/settings', '/settings', '/user', '/user']) {
      http.get({ port, path, host: '127.0.0.1' });
    }
  });
});
process.on('SIGTERM', () => {
  console.log('ends as always');
  process.exit(3);
});
`;

const HUNG_TASKS = `/settings ×3  hung.js:41
  settingsOnce ×3  hung.js:32
    loadSettings  hung.js:27  socket 127.0.0.1:<port>, waiting for data, likely
/stock  hung.js:36
  Lock.take  hung.js:11
    /stock  hung.js:37  setTimeout 27 h 46 min, <time> left
/user ×2  hung.js:44
  Promise.all ×2  Promise.all, 4 pending
    loadCart ×2  hung.js:24  socket 127.0.0.1:<port>, waiting for data, likely
    loadUser ×2  hung.js:21  socket 127.0.0.1:<port>, waiting for data, likely
poll  hung.js:48  setTimeout 1 min, <time> left`;

/** Tasks beside each other in the order of their names. */
function textOf(tasks: readonly ReportTask[]): string {
  const blocks = tasks.map(({ name, count, location, waitingOn, children }) => {
    const place = location === undefined ? [] : [`${location.file.replace(/^.*[\\/]/, '')}:${location.line}`];
    const wait = children.length > 0 && location !== undefined ? undefined : waitingOn;
    const words = wait === undefined ? [] : [`${wait.detail}${wait.confidence === 'exact' ? '' : ', likely'}`];
    const own = [`${name}${count > 1 ? ` ×${count}` : ''}`, ...place, ...words].join('  ');
    const below = textOf(children).replaceAll(/^(?=.)/gm, '  ');
    return below === '' ? own : `${own}\n${below}`;
  });
  return blocks.sort().join('\n');
}

describe('A process that was started without Async Lens', function () {
  this.timeout(60_000);
  let tool: CommandLine;
  const running = new Set<ChildProcess>();

  before(() => {
    tool = buildCommandLine();
  });
  after(() => tool.remove());
  afterEach(() => {
    for (const child of running) child.kill('SIGKILL');
    running.clear();
  });

  interface Running {
    pid: number;
    child: ChildProcess;
    output(): string;
    errors(): string;
  }

  /** Starts a program and waits for its "ready". */
  async function start(name: string, source: string, execArgv: string[] = []): Promise<Running> {
    const file = tool.write(name, source);
    // Not the usual port: other tests open inspectors, too.
    const child = spawn(nodeBinary(), ['--inspect-port=0', ...execArgv, file], { cwd: tool.folder, stdio: 'pipe' });
    running.add(child);
    let output = '';
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    await new Promise<void>((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.includes('ready')) resolve();
      });
      child.once('exit', () => reject(new Error(`it ended before it was ready: ${errors}`)));
    });
    return { pid: child.pid ?? 0, child, output: () => output, errors: () => errors };
  }

  async function look(address: string): Promise<CallResult & { report: Report }> {
    const json = join(tool.folder, `${address.replaceAll(/\W/g, '-')}.json`);
    const result = await tool.call(['ps', '--json', json, address]);
    assert.equal(result.code, 0, result.stderr);
    return { ...result, report: JSON.parse(readFileSync(json, 'utf8')) as Report };
  }

  it('shows what every call of an async function waits for, with exact lines, as often as it is asked', async () => {
    const { pid, child, output, errors } = await start('hung.js', HUNG_SERVICE);
    const first = await look(String(pid));
    assert.equal(normalise(textOf(first.report.tasks)), HUNG_TASKS);
    assert.ok(first.report.tasks.every(({ fromBefore }) => fromBefore === true));
    assert.match(first.stdout, /how long its tasks wait is not known/);
    const second = await look(String(pid));
    assert.equal(normalise(textOf(second.report.tasks)), HUNG_TASKS);
    // Nothing but what Node itself says of its inspector, and the program ends as it always did.
    assert.equal(output(), 'ready\n');
    const own = errors()
      .split('\n')
      .filter((line) => !/^(?:Debugger |For help, see|Waiting for the debugger|$)/.test(line));
    assert.deepEqual(own, []);
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];
    assert.equal(code, 3);
    assert.equal(output(), 'ready\nends as always\n');
  });

  it('shows its worker threads, and what runs in those that are blocked; they go on, too', async () => {
    const source = `const { Worker } = require('node:worker_threads');
const go = new Int32Array(new SharedArrayBuffer(4));
const start = (text, done) => new Worker(text, { eval: true, workerData: go }).on('message', done);
const own = "const { parentPort, workerData } = require('node:worker_threads');";
let left = 2;
const told = (text) => (text === 'begun' ? --left || console.log('ready') : console.log(text));
start(own + \`
async function hangs() { await new Promise((resolve) => parentPort.once('message', resolve)); }
hangs();
parentPort.postMessage('begun');\`, told);
start(own + \`
function spin() { while (Atomics.load(workerData, 0) === 0); parentPort.postMessage('spun'); process.exit(); }
parentPort.postMessage('begun');
setTimeout(spin, 1);\`, told);
process.on('SIGTERM', () => { Atomics.store(go, 0, 1); setTimeout(process.exit, 500, 3); });
`;
    const { pid, child, output, errors } = await start('threads.js', source);
    const { report, stdout } = await look(String(pid));
    const [hung, ...others] = report.others ?? [];
    assert.deepEqual(others, []);
    assert.equal(hung?.process.threadId, 1);
    assert.equal(normalise(textOf(hung.tasks)), 'hangs  message port, likely');
    assert.match(
      stdout,
      /^worker 2: The event loop is blocked: .*\n(?: {4}at load .*\n)? {4}at spin \(\[worker eval\]:2:/m,
    );
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];
    assert.equal(code, 3);
    assert.equal(output(), 'ready\nspun\n');
    assert.match(errors(), /^(?:(?:Debugger |For help, see|Waiting for the debugger).*\n)*$/);
  });

  it('finds a deadlock of ES modules behind an inspector that is open', async () => {
    const source = `import { setTimeout as sleep } from 'node:timers/promises';
const one = (async function first() { await sleep(1); await two; })();
const two = (async function second() { await sleep(2); console.log('ready'); await one; })();
setInterval(() => {}, 1000);
await two;
`;
    const { errors } = await start('deadlock.mjs', source, ['--inspect=127.0.0.1:0']);
    const [address = ''] = /127\.0\.0\.1:\d+/.exec(errors()) ?? [];
    const { report } = await look(address);
    assert.deepEqual(
      report.findings.map(({ rule }) => rule),
      ['await-cycle'],
    );
  });

  it('says what runs when the event loop is blocked', async () => {
    const source = `console.log('ready');
function spin() { for (;;); }
setImmediate(function work() { spin(); });
`;
    const { pid } = await start('blocked.js', source);
    const { code, stdout } = await tool.call(['ps', String(pid)]);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^The event loop is blocked: it has not turned for .*\n    at spin \(.*blocked\.js:2:\d+\)\n    at work/,
    );
  });

  for (const [when, call] of [
    ['from the start', 'main();'],
    ['after a while', 'setTimeout(main, 1);'],
  ] as const) {
    it(`says who starves the event loop by promises ${when}`, async () => {
      const source = `console.log('ready');
async function main() {
  for (;;) {
    await step();
  }
}
async function step() {}
${call}
`;
      const { errors } = await start('starved.cjs', source, ['--inspect=127.0.0.1:0']);
      const [address = ''] = /127\.0\.0\.1:\d+/.exec(errors()) ?? [];
      const { code, stdout } = await tool.call(['ps', address]);
      assert.equal(code, 0);
      assert.match(
        stdout,
        /^The event loop is starved: it has not turned for .* reactions of promises .*\n    at main \(.*starved\.cjs:[34]:\d+\)\n(?: {4}at processTicksAndRejections .*\n)?$/,
      );
    });
  }

  it('lists the processes, and says in one sentence why it cannot look at one', async () => {
    const { pid } = await start('idle.js', "console.log('ready'); setInterval(() => {}, 1000);");
    const list = await tool.call(['ps']);
    assert.match(list.stdout, new RegExp(`^ *${pid} .*idle\\.js$`, 'm'));
    const other = spawn('sleep', ['1000'], { stdio: 'ignore' });
    running.add(other);
    const refusals = await Promise.all(
      ['2147483647', String(other.pid), 'x'].map((target) => tool.call(['ps', target])),
    );
    assert.deepEqual(
      refusals.map(({ code, stderr }) => `${code} ${stderr.replaceAll(/\d{3,}/g, 'N')}`),
      [
        '70 async-lens: Cannot attach to process N: there is no such process.\n',
        '70 async-lens: Cannot attach to process N: it is not Node.js.\n',
        "70 async-lens: 'x' is no process id, HOST:PORT, :PORT or ws:// address\n",
      ],
    );
    if (nodeMajor() < 24) return;
    const deaf = await start('deaf.js', "console.log('ready'); setInterval(() => {}, 1000);", ['--disable-sigusr1']);
    const refused = await tool.call(['ps', String(deaf.pid)]);
    assert.match(refused.stderr, /does not open an inspector on demand/);
  });
});
