/** `npm run healthy`: all healthy programs of test/healthy, with the whole test runs of packages, on this Node or that of `--node 24`. Takes some minutes. */
import { parseArgs } from 'node:util';
import { setUp } from './setup.mjs';
import { STEPS } from './steps.mjs';
import { nodeBinary } from './tools.mjs';

try {
  const { node } = parseArgs({ options: { node: { type: 'string' } } }).values;
  await setUp();
  process.env.ASYNC_LENS_HEALTHY = 'all';
  if (node !== undefined) process.env.ASYNC_LENS_TEST_NODE = await nodeBinary(Number(node));
  const { failed } = await STEPS.get('healthy').run();
  process.exitCode = failed > 0 ? 1 : 0;
} catch (error) {
  console.error(`healthy: ${error.message}`);
  process.exitCode = 1;
}
