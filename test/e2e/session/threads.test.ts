/** Worker threads and child processes: shown below the program that started them, with the variables of what waits in them. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { breakAt, command, start, stopAll, type Run } from '../debugging.ts';
import { lens, lineShown, openTree, treeLines, viewWhere, viewWith } from '../lens.ts';
import { fileAt, lineOf } from '../places.ts';
import { eventually } from '../waiting.ts';
import { screenshot } from '../workbench.ts';

const THREAD = 'thread.js';

type Scopes = DebugProtocol.ScopesResponse['body'];
type Variables = DebugProtocol.VariablesResponse['body'];
type Stack = DebugProtocol.StackTraceResponse['body'];
type Threads = DebugProtocol.ThreadsResponse['body'];

async function startThreads(): Promise<Run> {
  const run = await start('threads');
  await run.printed('threads');
  await viewWith('threads.js');
  await openTree();
  return run;
}

/** Names of the programs that are shown, once there are so many. */
async function titles(count: number): Promise<string[]> {
  const { views, onDidChange } = await lens();
  const state = (): string =>
    views()
      .map(({ text }) => text)
      .join('\n');
  await eventually(onDidChange, () => (views().length === count ? true : undefined), `${count} programs`, state);
  return views().map(({ title }) => title);
}

/** The lines of the tree in that order, others between them or not. */
async function assertOrder(...texts: string[]): Promise<void> {
  for (const text of texts) await lineShown(text);
  const lines = await treeLines();
  const places = lines && texts.map((text) => lines.findIndex((line) => line.includes(text)));
  assert.deepEqual(
    places,
    places?.toSorted((a, b) => a - b),
    lines?.join('\n'),
  );
}

describe('what a program starts', () => {
  afterEach(stopAll);

  it('is shown below it: worker threads with their tasks, as long as they live', async () => {
    const run = await startThreads();
    await run.evaluate(`threads.hireWorker('poems')`);
    await run.evaluate(`threads.hireWorker('short')`);
    await run.printed('shelf short ended');
    const view = await viewWith('countShelf');
    assert.match(view.text, /^poems \(thread\.js worker \d\) {2}running\n/);
    assert.deepEqual(await titles(2), ['threads.js', view.title]);
    await assertOrder('threads.js', 'hireWorker', view.title, 'setTimeout 1 h');
    await screenshot('worker');
    // It was blocked at its start, which is what it is for, and nobody asked for a stop.
    assert.deepEqual(vscode.languages.getDiagnostics(vscode.Uri.file(fileAt(THREAD))), []);
    assert.equal(run.stopCount(), 0);
  });

  it('has its variables: those of a task that waits in a worker thread', async () => {
    breakAt(fileAt(THREAD), lineOf(THREAD, `console.log('knock')`));
    const run = await startThreads();
    await run.evaluate(`threads.hireWorker('poems')`);
    await viewWith('countShelf');
    await run.evaluate('threads.knock()');
    const stop = await run.stopped();
    await viewWhere('a paused worker', ({ state, text }) => state === 'paused' && text.includes('countShelf'));
    const companion = run.sessions('async-lens').find(({ parentSession }) => parentSession?.id === stop.session.id);
    assert.ok(companion, 'the worker has no companion');
    const { threads } = (await companion.customRequest('threads')) as Threads;
    const threadId = threads.find(({ name }) => name === 'countShelf')?.id ?? 0;
    const { stackFrames } = (await companion.customRequest('stackTrace', { threadId })) as Stack;
    const frame = stackFrames.find(({ name }) => name === 'countShelf');
    const { scopes } = (await companion.customRequest('scopes', { frameId: frame?.id })) as Scopes;
    const { variablesReference } = scopes.find(({ name }) => name.startsWith('Local')) ?? {};
    const { variables } = (await companion.customRequest('variables', { variablesReference })) as Variables;
    assert.deepEqual(
      variables.map(({ name, value }) => `${name}: ${value}`),
      [`name: 'poems'`, `books: (2) ['poems 1', 'poems 2']`, 'this: global'],
    );
    await screenshot('values of a worker');
    await command(stop, 'continue');
    await run.printed('knock');
  });

  it('is shown below it: child processes with their tasks, as long as they live', async () => {
    const run = await startThreads();
    await run.evaluate('threads.hireChild()');
    await viewWith('guardDoor');
    assert.deepEqual(await titles(2), ['threads.js', 'child.js']);
    await assertOrder('threads.js', 'hireChild', 'child.js', 'guardDoor');
    await screenshot('child process');
    await run.evaluate('threads.dismissChild()');
    assert.deepEqual(await titles(1), ['threads.js']);
  });
});
