/** The await tree of real programs, construct by construct: the expected tree is written next to the program. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { ExitEvent } from '../../src/protocol/agent.ts';
import { awaitTree } from '../support/await-tree.ts';
import { nodeMajor, runWithAgent } from '../support/run-node.ts';
import type { Case } from './fixtures/await-tree/case.ts';

/** The program ends itself once everything is suspended. */
const END = `\nsetTimeout(() => process.exit(), 400).unref();\nsetTimeout(() => {}, 100000);`;

const folder = new URL('./fixtures/await-tree/', import.meta.url);
const load = createRequire(import.meta.url);

/** Every file of the folder exports arrays of cases. */
const files = readdirSync(folder)
  .filter((name) => name !== 'case.ts')
  .map((name) => ({
    construct: name.replace('.ts', ''),
    cases: Object.values(load(fileURLToPath(new URL(name, folder))) as Record<string, readonly Case[]>).flat(),
  }));

async function drawn({ program, esm }: Case): Promise<string> {
  const { events, stderr } = await runWithAgent({ source: program.trimStart() + END, esm: esm === true });
  const exit = events.find((event): event is ExitEvent => event.event === 'exit');
  assert.ok(exit, `no exit event; stderr: ${stderr}`);
  assert.deepEqual(exit.snapshot.faults, []);
  return awaitTree(exit.snapshot).replaceAll(process.env['ASYNC_LENS_TEST_NODE'] ?? process.execPath, '<node>');
}

const major = nodeMajor();

describe('await tree', () => {
  for (const { construct, cases } of files) {
    describe(construct, () => {
      for (const example of cases) {
        if ((example.since ?? 0) > major) continue;
        it(example.title, async () => assert.equal(`\n${await drawn(example)}`, example.tree));
      }
    });
  }
});
