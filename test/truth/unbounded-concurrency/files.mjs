// a folder of thumbnails, all of them read at once
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const names = Array.from({ length: 1500 }, () => fileURLToPath(import.meta.url));

async function thumbnail(name) {
  const picture = await readFile(name); // expect: unbounded-concurrency, pending-at-exit
  return picture.length;
}

const all = Promise.all(names.map(thumbnail));
setImmediate(() => process.exit(0));
await all;
