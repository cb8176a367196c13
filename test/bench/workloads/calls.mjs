/** Workload: the price of one synchronous call that does not block, in nanoseconds, at 8000 calls a second. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { answerCommands } from './commands.mjs';

const BATCH = 900;
const PAUSE_MS = 110;
const BATCHES = 8;

const hash = createHash('sha1');
const bytes = Buffer.alloc(8);
const calls = {
  'fs.existsSync': () => fs.existsSync('/'),
  'JSON.parse': () => JSON.parse('{"a":1}'),
  'hash.update': () => hash.update(bytes),
};

/** The least of some batches: what a busy machine adds is not the call's. */
async function price(call) {
  let least = Infinity;
  for (let batch = 0; batch < BATCHES; batch++) {
    await delay(PAUSE_MS);
    const start = process.hrtime.bigint();
    for (let i = 0; i < BATCH; i++) call();
    least = Math.min(least, Number(process.hrtime.bigint() - start) / BATCH);
  }
  return least;
}

answerCommands({
  async measure() {
    const result = {};
    for (const [name, call] of Object.entries(calls)) result[name] = await price(call);
    return result;
  },
});
