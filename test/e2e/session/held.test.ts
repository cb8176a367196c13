/** A pause in asynchronous code with "asyncLens.asyncStacks": "lens": the debugger collects nothing, and Async Lens tells who waits. */
import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import type { LensView } from '../../../src/protocol/dap.ts';
import { breakAt, command, start, step, stopAll, type Run, type Stop } from '../debugging.ts';
import { clickLine, lineShown, openTree, treeLines, viewWhere } from '../lens.ts';
import { fileAt, lineOf, workspaceFolder } from '../places.ts';
import { eventually } from '../waiting.ts';
import { page, screenshot } from '../workbench.ts';

interface Frame {
  name: string;
  line: number;
  source?: { path?: string };
  presentationHint?: string;
}

interface Held {
  session: vscode.DebugSession;
  view: LensView;
  id: number;
  name: string;
}

const FILE = 'held.js';
const at = (name: string, text: string) => `${name} ${FILE}:${lineOf(FILE, text)}`;
const LENS = { asyncLens: { asyncStacks: 'lens' } };

/** The stack of a thread of the session; `levels` as the editor asks. */
async function stackOf(session: vscode.DebugSession, threadId: number): Promise<string[]> {
  const { stackFrames }: { stackFrames: Frame[] } = await session.customRequest('stackTrace', { threadId, levels: 50 });
  return stackFrames
    .filter(({ source }) => source?.path === undefined || !source.path.includes('<node_internals>'))
    .map(({ name, line, source }) =>
      source?.path === undefined ? `- ${name}` : `${name} ${path.basename(source.path)}:${line}`,
    );
}

/** The companion's threads of this pause. */
async function heldThread(run: Run): Promise<Held> {
  const view = await viewWhere('what is held', ({ state, text }) => state === 'paused' && text.includes('Paused in'));
  const [session] = run.sessions('async-lens');
  assert.ok(session, 'no companion session');
  const { threads }: { threads: { id: number; name: string }[] } = await session.customRequest('threads');
  const [first] = threads;
  assert.ok(first, 'the companion has no threads');
  return { session, view, ...first };
}

describe('a pause in asynchronous code', () => {
  afterEach(stopAll);

  async function pause(text: string, changes: object = LENS, name = 'held'): Promise<{ run: Run; stop: Stop }> {
    breakAt(fileAt(FILE), lineOf(FILE, text));
    const run = await start(name, { ...changes });
    return { run, stop: await run.stopped() };
  }

  it('shows those who await the paused function, at their lines', async () => {
    const { run, stop } = await pause(`console.log('queried', id)`);
    await openTree();
    const { view, ...thread } = await heldThread(run);
    assert.equal(thread.name, 'Paused: query');
    assert.deepEqual(await stackOf(thread.session, thread.id), [
      at('query', `console.log('queried', id)`),
      '- awaited by',
      at('load', 'await query'),
      '- Promise.all · element 0',
      at('handler', 'Promise.all'),
    ]);
    // The debugger's own thread stays the one to step.
    assert.equal(vscode.debug.activeStackItem?.session.id, stop.session.id);
    assert.match(view.text, /query {2}held\.js:7 · .*paused here/);
    await lineShown('Paused in query');
    const lines = await treeLines();
    if (lines)
      assert.match(
        lines.join('\n'),
        /Paused in query.*\n.*query.*\n.*awaited by\n.*load.*\n.*Promise\.all.*\n.*handler/,
      );
    await screenshot('held in an async function');
    if (page) {
      await vscode.commands.executeCommand('workbench.debug.action.focusCallStackView');
      await page.wait({ selector: '.debug-call-stack .monaco-list-row', text: 'Async Lens' });
      await screenshot('held call stack');
    }
    await command(stop, 'continue');
    await run.printed('queried 7');
    await viewWhere('no held task', ({ text }) => !text.includes('Paused in'));
  });

  it('goes to the line of a caller on a click', async () => {
    const { run } = await pause(`console.log('queried', id)`);
    await heldThread(run);
    if (!page) return;
    await openTree();
    await lineShown('handler');
    await clickLine('handler');
    const line = lineOf(FILE, 'Promise.all');
    await eventually(
      vscode.window.onDidChangeTextEditorSelection,
      () => (vscode.window.activeTextEditor?.selection.active.line === line - 1 ? true : undefined),
      `the cursor on line ${line}`,
    );
  });

  it('shows the timer of a callback and where it was made', async () => {
    const { run } = await pause(`console.log('later')`);
    const { session, id } = await heldThread(run);
    const stack = await stackOf(session, id);
    assert.deepEqual(stack.slice(1), ['- callback of setTimeout 50 ms, made at', at('later', 'setTimeout(() => {')]);
  });

  it('follows a step into the next function', async () => {
    const { run, stop } = await pause(`console.log('queried', id)`);
    await heldThread(run);
    for (const _ of [1, 2]) {
      await command(stop, 'stepOut');
      await run.stopped();
    }
    const view = await viewWhere(
      'the next task',
      ({ state, text }) => state === 'paused' && /Paused in (?!query)/.test(text),
    );
    assert.match(view.text, /Paused in (load|handler)/);
  });

  it('arrives at the end of a step that leads through turns of the event loop', async () => {
    breakAt(fileAt('gathered.js'), lineOf('gathered.js', `console.log('part')`));
    const run = await start('gathered', LENS);
    const stop = await run.stopped();
    await viewWhere('what is held', ({ state, text }) => state === 'paused' && text.includes('Paused in part'));
    // On its way the debugger stops in skipped code of Node's; each look at that would make more such code run.
    const { at: arrived } = await step(run, stop, 'stepOut');
    assert.match(arrived, /^whole gathered\.js/);
    await viewWhere('the next task', ({ state, text }) => state === 'paused' && text.includes('Paused in whole'));
  });

  it('leaves the stacks to the debugger by default, and where launch.json says so', async () => {
    const areShown = async (name: string, changes: object): Promise<boolean> => {
      const { stop } = await pause(`console.log('queried', id)`, changes, name);
      const stack = await stackOf(stop.session, stop.threadId);
      await stopAll();
      return stack.some((line) => line.startsWith('load'));
    };
    assert.equal(await areShown('held', {}), true);
    assert.equal(await areShown('held, with the stacks of the debugger', LENS), true);
    assert.equal(await areShown('held', LENS), false);
  });

  it('can be had for all launches by the setting', async () => {
    const settings = vscode.workspace.getConfiguration('asyncLens', workspaceFolder());
    await settings.update('asyncStacks', 'lens', vscode.ConfigurationTarget.Workspace);
    try {
      const { stop } = await pause(`console.log('queried', id)`, {});
      assert.ok(!(await stackOf(stop.session, stop.threadId)).some((line) => line.startsWith('load')));
    } finally {
      await settings.update('asyncStacks', undefined, vscode.ConfigurationTarget.Workspace);
    }
  });
});
