/** Workload: the price of one synchronous call that does not block, in nanoseconds of processor time, at 9000 calls a second. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { answerCommands } from './commands.mjs';

/** 9000 a second: somewhat less, as on a busy machine, is timed as often (`MOST_OFTEN` in api-sums.ts). */
const BATCH = 1000;
const PAUSE_MS = 110;
const BATCHES = 24;

const hash = createHash('sha1');
const bytes = Buffer.alloc(8);
const value = { a: 1 };
const file = fileURLToPath(new URL('commands.mjs', import.meta.url));

/** Undefined on Node 20. */
function sqliteQuery() {
  if (Number.parseInt(process.versions.node, 10) < 22) return undefined;
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const statement = new DatabaseSync(':memory:').prepare('select 1');
  return () => statement.get();
}
const query = sqliteQuery();

const calls = {
  'fs.existsSync': () => fs.existsSync('/'),
  'fs.statSync': () => fs.statSync('/'),
  'fs.readFileSync': () => fs.readFileSync(file),
  'JSON.parse': () => JSON.parse('{"a":1}'),
  'JSON.stringify': () => JSON.stringify(value),
  'a whole hash': () => createHash('md5').update(bytes).digest('hex'),
  'hash.update': () => hash.update(bytes),
  ...(query === undefined ? {} : { 'sqlite query': query }),
};

/**
 * The lower quartile of some batches, of processor time: while others have the processor no time passes, and what they do to its caches is not the call's. The
 * least would be too little: now and then a batch has none of the stacks that the agent takes within 0.05 % of the time.
 */
async function price(call) {
  const prices = [];
  for (let batch = 0; batch < BATCHES; batch++) {
    await delay(PAUSE_MS);
    const start = process.cpuUsage();
    for (let i = 0; i < BATCH; i++) call();
    const { user, system } = process.cpuUsage(start);
    prices.push(((user + system) * 1000) / BATCH);
  }
  return prices.toSorted((a, b) => a - b)[BATCHES / 4];
}

answerCommands({
  async measure() {
    const result = {};
    for (const [name, call] of Object.entries(calls)) result[name] = await price(call);
    return result;
  },
});
