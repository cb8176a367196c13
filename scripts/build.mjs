/** Bundles the programs into dist/: extension, adapter, command line, agent, and the gate before the agent. `--dev`: with source maps. */
import { build } from 'esbuild';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

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
    sourcemap: process.argv.includes('--dev') ? 'linked' : false,
    logLevel: 'warning',
    write: false,
    ...options,
  });
  for (const { path: file, contents } of outputFiles) {
    // Renamed into place: a program that is starting never reads half a file.
    mkdirSync(path.dirname(file), { recursive: true });
    const partial = `${file}.${process.pid}`;
    writeFileSync(partial, contents);
    renameSync(partial, file);
  }
}

await Promise.all([
  bundle('src/extension.ts', 'dist/extension.js', { external: ['vscode'] }),
  bundle('src/ui/fixes/main.ts', 'dist/fixes.js', { minify: true }),
  bundle('src/adapter/main.ts', 'dist/adapter/main.js'),
  bundle('src/agent/gate.ts', 'dist/agent/preload.cjs', { external: ['./agent.cjs'], target: 'es2015' }),
  bundle('src/agent/preload.ts', 'dist/agent/agent.cjs'),
  bundle('src/cli/main.ts', 'dist/cli/main.js', { banner: { js: '#!/usr/bin/env node' } }),
]);
chmodSync(path.join(root, 'dist/cli/main.js'), 0o755);
