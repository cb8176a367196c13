/** The await tree of real programs, construct by construct: the expected tree is written next to the program. */
import assert from 'node:assert/strict';
import type { ExitEvent } from '../../src/protocol/agent.ts';
import { awaitTree } from '../support/await-tree.ts';
import { CALLS } from './fixtures/await-tree/calls.ts';
import { WAITS } from './fixtures/await-tree/waits.ts';
import { runWithAgent } from '../support/run-node.ts';

/** The program ends itself once everything is suspended. */
const END = `\nsetTimeout(() => process.exit(), 400).unref();\nsetTimeout(() => {}, 100000);`;

describe('await tree', () => {
  for (const { title, program, tree } of [...CALLS, ...WAITS]) {
    it(title, async () => {
      const { events, stderr } = await runWithAgent({ source: program.trimStart() + END });
      const exit = events.find((event): event is ExitEvent => event.event === 'exit');
      assert.ok(exit, `no exit event; stderr: ${stderr}`);
      const drawn = awaitTree(exit.snapshot).replaceAll(
        process.env['ASYNC_LENS_TEST_NODE'] ?? process.execPath,
        '<node>',
      );
      assert.equal(`\n${drawn}`, tree);
      assert.deepEqual(exit.snapshot.faults, []);
    });
  }
});
