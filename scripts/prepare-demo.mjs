/** Makes a bare clone ready for the demo: dependencies, the extension's bundles and the demo's own. Only node:* imports. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup.mjs';
import { npm } from './tools.mjs';

/** Folder of the repository; without a backslash at its end, which would escape a quote behind it. */
export const root = path.resolve(fileURLToPath(new URL('..', import.meta.url)));
/** Folder of the demo workspace. */
export const demo = path.join(root, 'demo');

/** Installs what is missing and builds; throws with what to do when a step fails. */
export async function prepareDemo() {
  await setUp();
  await step('Building Async Lens', () => npm(['run', 'build', '--silent'], { cwd: root }));
  await step('Building the demo', () => npm(['run', 'build', '--silent'], { cwd: demo }));
}

/** Runs one step of a longer work and tells how long it took. */
export async function step(title, work) {
  const start = Date.now();
  process.stderr.write(`${title} ... `);
  try {
    const result = await work();
    process.stderr.write(`${((Date.now() - start) / 1000).toFixed(1)} s\n`);
    return result;
  } catch (error) {
    process.stderr.write('failed\n');
    throw error;
  }
}
