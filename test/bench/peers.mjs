/** Other tools for the same questions, loaded as their documentation says; each becomes a variant of the bench. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { npm } from '../../scripts/tools.mjs';

const folder = fileURLToPath(new URL('../../build/peers', import.meta.url));

/** Pinned: the numbers of two days must be of the same code. `load` gives the option of Node's that preloads it. */
const PEERS = [
  {
    name: 'why-is-node-running',
    version: '3.2.3',
    load: () => `--import ${pathToFileURL(path.join(folder, 'node_modules/why-is-node-running/include.js')).href}`,
  },
  {
    name: 'blocked-at',
    version: '1.2.0',
    load: () => requireScript('blocked-at', "require('blocked-at')(() => {});"),
  },
  { name: 'wtfnode', version: '0.10.1', load: () => requireScript('wtfnode', "require('wtfnode').init();") },
];

/** What the variants are, for the head of the page. */
export const PEERS_CAPTION = `${PEERS.map(({ name, version }) => `${name} ${version}`).join(', ')}: preloaded as documented, default options.`;

/** Both ask to be required before anything else of the program. */
function requireScript(name, code) {
  const file = path.join(folder, `${name}.cjs`);
  writeFileSync(file, `${code}\n`);
  return `--require ${JSON.stringify(file)}`;
}

/** Installs the peers into build/peers when they are not there yet, and gives their variants. */
export async function peerVariants() {
  mkdirSync(folder, { recursive: true });
  const missing = PEERS.filter(({ name }) => !existsSync(path.join(folder, 'node_modules', name)));
  if (missing.length > 0) {
    const packages = PEERS.map(({ name, version }) => `${name}@${version}`);
    await npm(['install', '--prefix', folder, '--no-audit', '--no-fund', '--no-save', ...packages]);
  }
  return PEERS.map(({ name, load }) => ({ name, agent: false, options: load() }));
}
