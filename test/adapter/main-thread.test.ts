/** Why a program does not answer, by what Linux says of its main thread. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { heldBetween, lookAtThread, type Doing } from '../../src/adapter/main-thread.ts';

const PROGRAMS = {
  'a system call': `process.chdir(process.argv[1]); require('node:child_process').execFileSync('mkfifo', ['pipe']); require('node:fs').readFileSync('pipe');`,
  nothing: `setInterval(() => {}, 1000);`,
  'many short turns': `(function turn() { for (const end = performance.now() + 9; performance.now() < end;); setTimeout(turn, 1); })();`,
} as const;

describe('the main thread of a silent program', function () {
  this.timeout(30_000);
  let folder: string;
  let child: ChildProcess | undefined;

  before(function () {
    if (process.platform !== 'linux') this.skip();
    folder = mkdtempSync(path.join(tmpdir(), 'lens-thread-'));
  });
  afterEach(() => child?.kill('SIGKILL'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** What was told so often in a row, or whatever until then. */
  async function told(source: string, looks: number, until?: Doing): Promise<(Doing | undefined)[]> {
    child = spawn(process.execPath, ['-e', `console.log('ready');${source}`, folder], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    if (child.stdout) await once(child.stdout, 'data');
    const argv = [process.execPath, folder];
    const thread = lookAtThread({ ...HELLO, execArgv: [], pid: child.pid ?? 0, argv });
    const seen: (Doing | undefined)[] = [];
    for (let i = 0; i < looks; i++) {
      const doing = thread.doing(performance.now());
      seen.push(doing);
      if (doing !== undefined && doing === until) break;
      await delay(50);
    }
    return seen;
  }

  it('is in native code when it has the processor and never waits', () => {
    const look = { atMs: 0, processorMs: 0, waits: 7, inCall: false };
    const after = { ...look, atMs: 250, processorMs: 240 };
    assert.equal(heldBetween(look, after), 'native code');
    assert.equal(heldBetween(look, { ...after, waits: 12 }), undefined);
    assert.equal(heldBetween(look, { ...after, processorMs: 50 }), undefined);
  });

  it('is in a system call', async () => {
    assert.ok((await told(PROGRAMS['a system call'], 300, 'a system call')).includes('a system call'));
  });

  for (const what of ['nothing', 'many short turns'] as const) {
    it(`is held up by nothing when it does ${what}`, async () => {
      assert.deepEqual(new Set(await told(PROGRAMS[what], 15)), new Set([undefined]));
    });
  }

  it('is held up by nothing when it was stopped', async () => {
    const looks = told(`process.kill(process.pid, 'SIGSTOP');`, 15);
    assert.deepEqual(new Set((await looks).slice(2)), new Set([undefined]));
  });
});

const HELLO = {
  event: 'hello',
  version: 1,
  ppid: 1,
  threadId: 0,
  node: process.version,
  cwd: '/',
  startTime: 0,
} as const;
