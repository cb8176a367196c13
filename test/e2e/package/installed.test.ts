/** The packed extension, installed into a clean profile: it is the installed one that runs, and F5 works. */
import assert from 'node:assert/strict';
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
});
