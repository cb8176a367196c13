/** Workload: the price of one await, in nanoseconds, in four shapes. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { answerCommands } from './commands.mjs';

const WARM_UP_MS = 100;
const BATCH = 200;
const FAN_OUT = 100;

const resolved = Promise.resolve();

async function leaf() {}
async function nested(depth) {
  await (depth === 1 ? resolved : nested(depth - 1));
}

/** Each runs a batch and returns how many awaits (for `nested x5`: outer calls; for `Promise.all(100)`: elements) it did. */
const shapes = {
  async 'resolved await'() {
    for (let i = 0; i < BATCH; i++) await resolved;
    return BATCH;
  },
  async 'async fn'() {
    for (let i = 0; i < BATCH; i++) await leaf();
    return BATCH;
  },
  async 'nested x5'() {
    for (let i = 0; i < BATCH; i++) await nested(5);
    return BATCH;
  },
  async 'Promise.all(100)'() {
    const rounds = BATCH / FAN_OUT;
    for (let i = 0; i < rounds; i++) await Promise.all(Array.from({ length: FAN_OUT }, leaf));
    return rounds * FAN_OUT;
  },
};

/** Runs batches for `ms` of measured time; the loop turns between batches, outside the measured time. */
async function run(shape, ms) {
  let awaits = 0;
  let spentNs = 0;
  while (spentNs < ms * 1e6) {
    const start = process.hrtime.bigint();
    awaits += await shape();
    spentNs += Number(process.hrtime.bigint() - start);
    await nextTurn();
  }
  return spentNs / awaits;
}

answerCommands({
  async measure({ ms }) {
    const result = {};
    for (const [name, shape] of Object.entries(shapes)) {
      await run(shape, WARM_UP_MS);
      result[name] = await run(shape, ms);
    }
    return result;
  },
});
