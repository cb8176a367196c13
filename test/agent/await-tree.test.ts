/** The await tree of real programs, construct by construct: the expected tree is written next to the program. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { ExitEvent, Snapshot } from '../../src/protocol/agent.ts';
import { awaitTree } from '../support/await-tree.ts';
import { newPool } from '../support/pool.ts';
import { nodeBinary, nodeMajor, runWithAgent } from '../support/run-node.ts';
import { NEVER, type Case } from './fixtures/await-tree/case.ts';

/** The program ends itself after so long, once everything is suspended; on a machine that has much else to do that takes longer. Milliseconds. */
const SOON = 400;
const LATER = 3000;
const endAfter = (ms: number): string =>
  `\nsetTimeout(() => process.exit(), ${ms}).unref();\nsetTimeout(() => {}, 100000);`;

const folder = new URL('./fixtures/await-tree/', import.meta.url);
const load = createRequire(import.meta.url);

/** Every file of the folder exports arrays of cases. */
const files = readdirSync(folder)
  .filter((name) => name !== 'case.ts')
  .map((name) => ({
    construct: name.replace('.ts', ''),
    cases: Object.values(load(fileURLToPath(new URL(name, folder))) as Record<string, readonly Case[]>).flat(),
  }));

async function snapshotOf({ program, esm }: Pick<Case, 'program' | 'esm'>, endMs = SOON): Promise<Snapshot> {
  const { events, stderr } = await runWithAgent({ source: program.trimStart() + endAfter(endMs), esm: esm === true });
  const exit = events.find((event): event is ExitEvent => event.event === 'exit');
  assert.ok(exit, `no exit event; stderr: ${stderr}`);
  assert.deepEqual(exit.snapshot.faults, []);
  return exit.snapshot;
}

async function drawn(example: Case): Promise<string> {
  const at = async (endMs: number): Promise<string> =>
    `\n${awaitTree(await snapshotOf(example, endMs)).replaceAll(nodeBinary(), '<node>')}`;
  const tree = await at(SOON);
  return tree === example.tree ? tree : at(LATER);
}

const major = nodeMajor();
const isForThisNode = ({ since = 0, until = Infinity }: Case): boolean => major >= since && major < until;

/** The programs sleep most of their time. */
const SIDE_BY_SIDE = 4;
/** The first test may have to wait for its turn. */
const LIMIT_MS = 60_000;

describe('await tree', () => {
  it('says of tasks that nobody awaits that they are detached', async () => {
    const program = `
${NEVER}
async function forgotten() { await never(); }
async function later() { await null; await never(); }
async function used() { await never(); }
async function main() { forgotten(); later(); await used(); }
main().catch(() => {});`;
    const { tasks, frames } = await snapshotOf({ program });
    const detached = tasks.map(({ detached: is, frames: [site] }) => [frames[site ?? -1]?.function, is === true]);
    assert.deepEqual(Object.fromEntries(detached), { forgotten: true, later: true, main: false });
  });

  it('gives two calls on one line their own number, age and waiter', async () => {
    const program = `
${NEVER}
async function job() { await never(); }
async function early() { await job(); }
async function late() { await job(); }
early(); setTimeout(late, 150);`;
    const { tasks } = await snapshotOf({ program });
    assert.equal(tasks.length, 2);
    const [first, second] = tasks.map((task) => task.children[0]);
    assert.ok(first && second);
    assert.deepEqual(first.frames, second.frames);
    assert.notEqual(first.id, second.id);
    assert.ok(first.oldestMs - second.oldestMs > 75, `${first.oldestMs} and ${second.oldestMs} ms old`);
    assert.deepEqual([first.confidence, second.confidence], ['exact', 'exact']);
  });

  describe('of', () => {
    const trees = new Map<Case, Promise<string>>();

    before(() => {
      const inTurn = newPool(SIDE_BY_SIDE);
      for (const example of files.flatMap(({ cases }) => cases).filter(isForThisNode)) {
        const tree = inTurn(() => drawn(example));
        tree.catch(() => undefined); // told by its test
        trees.set(example, tree);
      }
    });

    for (const { construct, cases } of files) {
      describe(construct, () => {
        for (const example of cases.filter(isForThisNode)) {
          it(example.title, async () => assert.equal(await trees.get(example), example.tree)).timeout(LIMIT_MS);
        }
      });
    }
  });
});
