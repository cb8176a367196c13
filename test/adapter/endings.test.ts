/** Sudden ends, of the program and of the client: never a hang, never an orphan, and the last state stays readable. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LensView } from '../../src/protocol/dap.ts';
import { AdapterClient } from '../support/debug-adapter.ts';

describe('a sudden end', function () {
  this.timeout(30_000);
  let folder: string;
  let client: AdapterClient;

  beforeEach(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'lens-end-')));
    client = new AdapterClient('fake');
    await client.initializeRequest();
  });
  afterEach(async () => {
    await client.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function launch(source: string, args: object = {}): Promise<void> {
    const program = join(folder, 'app.cjs');
    writeFileSync(program, source);
    await client.send('launch', { program, ...args });
  }

  const view = async (args: object = {}): Promise<LensView> =>
    (await client.customRequest('asyncLens/snapshot', args)).body;
  const isEnd = (body: unknown) => (body as LensView).state === 'ended';

  it('by an exception in the first line is reported with output and exit code', async () => {
    await launch('throw new Error("at once")');
    await client.event('asyncLens/changed', isEnd);
    assert.match((await view()).text, /ended, exit code 1/);
    assert.deepEqual((await client.event('exited')).body, { exitCode: 1 });
    assert.match(client.output('stderr'), /Error: at once/);
    assert.equal(client.output('console'), '');
  });

  it('by process.exit in the first line is reported with its state', async () => {
    await launch('process.exit(9)');
    await client.event('asyncLens/changed', isEnd);
    assert.match((await view()).text, /ended, exit code 9[\s\S]*parent/);
    assert.deepEqual((await client.event('exited')).body, { exitCode: 9 });
  });

  if (process.platform !== 'win32') {
    it('by SIGKILL while a snapshot is being taken leaves the last state and a word', async () => {
      const source = `setTimeout(() => { process.env.FAKE_AGENT_HANGS = '1'; }, 500); setInterval(() => {}, 1000);`;
      await launch(source);
      const { pid } = (await client.customRequest('asyncLens/report')).body.process;
      await delay(800);
      const asked = view({ fresh: true });
      await delay(200);
      process.kill(pid, 'SIGKILL');
      await asked;
      await client.event('asyncLens/changed', isEnd);
      assert.match((await view()).text, /ended, killed by SIGKILL[\s\S]*parent/);
      assert.deepEqual((await client.event('exited')).body, { exitCode: 137 });
      assert.equal(
        client.output('console'),
        'The program was ended by SIGKILL; the last known state of it is shown.\n',
      );
    });
  }

  /** Two generations that ignore a polite request; their process ids are written down. */
  const STUBBORN = `
    const { spawn } = require('node:child_process');
    const { appendFileSync } = require('node:fs');
    process.on('SIGTERM', () => {});
    appendFileSync('pids', process.pid + '\\n');
    if (process.argv[2] === 'parent') spawn(process.execPath, [__filename, 'child'], { stdio: 'ignore' });
    else console.log('child');
    setInterval(() => {}, 1000);`;

  async function launchStubborn(): Promise<number[]> {
    await launch(STUBBORN, { cwd: folder, args: ['parent'] });
    for (;;) {
      const pids = readFileSync(join(folder, 'pids'), 'utf8').trim().split('\n').map(Number);
      if (pids.length === 2) return pids;
      await delay(20);
    }
  }

  async function assertGone(pids: number[]): Promise<void> {
    for (const pid of pids) while (isAlive(pid)) await delay(20);
  }

  it('by the client leaves neither the program nor its children behind', async () => {
    const pids = await launchStubborn();
    const gone = once(client.process, 'exit');
    client.process.stdin.end();
    await gone;
    await assertGone(pids);
  });

  it('of the adapter by a signal leaves neither the program nor its children behind', async function () {
    if (process.platform === 'win32') this.skip();
    const pids = await launchStubborn();
    const gone = once(client.process, 'exit');
    client.process.kill('SIGTERM');
    await gone;
    await assertGone(pids);
  });

  it('by disconnecting takes program and children with it, stubborn or not', async () => {
    const pids = await launchStubborn();
    await client.disconnectRequest();
    await assertGone(pids);
  });

  it('of an adapter that was greeted and then forgotten comes by itself', async () => {
    const [code] = (await once(client.process, 'exit')) as [number | null];
    assert.equal(code, 0);
  });

  it('by disconnecting while it is being started takes it, too', async () => {
    const program = join(folder, 'app.cjs');
    writeFileSync(program, STUBBORN);
    void client.send('launch', { program, cwd: folder, args: ['parent'] }).catch(() => undefined); // whether it still gets an answer is open
    await client.disconnectRequest();
    await delay(300);
    await assertGone(started());
  });

  it('by the client while it is being started takes it, too', async () => {
    const program = join(folder, 'app.cjs');
    writeFileSync(program, STUBBORN);
    void client.send('launch', { program, cwd: folder, args: ['parent'] });
    while (started().length === 0) await delay(5);
    const gone = once(client.process, 'exit');
    client.process.stdin.end();
    await gone;
    await assertGone(started());
  });

  function started(): number[] {
    try {
      return readFileSync(join(folder, 'pids'), 'utf8').trim().split('\n').map(Number);
    } catch {
      return []; // it did not come so far
    }
  }
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // gone
  }
}
