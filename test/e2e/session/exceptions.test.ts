/** Breakpoints on caught exceptions stop where the program throws and never in Async Lens. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { breakAt, command, start, stopAll } from '../debugging.ts';
import { viewWhere } from '../lens.ts';
import { fileAt, lineOf } from '../places.ts';

describe('breakpoints on caught exceptions', () => {
  afterEach(stopAll);

  async function stopsOf(changes: Record<string, unknown>): Promise<string[]> {
    breakAt(fileAt('exceptions.js'), lineOf('exceptions.js', `console.log('ready')`));
    const run = await start('exceptions', changes);
    const first = await run.stopped();
    await first.session.customRequest('setExceptionBreakpoints', { filters: ['all', 'uncaught'] });
    const joined = changes['asyncLens'] !== false;
    if (joined) await viewWhere('state paused', ({ state }) => state === 'paused');
    await command(first, 'continue');
    const places: string[] = [];
    const ended = run.ended().then(() => undefined);
    for (;;) {
      const stop = await Promise.race([run.stopped(), ended]);
      if (!stop) return places;
      places.push(`${stop.reason} ${stop.at}`);
      // Makes the agent work while the debugger would stop at any exception.
      if (joined) await vscode.commands.executeCommand('asyncLens.refresh');
      await command(stop, 'continue');
    }
  }

  it('stop at the same places as without us', async () => {
    const without = await stopsOf({ asyncLens: false });
    await stopAll();
    assert.deepEqual(without, [`exception parse exceptions.js:${lineOf('exceptions.js', 'JSON.parse')}`]);
    assert.deepEqual(await stopsOf({}), without);
    await stopAll();
    assert.deepEqual(await stopsOf({ asyncLens: { asyncStacks: 'lens' } }), without);
  });
});
