/** Which sessions are joined, which are left alone, and that the user's own options survive. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { start, stopAll } from '../debugging.ts';
import type { Run } from '../debugging.ts';
import { lens, lineShown, openTree, viewWith } from '../lens.ts';
import { workspaceFolder } from '../places.ts';
import { page, screenshot } from '../workbench.ts';

/** The agent is not in the program, and no companion session was started by the time it has done something. */
async function assertAlone(run: Run): Promise<void> {
  await run.printed('the shop is open');
  assert.equal(await run.evaluate(`typeof globalThis[Symbol.for('async-lens.agent')]`), `'undefined'`);
  assert.equal(await run.evaluate(`String(process.env.NODE_OPTIONS).includes('preload.cjs')`), 'false');
  await run.evaluate('shop.close()');
  await run.ended();
  assert.deepEqual(run.sessions('async-lens'), []);
}

describe('joining sessions', () => {
  afterEach(stopAll);

  it('leaves a configuration with "asyncLens": false alone', async () => {
    await assertAlone(await start('shop without'));
  });

  it('leaves all alone when the setting is off', async () => {
    const settings = vscode.workspace.getConfiguration('asyncLens', workspaceFolder().uri);
    await settings.update('enabled', false, vscode.ConfigurationTarget.Workspace);
    try {
      await assertAlone(await start('shop'));
    } finally {
      await settings.update('enabled', undefined, vscode.ConfigurationTarget.Workspace);
    }
  });

  it('leaves a runtime that is not Node.js alone and says why', async () => {
    const run = await start('shop on another runtime');
    await openTree();
    await lineShown('Bun is not Node.js');
    await screenshot('other runtime');
    await assertAlone(run);
  });

  it('keeps the NODE_OPTIONS of the user', async () => {
    const run = await start('shop with options');
    await viewWith('fetchPrice');
    assert.equal(await run.evaluate('process.title'), `'kept'`);
  });

  it('joins a program that is run in a JavaScript debug terminal', async () => {
    const run = await start('shop in a terminal');
    const view = await viewWith('fetchPrice');
    assert.equal(view.state, 'running');
    await openTree();
    await lineShown('fetchPrice');
    await screenshot('terminal');
    await run.evaluate('shop.close()');
  });

  it('shows the program of the current run only, once each', async () => {
    const run = await start('shop');
    await viewWith('fetchPrice');
    await run.evaluate('shop.close()');
    await run.ended();
    const again = await start('shop');
    await again.printed('the shop is open');
    await viewWith('fetchPrice');
    const titles = (await lens()).views().map(({ title, state }) => `${title} ${state}`);
    assert.equal(titles.length, 1, titles.join(', '));
    assert.equal(again.sessions('async-lens').length, 1);
  });

  it('does not take the focus from the page', async () => {
    const run = await start('shop');
    await run.printed('the shop is open');
    await viewWith('fetchPrice');
    assert.notEqual(vscode.debug.activeDebugSession?.type, 'async-lens');
    if (page) assert.deepEqual(await page.texts('.monaco-dialog-box'), []);
  });
});
