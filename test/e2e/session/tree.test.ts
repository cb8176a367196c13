/** F5 on an ordinary launch.json: the task tree while the program runs, at a breakpoint and after its end. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { TreeItem } from '../../../src/protocol/dap.ts';
import { breakAt, command, pressF5, start, stopAll } from '../debugging.ts';
import {
  clickLine,
  hoverLine,
  isOpen,
  lineShown,
  openTree,
  statusText,
  nextViews,
  toggleLine,
  tooltips,
  treeLines,
  viewWhere,
  viewWith,
} from '../lens.ts';
import { fileAt, lineOf } from '../places.ts';
import { eventually } from '../waiting.ts';
import { page, screenshot } from '../workbench.ts';

describe('the task tree of an ordinary session', () => {
  afterEach(stopAll);

  it('names each task, its await line in the TypeScript source and what it waits for', async () => {
    const run = await pressF5();
    await run.printed('the shop is open');
    await openTree();
    const view = await viewWith('fetchPrice');
    assert.equal(view.state, 'running');
    const line = lineOf('src/shop.ts', 'await delay(HOUR_MS)');
    assert.match(view.text, new RegExp(`fetchPrice.*shop\\.ts:${line}`));
    assert.match(view.text, /checkout/);
    assert.match(view.text, /setTimeout/);
    await lineShown('fetchPrice');
    const lines = await treeLines();
    if (lines) {
      const text = lines.join('\n');
      assert.match(text, /checkout/);
      assert.match(text, /fetchPrice/);
      assert.match(text, /setTimeout/);
      assert.match(text, /^Tasks ?4 pending/m);
      assert.match((await statusText()) ?? '', /^4 tasks · /);
    }
    await screenshot('tree running');
  });

  it('keeps a tooltip up while the program runs and its tasks grow older', async () => {
    const run = await pressF5();
    await run.printed('the shop is open');
    await openTree();
    await viewWith('fetchPrice');
    await lineShown('fetchPrice');
    // Its own look changes only with the number of tasks, whatever happens below it.
    await hoverLine('4 pending', 'Tasks');
    await nextViews(4);
    assert.match((await tooltips()) ?? 'Tasks', /Tasks/);
    await screenshot('tree tooltip of a section');
    await hoverLine('fetchPrice', 'at fetchPrice');
    await nextViews(2);
    const tooltip = await tooltips();
    if (tooltip !== undefined) assert.match(tooltip, /at fetchPrice[^]*setTimeout 3600 s|at fetchPrice[^]*1 h/);
    await screenshot('tree tooltip of a task');
  });

  it('opens its tasks although there were none at first, and lets the user close them', async () => {
    const run = await start('idle');
    await run.printed('idle');
    await openTree();
    await viewWith('Tasks  0 pending');
    await lineShown('0 pending');
    await run.evaluate('idle.serve()');
    await viewWith('pick');
    await lineShown('pick');
    if (!page) return;
    assert.deepEqual([await isOpen('Tasks'), await isOpen('Keeps alive')], [true, false]);
    await screenshot('tree opened');
    await toggleLine('Tasks');
    await toggleLine('Keeps alive');
    await run.evaluate('idle.serve()');
    await lineShown('6 pending');
    assert.deepEqual([await isOpen('Tasks'), await isOpen('Keeps alive')], [false, true]);
  });

  it('goes to the await line on a click', async () => {
    const run = await pressF5();
    await run.printed('the shop is open');
    await openTree();
    const view = await viewWith('fetchPrice');
    const line = lineOf('src/shop.ts', 'await delay(HOUR_MS)');
    if (page) {
      await lineShown('fetchPrice');
      await clickLine('fetchPrice');
      await eventually(
        vscode.window.onDidChangeTextEditorSelection,
        () => {
          const active = vscode.window.activeTextEditor;
          // Another file may have been left open at that line.
          if (active?.document.uri.fsPath !== fileAt('src/shop.ts')) return undefined;
          return active.selection.active.line === line - 1 ? active : undefined;
        },
        `the cursor on line ${line}`,
      );
      await screenshot('tree clicked');
    }
    const places = view.tree.flatMap(placesOf);
    assert.ok(places.includes(`${fileAt('src/shop.ts')}:${line}`), places.join('\n'));
  });

  it('shows the state of the moment of a breakpoint, and runs on after it', async () => {
    const file = fileAt('src/shop.ts');
    const line = lineOf('src/shop.ts', `console.log('a visitor')`);
    breakAt(file, line);
    const run = await pressF5();
    await run.printed('the shop is open');
    await viewWith('fetchPrice');
    await run.evaluate('shop.visit()');
    const stop = await run.stopped();
    assert.equal(stop.at, `visit shop.ts:${line}`);
    await openTree();
    const view = await viewWhere(
      'state paused',
      ({ state, text }) => state === 'paused' && text.includes('fetchPrice'),
    );
    // A machine under load may have had a stall of its own before.
    const taken = view.tree.flatMap(stallsIn).filter(({ text, at }) => text.includes('so far') || at === line);
    assert.deepEqual(taken, [], 'the pause was taken for a stall');
    await lineShown('paused');
    await lineShown('fetchPrice');
    await screenshot('tree paused');
    await command(stop, 'continue');
    await run.printed('a visitor');
    await viewWhere('state running', ({ state }) => state === 'running');
  });

  it('keeps the last state readable after the end, marked as ended', async () => {
    const run = await pressF5();
    await run.printed('the shop is open');
    await openTree();
    await viewWith('fetchPrice');
    await run.evaluate('shop.close()');
    await run.ended();
    const view = await viewWhere('state ended', ({ state }) => state === 'ended');
    assert.match(view.text, /fetchPrice/);
    assert.match(view.text, /exit code 3|code 3/);
    await lineShown('fetchPrice');
    await lineShown('ended');
    await screenshot('tree ended');
  });
});

interface Placed {
  location?: { file: string; line: number };
  children: Placed[];
}

function placesOf(item: Placed): string[] {
  const own = item.location ? [`${item.location.file}:${item.location.line}`] : [];
  return [...own, ...item.children.flatMap(placesOf)];
}

function stallsIn(item: TreeItem): { text: string; at: number | undefined }[] {
  const own = item.kind === 'stall' ? [{ text: `${item.label} ${item.description}`, at: item.location?.line }] : [];
  return [...own, ...item.children.flatMap(stallsIn)];
}
