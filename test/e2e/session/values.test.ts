/** The values inside of a suspended task, read through the JavaScript debugger's connection while it holds the program. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Retainers } from '../../../src/protocol/dap.ts';
import { breakAt, command, start, stopAll } from '../debugging.ts';
import { lineShown, openTree, viewWhere, viewWith } from '../lens.ts';
import { fileAt, lineOf } from '../places.ts';
import { page, screenshot } from '../workbench.ts';

const PICKER = '.quick-input-widget';

type Scopes = DebugProtocol.ScopesResponse['body'];
type Variables = DebugProtocol.VariablesResponse['body'];
type Stack = DebugProtocol.StackTraceResponse['body'];
type Threads = DebugProtocol.ThreadsResponse['body'];

describe('the values of a suspended task', () => {
  afterEach(stopAll);

  it('are its scopes while the program is held, and who can settle it is known', async () => {
    breakAt(fileAt('src/shop.ts'), lineOf('src/shop.ts', `console.log('a visitor')`));
    const run = await start('shop');
    await viewWith('fetchPrice');
    await run.evaluate('shop.visit()');
    const stop = await run.stopped();
    await viewWhere('state paused', ({ state, text }) => state === 'paused' && text.includes('fetchPrice'));
    const [companion] = run.sessions('async-lens');
    assert.ok(companion);
    const { threads } = (await companion.customRequest('threads')) as Threads;
    const threadId = threads.find(({ name }) => name === 'checkout')?.id ?? 0;
    const { stackFrames } = (await companion.customRequest('stackTrace', { threadId })) as Stack;
    const frame = stackFrames.find(({ name }) => name === 'fetchPrice');
    const { scopes } = (await companion.customRequest('scopes', { frameId: frame?.id })) as Scopes;
    assert.deepEqual(
      scopes.map(({ name }) => name.replace(/ \(.*/, '')),
      ['Local', 'Closure', 'Who Can Settle It', 'Wait'],
    );
    const { variablesReference } = scopes[0] ?? {};
    const { variables } = (await companion.customRequest('variables', { variablesReference })) as Variables;
    assert.deepEqual(
      variables.map(({ name, value }) => `${name}: ${value}`),
      ['(of): the oldest of 2 equal tasks', `book: 'Emma'`],
    );
    const answer = (await companion.customRequest('asyncLens/retainers', { task: threadId })) as Retainers;
    const steps = answer.steps.map(({ text }) => text);
    assert.deepEqual(steps.slice(0, 3), ['the end of quote', 'the elements of Promise.all', 'the end of fetchPrice']);
    assert.match(steps[3] ?? '', /Timeout/);
    await command(stop, 'continue');
    await run.printed('a visitor');
  });

  it('is told for a task of the tree, after a question when the editor lost the line while it drew the tree anew', async () => {
    const run = await start('shop');
    await run.printed('the shop is open');
    await openTree();
    // The tree of an earlier program may still be there.
    await viewWhere('state running', ({ state, text }) => state === 'running' && text.includes('fetchPrice'));
    await lineShown('running');
    await lineShown('fetchPrice');
    if (!page) return;
    void vscode.commands.executeCommand('asyncLens.whoSettles');
    await page.wait({ selector: `${PICKER} .monaco-list-row`, text: 'fetchPrice' });
    await screenshot('who settles which');
    await page.click({ selector: `${PICKER} .monaco-list-row`, text: 'fetchPrice' });
    await page.wait({ selector: `${PICKER} .monaco-list-row`, text: '_onTimeout' });
    await screenshot('who settles');
    await page.press('Escape');
  });
});
