/** A launched program from start to end, as the messages between client and adapter. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LensView } from '../../src/protocol/dap.ts';
import type { Report } from '../../src/protocol/report.ts';
import { AdapterClient } from '../support/debug-adapter.ts';
import { assertGolden, normalise } from '../support/golden.ts';

const goldens = join(import.meta.dirname, 'golden');

describe('a launched program', function () {
  this.timeout(30_000);
  let folder: string;
  let client: AdapterClient;

  beforeEach(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'lens launch ')));
    client = new AdapterClient('fake');
    await client.initializeRequest();
  });
  afterEach(async () => {
    await client.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function launch(source: string, args: object = {}): Promise<string> {
    const program = join(folder, 'app.cjs');
    writeFileSync(program, source);
    await client.send('launch', { program, ...args });
    return program;
  }

  const view = async (args: object = {}): Promise<LensView> =>
    (await client.customRequest('asyncLens/snapshot', args)).body;
  const ended = (body: unknown) => (body as { state?: string }).state === 'ended';
  const golden = (name: string, text: string) =>
    assertGolden(join(goldens, name), normalise(text.replaceAll(folder, '<folder>')));

  it('is asked on while its state comes in slices, and shown when that is complete', async () => {
    await launch(`fakeAgent.slices(3, (left) => console.log('left: ' + left)); setInterval(() => {}, 1000);`);
    assert.match((await view({ fresh: true })).text, /parent/);
    await client.event('output', (body) => (body as { output?: string }).output?.includes('left: 0') === true);
    const told = client.eventsOf('output').map(({ body }) => (body as { output: string }).output);
    assert.deepEqual(told.join('').match(/left: \d/g), ['left: 2', 'left: 1', 'left: 0']);
    const text = (await view({ fresh: true })).text;
    assert.match(text, /4 pending/);
  });

  it('shows its tasks as tree, threads, stacks and variables', async () => {
    await launch('setInterval(() => {}, 1000);');
    const text = [(await view({ fresh: true })).text];
    const { threads } = (await client.threadsRequest()).body;
    for (const { id, name } of threads) {
      text.push('', `thread ${id}: ${name}`);
      const { stackFrames, totalFrames } = (await client.stackTraceRequest({ threadId: id })).body;
      for (const frame of stackFrames) {
        const place = frame.source === undefined ? '' : ` at ${frame.source.path}:${frame.line}:${frame.column}`;
        text.push(
          `  ${frame.name}${place}${frame.presentationHint === undefined ? '' : ` (${frame.presentationHint})`}`,
        );
        const { scopes } = (await client.scopesRequest({ frameId: frame.id })).body;
        for (const { name: scope, variablesReference } of scopes.filter(({ expensive }) => !expensive)) {
          const { variables } = (await client.variablesRequest({ variablesReference })).body;
          text.push(`    ${scope}: ${variables.map((variable) => `${variable.name}=${variable.value}`).join('; ')}`);
        }
      }
      assert.equal(totalFrames, stackFrames.length);
      const part = (await client.stackTraceRequest({ threadId: id, startFrame: 1, levels: 2 })).body.stackFrames;
      assert.deepEqual(
        part.map((frame) => frame.name),
        stackFrames.slice(1, 3).map((frame) => frame.name),
      );
    }
    golden('launch.txt', text.join('\n'));
  });

  it('gives its report, in version 1', async () => {
    const program = await launch('setInterval(() => {}, 1000);');
    const report: Report = (await client.customRequest('asyncLens/report')).body;
    assert.equal(report.version, 1);
    assert.deepEqual(report.tool, { name: 'async-lens', version: '0.0.0-test' });
    assert.equal(report.process.argv[1], program);
    assert.equal(report.process.exitCode, null);
    assert.deepEqual(
      report.tasks.map((task) => `${task.name} ${task.location?.file}:${task.location?.line}`),
      [`parent ${program}:6`],
    );
  });

  it('passes on output, arguments, folder, environment and exit code, and nothing of the inspector', async () => {
    const source = `
      console.log(process.argv.slice(2).join(), process.cwd(), process.env.LENS_A, process.env.HOME, process.execArgv.includes('--no-warnings'));
      console.error('to stderr');
      setTimeout(() => process.exit(7), 300);`;
    const env = { LENS_A: 'a b', HOME: null };
    await launch(source, { args: ['x', 'y z'], cwd: folder, env, runtimeArgs: ['--no-warnings'] });
    const { body } = await client.event('exited');
    assert.deepEqual(body, { exitCode: 7 });
    assert.equal(client.output('stdout'), `x,y z ${folder} a b undefined true\n`);
    assert.equal(client.output('stderr'), 'to stderr\n');
  });

  it('ends when its own work is done, whoever is watching', async () => {
    await launch('setTimeout(() => {}, 500)');
    await client.event('asyncLens/changed');
    await client.event('asyncLens/changed', ended);
    assert.deepEqual((await client.event('exited')).body, { exitCode: 0 });
    assert.equal(client.output('stderr'), '');
  });

  it('tells of stalls with place and length, but not of the start-up or of short ones', async () => {
    const program = await launch(`setTimeout(() => {
      fakeAgent.stall(49);
      fakeAgent.stall(400, 'startup');
      fakeAgent.stall(120);
    }, 300);
    setInterval(() => {}, 1000);`);
    await client.event('asyncLens/stall');
    await view({ fresh: true });
    const location = { file: program, line: 9, column: 1, function: 'block' };
    assert.deepEqual(
      client.eventsOf('asyncLens/stall').map(({ body }) => body),
      [{ open: false, durationMs: 120, location }],
    );
  });

  it('takes the stall limit from the settings, at the start and later', async () => {
    await launch(`setInterval(() => fakeAgent.stall(10), 50);`, { settings: { stall: { infoMs: 5 } } });
    await client.event('asyncLens/stall');
    const settings = { stall: { infoMs: 500, warningMs: 500, errorMs: 500 }, blockingCall: {}, rules: {} };
    await client.customRequest('asyncLens/settings', { settings });
    const count = client.eventsOf('asyncLens/stall').length;
    await view({ fresh: true });
    await delay(300);
    assert.equal(client.eventsOf('asyncLens/stall').length, count);
  });

  it('shows an announced blocking call while it lasts, and still answers', async () => {
    await launch(`setInterval(() => {
      fakeAgent.announce('child_process.execFileSync');
      require('node:child_process').execFileSync(process.execPath, ['-e', 'setTimeout(() => {}, 1500)']);
    }, 1000);`);
    const open = (await client.event('asyncLens/stall')).body as { open: boolean; api: string };
    assert.deepEqual([open.open, open.api], [true, 'child_process.execFileSync']);
    const during = await view();
    assert.match(during.text, /child_process\.execFileSync/);
    await client.event('asyncLens/stall', (body) => !(body as { open: boolean }).open);
  });

  it('asks to be asked again when something has changed, and only then', async () => {
    await launch('setInterval(() => {}, 1000); setTimeout(() => fakeAgent.change(), 1500);');
    await client.event('asyncLens/changed');
    await delay(700);
    const quiet = client.eventsOf('asyncLens/changed').length;
    await client.event('asyncLens/changed', (body) => (body as { revision: number }).revision > quiet);
    assert.equal(client.eventsOf('asyncLens/changed').length, quiet + 1);
  });

  it('is shown as of the moment the debugger held it', async () => {
    await launch('setInterval(() => {}, 1000);');
    await view({ fresh: true });
    await client.customRequest('asyncLens/debuggerState', { paused: true });
    assert.equal((await view()).state, 'paused');
    const stopped = (await client.event('stopped')).body as object;
    const state = { threadId: 1, preserveFocusHint: true, allThreadsStopped: true };
    assert.deepEqual(stopped, { reason: 'pause', description: 'Paused', ...state });
    await client.customRequest('asyncLens/debuggerState', { paused: false });
    assert.deepEqual((await client.event('continued')).body, { threadId: 1, allThreadsContinued: true });
    assert.equal((await view()).state, 'running');
  });

  it('waits with its end until the client has seen the end state', async () => {
    await launch('setTimeout(() => {}, 300)');
    await client.event('asyncLens/changed', ended);
    assert.equal(client.eventsOf('terminated').length, 0);
    const last = await view();
    assert.equal(last.state, 'ended');
    assert.equal(client.eventsOf('terminated').length, 0, 'the report may be asked for next');
    assert.equal((await client.customRequest('asyncLens/report')).body.process.exitCode, 0);
    await client.event('terminated');
    assert.match((await view()).text, /ended, exit code 0/);
    assert.equal((await client.customRequest('asyncLens/report')).body.process.exitCode, 0);
  });

  it('can be asked to end', async () => {
    const source = `process.on('SIGTERM', () => { console.log('bye'); process.exit(3); }); console.log('up'); setInterval(() => {}, 1000);`;
    if (process.platform === 'win32') return;
    await launch(source);
    await client.event('output');
    await client.terminateRequest();
    assert.deepEqual((await client.event('exited')).body, { exitCode: 3 });
    assert.equal(client.output('stdout'), 'up\nbye\n');
  });

  it('leaves no event files behind', async () => {
    await launch('console.log(process.env.ASYNC_LENS_SPOOL); setInterval(() => {}, 1000);');
    await client.event('output', (body) => (body as { category?: string }).category === 'stdout');
    const spool = client.output('stdout').trim();
    assert.ok(existsSync(spool));
    await client.stop();
    assert.ok(!existsSync(spool));
  });

  it('runs without a live view when its inspector port is taken, and says so', async () => {
    const server: Server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      await launch('setTimeout(() => {}, 300)', { runtimeArgs: [`--inspect=127.0.0.1:${port}`] });
      await client.event('asyncLens/changed', ended);
      assert.equal(
        client.output('console'),
        'No live view, only the end state of this program: Node could not open its inspector port. Remove --inspect from "runtimeArgs" or free the port.\n',
      );
      assert.match((await view()).text, /parent/);
    } finally {
      server.close();
    }
  });
});
