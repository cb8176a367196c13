/** The packed extension, installed into a clean profile: it is the installed one that runs, F5 works, and so does its demo. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import * as vscode from 'vscode';
import { pressF5, stopAll } from '../debugging.ts';
import { EXTENSION_ID, lineShown, openTree, viewWith } from '../lens.ts';
import { screenshot } from '../workbench.ts';

describe('the installed package', () => {
  afterEach(stopAll);

  it('runs from the extensions folder of the profile', () => {
    const extension = vscode.extensions.getExtension(EXTENSION_ID);
    assert.match(extension?.extensionPath ?? 'not installed', /extensions[\\/]async-lens\.async-lens-\d/);
  });

  it('joins F5 on an ordinary launch.json', async () => {
    const run = await pressF5();
    await run.printed('the shop is open');
    await openTree();
    const view = await viewWith('fetchPrice');
    assert.equal(view.state, 'running');
    await lineShown('fetchPrice');
    await screenshot('installed');
  });

  it('has a demo that starts where nothing is installed to build it', async () => {
    const demo = path.join(vscode.extensions.getExtension(EXTENSION_ID)?.extensionPath ?? '', 'demo');
    execFileSync(process.execPath, ['build.mjs'], { cwd: demo, env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } });
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1', BOOKSHOP_PORT: '0' };
    const bookshop = spawn(process.execPath, ['dist/main.js'], {
      cwd: demo,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [line] = await once(createInterface({ input: bookshop.stdout }), 'line');
      assert.match(String(line), /^The bookshop is open: http/);
    } finally {
      bookshop.kill();
    }
  });
});
