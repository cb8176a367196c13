/** Installs the well-known packages of test/healthy into the cache: once for each state of their lock file, then without network. Only node:* imports. */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder, installed, npm } from './tools.mjs';

const PACKAGES = fileURLToPath(new URL('../test/healthy/packages', import.meta.url));
/** Packages that ship their own tests. */
const TESTED = ['avvio', 'fastify', 'fastq', 'pino', 'sonic-boom', 'thread-stream'];
/** Written last. */
const MARK = 'complete';

const lock = readFileSync(path.join(PACKAGES, 'package-lock.json'));
const state = createHash('sha256').update(lock).update(TESTED.join()).digest('hex').slice(0, 8);
const isComplete = (folder) => existsSync(path.join(folder, MARK));

/** Folder with `node_modules`, and in `own/NAME` packages that ship their own tests, as sources of the user's; undefined before it was installed. */
export function healthyFolder() {
  const folder = path.join(cacheFolder(), `healthy-${state}`);
  return isComplete(folder) ? folder : undefined;
}

/** Installs what {@link healthyFolder} names, unless it is there. Rejects with what to do when npm can't. */
export async function installHealthyPackages() {
  await installed(`healthy-${state}`, isComplete, async (folder) => {
    for (const file of ['package.json', 'package-lock.json'])
      cpSync(path.join(PACKAGES, file), path.join(folder, file));
    try {
      // Not `npm ci`: it refuses a lock file without the optional packages of platforms that a registry does not carry.
      await npm(['install', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
    } catch (error) {
      const advice =
        'the packages of test/healthy are not there yet, and npm could not install them (it needs its registry once)';
      throw new Error(`${advice}: ${error.message}`, { cause: error });
    }
    for (const each of TESTED)
      cpSync(path.join(folder, 'node_modules', each), path.join(folder, 'own', each), { recursive: true });
    writeFileSync(path.join(folder, MARK), '');
  });
}
