/** Stops that the user asked for: in the midst of a stall and before a blocking call, and never else. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { command, start, stopAll } from '../debugging.ts';
import type { Run } from '../debugging.ts';
import { lineShown, openTree, statusText, viewWith } from '../lens.ts';
import { lineOf } from '../places.ts';
import { eventually } from '../waiting.ts';
import { page, screenshot } from '../workbench.ts';

const FILE = 'blocking.js';

async function set(name: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration('asyncLens').update(name, value, vscode.ConfigurationTarget.Global);
}

async function startBlocking(): Promise<Run> {
  const run = await start('blocking');
  await run.printed('ready');
  await viewWith(FILE);
  return run;
}

interface StackFrame {
  id: number;
  name: string;
  line: number;
}

describe('a stop', () => {
  afterEach(async () => {
    await stopAll();
    for (const name of ['breakOnStall', 'breakOnStallInWorkers', 'breakBeforeBlockingCall']) await set(name, undefined);
  });

  it('comes in the midst of a stall, at the line that runs, and only when it is wanted', async () => {
    const run = await startBlocking();
    await openTree();
    await run.evaluate('blocking.spin()');
    await lineShown('blocked for');
    if (page) assert.match((await statusText()) ?? '', /blocked for .* in JavaScript \(spin\)/);
    await run.evaluate('blocking.end()');
    await run.printed('spun 1');
    assert.equal(run.stopCount(), 0);
    await set('breakOnStall', 1000);
    await run.evaluate('blocking.spin()');
    const stop = await run.stopped();
    assert.equal(stop.at, `spin ${FILE}:${lineOf(FILE, 'while (')}`);
    await run.evaluate('blocking.end()');
    await command(stop, 'continue');
    await run.printed('spun 2');
    await run.evaluate('blocking.run()');
    await run.printed('ran');
    assert.equal(run.stopCount(), 1);
  });

  it('comes in a worker thread, too, where that is wanted', async () => {
    await set('breakOnStall', 500);
    await set('breakOnStallInWorkers', true);
    const run = await start('threads');
    // The command line has the word, too.
    await run.printed('threads\n');
    await run.evaluate(`threads.hireWorker('poems')`);
    await viewWith('countShelf');
    await run.evaluate(`threads.knock('spin')`);
    const stop = await run.stopped();
    assert.equal(stop.at, `spin thread.js:${lineOf('thread.js', 'for (const end = performance.now() + 20')}`);
  });

  it('comes before a blocking call, and shows its line', async () => {
    await set('breakBeforeBlockingCall', true);
    const run = await startBlocking();
    await run.evaluate('blocking.runForever()');
    const stop = await run.stopped();
    const { stackFrames }: { stackFrames: StackFrame[] } = await stop.session.customRequest('stackTrace', {
      threadId: stop.threadId,
    });
    const caller = stackFrames.find(({ name }) => name.endsWith('run'));
    assert.equal(caller?.line, lineOf(FILE, 'execFileSync(process'));
    const shown = (): true | undefined => {
      const item = vscode.debug.activeStackItem;
      return item instanceof vscode.DebugStackFrame && item.frameId === caller.id ? true : undefined;
    };
    await eventually(vscode.debug.onDidChangeActiveStackItem, shown, 'the line of the call', () =>
      JSON.stringify(stackFrames.map(({ id, name }) => [id, name])),
    );
    await screenshot('before a blocking call');
  });
});
