/** Makes a bare clone ready to work: the right Node, and node_modules as package-lock.json says. Only node:* imports. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { npm } from './tools.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OLDEST_NODE = 20;

function packagesOf(file) {
  return JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')).packages;
}

/** True when node_modules holds what the lock file names (packages of other platforms apart). */
function isInstalled() {
  const record = path.join('node_modules', '.package-lock.json');
  if (!existsSync(path.join(ROOT, record))) return false;
  const present = packagesOf(record);
  return Object.entries(packagesOf('package-lock.json')).every(
    ([name, { version, optional, peer }]) =>
      name === '' || present[name]?.version === version || (!present[name] && (optional || peer)),
  );
}

/** Installs what is missing; throws with a clear message when that is not possible. */
export async function setUp() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < OLDEST_NODE)
    throw new Error(`Node ${process.version} is too old: Node ${OLDEST_NODE} or later is needed`);
  if (isInstalled()) return;
  console.log('installing node_modules (npm ci) ...');
  await npm(['ci', '--no-audit', '--no-fund'], { cwd: ROOT });
}
