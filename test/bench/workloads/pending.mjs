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

async function descend(levels) {
  await (levels > 0 ? descend(levels - 1) : waitForever());
}

/** Calls of the program, and how many awaits each of them makes. */
const SHAPES = {
  flat: { begin: waitForever, awaits: 1 },
  nested: { begin: handle, awaits: 4 },
  deep: { begin: () => descend(9), awaits: 11 },
};

async function heapUsed() {
  await nextTurn();
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

answerCommands({
  /** Suspends `count` more calls; answers the bytes of heap that each of them takes. */
  async suspend({ count, shape = 'flat' }) {
    const { begin, awaits } = SHAPES[shape];
    const before = await heapUsed();
    for (let i = 0; i < count; i += awaits) void begin();
    return ((await heapUsed()) - before) / count;
  },
});
