/** Programs that start, restart and end in every order: each is shown, none twice, and nothing is left of them. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { start, startCompound, stopAll } from '../debugging.ts';
import { adapterCount, allGone } from '../leftovers.ts';
import { lens, lineShown, openTree, treeLines, viewWhere, viewWith } from '../lens.ts';
import { fileAt } from '../places.ts';
import { eventually } from '../waiting.ts';
import { page, screenshot } from '../workbench.ts';

async function titles(): Promise<string[]> {
  return (await lens())
    .views()
    .map(({ title, state }) => `${title} ${state}`)
    .toSorted();
}

function pidIn(text: string): string {
  return /pid (\d+)/.exec(text)?.[1] ?? `none in ${text}`;
}

async function restart(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.debug.restart');
}

describe('runs', () => {
  afterEach(async () => {
    await stopAll();
    await allGone();
  });

  it('show a restarted program in place of the one before', async () => {
    await start('shop');
    const before = pidIn((await viewWith('fetchPrice')).text);
    assert.equal(adapterCount(), 1);
    await restart();
    await viewWhere('another process', ({ text }) => text.includes('fetchPrice') && pidIn(text) !== before);
    const { onDidChange } = await lens();
    const views = (await lens()).views;
    await eventually(onDidChange, () => (views().length === 1 ? true : undefined), 'only one program');
    assert.deepEqual(await titles(), ['shop.js running']);
  });

  it('show a program that its watch mode has started again in place of the one before', async () => {
    await start('shop', { runtimeArgs: ['--watch'] });
    const before = pidIn((await viewWith('fetchPrice')).text);
    const script = fileAt('out/shop.js');
    writeFileSync(script, readFileSync(script));
    await viewWhere('another process', ({ text }) => text.includes('fetchPrice') && pidIn(text) !== before);
    const { onDidChange, views } = await lens();
    const state = (): string =>
      views()
        .map(({ text }) => text)
        .join('\n');
    await eventually(onDidChange, () => (views().length === 1 ? true : undefined), 'only one program', state);
    assert.deepEqual(await titles(), ['shop.js running']);
  });

  it('survive a restart before the first one was joined', async () => {
    const run = await start('shop');
    await run.program();
    await restart();
    await viewWhere('a running shop', ({ state, text }) => state === 'running' && text.includes('fetchPrice'));
    const { onDidChange, views } = await lens();
    await eventually(onDidChange, () => (views().length === 1 ? true : undefined), 'only one program');
  });

  it('show both programs of a compound', async () => {
    await startCompound('both');
    await viewWith('fetchPrice');
    await viewWith('idle.js');
    assert.deepEqual(await titles(), ['idle.js running', 'shop.js running']);
    await openTree();
    await lineShown('idle.js');
    await lineShown('shop.js');
    await screenshot('compound');
    assert.equal(adapterCount(), 2);
  });

  it('report a program that is over as soon as it began', async () => {
    const run = await start('short');
    await run.ended();
    const view = await viewWhere(
      'the end of short.js',
      ({ title, state }) => title === 'short.js' && state === 'ended',
    );
    assert.match(view.text, /reply/);
    await openTree();
    await lineShown('reply');
    if (page)
      assert.deepEqual(
        (await treeLines())?.filter((line) => line.includes('not watched')),
        [],
      );
    assert.deepEqual(
      run.sessions('async-lens').filter(({ parentSession }) => !parentSession),
      [],
    );
    await screenshot('short');
  });

  it('say in the view, without a dialog, why a program is not watched', async () => {
    const run = await start('shop without the agent');
    await run.printed('the shop is open');
    await openTree();
    await lineShown('is not watched: The program runs without the Async Lens agent', 20_000);
    await screenshot('not watched');
    if (page) {
      assert.deepEqual(await page.texts('.monaco-dialog-box, .notifications-toasts .notification-list-item'), []);
    }
    assert.equal(await run.evaluate('1 + 1'), '2');
  });
});
