/** Times in which the loop of a debugged program does not turn through no fault of its own: held at a breakpoint, asked from the console, stopped from outside. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { breakAt, command, start, stopAll } from '../debugging.ts';
import { viewWhere, viewWith } from '../lens.ts';
import { fileAt, lineOf } from '../places.ts';
import { listen, reportOf } from '../stall-runs.ts';

/** Well beyond what counts as a stall that is an error. */
const HELD_MS = 1500;
const FILE = 'src/shop.ts';

describe('no stall, in VS Code, is', () => {
  afterEach(stopAll);

  it('a breakpoint, an expression in the console, or a process that is stopped and goes on', async () => {
    const heard = listen();
    try {
      breakAt(fileAt(FILE), lineOf(FILE, `console.log('a visitor')`));
      const run = await start('shop');
      await viewWith('fetchPrice');
      const { pid } = (await reportOf(run)).process;

      await run.evaluate('shop.visit()');
      const stop = await run.stopped();
      await viewWhere('state paused', ({ state }) => state === 'paused');
      await delay(HELD_MS);
      await command(stop, 'continue');
      await run.printed('a visitor');
      await viewWhere('state running', ({ state }) => state === 'running');

      await run.evaluate(`for (const end = Date.now() + ${HELD_MS / 2}; Date.now() < end;);`);

      if (process.platform !== 'win32') {
        process.kill(pid, 'SIGSTOP');
        await delay(HELD_MS);
        process.kill(pid, 'SIGCONT');
      }
      assert.equal(await run.evaluate('1 + 1'), '2');
      await vscode.commands.executeCommand('asyncLens.refresh');
      const { stalls } = await reportOf(run);
      // A busy machine may hold up anything; then it is said so.
      const blamed = stalls.filter(({ kind, overloaded }) => kind !== 'startup' && overloaded !== true);
      assert.deepEqual(blamed, []);
      const ours = vscode.languages.getDiagnostics(vscode.Uri.file(fileAt(FILE)));
      assert.deepEqual(
        ours.filter(({ code }) => typeof code === 'object' && code.value === 'event-loop-stall'),
        [],
      );
      if (stalls.length === 0) assert.deepEqual(heard.told, []);
      assert.equal(run.stopCount(), 1);
    } finally {
      heard.stop();
    }
  });
});
