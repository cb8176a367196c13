/** Workload: the price of one synchronous call that does not block, in nanoseconds, at 8000 calls a second. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { answerCommands } from './commands.mjs';

const BATCH = 900;
const PAUSE_MS = 110;
const BATCHES = 8;

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
  'fs.readFileSync': () => fs.readFileSync(file),
  'JSON.parse': () => JSON.parse('{"a":1}'),
  'JSON.stringify': () => JSON.stringify(value),
  'hash.update': () => hash.update(bytes),
  ...(query === undefined ? {} : { 'sqlite query': query }),
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
