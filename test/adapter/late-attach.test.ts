/** Attaching to a program that was started without the agent: what was there before, and what happens from then on. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LensView, TreeItem } from '../../src/protocol/dap.ts';
import { adapterBundle, agentBeside, newClient, type AdapterClient } from '../support/debug-adapter.ts';
import { nodeBinary } from '../support/run-node.ts';

const PROGRAM = `const { setTimeout: sleep } = require('node:timers/promises');
const gates = {};
const gate = (name) => new Promise((resolve) => (gates[name] = resolve));
async function inner() {
  await gate('one');
  await gate('two');
}
async function outer() {
  await inner();
  return 1;
}
async function fresh() {
  await sleep(1e8);
}
async function shared(all) {
  await all;
  await gate('three');
}
const all = gate('all');
outer();
shared(all);
shared(all);
process.stdin.on('data', (data) => {
  for (const name of String(data).trim().split(' ')) {
    if (name === 'fresh') fresh();
    else if (name === 'end') process.exit(5);
    else gates[name]();
  }
  setImmediate(() => console.log('done ' + data));
});
console.log('up');
`;

describe('attaching to a program that was started without the agent', function () {
  this.timeout(60_000);
  let folder: string;
  let client: AdapterClient;
  let child: ChildProcessWithoutNullStreams;
  let file: string;

  beforeEach(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'lens-late-')));
    client = await newClient('real');
    file = join(folder, 'app.cjs');
    writeFileSync(file, PROGRAM);
    child = spawn(nodeBinary(), ['--inspect-port=0', file]);
    await once(child.stdout, 'data');
  });
  afterEach(async () => {
    await client.stop();
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  async function tell(words: string): Promise<void> {
    const done = once(child.stdout, 'data');
    child.stdin.write(`${words}\n`);
    assert.match(String(await done), /^done /);
  }

  /** Names and lines of the tasks. */
  async function tasks(): Promise<string> {
    const { body } = (await client.customRequest('asyncLens/snapshot', { fresh: true })) as { body: LensView };
    const section = body.tree[0]?.children.find(({ label }) => label === 'Tasks');
    return (section?.children ?? [])
      .map((item) => lines(item, ''))
      .sort()
      .join('\n');
  }
  const lines = ({ label, location, children }: TreeItem, indent: string): string =>
    [`${indent}${label}  ${location?.line}`, ...children.map((below) => lines(below, `${indent}  `))].join('\n');

  it('shows what was pending before, what begins later, and how both go on and end', async () => {
    await client.send('attach', { processId: child.pid });
    assert.equal(await tasks(), 'outer  9\n  inner  5\nshared ×2  16');
    await tell('fresh');
    assert.equal(await tasks(), 'fresh  13\nouter  9\n  inner  5\nshared ×2  16');
    await tell('one');
    assert.equal(await tasks(), 'fresh  13\nouter  9\n  inner  6\nshared ×2  16');
    await tell('all');
    assert.equal(await tasks(), 'fresh  13\nouter  9\n  inner  6\nshared ×2  17');
    await tell('two');
    assert.equal(await tasks(), 'fresh  13\nshared ×2  17');
    await tell('three');
    assert.equal(await tasks(), 'fresh  13\nshared  17');
    const ended = once(child, 'exit');
    child.stdin.write('end\n');
    assert.deepEqual(await ended, [5, null]);
  });
});

describe('attaching directly to a program that carries the agent', function () {
  this.timeout(60_000);

  it('tells that it is blocked', async () => {
    const client = await newClient('real');
    const source = 'setImmediate(function work() { console.error("spinning"); for (;;); });';
    const args = ['--inspect=127.0.0.1:0', '--require', agentBeside(adapterBundle('real')), '--eval', source];
    const child = spawn(nodeBinary(), args, { stdio: ['ignore', 'ignore', 'pipe'] });
    try {
      let errors = '';
      while (!errors.includes('spinning')) errors += String((await once(child.stderr, 'data'))[0]);
      await client.send('attach', { url: /ws:\S+/.exec(errors)?.[0] });
      await client.event('asyncLens/stall', (body) => (body as { open?: boolean }).open === true);
    } finally {
      await client.stop();
      child.kill('SIGKILL');
    }
  });
});
