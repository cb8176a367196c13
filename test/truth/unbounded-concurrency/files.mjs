// a folder of pictures, all of them looked for at once
import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const names = Array.from({ length: 1200 }, () => fileURLToPath(import.meta.url));

async function exists(name) {
  await access(name); // expect: unbounded-concurrency, pending-at-exit
  return name;
}

const all = Promise.all(names.map(exists));
process.nextTick(() => process.exit(0));
await all;
