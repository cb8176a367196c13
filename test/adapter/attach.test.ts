/** Attaching: to a running inspector by address and by port, and to the JavaScript debugger's shared session. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ERROR_CODES, type LensView } from '../../src/protocol/dap.ts';
import { withAgent } from '../../src/adapter/node-options.ts';
import { mainThreadOf, readSpool } from '../../src/adapter/spool-reader.ts';
import { adapterBundle, agentBeside, newClient, type AdapterClient } from '../support/debug-adapter.ts';
import { startFakeProxy, type FakeProxy } from '../support/fake-proxy.ts';

const view = async (client: AdapterClient, args: object = {}): Promise<LensView> =>
  (await client.customRequest('asyncLens/snapshot', args)).body;

describe('attaching to a running program', function () {
  this.timeout(30_000);
  let folder: string;
  let client: AdapterClient;
  let child: ChildProcessWithoutNullStreams;

  beforeEach(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'lens-attach-')));
    client = await newClient('fake');
  });
  afterEach(async () => {
    await client.stop();
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs until it is told to end. */
  const SOURCE = `process.stdin.once('data', () => process.exit(5)); console.log('up');`;

  async function start(port: number, agent = true): Promise<void> {
    const program = join(folder, 'app.cjs');
    writeFileSync(program, SOURCE);
    const options = agent ? withAgent(agentBeside(adapterBundle('fake')), undefined) : '';
    const env = { ...process.env, NODE_OPTIONS: options, ASYNC_LENS_SPOOL: folder };
    child = spawn(process.execPath, [`--inspect=127.0.0.1:${port}`, '--inspect-publish-uid=http', program], { env });
    await once(child.stdout, 'data');
  }

  async function freePort(): Promise<number> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    return port;
  }

  it('works by port, and lets it go on afterwards', async () => {
    const port = await freePort();
    await start(port);
    await client.send('attach', { port });
    assert.match((await view(client, { fresh: true })).text, /^app\.cjs .* running/);
    await client.stop();
    const exit = once(child, 'exit');
    child.stdin.write('end\n');
    assert.deepEqual(await exit, [5, null]);
  });

  it('works by address, and tells its end from what it left', async () => {
    await start(0);
    const hello = mainThreadOf(readSpool(folder), child.pid)?.events.find((event) => event.event === 'hello');
    await client.send('attach', { url: hello?.inspectorUrl, spool: folder });
    const closed = once(child, 'close');
    child.stdin.write('end\n');
    await client.event('asyncLens/changed', (body) => (body as LensView).state === 'ended');
    assert.match((await view(client)).text, /ended, exit code 5/);
    assert.deepEqual((await client.event('exited')).body, { exitCode: 5 });
    assert.deepEqual(await closed, [5, null]);
  });

  it('loads the agent when it is not in it', async () => {
    const port = await freePort();
    await start(port, false);
    await client.send('attach', { port });
    assert.match((await view(client, { fresh: true })).text, /^app\.cjs .* running/);
    await client.stop();
    const exit = once(child, 'exit');
    child.stdin.write('end\n');
    assert.deepEqual(await exit, [5, null]);
  });
});

const ENDS: [string, (fake: FakeProxy) => void][] = [
  ['the session ends', (fake) => fake.end()],
  ['the proxy stays open', (fake) => (fake.gone = true)],
];

describe("attaching to the JavaScript debugger's session", function () {
  this.timeout(30_000);
  let client: AdapterClient;
  let fake: FakeProxy;

  beforeEach(async () => {
    fake = await startFakeProxy();
    client = await newClient('fake');
  });
  afterEach(async () => {
    await client.stop();
    await fake.close();
  });

  const attach = (args: object = {}) => client.send('attach', { proxy: fake.proxy, ...args });

  it('subscribes to what it needs and leaves the rest as it is', async () => {
    await attach();
    await view(client, { fresh: true });
    const commands = fake.commands.filter(({ method }) => method !== 'Runtime.evaluate');
    assert.deepEqual(
      commands.map(({ method }) => method),
      ['JsDebug.subscribe', 'Runtime.addBinding'],
    );
    assert.deepEqual(commands[0]?.params, { events: ['Runtime.bindingCalled', 'Debugger.paused', 'Debugger.resumed'] });
  });

  it('waits for an agent that is still being loaded', async () => {
    fake.loaded = false;
    const attached = attach();
    await delay(300);
    fake.loaded = true;
    await attached;
    assert.match((await view(client)).text, /handler/);
  });

  it('shows the moment of a pause, tells the agent, and goes on afterwards', async () => {
    await attach();
    fake.event('Debugger.paused');
    await client.event('asyncLens/changed', (body) => (body as LensView).state === 'paused');
    await client.event('stopped');
    const taken = fake.requests.filter(({ request }) => request === 'snapshot').length;
    assert.equal((await view(client)).state, 'paused');
    const isPausedPoll = () => fake.requests.some((request) => request.request === 'poll' && request.paused);
    while (!isPausedPoll()) await delay(10);
    assert.equal(fake.requests.filter(({ request }) => request === 'snapshot').length, taken);
    fake.event('Debugger.resumed');
    await client.event('continued');
    assert.equal((await view(client)).state, 'running');
  });

  it('answers with the last state while the program is blocked', async () => {
    await attach();
    await view(client, { fresh: true });
    fake.blocked = true;
    assert.match((await view(client, { fresh: true })).text, /handler/);
  });

  it('ends with the session and keeps the last state', async () => {
    await attach();
    await view(client, { fresh: true });
    fake.end();
    await client.event('asyncLens/changed', (body) => (body as LensView).state === 'ended');
    const last = await view(client);
    assert.match(last.text, /ended, exit code unknown/);
    assert.match(last.text, /handler/);
    await client.event('terminated');
    assert.equal(client.eventsOf('exited').length, 0);
  });

  it('takes the closed connection behind an open proxy for the end, not for a fault', async () => {
    await attach();
    await view(client, { fresh: true });
    fake.gone = true;
    await client.event('asyncLens/changed', (body) => (body as LensView).state === 'ended');
    const last = await view(client);
    assert.match(last.text, /ended, exit code unknown/);
    assert.match(last.text, /handler/);
    assert.doesNotMatch(last.text, /failed/);
    await client.event('terminated');
  });

  it('counts as many tasks in the status as in the tree', async () => {
    await attach();
    const counted = await view(client, { fresh: true });
    const polled = fake.requests.filter(({ request }) => request === 'poll').length;
    fake.polledTasks = 6;
    while (fake.requests.filter(({ request }) => request === 'poll').length < polled + 3) await delay(10);
    const { text, status } = await view(client);
    assert.match(text, /Tasks {2}1 pending/);
    assert.deepEqual([counted.status.pendingTasks, status.pendingTasks], [1, 1]);
  });

  for (const [how, end] of ENDS) {
    it(`reports a program that was over before it could be asked: ${how}`, async () => {
      const spool = mkdtempSync(join(tmpdir(), 'lens-spool-'));
      try {
        writeFileSync(join(spool, '4711-0.ndjson'), `${FINISHED.map((event) => JSON.stringify(event)).join('\n')}\n`);
        fake.loaded = false;
        const attached = attach({ spool });
        await delay(200);
        end(fake);
        await attached;
        assert.match((await view(client)).text, /ended, exit code 4/);
        assert.deepEqual((await client.event('exited')).body, { exitCode: 4 });
      } finally {
        rmSync(spool, { recursive: true, force: true });
      }
    });
  }

  it('waits for the last words of a program that ends slowly', async () => {
    const slow = await startFakeProxy({ pid: process.pid });
    const spool = mkdtempSync(join(tmpdir(), 'lens-spool-'));
    try {
      await client.send('attach', { proxy: slow.proxy, spool });
      slow.end();
      await delay(600);
      const events = FINISHED.map((event) => ({ ...event, ...('pid' in event ? { pid: process.pid } : {}) }));
      writeFileSync(
        join(spool, `${process.pid}-0.ndjson`),
        `${events.map((event) => JSON.stringify(event)).join('\n')}\n`,
      );
      assert.deepEqual((await client.event('exited')).body, { exitCode: 4 });
    } finally {
      rmSync(spool, { recursive: true, force: true });
      await slow.close();
    }
  });

  it('is given up at once when the client leaves', async () => {
    fake.loaded = false;
    void client.send('attach', { proxy: fake.proxy }).catch(() => undefined); // whether it still gets an answer is open
    while (fake.commands.length < 2) await delay(10);
    await client.disconnectRequest();
    assert.equal(fake.commands.filter(({ method }) => method === 'Runtime.evaluate').length < 20, true);
  });

  it('that fails leaves it to the editor to say why, without a dialog', async () => {
    fake.version = 99;
    assert.match(
      await client.errorOf('attach', { proxy: fake.proxy }),
      new RegExp(`^${ERROR_CODES.versionMismatch}: `),
    );
    assert.equal(client.lastFailure()?.body?.error?.showUser, false);
  });

  it('without an agent says that it got lost on the way', async () => {
    fake.loaded = false;
    assert.equal(
      await client.errorOf('attach', { proxy: fake.proxy }),
      `${ERROR_CODES.noAgent}: The program runs without the Async Lens agent: the NODE_OPTIONS of its launch did not reach it, or the agent could not be loaded there.`,
    );
  });
});

const EMPTY = { atMs: 9, frames: [], tasks: [], resources: [], stalls: [], blockingCalls: [], faults: [], version: 1 };
const COUNTS = { pendingTasks: 0, peakPendingTasks: 1, pendingPromises: 0, promisesCreated: 3, droppedEvents: 0 };
const LOOP = { utilization: 0, delayMs: { p50: 0, p99: 0, max: 0 } };
const FINISHED = [
  {
    event: 'hello',
    version: 1,
    pid: 4711,
    ppid: 1,
    threadId: 0,
    node: 'v24.0.0',
    argv: [],
    execArgv: [],
    cwd: '/',
    startTime: 0,
  },
  { event: 'exit', exitCode: 4, snapshot: { ...EMPTY, counts: COUNTS, loop: LOOP } },
];
