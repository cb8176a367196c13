/** The values inside of suspended calls, as a client reads them. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { connectCdp } from '../../src/adapter/cdp.ts';
import type { Report } from '../../src/protocol/report.ts';
import { adapterBundle, agentBeside, AdapterClient } from '../support/debug-adapter.ts';
import { assertGolden, normalise } from '../support/golden.ts';

const SOURCE = `'use strict';
const { setTimeout: sleep } = require('node:timers/promises');

class Mutex {
  #locked = false;
  waiters = [];
  acquire() {
    if (this.#locked) return new Promise((resolve) => this.waiters.push(resolve));
    this.#locked = true;
    return Promise.resolve();
  }
}

const mutex = new Mutex();
let getterCalls = 0;

async function transfer(from, to, amount) {
  const entry = { from, to, get fee() { getterCalls++; return 1; }, note: null, [Symbol('tag')]: undefined };
  const amounts = [amount, amount / 2];
  await mutex.acquire();
  for (const [index, text] of Object.entries(['first', 'second'])) {
    const label = text + index;
    await sleep(600_000);
    console.log(label);
  }
  return { entry, amounts };
}

const waitFor = async (id, options = { retry: 3, match: /x(y)/g }) => {
  const seen = new Map([['a', 1n], [id, new Set([2])]]);
  await mutex.acquire();
  return [seen, options];
};

class Service {
  name = 'billing';
  async run(job) {
    const parts = [waitFor(job), waitFor(job + 1)];
    return await Promise.all(parts);
  }
}

async function* pages(count) {
  for (let page = 0; page < count; page++) {
    await new Promise((resolve) => (globalThis.nextPage = resolve));
    yield page;
  }
}

async function readAll(name) {
  for await (const page of pages(7)) console.log(name, page);
}

transfer('alice', 'bob', 12);
new Service().run(41);
readAll('book');
`;

describe('the values inside of suspended calls', function () {
  this.timeout(60_000);
  let folder: string;
  let client: AdapterClient;

  beforeEach(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'lens locals ')));
    client = new AdapterClient('real');
    await client.initializeRequest();
  });
  afterEach(async () => {
    await client.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function launch(source: string): Promise<void> {
    const program = join(folder, 'app.cjs');
    writeFileSync(program, source);
    const runtimeExecutable = process.env['ASYNC_LENS_TEST_NODE'];
    await client.send('launch', { program, ...(runtimeExecutable === undefined ? {} : { runtimeExecutable }) });
    await client.customRequest('asyncLens/snapshot', { fresh: true });
  }

  /** All rows below a reference, to a depth, as indented text. */
  async function rows(variablesReference: number, depth: number, indent: string): Promise<string[]> {
    if (variablesReference === 0 || depth === 0) return [];
    const { variables } = (await client.variablesRequest({ variablesReference })).body;
    const text: string[] = [];
    for (const { name, value, variablesReference: inside } of variables) {
      text.push(`${indent}${name}: ${value}`);
      if (!/^(?:\[\[|this|sleep|exports|require|module|constructor)/.test(name))
        text.push(...(await rows(inside, depth - 1, `${indent}  `)));
    }
    return text;
  }

  it('are the scopes of each frame of the await chain', async () => {
    await launch(SOURCE);
    const text: string[] = [];
    for (const { id, name } of (await client.threadsRequest()).body.threads) {
      text.push(`thread: ${name}`);
      const { stackFrames } = (await client.stackTraceRequest({ threadId: id })).body;
      for (const frame of stackFrames.filter(({ presentationHint }) => presentationHint === undefined)) {
        text.push(`  ${frame.name}:${frame.line}`);
        const { scopes } = (await client.scopesRequest({ frameId: frame.id })).body;
        for (const scope of scopes.filter(({ name: kind }) => kind === 'Local' || kind === 'Closure')) {
          text.push(`    ${scope.name}${scope.expensive ? ' (on demand)' : ''}`);
          text.push(...(await rows(scope.variablesReference, scope.name === 'Local' ? 2 : 1, '      ')));
        }
      }
    }
    assertGolden(join(import.meta.dirname, 'golden', 'locals.txt'), normalise(text.join('\n')));
  });

  it('are gone when the task has gone on', async function () {
    if (process.platform === 'win32') this.skip();
    await launch(`async function short() { await new Promise((resolve) => process.once('SIGUSR2', resolve)); }
      short(); setInterval(() => {}, 1000);`);
    const [scope] = await scopesOf('short');
    const { pid } = ((await client.customRequest('asyncLens/report')).body as Report).process;
    process.kill(pid, 'SIGUSR2');
    while ((await client.threadsRequest()).body.threads.length > 0)
      await client.customRequest('asyncLens/snapshot', { fresh: true });
    assert.deepEqual(await rows(scope?.variablesReference ?? 0, 1, ''), [
      '(no values): short has gone on or ended meanwhile',
    ]);
  });

  it('are read at a breakpoint, and their references end with it', async () => {
    const held =
      await holdProgram(`async function inner() { await new Promise((resolve) => (globalThis.go = resolve)); }
      async function waiting(order) { const lines = [1, 2]; await inner(); return lines; }
      waiting('o-17');
      function stopHere() { debugger; }
      setInterval(stopHere, 20);`);
    try {
      await client.send('attach', { url: held.url });
      await client.customRequest('asyncLens/debuggerState', { paused: true });
      const [local, closure, settlers] = await scopesOf('waiting');
      const reference = local?.variablesReference ?? 0;
      const expected = [
        "order: 'o-17'",
        'lines: (2) [1, 2]',
        '  0: 1',
        '  1: 2',
        '  length: 2',
        '  [[Prototype]]: Array(0)',
      ];
      assert.deepEqual((await rows(reference, 2, '')).slice(0, 6), expected);
      assert.deepEqual(await rows(closure?.variablesReference ?? 0, 1, ''), ['inner: ƒ inner()']);
      assert.deepEqual(await rows(settlers?.variablesReference ?? 0, 1, ''), [
        '1: the end of inner (held.cjs:1)',
        '2: its `resolve` is held by `globalThis.go`',
        'confidence: exact',
      ]);
      await held.resume();
      await client.customRequest('asyncLens/debuggerState', { paused: false });
      assert.deepEqual(await rows(reference, 1, ''), []);
    } finally {
      held.end();
    }
  });

  async function scopesOf(thread: string): Promise<DebugProtocol.Scope[]> {
    const { threads } = (await client.threadsRequest()).body;
    const threadId = threads.find(({ name }) => name === thread)?.id ?? 0;
    const { stackFrames } = (await client.stackTraceRequest({ threadId })).body;
    const frameId = stackFrames.find(({ name }) => name === thread)?.id ?? 0;
    return (await client.scopesRequest({ frameId })).body.scopes;
  }

  /** Runs a program under another inspector client up to its first `debugger` statement. */
  async function holdProgram(source: string): Promise<{ url: string; resume(): Promise<unknown>; end(): void }> {
    const file = join(folder, 'held.cjs');
    writeFileSync(file, source);
    const agent = agentBeside(adapterBundle('real'));
    const node = process.env['ASYNC_LENS_TEST_NODE'] ?? process.execPath;
    const child = spawn(node, ['--inspect-brk=127.0.0.1:0', '--require', agent, file], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const url = await new Promise<string>((resolve) => {
      let text = '';
      child.stderr.setEncoding('utf8').on('data', (piece: string) => {
        const found = /ws:\S+/.exec((text += piece));
        if (found !== null) resolve(found[0]);
      });
    });
    const cdp = await connectCdp(url, 5000);
    let stops = 0;
    const held = new Promise<void>((resolve) => {
      // The first stop is that of --inspect-brk.
      cdp.on('Debugger.paused', () => (++stops === 1 ? void cdp.send('Debugger.resume') : resolve()));
    });
    await cdp.send('Debugger.enable');
    // As the JavaScript debugger does: V8 then makes notes of its own on promises.
    await cdp.send('Debugger.setAsyncCallStackDepth', { maxDepth: 32 });
    await cdp.send('Runtime.runIfWaitingForDebugger');
    await held;
    const resume = async () => {
      await cdp.send('Debugger.disable');
    };
    return {
      url,
      resume,
      end() {
        cdp.close();
        child.kill('SIGKILL');
      },
    };
  }
});
