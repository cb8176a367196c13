/** The tree of a real program: a fastify server with pg, ioredis, undici and Node's own promises, at rest and while every route hangs. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { NODE_MAJORS, nodeBinary } from '../../scripts/tools.mjs';
import { createSources } from '../../src/adapter/source-maps.ts';
import { applyEvent, applySnapshot, newProgram } from '../../src/model/program.ts';
import { treeText } from '../../src/model/tree/tree-text.ts';
import { buildTree } from '../../src/model/tree/tree.ts';
import type { Snapshot } from '../../src/protocol/agent.ts';
import type { TreeItem } from '../../src/protocol/dap.ts';
import { assertGolden, normalise } from '../support/golden.ts';
import { ROUTES, startShop, type Shop } from './fixtures/real-program/shop.ts';

const AGENT = path.join(import.meta.dirname, '../../dist/agent/preload.cjs');
const sources = createSources();

function golden(name: string): string {
  return path.join(import.meta.dirname, 'fixtures/real-program', `${name}.golden.txt`);
}

/** A snapshot bounds its own time; asked again, it goes on where it had left off. */
async function wholeSnapshot(shop: Shop): Promise<Snapshot> {
  for (;;) {
    const snapshot = await shop.ask({ request: 'snapshot' });
    if (!('done' in snapshot) && snapshot.counts.droppedEvents === 0) return snapshot;
  }
}

/** The tree without what depends on how busy the machine is: stalls and blocking calls. */
async function tree(shop: Shop): Promise<TreeItem[]> {
  const program = newProgram();
  applyEvent(program, await shop.ask({ request: 'hello' }));
  applySnapshot(program, { ...(await wholeSnapshot(shop)), stalls: [], blockingCalls: [] });
  assert.deepEqual(program.faults, []);
  return buildTree(program, [], sources);
}

/** The number in the title includes async functions of libraries, which differ between versions of Node. */
async function tasks(shop: Shop): Promise<string> {
  const section = (await tree(shop))[0]?.children.find(({ label }) => label === 'Tasks');
  assert.ok(section);
  return text([section], shop).replace(/^Tasks  [1-9]\d* pending/, 'Tasks  <n> pending');
}

function text(items: TreeItem[], shop: Shop): string {
  return normalise(treeText(items), shop.ports).replace(/node v[\d.]+/, 'node <version>');
}

describe('the tree of a fastify server with pg, ioredis and undici', function () {
  this.timeout(60_000);

  before(() => assert.ok(existsSync(AGENT), `${AGENT} is missing: run "npm run build" first`));

  for (const major of NODE_MAJORS) {
    describe(`on Node ${major}`, () => {
      let shop: Shop;

      before(async () => {
        shop = await startShop(await nodeBinary(major), AGENT);
      });

      after(async () => {
        const errors = await shop?.close();
        assert.equal(errors, '', 'the server wrote to stderr');
      });

      it('has nothing but the server at rest', async () => {
        assertGolden(golden('rest'), text(await tree(shop), shop));
      });

      for (const count of [1, 50]) {
        it(`names handler, line and resource with ${count} hanging at each of ${ROUTES.length} routes`, async () => {
          await shop.hang(count);
          assertGolden(golden(`hanging-${count}`), await tasks(shop));
        });

        it(`has no task left when all ${count * ROUTES.length} have been answered`, async () => {
          assert.deepEqual(await shop.release(), ['200']);
          assertGolden(golden('no-task'), await tasks(shop));
        });
      }
    });
  }
});
