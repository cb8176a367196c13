/** chokidar watches a folder while fast-glob lists it and execa runs programs in it. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import chokidar from 'chokidar';
import execa from 'execa';
import glob from 'fast-glob';

const folder = mkdtempSync(join(tmpdir(), 'files-'));
mkdirSync(join(folder, 'inner'));
for (let i = 0; i < 50; i++) writeFileSync(join(folder, 'inner', `${i}.txt`), '');
const watcher = chokidar.watch(folder);
await once(watcher, 'ready');
const added = once(watcher, 'add');
await writeFile(join(folder, 'new.txt'), 'new');
console.log((await added)[0] === join(folder, 'new.txt'), (await glob('**/*.txt', { cwd: folder })).length);
await watcher.close();
const runs = [0, 3].map((code) => execa(process.execPath, ['-e', `process.exit(${code})`], { reject: false }));
console.log((await Promise.all(runs)).map(({ exitCode }) => exitCode));
await execa(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { timeout: 50 }).catch(({ timedOut }) => {
  console.log('timed out', timedOut);
});
rmSync(folder, { recursive: true, force: true });
