/** Programs that were started without the agent: joined when the JavaScript debugger attaches to them, and without it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import { stopAll } from '../debugging.ts';
import { openTree, lineShown, viewWith } from '../lens.ts';
import { workspaceFolder } from '../places.ts';
import { screenshot } from '../workbench.ts';

describe('attaching to a program that was started without the agent', () => {
  let child: ChildProcess;
  let port: number;

  beforeEach(async () => {
    const file = path.join(workspaceFolder().uri.fsPath, 'hung.js');
    const { NODE_OPTIONS: _, ...env } = process.env;
    child = spawn('node', ['--inspect=127.0.0.1:0', file], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    const [text] = (await once(child.stderr ?? child, 'data')) as [Buffer];
    port = Number(/127\.0\.0\.1:(\d+)/.exec(String(text))?.[1]);
  });
  afterEach(async () => {
    await stopAll();
    child.kill('SIGKILL');
  });

  it('shows what it waits for when the JavaScript debugger attaches', async () => {
    const configuration = { type: 'node', request: 'attach', name: 'hung', address: '127.0.0.1', port };
    assert.ok(await vscode.debug.startDebugging(workspaceFolder(), configuration));
    const view = await viewWith('loadStock');
    assert.match(
      view.text,
      /serve {2}hung\.js:12[^]*loadStock {2}element 0 · hung\.js:4 · .*a promise that other code must settle/,
    );
    await openTree();
    await lineShown('loadStock');
    await screenshot('late');
  });

  it('shows it without the JavaScript debugger, too', async () => {
    const configuration = { type: 'async-lens', request: 'attach', name: 'Async tasks of hung.js', port };
    assert.ok(await vscode.debug.startDebugging(workspaceFolder(), configuration));
    const view = await viewWith('loadStock');
    assert.match(
      view.text,
      /serve {2}hung\.js:12[^]*loadStock {2}element 0 · hung\.js:4 · .*a promise that other code must settle/,
    );
    assert.equal(view.state, 'running');
  });
});
