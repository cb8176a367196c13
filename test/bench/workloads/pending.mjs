/** Workload: many suspended async calls, to see what each costs in memory; run with `--expose-gc`. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { answerCommands } from './commands.mjs';

const resolvers = [];

async function waitForever() {
  await new Promise((resolve) => resolvers.push(resolve));
}

async function query() {
  await waitForever();
}

async function load() {
  await query();
}

async function handle() {
  await load();
}

async function heapUsed() {
  await nextTurn();
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

answerCommands({
  /** Suspends `count` more calls; answers the bytes of heap that each of them takes. */
  async suspend({ count }) {
    const before = await heapUsed();
    for (let i = 0; i < count; i++) void waitForever();
    return ((await heapUsed()) - before) / count;
  },
  /** Suspends `count` more calls, four and four of which await one another. */
  suspendNested({ count }) {
    for (let i = 0; i < count; i += 4) void handle();
  },
});
