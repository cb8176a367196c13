/** The gate keeps V8's code of the agent beside its text, and whatever is kept there, the program runs as without it. */
import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import { agentText, gateText } from '../../scripts/agent-text.mjs';
import { agentOption, readSpool, runWithAgent } from '../support/run-node.ts';

const source = `console.log(typeof globalThis[Symbol.for('async-lens.agent')].request, Object.keys(require.cache).length);`;

describe('the code cache of the agent', () => {
  let installation: string;
  let folder: string;

  beforeEach(() => {
    installation = mkdtempSync(join(tmpdir(), 'lens-gate-'));
    folder = join(installation, 'code');
    writeFileSync(join(installation, 'agent.cjs'), agentText());
    writeFileSync(join(installation, 'preload.cjs'), gateText());
  });

  afterEach(() => rmSync(installation, { recursive: true, force: true }));

  /** Two modules: the program's and the gate; the agent is none. */
  async function runs(): Promise<void> {
    const env = { NODE_OPTIONS: agentOption(join(installation, 'preload.cjs')) };
    const { code, stdout, stderr } = await runWithAgent({ source, env, agent: false });
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'function 2\n', stderr: '' });
  }

  /** The only file there is. */
  function kept(): { place: string; inode: number; content: Buffer } {
    const [name, ...others] = readdirSync(folder);
    assert.ok(name !== undefined && others.length === 0, `one file, not ${[name, ...others].join()}`);
    const place = join(folder, name);
    return { place, inode: statSync(place).ino, content: readFileSync(place) };
  }

  it('is written at the first start and used from then on', async () => {
    await runs();
    const { inode } = kept();
    await runs();
    assert.equal(kept().inode, inode);
  });

  it('is written anew when it is damaged or belongs to another text', async () => {
    await runs();
    const { place, content } = kept();
    const damaged = Buffer.from(content);
    damaged[5000] = (damaged[5000] ?? 0) ^ 1;
    const older = Buffer.from(content);
    older[content.length - 5000] = 0;
    for (const bad of [damaged, older, content.subarray(0, -100_000), Buffer.alloc(content.length), Buffer.alloc(0)]) {
      writeFileSync(place, bad);
      await runs();
      const { length } = kept().content;
      assert.ok(Math.abs(length - content.length) < 0.1 * content.length, `${length} bytes, before ${content.length}`);
      assert.notDeepEqual(kept().content, bad);
      await runs();
    }
  });

  /** All that the agent tells of a program that makes synchronous calls while its loop runs. */
  async function toldOf(place: string): Promise<string> {
    const spool = mkdtempSync(join(tmpdir(), 'lens-spool-'));
    try {
      const calls = `setTimeout(() => { for (let i = 0; i < 5; i++) require('node:fs').readFileSync(__filename); })`;
      const env = { NODE_OPTIONS: agentOption(join(place, 'preload.cjs')), ASYNC_LENS_SPOOL: spool };
      const { code } = await runWithAgent({ source: calls, env, agent: false });
      assert.equal(code, 0);
      const told = JSON.stringify(Object.values(readSpool(spool)).flat());
      assert.match(told, /main\.cjs/);
      return told;
    } finally {
      rmSync(spool, { recursive: true, force: true });
    }
  }

  it('is written by no calls of the program', async () => {
    assert.doesNotMatch(await toldOf(installation), /preload\.cjs|renameSync/);
    kept();
  });

  it('makes no strangers of the own frames of an agent that was moved', async () => {
    await runs();
    const moved = `${installation}-moved`;
    renameSync(installation, moved);
    try {
      assert.doesNotMatch(await toldOf(moved), /agent\.cjs/);
      assert.equal(readdirSync(join(moved, 'code')).length, 2);
    } finally {
      renameSync(moved, installation);
    }
  });

  it('has the path of the agent with the separators of the system, by which the inspector names it', () => {
    const asked: unknown[] = [];
    const modules: Record<string, unknown> = {
      'node:vm': {},
      'node:fs': { openSync: (path: unknown) => asked.push(path) },
    };
    const gate = compileFunction(gateText(), ['require', '__filename', '__dirname', 'module']) as (
      ...args: unknown[]
    ) => void;
    gate((name: string) => modules[name], 'C:\\a tool\\preload.cjs', 'C:\\a tool', {});
    assert.deepEqual(asked, ['C:\\a tool\\agent.cjs']);
  });

  it('reads a text of which each byte is a character', () => {
    const text = agentText();
    assert.equal(Buffer.byteLength(text), text.length);
  });

  it('may be written by many processes at once', async () => {
    await Promise.all(Array.from({ length: 6 }, runs));
    kept();
    await runs();
  });

  it('does without where nothing can be written', async () => {
    writeFileSync(folder, 'no folder');
    await runs();
    await runs();
    assert.equal(readFileSync(folder, 'utf8'), 'no folder');
  });

  it('has room for 16 kinds of Node: the oldest go', async () => {
    mkdirSync(folder);
    for (let i = 0; i < 20; i++) {
      writeFileSync(join(folder, `old-${i}`), '');
      utimesSync(join(folder, `old-${i}`), i, i);
    }
    await runs();
    const names = readdirSync(folder);
    const old = Array.from({ length: 15 }, (_, i) => `old-${i + 5}`);
    assert.deepEqual(names.filter((name) => name.startsWith('old-')).toSorted(), old.toSorted());
    assert.equal(names.length, 16);
  });
});
