/** Bundles the programs into dist/: extension, adapter, command line, agent, and the gate before the agent. `--dev`: with white space and source maps, but for the agent. */
import { build } from 'esbuild';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { agentText, gateText } from './agent-text.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

const isDev = process.argv.includes('--dev');

async function bundle(entry, outfile, options = {}) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    define: { ASYNC_LENS_VERSION: JSON.stringify(version) },
    sourcemap: isDev ? 'linked' : false,
    // Names stay, for the stacks in reports of errors.
    minifyWhitespace: !isDev,
    logLevel: 'warning',
    write: false,
    ...options,
  });
  for (const { path: file, contents } of outputFiles) write(file, contents);
}

/** Renamed into place: a program that is starting never reads half a file. */
function write(file, contents) {
  mkdirSync(path.dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, contents);
  renameSync(partial, file);
}

await Promise.all([
  bundle('src/extension.ts', 'dist/extension.js', { external: ['vscode'] }),
  bundle('src/ui/fixes/main.ts', 'dist/fixes.js', { minify: true }),
  bundle('src/adapter/main.ts', 'dist/adapter/main.js'),
  bundle('src/cli/main.ts', 'dist/cli/main.js', { banner: { js: '#!/usr/bin/env node' } }),
]);
write(path.join(root, 'dist/agent/agent.cjs'), agentText());
write(path.join(root, 'dist/agent/preload.cjs'), gateText());
chmodSync(path.join(root, 'dist/cli/main.js'), 0o755);
