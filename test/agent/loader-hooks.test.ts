/** Programs with loader hooks of their own (`module.register`), which Node runs in a thread that loads the agent, too. */
import assert from 'node:assert/strict';
import { nodeMajor, runWithAgent } from '../support/run-node.ts';

/** A package that the agent watches by hooks of its own. */
const PACKAGE = {
  'node_modules/p-limit/package.json': '{ "name": "p-limit", "type": "module", "exports": "./index.js" }',
  'node_modules/p-limit/index.js': 'export default function pLimit() {}',
};

describe('loader hooks of the program', () => {
  it('work beside those of the agent', async () => {
    const { stdout, stderr, code } = await runWithAgent({
      esm: true,
      source: `import { register } from 'node:module';
        register('./hooks.mjs', import.meta.url);
        const { default: limit } = await import('p-limit');
        console.log(typeof limit);`,
      files: {
        ...PACKAGE,
        'hooks.mjs': 'export async function load(url, context, next) { return next(url, context); }',
      },
    });
    assert.deepEqual({ stdout, code }, { stdout: 'function\n', code: 0 }, stderr);
  });

  it("run in a thread of Node's own, told apart from the program's workers, which have their names", async () => {
    const { events, stderr } = await runWithAgent({
      esm: true,
      source: `import { register } from 'node:module'; import { Worker } from 'node:worker_threads';
        register('./hooks.mjs', import.meta.url);
        new Worker('', { eval: true, name: 'cruncher' });
        new Worker('', { eval: true, workerData: null });`,
      files: { 'hooks.mjs': 'export async function load(url, context, next) { return next(url, context); }' },
    });
    const threads = events.flatMap((event) =>
      event.event === 'hello' ? [`${event.threadName ?? ''}${event.internal ? 'internal' : ''}`] : [],
    );
    const named = nodeMajor() < 22 ? '' : 'cruncher';
    assert.deepEqual(threads.sort(), ['', '', named, 'internal'].sort(), stderr);
  });
});
